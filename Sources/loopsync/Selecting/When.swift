import Glibc
import LoopModel
import SyncCore

/// A moment as a person names it: a time, a day of this machine's zone, or how long ago.
enum When {
    /// - Parameters:
    ///   - text: `2026-11-23`, `2026-11-23T20:15:00Z`, or a duration such as `7d`.
    ///   - now: what durations count from.
    /// - Returns: nil for anything else.
    static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        if let span = DurationText.parse(text) { return now - span }
        let parts = text.split(separator: "-")
        if text.utf8.count == 10, parts.count == 3, let year = Int32(parts[0]), let month = Int32(parts[1]),
            let day = Int32(parts[2]), (1...12).contains(month), (1...31).contains(day)
        {
            var date = tm()
            date.tm_year = year - 1900
            date.tm_mon = month - 1
            date.tm_mday = day
            date.tm_isdst = -1
            return Timestamp(seconds: Int64(mktime(&date)))
        }
        return Timestamp(iso: JSONString(text))
    }
}

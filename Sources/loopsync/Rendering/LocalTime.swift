import Glibc
import LoopModel

/// Moments in this machine's time zone, for people; JSON and pipes have UTC.
enum LocalTime {
    /// `2026-11-23 21:15:00 CET`.
    static func withZone(_ moment: Timestamp) -> String {
        formatted(moment, "%Y-%m-%d %H:%M:%S %Z")
    }

    /// `2026-11-23 21:15:00`, for a column whose title has the zone.
    static func plain(_ moment: Timestamp) -> String {
        formatted(moment, "%Y-%m-%d %H:%M:%S")
    }

    /// The zone's name now, for a column's title.
    static func zone(at moment: Timestamp) -> String {
        formatted(moment, "%Z")
    }

    /// `2026-11-23 CET`.
    static func day(_ moment: Timestamp) -> String {
        formatted(moment, "%Y-%m-%d %Z")
    }

    /// `21:15:00.123`.
    static func clock(_ moment: Timestamp) -> String {
        let milliseconds = String((moment.microseconds - moment.seconds * 1_000_000) / 1000)
        return formatted(moment, "%H:%M:%S.") + String(repeating: "0", count: 3 - milliseconds.count) + milliseconds
    }

    private static func formatted(_ moment: Timestamp, _ format: String) -> String {
        var seconds = time_t(moment.seconds)
        var parts = tm()
        // A year that `tm` cannot hold: the moment as it is.
        guard localtime_r(&seconds, &parts) != nil else { return moment.description }
        return String(
            unsafeUninitializedCapacity: 64
        ) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, $0.count, format, &parts) }
        }
    }
}

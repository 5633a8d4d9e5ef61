import Foundation
import Glibc
package import SyncCore

extension ZoneOffset {
    /// The zone of a configuration: `system`, or a name of the zone database.
    ///
    /// - Returns: nil for a name that this system does not know.
    package static func named(_ name: String) -> ZoneOffset? {
        if name == "system" { return system() }
        guard let zone = TimeZone(identifier: name) else { return nil }
        return ZoneOffset(name: name) { seconds in
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
        }
    }

    /// The system's own zone, as `TZ` or `/etc/localtime` say it now.
    ///
    /// The C library knows it without Foundation's tables, which would be most of the agent's memory.
    package static func system() -> ZoneOffset {
        tzset()
        return ZoneOffset(name: systemName()) { seconds in
            var time = time_t(seconds)
            var civil = tm()
            return localtime_r(&time, &civil) == nil ? 0 : Int(civil.tm_gmtoff)
        }
    }

    private static func systemName() -> String {
        if let name = Environment.value("TZ") { return name }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/etc/localtime", &buffer, buffer.count)
        guard length > 0 else { return "local time" }
        let target = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let parts = target.split(separator: "/")
        guard let start = parts.firstIndex(of: "zoneinfo") else { return "local time" }
        return parts[(start + 1)...].joined(separator: "/")
    }
}

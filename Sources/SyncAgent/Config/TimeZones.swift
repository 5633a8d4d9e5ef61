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
    package static func system() -> ZoneOffset {
        tzset()
        let name = TimeZone.current.identifier
        return ZoneOffset(name: name) { seconds in
            var time = time_t(seconds)
            var civil = tm()
            return localtime_r(&time, &civil) == nil ? 0 : Int(civil.tm_gmtoff)
        }
    }
}

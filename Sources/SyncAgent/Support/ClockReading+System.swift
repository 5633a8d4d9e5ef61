import Glibc
import LoopModel
import LoopStore
package import SyncCore

extension ClockReading {
    /// All clocks now: the wall's, the one since the machine started, and which start that was.
    package static func now() -> ClockReading {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return ClockReading(
            wall: SystemClock.wall(),
            sinceBoot: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec),
            bootID: bootID
        )
    }

    /// The kernel's random id of this start; empty where it tells none, and then no start differs from another.
    private static let bootID: String = {
        guard let directory = try? PosixDirectory.open(path: "/proc/sys/kernel/random"),
            let file = try? directory.openFile(FileName(literal: "boot_id"), for: .reading),
            let bytes = try? file.read(at: 0, count: 64)
        else { return "" }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }()
}

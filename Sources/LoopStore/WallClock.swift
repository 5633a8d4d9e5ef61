import CLinuxShims
import Glibc
public import LoopModel

/// The machine's clock, which only the edge reads: everything else is told what time it is.
public enum WallClock {
    /// The current time.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

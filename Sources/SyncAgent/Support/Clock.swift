import Glibc
package import LoopModel
package import SyncCore

/// The edge's clocks; everything below takes the time as an argument.
package enum SystemClock {
    /// Now, by the wall and by the clock that only goes forward.
    package static func now() -> Moment {
        Moment(wall: wall(), steady: steady())
    }

    /// Milliseconds of CLOCK_MONOTONIC.
    package static func steady() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// The wall's time.
    package static func wall() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

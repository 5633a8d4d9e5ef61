import Glibc
import Testing

/// The real program while the machine lets it down: calls fail, disks fill and go, clocks jump, directories vanish.
///
/// One test after the other, since they are about time and two cores are quickly full.
@Suite(.serialized, .timeLimit(.minutes(240)))
enum FaultTests {
    /// What `LOOPSYNC_EVERY_FAULT` says: with `1` every call fails in every way instead of a fixed sample, which takes
    /// an hour or two; with the name of a scene, such as `prune`, those of that one.
    static let every = getenv("LOOPSYNC_EVERY_FAULT").map { String(cString: $0) }
}

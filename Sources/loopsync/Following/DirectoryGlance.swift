import LoopModel
import LoopStore

/// Whether directories changed since they were last looked at, by their times alone.
struct DirectoryGlance {
    private var seen: [FileIdentityAndTime] = []
    private var isRecent = true

    /// A time that is younger than this when it is read may stay the same at the next change, in nanoseconds.
    private static let granularity: Int64 = 50_000_000

    /// - Parameters:
    ///   - statuses: of all directories, in one order.
    ///   - now: nanoseconds since the epoch.
    /// - Returns: whether anything may have changed since the last call.
    mutating func isNews(_ statuses: [FileStatus], now: Int64) -> Bool {
        let found = statuses.map { FileIdentityAndTime(identity: $0.identity, modified: $0.modified) }
        let isNews = isRecent || found != seen
        seen = found
        isRecent = found.contains { now - $0.modified < Self.granularity }
        return isNews
    }

    private struct FileIdentityAndTime: Equatable {
        let identity: FileIdentity
        let modified: Int64
    }
}

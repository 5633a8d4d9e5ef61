package import LoopModel

/// Where runs stand, and which directories say so: as long as those are what they were, no run came and none went.
package struct HistoryListing: Sendable {
    /// The places of all directories that are runs by name and kind, sorted.
    package var places: [RunPlace] = []
    /// Every directory that was looked into, as it was right before.
    package var looked: [Looked] = []
    /// What could not be looked into, and why.
    package var unreadable: [PosixError] = []

    /// A directory that was looked into.
    package struct Looked: Sendable {
        /// The way to it from the history; empty for the history itself.
        package var path: [FileName]
        package var status: FileStatus
    }
}

import LoopModel
import SyncCore

extension HistoryWork {
    /// What one piece of work has to tell.
    struct Report: Sendable {
        /// Runs that now stand in the mirror.
        var mirrored: [RunPlace] = []
        /// Lines for people, with how urgent they are.
        var lines: [(isProblem: Bool, text: String)] = []
        /// How the mirror stands; nil where there is none.
        var mirror: AgentStatus.MirrorStatus?
        var pruned = 0
        /// What is wrong and stays so until it is told otherwise, by place.
        var problems: [String: String] = [:]
    }
}

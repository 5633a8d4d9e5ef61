import LoopStore
import SyncCore
import Synchronization

/// What reaches the conducting thread.
enum AgentMessage: Hashable, Sendable {
    case watch(WatchSignal)
    /// Outcomes wait in the inbox.
    case outcomes
    case reload
    case stop
    /// The watching thread ended although nobody asked it to.
    case watchingFailed
}

/// What became of work that was done on another thread.
enum AgentOutcome: Sendable {
    /// `isToMirror`: whether the mirror has something to do.
    case archived(root: Int, ArchiveJob, ArchiveOutcome, isToMirror: Bool)
    case cleared(root: Int, TrackedRun, Clearer.Outcome)
    case madeRoom(root: Int, ArchiveJob, ArchiveOutcome)
    case history(root: Int, HistoryWork, HistorySchedule.Piece, HistoryWork.Report, next: Int64?)
    case failed(root: Int, String)
}

/// Everything that the conducting thread waits for.
final class AgentInbox: Sendable {
    private let mailbox = Mailbox<AgentMessage>()
    private let outcomes = Mutex<[AgentOutcome]>([])

    func post(_ message: AgentMessage) {
        mailbox.post(message)
    }

    func post(_ outcome: AgentOutcome) {
        outcomes.withLock { $0.append(outcome) }
        mailbox.post(.outcomes)
    }

    /// Waits for messages; see `Mailbox.take`.
    func take(until deadline: Int64?) -> [AgentMessage] {
        mailbox.take(until: deadline)
    }

    func takeOutcomes() -> [AgentOutcome] {
        outcomes.withLock { outcomes in
            defer { outcomes = [] }
            return outcomes
        }
    }
}

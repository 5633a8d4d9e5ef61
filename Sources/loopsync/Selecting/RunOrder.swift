import ArgumentParser
import LoopModel
import LoopStore

/// By what `history` sorts.
enum RunOrder: String, ExpressibleByArgument, CaseIterable {
    case ended, started, took, states, size, loop, status

    /// The runs in this order: times and amounts largest first, names from a to z; equal ones as they were.
    func sorted(_ runs: [ListedRun]) -> [ListedRun] {
        switch self {
        case .ended: runs
        case .started: stable(runs) { ($0.startedAt ?? "") > ($1.startedAt ?? "") }
        case .took: stable(runs) { ($0.took ?? .zero) > ($1.took ?? .zero) }
        case .states:
            stable(runs) { ($0.iteration?.integerValue ?? 0) > ($1.iteration?.integerValue ?? 0) }
        case .size: stable(runs) { $0.size > $1.size }
        case .loop: stable(runs) { $0.loop < $1.loop }
        case .status: stable(runs) { ($0.status?.rawValue ?? "") < ($1.status?.rawValue ?? "") }
        }
    }

    private func stable(_ runs: [ListedRun], _ precedes: (ArchivedRun, ArchivedRun) -> Bool) -> [ListedRun] {
        runs.enumerated().sorted { left, right in
            if precedes(left.element.run, right.element.run) { return true }
            return !precedes(right.element.run, left.element.run) && left.offset < right.offset
        }.map(\.element)
    }
}

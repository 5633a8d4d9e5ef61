import LoopModel
import SyncCore
import TestSupport
import Testing

@testable import SyncAgent

@Suite struct PruneWorkTests {
    /// Work over five old runs by a policy that keeps two.
    private func work(_ lab: RetentionLab) throws -> HistoryWork {
        var configuration = Configuration()
        configuration.retention = lab.policy
        return HistoryWork(
            loops: try lab.loops,
            loopsPath: lab.path(""),
            configuration: configuration,
            zone: .utc,
            process: 1
        )
    }

    private func archive(_ lab: RetentionLab) throws {
        for number in 0..<5 { try lab.archive(SyntheticRun(start: 1_700_000_000 + number * 3600)) }
    }

    @Test func `what goes from the trash for good is told`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            try archive(lab)
            lab.policy.trashFor = .zero
            let lines = try work(lab).prune(isRefreshing: true).lines.map(\.text)
            #expect(lines.count { $0.hasPrefix("pruned demo/") } == 3)
            #expect(lines.count { $0.hasPrefix("deleted for good: demo/") } == 3)
        }
    }
}

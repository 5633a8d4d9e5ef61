import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport
import Testing

/// What `status` says of the next prune is what a plan would do, found with fewer looks.
@Suite
struct ForecastTests {
    @Test(arguments: UInt64(1)...20)
    func `a forecast removes and holds back what a plan does, whatever the mirror lacks`(seed: UInt64) throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            var random = SplitMix(seed: seed)
            for hour in 0..<10 {
                try lab.archive(lab.run(hour, loop: random.below(2) == 0 ? "demo" : "other"))
            }
            var lacking: Set<RunID> = []
            lab.isMirrored = { !lacking.contains($0.runID) }
            lab.policy.retention.maxRuns = random.below(2) == 0 ? 3 : nil
            lab.policy.maxTotalSize = random.below(2) == 0 ? 1 << 15 : nil
            var first = RetentionInventory()
            let runs = try first.map(try lab.loops) { $0.runID }.answers
            lacking = Set(runs.filter { _ in random.below(3) == 0 })
            var inventory = RetentionInventory(isRemembering: true)
            let plan = try lab.pass().plan(&inventory, at: lab.reading()).plan
            let forecast = try lab.pass().forecast(&inventory, at: lab.reading())
            #expect(forecast.removals.map(\.run) == plan.removals.map(\.run))
            #expect(forecast.heldBack == plan.heldBack)
        }
    }

    @Test func `the mirror is not asked where nothing would go`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            for hour in 0..<2 { try lab.archive(lab.run(hour)) }
            var asked = 0
            lab.isMirrored = { _ in
                asked += 1
                return false
            }
            var inventory = RetentionInventory(isRemembering: true)
            #expect(try lab.pass().forecast(&inventory, at: lab.reading()).removals.isEmpty)
            #expect(asked == 0)
            try lab.archive(lab.run(2))
            #expect(try lab.pass().forecast(&inventory, at: lab.reading()).awaitingMirror == 1)
            #expect(asked == 3)
        }
    }
}

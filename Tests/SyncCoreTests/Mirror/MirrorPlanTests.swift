import LoopModel
import SyncCore
import TestSupport
import Testing

@Suite struct MirrorPlanTests {
    private static func place(_ number: Int) -> RunPlace {
        RunPlace(
            loop: FileName(literal: "demo"),
            run: FileName("run-\(number)") ?? FileName(literal: "x")
        )
    }

    private static func seal(_ content: Int) -> RunSeal {
        RunSeal(sums: [UInt8(content & 255), UInt8(content >> 8)], sizes: [Int64(content)])
    }

    private static func identity(_ run: Int) -> RunIdentity {
        .loopStart(Array("run \(run)".utf8))
    }

    private func source(_ place: Int, run: Int, _ content: Int? = nil) -> SourceRun {
        SourceRun(place: Self.place(place), seal: Self.seal(content ?? run), identity: Self.identity(run))
    }

    private func copy(_ place: Int, run: Int, _ content: Int? = nil) -> MirroredRun {
        MirroredRun(place: Self.place(place), seal: Self.seal(content ?? run), identity: Self.identity(run))
    }

    private func plan(
        _ source: [SourceRun],
        _ mirror: [MirroredRun],
        pruned: [PrunedRun] = [],
        _ deletions: MirrorDeletions = .keep
    ) -> MirrorPlan {
        MirrorPlan.reconcile(source: source, mirror: mirror, pruned: pruned, deletions: deletions)
    }

    @Test func `equal runs need nothing, new ones are published, changed ones replaced`() {
        let plan = plan(
            [source(1, run: 1), source(2, run: 2), source(3, run: 3, 30)],
            [copy(1, run: 1), copy(3, run: 3)]
        )
        #expect(plan.steps == [.publish(Self.place(2)), .replace(Self.place(3))])
    }

    @Test func `a chain of renames frees each place before it is taken`() {
        let plan = plan([source(2, run: 1), source(3, run: 2)], [copy(1, run: 1), copy(2, run: 2)])
        #expect(
            plan.steps == [
                .rename(from: Self.place(2), to: Self.place(3)), .rename(from: Self.place(1), to: Self.place(2)),
            ]
        )
    }

    @Test func `a renamed run that grew is renamed and then replaced`() {
        let plan = plan([source(2, run: 1, 10)], [copy(1, run: 1)])
        #expect(plan.steps == [.rename(from: Self.place(1), to: Self.place(2)), .replace(Self.place(2))])
    }

    @Test func `another run in the way is set aside only where the history has it nowhere`() {
        #expect(
            plan([source(1, run: 1)], [copy(1, run: 9)]).steps == [.setAside(Self.place(1)), .publish(Self.place(1))]
        )
        let swapped = plan([source(1, run: 1), source(2, run: 2)], [copy(1, run: 2), copy(2, run: 1)])
        #expect(swapped.steps == [.replace(Self.place(1)), .replace(Self.place(2))])
    }

    @Test func `a copy of unknown identity is never taken for a renamed run`() {
        let unknown = MirroredRun(place: Self.place(9), seal: Self.seal(1), identity: nil)
        let plan = plan([source(1, run: 1)], [unknown])
        #expect(plan.steps == [.publish(Self.place(1))])
        #expect(plan.vanished == [Self.place(9)])
    }

    @Test func `what is not sealed or not included is neither published nor an orphan`() {
        var unsealed = source(1, run: 1)
        unsealed.seal = nil
        var excluded = source(2, run: 2)
        excluded.isIncluded = false
        let plan = plan([unsealed, excluded], [copy(1, run: 1), copy(2, run: 2, 20)])
        #expect(plan.steps.isEmpty && plan.vanished.isEmpty)
        #expect(plan.unsealed == [Self.place(1)])
    }

    @Test func `removals come last and only for what the record names`() {
        let pruned = [
            PrunedRun(place: Self.place(1), sums: Self.seal(1).sums),
            PrunedRun(place: Self.place(2), sums: nil, identity: Self.identity(2)),
            PrunedRun(place: Self.place(3), sums: [9], identity: Self.identity(9)),
            PrunedRun(place: Self.place(4), sums: nil),
        ]
        let mirror = (1...4).map { copy($0, run: $0) }
        let follow = plan([source(7, run: 7)], mirror, pruned: pruned, .follow)
        #expect(
            follow.steps == [
                .publish(Self.place(7)), .removePruned(Self.place(1), Self.seal(1)),
                .removePruned(Self.place(2), Self.seal(2)),
            ]
        )
        #expect(follow.vanished == [Self.place(3), Self.place(4)])
        let keep = plan([], mirror, pruned: pruned, .keep)
        #expect(keep.steps.isEmpty)
        #expect(keep.kept == [Self.place(1), Self.place(2)])
    }

    @Test func `a double goes only where its run is mirrored under its own name`() {
        #expect(
            plan([source(1, run: 1)], [copy(1, run: 1), copy(5, run: 1)]).steps
                == [.removeDouble(Self.place(5), of: Self.place(1))]
        )
        var excluded = source(1, run: 1)
        excluded.isIncluded = false
        #expect(plan([excluded], [copy(5, run: 1)]).steps.isEmpty)
    }

    /// A mirror as a dictionary, to carry plans out on.
    private struct World {
        var copies: [RunPlace: MirroredRun]
        var aside: [MirroredRun] = []

        mutating func carryOut(_ plan: MirrorPlan, _ source: [SourceRun]) -> Bool {
            for step in plan.steps {
                switch step {
                case .rename(let from, let to):
                    guard copies[to] == nil, var run = copies.removeValue(forKey: from) else { return false }
                    run.place = to
                    copies[to] = run
                case .publish(let place), .replace(let place):
                    guard let run = source.first(where: { $0.place == place }) else { return false }
                    if case .publish = step, copies[place] != nil { return false }
                    copies[place] = MirroredRun(place: place, seal: run.seal, identity: run.identity)
                case .setAside(let place):
                    guard let run = copies.removeValue(forKey: place) else { return false }
                    aside.append(run)
                case .removePruned(let place, _), .removeDouble(let place, of: _):
                    guard let run = copies.removeValue(forKey: place) else { return false }
                    aside.append(run)
                }
            }
            return true
        }
    }

    @Test func `whatever both sides hold, one plan makes them agree, loses no run, and leaves nothing for a second`() {
        var generator = SplitMix(seed: 1)
        for _ in 0..<3_000 {
            // Each run stands once in the history; the mirror may hold anything.
            var places = Array(0..<8).shuffled(using: &generator)
            let source = (0..<Int.random(in: 0...6, using: &generator)).map { run in
                self.source(places.removeLast(), run: run, Bool.random(using: &generator) ? run : run + 100)
            }
            let mirror = (0..<8).filter { _ in Bool.random(using: &generator) }.map { place in
                copy(place, run: Int.random(in: 0...8, using: &generator))
            }
            var world = World(copies: Dictionary(uniqueKeysWithValues: mirror.map { ($0.place, $0) }))
            let first = plan(source, mirror)
            let isPossible = world.carryOut(first, source)
            #expect(isPossible, "\(first)")
            for run in source { #expect(world.copies[run.place]?.seal == run.seal) }
            let known = Set(source.compactMap(\.identity))
            let left = Set((Array(world.copies.values) + world.aside).compactMap(\.identity))
            // A run that only the mirror had is still there, or was set aside.
            #expect(Set(mirror.compactMap(\.identity)).subtracting(known).isSubset(of: left))
            // No run of the history stands twice.
            let standing = world.copies.values.compactMap(\.identity).filter(known.contains)
            #expect(standing.count == Set(standing).count)
            #expect(plan(source, Array(world.copies.values)).steps.isEmpty)
        }
    }
}

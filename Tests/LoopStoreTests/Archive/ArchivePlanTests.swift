import LoopModel
import LoopStore
import Testing

@Suite("where a run is to stand")
struct ArchivePlanTests {
    private static let kinds: [Standing.Kind?] = [nil, .same, .underWay, .other, .blocked]
    private let canonical = RunPlace(loop: FileName(literal: "loop"), run: FileName(literal: "run"))
    private let places: [Standing.Role: RunPlace] = [
        .canonical: RunPlace(loop: FileName(literal: "loop"), run: FileName(literal: "run")),
        .otherLayout: RunPlace(flat: FileName(literal: "run-loop")),
        .aside: RunPlace(loop: FileName(literal: "loop"), run: FileName(literal: "run-2")),
        .earlier: RunPlace(loop: FileName(literal: "loop"), run: FileName(literal: "earlier")),
    ]
    private let free = [
        RunPlace(loop: FileName(literal: "loop"), run: FileName(literal: "run-3")),
        RunPlace(loop: FileName(literal: "loop"), run: FileName(literal: "run-4")),
    ]

    /// Every combination of what can stand at the four kinds of places, with every flag.
    private func situations() -> [(standings: [Standing], isInRunning: Bool, isContested: Bool)] {
        var all: [[Standing]] = [[]]
        for role in [Standing.Role.canonical, .otherLayout, .aside, .earlier] {
            all = all.flatMap { before in
                Self.kinds.map { kind in
                    guard let kind, let place = places[role] else { return before }
                    return before + [Standing(place, kind, as: role)]
                }
            }
        }
        return all.flatMap { standings in
            [(true, true), (true, false), (false, true), (false, false)].map { (standings, $0.0, $0.1) }
        }
    }

    @Test func `no plan takes a name from anything that may not lose it, or leaves the run twice`() {
        var plans = Set<ArchivePlan>()
        for (standings, isInRunning, isContested) in situations() {
            let plan = ArchivePlan.decide(
                canonical: canonical,
                standings: standings,
                free: free,
                isInRunning: isInRunning,
                isContested: isContested
            )
            plans.insert(plan)
            let same = Set(standings.filter { $0.kind == .same }.map(\.place))
            let taken = Set(standings.filter { $0.kind != .same }.map(\.place))
            let note = Comment(rawValue: "\(standings) running: \(isInRunning) contested: \(isContested): \(plan)")
            #expect(
                standings.contains { $0.kind == .underWay } == { if case .wait = plan { true } else { false } }(),
                note
            )
            var left = taken
            func check(_ move: ArchivePlan.Move?) {
                guard let move else { return }
                #expect(move.from == canonical && isInRunning && !isContested, note)
                #expect(standings.contains { $0.place == move.from && $0.kind == .other }, note)
                #expect(!taken.contains(move.to) && !same.contains(move.to), note)
                left.remove(move.from)
            }
            switch plan {
            case .wait: continue
            case .create(let place, let move):
                check(move)
                #expect(same.isEmpty && !left.contains(place), note)
            case .change(let base, let absorbed, let target, let move):
                check(move)
                #expect(same.contains(base) && same.isSuperset(of: absorbed) && !absorbed.contains(base), note)
                #expect(target == base || !left.contains(target), note)
                // All of it ends in one place, but for what its executor may write again at any time.
                let remaining = same.subtracting(absorbed).subtracting([base])
                #expect(remaining.isEmpty || (isInRunning && remaining == [places[.otherLayout]]), note)
                #expect(target == base || !remaining.contains(target), note)
            }
        }
        #expect(plans.count > 20)
    }
}

import TestSupport
import Testing

/// A and looprun run the same loops and leave the same files.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct DifferentialTests {
    @Test(arguments: Corpus.sections)
    func `looprun leaves what A leaves`(_ section: Corpus.Section) throws {
        for (one, outcome) in zip(section.cases, try BothExecutors.run(section.cases)) {
            #expect(outcome.a.events.isEmpty == one.isRefused, "\(one.name) has to show something, or to be refused")
            if let difference = one.difference {
                #expect(outcome.looprun.untimedEvents == difference.events, "\(one.name): \(difference.reason.reason)")
                let differs = outcome.a.difference(from: outcome.looprun.withoutContext) != nil
                #expect(differs, "\(one.name): A does the same; strike the difference")
            } else if let found = outcome.a.difference(from: outcome.looprun.withoutContext) {
                Issue.record("\(section.title), \(one.name): \(found)")
            }
        }
    }

    @Test func `every intended difference has a case`() {
        let shown = Set(Corpus.sections.flatMap(\.cases).compactMap(\.difference?.reason))
        #expect(IntendedDifference.allCases.filter { !shown.contains($0) } == [])
    }
}

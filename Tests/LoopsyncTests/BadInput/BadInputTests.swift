import Glibc
import TestSupport
import Testing

/// Bad input through the real binary: none stops the agent, blocks the other runs, writes outside, or loses a byte.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct BadInputTests {
    @Test func `bad runs that are there at the start`() throws {
        let place = try BadInputPlace()
        for run in BadRun.together { try run.write(to: place.running) }
        try place.good.write(toRunning: place.running)
        let before = TreeSnapshot(of: place.running)
        let agent = try place.agent()
        try place.expectOutcomes(BadRun.together, agent)
        #expect(before.differences(to: TreeSnapshot(of: place.running)) == [])
    }

    @Test func `bad runs that come while the agent watches`() throws {
        let place = try BadInputPlace()
        let agent = try place.agent()
        for run in BadRun.together {
            try run.write(to: place.running)
            pause(milliseconds: 20)
        }
        try place.good.write(toRunning: place.running)
        let before = TreeSnapshot(of: place.running)
        try place.expectOutcomes(BadRun.together, agent)
        #expect(before.differences(to: TreeSnapshot(of: place.running)) == [])
    }

    @Test(arguments: BadRun.all)
    func `a bad run alone`(_ run: BadRun) throws {
        let place = try BadInputPlace()
        try run.write(to: place.running)
        let agent = try place.agent()
        try place.good.write(toRunning: place.running)
        try place.expectOutcomes([run], agent)
    }
}

extension BadRun {
    /// All that can be told apart when they lie side by side: these three begin with the very line of another, which makes
    /// them one run to anybody; each is tested alone.
    fileprivate static var together: [BadRun] {
        let twins = ["a loop_name of 7", "a file name that is dots", #"a loop_name of ".""#]
        return all.filter { !twins.contains($0.description) }
    }
}

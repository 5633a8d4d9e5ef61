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

    /// `LOOPSYNC_HUGE_LINE` sizes the line, in bytes: 1073741824 for all that is promised.
    @Test func `an enormous state, and an event line that goes on and on`() throws {
        let size = getenv("LOOPSYNC_HUGE_LINE").flatMap { Int(String(cString: $0)) } ?? 200 << 20
        let place = try BadInputPlace()
        let agent = try place.agent()
        try BadRun("an enormous state", "huge-state", state: .zeros(100 << 20)).write(to: place.running)
        let line = SyntheticRun(loop: "huge-line")
        try line.write(toRunning: place.running)
        try #require(truncate("\(place.running)/huge-line.events.jsonl", line.events.count + size) == 0)
        try place.good.write(toRunning: place.running)
        try place.expectOutcomes([], agent)
        let run = SyntheticRun(loop: "huge-state").place
        for (file, archived) in [
            ("huge-state.state.json", "\(run)/state.json"), ("huge-state.events.jsonl", "\(run)/events.jsonl"),
            ("huge-line.state.json", "\(line.place)/state.json"),
            ("huge-line.events.jsonl", "\(line.place)/events.jsonl"),
        ] {
            for history in ["\(place.loops)/.history", "\(place.mirror)/.history"] {
                let isSame = try eventually(within: .seconds(60), every: 200) {
                    let there = Disk.status("\(history)/\(archived)")?.size
                    guard there == Disk.status("\(place.running)/\(file)")?.size else { return false }
                    return try Subprocess.run(["/usr/bin/cmp", "\(place.running)/\(file)", "\(history)/\(archived)"])
                        .succeeded
                }
                #expect(isSame, "\(archived) in \(history): \(agent.errorOutput)")
            }
        }
        // Less than either of the two, and the same for a line of a gigabyte: nothing is held in memory as a whole.
        let peak = try #require(agent.peakMemory)
        #expect(peak < 96 << 20, "\(peak >> 20) MiB at most")
        let told = agent.errorOutput.split(separator: "\n").filter {
            $0.contains("huge-state") && $0.contains("warning")
        }
        #expect(told.count == 1, "\(agent.errorOutput)")
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

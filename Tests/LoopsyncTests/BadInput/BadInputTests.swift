import Glibc
import TestSupport
import Testing

/// Bad input through the real binary: none stops the agent, blocks the other runs, writes outside, or loses a byte.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct BadInputTests {
    @Test func `bad runs that are there at the start`() throws {
        let place = try BadInputPlace()
        for run in BadRun.all { try run.write(to: place.running) }
        try place.good.write(toRunning: place.running)
        let before = TreeSnapshot(of: place.running)
        let agent = try place.agent()
        try place.expectOutcomes(BadRun.all, agent)
        #expect(before.differences(to: TreeSnapshot(of: place.running)) == [])
    }

    @Test func `bad runs that come while the agent watches`() throws {
        let place = try BadInputPlace()
        let agent = try place.agent()
        for run in BadRun.all {
            try run.write(to: place.running)
            pause(milliseconds: 20)
        }
        try place.good.write(toRunning: place.running)
        let before = TreeSnapshot(of: place.running)
        try place.expectOutcomes(BadRun.all, agent)
        #expect(before.differences(to: TreeSnapshot(of: place.running)) == [])
    }

    @Test(arguments: BadRun.all)
    func `a bad run alone`(_ run: BadRun) throws {
        let place = try BadInputPlace()
        try run.write(to: place.running)
        let agent = try place.agent()
        try place.good.write(toRunning: place.running)
        try place.expectOutcomes([run], within: .seconds(10), agent)
    }

    @Test func `an enormous state and an event line of a gigabyte`() throws {
        let place = try BadInputPlace()
        let agent = try place.agent()
        let size = getenv("LOOPSYNC_HUGE_LINE").flatMap { Int(String(cString: $0)) } ?? 1 << 30
        try BadRun("an enormous state", "huge-state", state: .zeros(256 << 20)).write(to: place.running)
        try BadRun("a line of a gigabyte", "huge-line", events: .zeros(size)).write(to: place.running)
        // The line within a run that has a beginning and an end.
        let run = SyntheticRun(loop: "huge-middle")
        let events = "\(place.running)/huge-middle.events.jsonl"
        try Disk.write(run.eventLines[0] + "\n", to: events)
        #expect(truncate(events, size) == 0)
        try Disk.append("\n" + run.eventLines.dropFirst().joined(separator: "\n") + "\n", to: events)
        try Disk.write(run.state, to: "\(place.running)/huge-middle.state.json")
        try place.good.write(toRunning: place.running)
        for name in ["huge-state", "huge-line", "huge-middle"] {
            let size = Disk.status("\(place.running)/\(name).events.jsonl")?.size
            let came = eventually(within: .seconds(120), every: 200) {
                place.archives().contains { Disk.status("\($0)/events.jsonl")?.size == size }
            }
            #expect(came, "\(name): \(agent.errorOutput)")
        }
        try place.expectOutcomes([], agent)
        let memory = Disk.text("/proc/\(agent.process.pid)/status")?.split(separator: "\n") ?? []
        let peak = try #require(memory.first { $0.hasPrefix("VmHWM:") })
        let kilobytes = try #require(peak.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        #expect(kilobytes < 400_000, "memory has to stay bounded whatever the files hold")
    }
}

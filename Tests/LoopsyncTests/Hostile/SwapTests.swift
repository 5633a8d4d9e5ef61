import Glibc
import LoopModel
import TestSupport
import Testing

extension HostileTests {
    /// Files and directories turn into links and back while loopsync works on them.
    ///
    /// `LOOPSYNC_SWAP_ROUNDS` says how many rounds each test goes; every round is some commands.
    @Suite
    struct SwapTests {
        private let place: HostilePlace
        private let standing = (0..<2).map { SyntheticRun(loop: "demo", start: 1_790_000_000 + $0 * 86_400) }

        private static let rounds =
            getenv("LOOPSYNC_SWAP_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 8

        init() throws {
            place = try HostilePlace()
            for run in standing { try place.write(run) }
            // The same layout outside, so that whoever follows a link finds what it looks for.
            for run in standing { try place.bait(run, at: "history/\(run.place)") }
            #expect(try place.loopsync("archive").status == 0)
            #expect(try place.loopsync("mirror").status == 0)
            place.expectWhole(standing)
        }

        /// One new run a round, of a loop that comes back and of one that is new.
        private func newRuns(_ round: Int) -> [SyntheticRun] {
            ["demo", "loop\(round)"].map { SyntheticRun(loop: $0, start: 1_791_000_000 + round * 3600) }
        }

        /// Works while a swapper is at it; no command may crash or hang, whatever it finds.
        private func work(_ victims: [(path: String, target: String)], _ round: (Int) throws -> [CommandRun]) throws {
            let swapper = try LinkSwapper(victims, shelf: place.shelf)
            for number in 0..<Self.rounds {
                for run in try round(number) { #expect([0, 1, 3, 4, 6].contains(run.status), "\(run)") }
            }
            let swaps = swapper.stop()
            #expect(swaps > Self.rounds * victims.count, "exchanges while all that was done")
        }

        @Test func `archive`() throws {
            let hidden = SyntheticRun(loop: "hidden", start: 1_792_000_000)
            try hidden.write(toRunning: place.running)
            try SyntheticRun(loop: "below", start: 1_792_000_000).write(toRunning: "\(place.running)/sub")
            try place.bait(hidden, at: "running")
            for part in ["staging", "pins"] { try Disk.makeDirectories("\(place.own)/\(part)") }
            let before = place.outside
            let victims = [
                ("\(place.history)/demo", "\(place.canary)/history/demo"),
                ("\(place.history)/\(standing[0].place)", "\(place.canary)/history/\(standing[0].place)"),
                ("\(place.history)/\(standing[1].place)/events.jsonl", "\(place.canary)/secret"),
                ("\(place.running)/hidden.events.jsonl", "\(place.canary)/running/events.jsonl"),
                ("\(place.running)/hidden.state.json", "\(place.canary)/running/state.json"),
                ("\(place.running)/sub", "\(place.canary)/running"),
                ("\(place.own)/staging", "\(place.canary)/history"), ("\(place.own)/pins", place.canary),
            ]
            var runs = standing + [hidden]
            try work(victims) { round in
                let new = newRuns(round)
                for run in new { try place.write(run) }
                runs += new
                return [try place.loopsync("archive"), try place.loopsync("archive", "--abandoned")]
            }
            #expect(try place.loopsync("archive").status == 0)
            #expect(try place.loopsync("mirror").status == 0)
            place.expectWhole(runs)
            place.expectUntouched(since: before)
            #expect(try place.loopsync("verify").status == 0)
        }

        @Test func `mirror, verify and restore from the mirror`() throws {
            try Disk.makeDirectories("\(place.mirror)/.loopsync-tmp")
            // The whole mirror stands outside too, marker and all.
            let copied = try Subprocess.run(["/bin/cp", "-a", place.sync, "\(place.canary)/sync"])
            try #require(copied.succeeded)
            let twin = "\(place.canary)/sync/\(HostName.current)"
            for run in standing { try place.bait(run, at: "sync/\(HostName.current)/project/.history/\(run.place)") }
            let before = place.outside
            let victims = [
                ("\(place.sync)/\(HostName.current)", twin), (place.mirror, "\(twin)/project"),
                ("\(place.mirror)/.history", "\(twin)/project/.history"),
                ("\(place.mirror)/.history/demo", "\(twin)/project/.history/demo"),
                ("\(place.mirror)/.history/\(standing[0].place)", "\(twin)/project/.history/\(standing[0].place)"),
                ("\(place.mirror)/.history/\(standing[1].place)/events.jsonl", "\(place.canary)/secret"),
                ("\(place.mirror)/.history/\(standing[1].place)/SHA256SUMS", "\(place.canary)/secret"),
                ("\(place.mirror)/.loopsync-tmp", "\(twin)/project/.loopsync-tmp"),
                ("\(place.mirror)/.loopsync-mirror", "\(twin)/project/.loopsync-mirror"),
            ]
            var runs = standing
            try work(victims) { round in
                let new = newRuns(round)
                for run in new { try place.write(run) }
                runs += new
                let done = [
                    try place.loopsync("archive"), try place.loopsync("mirror"), try place.loopsync("verify"),
                    try place.loopsync("verify", "--repair"),
                ]
                // What is lost here is still in `.running`, should the mirror not have it yet.
                try Disk.remove("\(place.history)/loop\(round)")
                let restored = try place.loopsync("restore", "--from", "mirror", "loop\(round)@latest")
                #expect([0, 1, 4, 6, 64].contains(restored.status), "\(restored)")
                return done
            }
            #expect(try place.loopsync("archive").status == 0)
            #expect(try place.loopsync("mirror").status == 0)
            #expect(try place.loopsync("verify").status == 0)
            place.expectWhole(runs)
            place.expectUntouched(since: before)
        }

        @Test func `prune, restore and the emptying of the trash`() throws {
            let config = try place.policy()
            // Directories of a person in runs that go, for the removal to go down into.
            for run in standing {
                try Disk.makeDirectories("\(place.history)/\(run.place)/notes/deep")
                try Disk.write("mine", to: "\(place.history)/\(run.place)/notes/deep/a")
                try Disk.makeDirectories("\(place.canary)/history/\(run.place)/notes/deep")
                try Disk.write(HostilePlace.secret, to: "\(place.canary)/history/\(run.place)/notes/deep/a")
            }
            let old = (0..<8).map { SyntheticRun(loop: "old", start: 1_780_000_000 + $0 * 86_400) }
            for run in old { try place.write(run) }
            #expect(try place.loopsync("archive").status == 0)
            try place.leaveRunning()
            #expect(try place.loopsync("prune", "old", config: config).status == 0)
            let date = try #require(Disk.names(in: "\(place.own)/trash").first)
            let before = place.outside
            let victims = [
                ("\(place.history)/demo", "\(place.canary)/history/demo"),
                ("\(place.history)/\(standing[0].place)", "\(place.canary)/history/\(standing[0].place)"),
                ("\(place.history)/\(standing[1].place)/notes", "\(place.canary)/history/\(standing[1].place)/notes"),
                ("\(place.own)/trash", "\(place.canary)/history"),
                ("\(place.own)/trash/\(date)", "\(place.canary)/history/demo"),
                ("\(place.own)/trash/\(date)/old", "\(place.canary)/history/demo"),
                ("\(place.own)/trash/\(date)/old/\(old[0].runID)", "\(place.canary)/history/\(standing[0].place)"),
                ("\(place.own)/pruned.jsonl", "\(place.canary)/secret"),
            ]
            try work(victims) { round in
                for run in newRuns(round) { try place.write(run) }
                return [
                    try place.loopsync("archive"), try place.loopsync("restore", "old/\(old[round % 4].runID)"),
                    try place.loopsync("prune", config: config),
                    try place.loopsync("prune", "--empty-trash", config: config),
                ]
            }
            place.expectUntouched(since: before)
            // While the swapper was at it a run may have been left in `.running`, where it is not lost.
            #expect(try place.loopsync("archive").status == 0)
            #expect(try place.loopsync("prune", "--empty-trash", config: config).status == 0)
            #expect(try place.loopsync("verify").status == 0)
            // What every policy keeps: the newest.
            place.expectWhole(newRuns(Self.rounds - 1), mirrored: false)
            place.expectUntouched(since: before)
        }

        @Test func `the agent with live runs`() throws {
            let live = SyntheticRun(loop: "live", start: 1_793_000_000, states: 40)
            try place.bait(live, at: "running")
            try Disk.write(HostilePlace.secret, to: "\(place.canary)/running/live.events.jsonl")
            for name in [".running", ".loopsync-tmp"] { try Disk.makeDirectories("\(place.mirror)/\(name)") }
            let agent = try place.agent()
            let path = "\(place.running)/live.events.jsonl"
            try Disk.write(live.state(entered: 1), to: "\(place.running)/live.state.json")
            try Disk.write(live.eventLines[0] + "\n", to: path)
            let mirrored = "\(place.mirror)/.running/live.events.jsonl"
            #expect(eventually { Disk.exists(mirrored) }, "\(agent.errorOutput)")
            let before = place.outside
            let victims = [
                ("\(place.mirror)/.running", "\(place.canary)/running"),
                (mirrored, "\(place.canary)/running/events.jsonl"),
                ("\(place.mirror)/.loopsync-tmp", "\(place.canary)/running"),
                ("\(place.mirror)/.history", "\(place.canary)/history"),
                ("\(place.mirror)/.history/demo", "\(place.canary)/history/demo"),
                ("\(place.own)/pins", "\(place.canary)/running"),
                ("\(place.history)/demo", "\(place.canary)/history/demo"),
            ]
            var runs = [live]
            let swapper = try LinkSwapper(victims, shelf: place.shelf)
            for (number, line) in live.eventLines.dropFirst().enumerated() {
                try Disk.append(line + "\n", to: path)
                if number % 6 == 0 {
                    try Disk.write(live.state(entered: 1 + number / 6), to: "\(place.running)/live.state.json")
                    for run in newRuns(number) { try place.write(run) }
                    runs += newRuns(number)
                }
                pause(milliseconds: 5)
            }
            try Disk.write(live.state, to: "\(place.running)/live.state.json")
            #expect(swapper.stop() > 200)
            #expect(agent.process.isRunning, "\(agent.errorOutput)")
            let isArchived = eventually(within: .seconds(90), every: 100) { place.areArchived(runs) }
            #expect(isArchived, "\(agent.errorOutput)")
            // What was no directory when it was looked for is tried again hourly, or at once where somebody asks.
            #expect(try place.loopsync("mirror").status == 0)
            place.expectWhole(runs)
            #expect(agent.process.isRunning)
            place.expectUntouched(since: before)
        }
    }
}

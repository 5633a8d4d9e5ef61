import Glibc
import LoopModel
import TestSupport
import Testing

extension HostileTests {
    /// A mirror that sync clients filled with conflict copies.
    @Suite
    struct ConflictCopyTests {
        private let place: HostilePlace
        private let run = SyntheticRun(loop: "demo", start: 1_790_000_000)

        init() throws {
            place = try HostilePlace()
            try run.write(toRunning: place.running)
            #expect(try place.loopsync("archive").status == 0)
            #expect(try place.loopsync("mirror").status == 0)
        }

        private static let marks = [
            ".sync-conflict-20261124-101112-ABCDEFG", " (conflicted copy 2026-11-24 101112)",
            " (alice's conflicted copy 2026-11-24)", "_conflict-20261124-101112", ".conflict-1", ".Conflict",
            ".sync-conflict-\u{1b}[2J\nwarning: forged",
        ]

        @Test func `they are told, never taken for runs, never deleted`() throws {
            let history = "\(place.mirror)/.history"
            let running = "\(place.mirror)/.running"
            var copies: [String] = []
            for (number, mark) in Self.marks.enumerated() {
                let other = SyntheticRun(loop: "demo", start: 1_780_000_000 + number * 86_400)
                for directory in ["\(history)/demo\(mark)/\(other.runID)", "\(history)/\(run.place)\(mark)"] {
                    try Disk.makeDirectories(directory)
                    try Disk.write(other.events, to: "\(directory)/events.jsonl")
                    try Disk.write(other.state, to: "\(directory)/state.json")
                    copies += ["\(directory)/events.jsonl", "\(directory)/state.json"]
                }
                for file in [
                    "\(history)/\(run.place)/events\(mark).jsonl", "\(history)/\(run.place)/SHA256SUMS\(mark)",
                    "\(running)/live.events\(mark).jsonl", "\(running)/live\(mark).state.json",
                    "\(place.mirror)/.loopsync-mirror\(mark)", "\(place.sync)/notes\(mark).txt",
                ] {
                    try Disk.write("a copy\n", to: file)
                    copies.append(file)
                }
            }
            let before = copies.map { Disk.read($0) }
            let runs = TreeSnapshot(of: place.history)

            let mirror = try place.loopsync("mirror")
            #expect(mirror.status == 0)
            #expect(mirror.errorOutput.contains("conflict copy"))
            #expect(try place.loopsync("verify").status == 0)
            #expect(try place.loopsync("verify", "--repair").status == 0)
            let config = try place.policy("mirror: {deletions: follow}\n")
            #expect(try place.loopsync("prune", config: config).status == 0)
            let listed = try place.loopsync("restore", "--list", "--from", "mirror")
            #expect(listed.status == 0)
            let agent = try place.agent(configuration: config)
            let live = SyntheticRun(loop: "live", start: 1_793_000_000)
            try live.write(toRunning: place.running)
            let isMirrored = eventually(within: .seconds(60), every: 50) {
                Disk.exists("\(history)/\(live.place)/SHA256SUMS") && agent.errorOutput.contains("conflict copy")
            }
            #expect(isMirrored, "\(agent.errorOutput)")
            // Leaving `.running` takes the live files in the mirror along, and not what stands beside them.
            for kind in ["events.jsonl", "state.json"] { try Disk.remove("\(place.running)/live.\(kind)") }
            #expect(eventually { !Disk.exists("\(running)/live.events.jsonl") }, "\(agent.errorOutput)")
            try agent.terminate()

            #expect(zip(copies, before).filter { Disk.read($0) != $1 }.map(\.0) == [])
            let after = TreeSnapshot(of: place.history, skipping: ["live"])
            #expect(runs.differences(to: after) == [])
            for text in [mirror.errorOutput, mirror.output, listed.output, listed.errorOutput, agent.errorOutput] {
                #expect(!text.contains("\u{1b}") && !text.contains("\nwarning: forged"), "\(text.debugDescription)")
            }
            let told = agent.errorOutput.split(separator: "\n").filter { $0.contains("conflict copy") }
            #expect(Set(told).count == told.count, "each is told once")
        }
    }
}

import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

extension HostileTests {
    /// Second names of other people's files where loopsync writes: it never writes through them.
    @Suite
    struct HardLinkTests {
        private let place: HostilePlace
        private let run = SyntheticRun(loop: "demo", start: 1_790_000_000)

        init() throws {
            place = try HostilePlace()
        }

        /// A file outside with a second name inside, in place of whatever is there.
        private func link(_ bytes: some Collection<UInt8>, at path: String) throws {
            let file = "\(place.canary)/file-\(Disk.names(in: place.canary).count)"
            try Disk.write(bytes, to: file)
            try #require(chmod(file, 0o604) == 0)
            try Disk.remove(path)
            try #require(Disk.link(file, as: path))
        }

        @Test func `runs whose files have a second name outside are archived, and stay as they are there`() throws {
            for (path, bytes) in [("demo.events.jsonl", run.events), ("demo.state.json", run.state)] {
                try link(bytes, at: "\(place.running)/\(path)")
            }
            let before = place.outside
            #expect(try place.loopsync("archive").status == 0)
            #expect(try place.loopsync("mirror").status == 0)
            place.expectWhole([run])
            for side in [place.history, "\(place.mirror)/.history"] {
                for file in ["events.jsonl", "state.json"] {
                    #expect(Disk.status("\(side)/\(run.place)/\(file)")?.mode == 0o604)
                }
            }
            #expect(before.differences(to: place.outside) == [])
        }

        @Test func `archived and mirrored files that were exchanged for foreign ones are replaced, not written`() throws
        {
            try run.write(toRunning: place.running)
            #expect(try place.loopsync("archive").status == 0)
            #expect(try place.loopsync("mirror").status == 0)
            for side in [place.history, "\(place.mirror)/.history"] {
                for file in ["events.jsonl", "state.json", "SHA256SUMS"] {
                    let bytes = try #require(Disk.read("\(side)/\(run.place)/\(file)"))
                    try link(bytes.dropLast(3), at: "\(side)/\(run.place)/\(file)")
                }
            }
            let before = place.outside
            #expect(try place.loopsync("verify").status == 6)
            for verb in ["archive", "mirror"] { _ = try place.loopsync(verb) }
            #expect(try place.loopsync("verify", "--repair").status == 0)
            #expect(try place.loopsync("mirror").status == 0)
            place.expectWhole([run])
            #expect(before.differences(to: place.outside) == [])
        }

        @Test func `loopsync's own files`() throws {
            for index in 0..<3 {
                try place.write(SyntheticRun(loop: "demo", start: 1_780_000_000 + index * 86_400))
            }
            #expect(try place.loopsync("archive").status == 0)
            try place.leaveRunning()
            for name in ["lock", "mirror.lock", "pruned.jsonl", "status.json", "mirror.json", "status.json.tmp"] {
                try link(Array("foreign\n".utf8), at: "\(place.own)/\(name)")
            }
            try link([], at: "\(place.own)/.gitignore")
            let before = place.outside
            let config = try place.policy()
            #expect(try place.loopsync("archive").status == 0)
            #expect(try place.loopsync("mirror").status == 0)
            #expect(try place.loopsync("prune", config: config).status == 0)
            #expect(try place.loopsync("restore", "demo/2026-05-28T202640").status == 0)
            let agent = try place.agent()
            #expect(eventually { Disk.text("\(place.own)/status.json")?.contains("foreign") == false })
            try agent.terminate()
            #expect(before.differences(to: place.outside) == [])
            #expect(Disk.text("\(place.own)/pruned.jsonl")?.contains(#""change": "restored""#) == true)
        }

        @Test func `live files of the mirror that have a second name outside are replaced, not appended to`() throws {
            let live = SyntheticRun(loop: "live", start: 1_793_000_000, states: 3)
            let lines = live.eventLines.map { $0 + "\n" }
            try Disk.write(lines[0], to: "\(place.running)/live.events.jsonl")
            try Disk.write(live.state(entered: 1), to: "\(place.running)/live.state.json")
            let agent = try place.agent()
            let mirrored = "\(place.mirror)/.running/live"
            #expect(eventually { Disk.exists("\(mirrored).state.json") && Disk.exists("\(mirrored).events.jsonl") })
            try link(lines[0].utf8, at: "\(mirrored).events.jsonl")
            try link(live.state(entered: 1), at: "\(mirrored).state.json")
            let before = place.outside
            for number in 1..<6 {
                try Disk.append(lines[number], to: "\(place.running)/live.events.jsonl")
                try Disk.write(live.state(entered: 1 + number / 3), to: "\(place.running)/live.state.json")
                let text = lines[...number].joined()
                #expect(eventually { Disk.text("\(mirrored).events.jsonl") == text }, "\(agent.errorOutput)")
                if number == 3 { try link(text.utf8, at: "\(mirrored).events.jsonl") }
                if number == 3 { #expect(before != place.outside) }
            }
            let bait = Disk.names(in: place.canary).filter { $0.hasPrefix("file-") }
            #expect(bait.map { Disk.text("\(place.canary)/\($0)") }.contains(lines[0]))
            #expect(bait.map { Disk.text("\(place.canary)/\($0)") }.contains(lines[...3].joined()))

            // Somebody gives the mirror's own file a second name, and it is not ours alone any more.
            try #require(Disk.link("\(mirrored).events.jsonl", as: "\(place.canary)/theirs"))
            try Disk.append(lines[6], to: "\(place.running)/live.events.jsonl")
            #expect(eventually { Disk.text("\(mirrored).events.jsonl") == lines[...6].joined() })
            #expect(Disk.text("\(place.canary)/theirs") == lines[...5].joined())
            // An agent that starts anew knows nothing of what stands there.
            try agent.terminate()
            try link(lines[0].utf8, at: "\(mirrored).events.jsonl")
            let outside = place.outside
            try Disk.append(lines[7], to: "\(place.running)/live.events.jsonl")
            try agent.restart()
            #expect(
                eventually { Disk.text("\(mirrored).events.jsonl") == lines[...7].joined() },
                "\(agent.errorOutput)"
            )
            #expect(outside.differences(to: place.outside) == [])
            try agent.terminate()
        }
    }
}

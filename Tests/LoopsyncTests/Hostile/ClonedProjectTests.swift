import Glibc
import LoopModel
import TestSupport
import Testing

extension HostileTests {
    /// A project that came from somewhere, with files that would have loopsync do more than keep its history.
    @Suite
    struct ClonedProjectTests {
        private let place: HostilePlace
        private let run = SyntheticRun(loop: "demo", start: 1_790_000_000, status: "failed")

        init() throws {
            place = try HostilePlace()
            try Disk.makeDirectories("\(place.canary)/.loops/.running")
            try SyntheticRun(loop: "theirs").write(toRunning: "\(place.canary)/.loops/.running")
            try run.write(toRunning: place.running)
            let touch = "touch \(place.canary)/ran"
            try Disk.write(
                """
                version: 1
                watch: [\(place.canary)/.loops]
                archive: {settle: 100ms}
                hooks:
                  on_archive: ["/bin/sh", "-c", "\(touch)"]
                  on_failed: ["/bin/sh", "-c", "\(touch)"]
                  on_mirror_suspended: ["/bin/sh", "-c", "\(touch)"]
                  on_unreadable: ["/bin/sh", "-c", "\(touch)"]

                """,
                to: "\(place.project)/loopsync.yaml"
            )
        }

        @Test func `its loopsync.yaml runs nothing and chooses no directory, and that is said`() throws {
            let before = place.outside
            try Disk.write("torn", to: "\(place.running)/torn.state.json")
            let agent = try place.agent()
            #expect(
                eventually(within: .seconds(60)) { Disk.exists("\(place.mirror)/.history/\(run.place)/SHA256SUMS") },
                "\(agent.errorOutput)"
            )
            try Disk.move(place.sync, to: place.directory.path("away"))
            var number = 0
            // The mirror is looked for anew with the first run after a second.
            let isSuspended = try eventually(within: .seconds(60), every: 300) {
                number += 1
                try SyntheticRun(loop: "more\(number)").write(toRunning: place.running)
                return agent.errorOutput.contains("mirror suspended")
            }
            #expect(isSuspended, "\(agent.errorOutput)")
            for (key, next) in [("watch", "ignored"), ("hooks", "ignored")] {
                #expect(agent.errorOutput.contains("loopsync.yaml: \(key) \(key == "watch" ? "is" : "are") \(next)"))
            }
            #expect(agent.errorOutput.contains("--config or your own file"))
            try agent.terminate()
            let check = try CommandRun(["config", "check"], in: place.project)
            #expect(check.errorOutput.contains("hooks are ignored") && check.errorOutput.contains("watch is ignored"))
            for verb in ["archive", "mirror", "verify", "prune"] { _ = try place.loopsync(verb) }
            #expect(before.differences(to: place.outside) == [])
        }

        @Test(arguments: [
            #""\x1b[2J\x1b]0;t\a": 1"#, #"retention: {keep_last: "\x1b[31m"}"#, #"mirror: {to: "\x1b[2J"}"#,
            #"log: {level: "\x9b31m"}"#, #"watch: ["\x1b[2J"]"#, #"archive: {layout: "a\rb\nc"}"#,
        ])
        func `nothing of its loopsync.yaml reaches the terminal raw`(_ line: String) throws {
            try Disk.write("version: 1\n\(line)\n", to: "\(place.project)/loopsync.yaml")
            for verb in [["config", "check"], ["config", "show"], ["archive"], ["mirror"], ["status"]] {
                let run = try CommandRun(verb, in: place.project)
                let raw = (run.output + run.errorOutput).unicodeScalars.filter { scalar in
                    scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
                }
                #expect(raw.isEmpty, "\(verb): \((run.output + run.errorOutput).debugDescription)")
            }
        }

        @Test func `a marker that somebody wrote is told, and nothing of it reaches the terminal raw`() throws {
            #expect(try place.loopsync("mirror").status == 0)
            let path = "\(place.mirror)/.loopsync-mirror"
            let marker = try #require(Disk.text(path))
            let foreign = marker.replacing(/"(id|machine|host|loops|loops_path)": "[^"]*"/) { match in
                #""\#(match.1)": "\u001b[2J'; rm -rf ~; '""#
            }
            #expect(foreign != marker)
            try Disk.write(foreign, to: path)
            try Disk.remove("\(place.own)/mirror.json")
            let before = TreeSnapshot(of: place.sync)
            for verb in ["mirror", "archive", "verify", "status"] {
                let run = try place.loopsync(verb)
                #expect(!(run.output + run.errorOutput).contains("\u{1b}"), "\(verb): \(run)")
            }
            let agent = try place.agent()
            #expect(!agent.errorOutput.contains("\u{1b}"))
            try agent.terminate()
            #expect(before.differences(to: TreeSnapshot(of: place.sync)).allSatisfy { !$0.contains("/project/") })
        }

        @Test func `a forged memory of a mirror leads nowhere`() throws {
            try Disk.remove("\(place.project)/loopsync.yaml")
            #expect(try place.loopsync("archive").status == 0)
            #expect(try place.loopsync("mirror").status == 0)
            let memory = try #require(Disk.text("\(place.own)/mirror.json"))
            // The project's owner would like its next user's runs in a directory that is there on this machine.
            try Disk.makeDirectories("\(place.canary)/drop")
            for machine in ["", "another machine's id"] {
                try Disk.write(
                    memory.replacing(place.sync, with: "\(place.canary)/drop"),
                    to: "\(place.own)/mirror.json"
                )
                try Disk.write(
                    #"{"mirror": {"to": "\#(place.canary)/drop"}, "machine": "\#(machine)"}"#,
                    to: "\(place.own)/status.json"
                )
                let before = place.outside
                for verb in [["archive"], ["mirror"], ["verify"], ["restore", "--list", "--from", "mirror"]] {
                    _ = try CommandRun(verb, in: place.project)
                }
                #expect(before.differences(to: place.outside) == [])
            }
        }
    }
}

import LoopModel
import TestSupport
import Testing

extension LifeTests {
    /// What looprun's verbs say, to a person and to a script.
    @Suite(.serialized)
    struct CommandTests {
        private static let good = """
            initial: a
            states:
              a: {action: "echo hi; exit 1", on_no: b}
              b: {next: done}
              done: {terminal: true}
            """

        private static let bad = """
            name: bad
            initial: nowhere
            max_iterations: 0
            colour: green
            states:
              a:
                action: "true"
                on_yes: missing
                evaluate:
                  type: output_numeric
                  operator: is
              b: {terminal: true, params: {a: 1}}

            """

        private func lab() throws -> LoopLab {
            let lab = try LoopLab(.a)
            try lab.define("good", Self.good)
            try Disk.write(Self.bad, to: "\(lab.loops)/bad.yaml")
            return lab
        }

        private func document(_ done: Subprocess.Finished) throws -> JSONObject {
            try #require(try JSONValue(parsing: Array(done.output.utf8)).objectValue, "\(done)")
        }

        @Test func `all mistakes of a definition are said at once, by file, line and key`() throws {
            let lab = try lab()
            let mistakes = [
                (2, "initial"), (3, "max_iterations"), (8, "states.a.on_yes"), (10, "states.a.evaluate.target"),
                (11, "states.a.evaluate.operator"), (12, "states.b.params"),
            ]
            let done = try lab.run(.looprun, ["validate", "bad"])
            #expect(done.termination == .exited(1))
            for (line, key) in mistakes {
                #expect(
                    done.errorOutput.split(separator: "\n").contains {
                        $0.hasPrefix(".loops/bad.yaml:\(line):") && $0.contains(": error: \(key): ")
                    },
                    "\(key) in line \(line): \(done)"
                )
            }
            let json = try document(try lab.run(.looprun, ["validate", "bad", "--json"]))
            #expect(json["valid"] == false)
            let problems = json["problems"]?.arrayValue?.compactMap(\.objectValue) ?? []
            let errors = problems.filter { $0["severity"] == "error" }
            #expect(errors.map { $0["line"]?.integerValue } == mistakes.map(\.0))
            #expect(errors.map { $0["key"]?.stringValue?.string } == mistakes.map(\.1))
        }

        @Test func `a definition without mistakes is valid, warnings or not`() throws {
            let lab = try lab()
            let good = try lab.run(.looprun, ["validate", "good"])
            #expect(good.succeeded && good.errorOutput == "", "\(good)")
            try lab.define("odd", "colour: green\n" + Self.good)
            let odd = try lab.run(.looprun, ["validate", "odd"])
            #expect(odd.succeeded && odd.errorOutput.contains("colour"), "\(odd)")
        }

        @Test func `a run that is refused says what validate says, and leaves no file`() throws {
            let lab = try lab()
            let done = try lab.run(.looprun, ["run", "bad"])
            #expect(done.termination == .exited(1))
            #expect(
                done.errorOutput.contains("states.a.on_yes") && done.errorOutput.contains("states.b.params"),
                "\(done)"
            )
            #expect(!Disk.exists(lab.running))
        }

        @Test func `list shows every loop, with what it is for`() throws {
            let lab = try lab()
            let done = try lab.run(.looprun, ["list"])
            let names = done.output.split(separator: "\n").map { $0.split(separator: "\t").first.map(String.init) }
            #expect(done.succeeded && names == ["bad", "good"], "\(done)")
            let loops = try document(try lab.run(.looprun, ["list", "--json"]))["loops"]?.arrayValue ?? []
            #expect(loops.map { $0.objectValue?["name"] } == ["bad", "good"])
            #expect(loops.map { $0.objectValue?["valid"] } == [false, true])
        }

        @Test func `progress is said for people, and not with --quiet`() throws {
            let lab = try lab()
            let loud = try lab.run(.looprun, ["run", "good"])
            let text = loud.output + loud.errorOutput
            for part in ["[1/50] a", "echo hi", "hi", "exit 1", "-> b", "[2/50] b", "done"] {
                #expect(text.contains(part), "\(part): \(text)")
            }
            #expect(!text.contains("\u{1B}"), "no colour where nobody looks")
            let quiet = try lab.run(.looprun, ["run", "good", "--quiet"])
            #expect(quiet.succeeded && quiet.output == "" && quiet.errorOutput == "", "\(quiet)")
        }

        @Test func `--json gives the very lines of the events file`() throws {
            let lab = try lab()
            let done = try lab.run(.looprun, ["run", "good", "--json"])
            #expect(done.succeeded)
            #expect(done.output == Disk.text("\(lab.running)/good.events.jsonl"))
        }

        @Test func `status shows a live run, a finished one, and one whose executor died`() throws {
            let lab = try lab()
            try lab.define(
                "hang",
                "initial: a\nstates:\n  a: {action: 'echo here; exec sleep 30', on_yes: b}\n  b: {terminal: true}\n"
            )
            #expect(try lab.run(.looprun, ["run", "good"]).succeeded)
            let run = try lab.start(.looprun, ["run", "hang"])
            try lab.waitForEvent("action_output", in: "hang")
            func rows() throws -> [String: JSONObject] {
                let list = try document(try lab.run(.looprun, ["status", "--json"]))["runs"]?.arrayValue ?? []
                let objects = list.compactMap(\.objectValue)
                return Dictionary(uniqueKeysWithValues: objects.map { ($0["run"]?.stringValue?.string ?? "", $0) })
            }
            let live = try rows()
            #expect(live["hang"]?["status"] == "running" && live["hang"]?["pid"]?.integerValue == Int(run.pid))
            #expect(live["good"]?["status"] == "completed" && live["good"]?["pid"] == .null)
            let text = try lab.run(.looprun, ["status", "hang"])
            #expect(text.output.contains("running") && text.output.contains("\(run.pid)"), "\(text)")
            try run.kill9()
            run.signalGroup(9)
            #expect(try rows()["hang"]?["pid"] == .null)
            #expect(try lab.run(.looprun, ["status", "hang"]).output.contains("died"))
            #expect(try lab.run(.looprun, ["status", "nothing"]).termination == .exited(1))
        }

        @Test func `another loops directory can be named`() throws {
            let lab = try lab()
            let place = lab.directory.path("elsewhere")
            try Disk.makeDirectories(place)
            let yaml = try #require(Disk.text("\(lab.loops)/good.yaml"))
            try Disk.write(yaml, to: "\(place)/good.yaml")
            #expect(try lab.run(.looprun, ["run", "good", "--loops", place]).succeeded)
            #expect(Disk.exists("\(place)/.running/good.state.json") && !Disk.exists(lab.running))
        }

        @Test func `events on the disk are the same with --fsync`() throws {
            let lab = try lab()
            #expect(try lab.run(.looprun, ["run", "good", "--fsync"]).succeeded)
            #expect(lab.events("good").count == 10 && lab.status("good") == "completed")
        }

        @Test func `a wrong command line ends with 64`() throws {
            let lab = try lab()
            for arguments in [["run"], ["run", "good", "-n", "x"], ["run", "good", "--context", "x"], ["fly"]] {
                #expect(try lab.run(.looprun, arguments).termination == .exited(64), "\(arguments)")
            }
        }
    }
}

import LoopModel
import TestSupport
import Testing

/// `history`'s ways to find, sort and print runs.
@Suite
struct HistoryOptionsTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        try ToldRun.archive(in: project)
        try ToldRun.archive(in: project, second: 1000, verdicts: ["yes"])
        try ToldRun.archive(in: project, second: 2000, loop: "other", verdicts: ["no", "no"], status: "failed")
    }

    private func ids(_ arguments: String...) throws -> [String] {
        let run = try CommandRun(["history", "--format", "{loop}-{states}"] + arguments, in: project.path)
        #expect(run.status == 0)
        return run.output.split(separator: "\n").map(String.init)
    }

    @Test func `grep looks into what runs said and captured, in either case unless it has capitals`() throws {
        #expect(try ids("--grep", "GNP") == [])
        #expect(try ids("--grep", "MAKE test") == [])
        #expect(try ids("--grep", "make (test|x)") == ["other-4", "fix-1", "fix-3"])
        #expect(try ids("--grep", "max_iter") == ["other-4"])
        #expect(try ids("--grep", "^two$") == [])
        #expect(try ids("--grep", "one.two", "fix") == ["fix-1", "fix-3"])
        let bad = try project.run("history", "--grep", "(")
        #expect(bad.status == 64)
        #expect(bad.errorOutput.contains("--grep '(' is no regular expression: "))
    }

    @Test func `sorting is by what is asked for, largest first, or the other way round`() throws {
        #expect(try ids("--sort", "states") == ["other-4", "fix-3", "fix-1"])
        #expect(try ids("--sort", "took", "--reverse") == ["fix-1", "fix-3", "other-4"])
        #expect(try ids("--sort", "loop") == ["fix-1", "fix-3", "other-4"])
        #expect(try ids("--sort", "started", "--limit", "1") == ["other-4"])
        #expect(try project.run("history", "--sort", "colour").status == 64)
    }

    @Test func `a format has fields, escapes and braces`() throws {
        let run = try project.run(
            "history",
            "other",
            "--format",
            #"{run}\t{status}\t{seconds}{{{final}}\n{kept} {pinned} {mirrored}"#
        )
        #expect(run.output == "other/2026-01-31T123320\tfailed\t122.035{done}\nhere no ?\n")
        let unknown = try project.run("history", "--format", "{colour}")
        #expect(unknown.status == 64)
        #expect(unknown.errorOutput.contains("no field '{colour}'. There are: {id} {loop}"))
    }

    @Test func `where a run is kept is told from a look at the mirror`() throws {
        for directory in [project.place.path("sync"), project.loops(".running")] { try Disk.makeDirectories(directory) }
        #expect(try project.run("pin", "fix@latest").status == 0)
        let sync = project.place.path("sync")
        let kept = { try project.run("history", "--sync", sync, "--format", "{kept}").output }
        #expect(try kept() == "here\nhere, pinned\nhere\n")
        // What an executor may still be copying is not taken over at once.
        let isMirrored = try eventually {
            let done = [try project.run("archive"), try project.run("mirror", "--sync", sync)]
            guard done.allSatisfy({ $0.status == 0 }) else { throw TestSupportError("\(done)") }
            return try kept() == "here, mirror\nhere, mirror, pinned\nhere, mirror\n"
        }
        #expect(isMirrored)
        let document = try JSONValue(parsing: project.run("history", "--sync", sync, "--json").output.utf8)
        let runs = document.objectValue?["runs"]?.arrayValue?.compactMap(\.objectValue) ?? []
        #expect(runs.map { $0["mirrored"] } == [true, true, true])
        #expect(runs.map { $0["final_state"] } == ["done", "done", "done"])
    }

    @Test(arguments: [130, 100, 80, 60])
    func `on a terminal the table fits, with fewer columns where it is narrow`(columns: Int) throws {
        let shown = try TerminalRun.output(["history", "--color", "never"], in: project.path, columns: columns)
        let lines = shown.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.first?.hasPrefix("RUN ") == true)
        #expect(lines.first?.contains("FINAL STATE") == (columns >= 100))
        #expect(lines.allSatisfy { $0.count <= max(columns, 70) })
    }
}

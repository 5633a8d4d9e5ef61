import LoopModel
import TestSupport
import Testing

/// `policy explain` through the real program.
@Suite
struct PolicyExplainTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        for day in 0..<4 {
            try project.archive(
                "fix/2025-11-2\(3 + day)T201500",
                loop: "fix",
                second: Int64(day) * 86_400,
                status: "completed"
            )
        }
    }

    private let policy = """
        retention:
          keep_min: 0
          keep_last: 1
          statuses:
            completed:
              keep_daily: 2
          loops:
            - match: other
              keep_last: 9

        """

    @Test func `each rule that has a say is named with its key and line`() throws {
        try project.configure(policy)
        let explained = try project.run("policy", "explain", "fix@latest", "fix@-2", "fix@-4")
        #expect(explained.status == 0)
        let file = "\(project.path)/loopsync.yaml"
        let parts = explained.output.split(separator: "\n\n").map(String.init)
        try #require(parts.count == 3, "\(explained.output)")
        #expect(parts[0].hasPrefix("fix/2025-11-26T201500: completed, ended 2025-11-26 20:18:12 UTC, "))
        #expect(parts[0].contains("\nkeep: it stays\n"))
        #expect(parts[0].contains("last 1/1") && parts[0].contains("retention.keep_last, \(file):4"))
        #expect(parts[0].contains("keeps  newest completed\n"))
        #expect(parts[1].contains("completed daily 2025-11-25 2/2"))
        #expect(parts[1].contains("retention.statuses.completed.keep_daily, \(file):7"))
        #expect(parts[2].contains("\nremove: the next prune moves it into the trash, where it stays for 7d\n"))
        #expect(parts[2].contains("does not keep  last 1 reached"))
    }

    @Test func `it says what prune then does, and why a run went`() throws {
        try project.configure(policy)
        func verdict(_ run: String) throws -> JSONValue? {
            let answer = try project.run("policy", "explain", run, "--json").output
            return try JSONValue(parsing: Array(answer.utf8)).objectValue?["runs"]?.arrayValue?.first?.objectValue?[
                "verdict"
            ]
        }
        #expect(try verdict("fix@-3") == "remove")
        #expect(try verdict("fix@-2") == "keep")
        #expect(try project.run("prune").status == 0)
        #expect(Disk.names(in: project.loops(".history/fix")) == ["2025-11-25T201500", "2025-11-26T201500"])
        let gone = try project.run("policy", "explain", "2025-11-23")
        #expect(gone.status == 0)
        #expect(
            gone.output.contains(
                "\nremoved: deleted 7d after that; bring it back with: loopsync restore fix/2025-11-23T201500\n"
            )
        )
        #expect(gone.output.contains("no rule keeps it ("))
    }

    @Test func `rules of a loop's own are those that are named`() throws {
        try project.archive("other/2025-11-23T201501", loop: "other", second: 1, status: "failed")
        try project.configure(policy)
        let explained = try project.run("policy", "explain", "other@latest")
        #expect(explained.output.contains("retention.loops[0].keep_last, \(project.path)/loopsync.yaml:10"))
        #expect(!explained.output.contains("retention.keep_last"))
    }

    @Test func `without a policy everything stays, and a run that does not exist is guessed at`() throws {
        let explained = try project.run("policy", "explain", "fix@-4")
        #expect(explained.output.contains("keeps  no keep_* or max_* key holds for its loop"))
        let unknown = try project.run("policy", "explain", "fxi@latest")
        #expect(unknown.status == 1)
        #expect(
            unknown.errorOutput
                == "loopsync: no archived run 'fxi@latest'. Did you mean fix@latest? See: loopsync history\n"
        )
    }
}

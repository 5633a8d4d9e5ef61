import TestSupport
import Testing

@testable import loopsync

/// What tables look like on a narrow terminal.
@Suite
struct NarrowTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        for second in 0..<4 {
            try ToldRun.archive(
                in: project,
                second: Int64(second) * 1000,
                loop: "a-loop-with-a-long-name",
                verdicts: second % 2 == 0 ? ["no", "yes"] : ["no", "no"]
            )
        }
        try project.configure("retention:\n  keep_last: 1\n  keep_min: 1\n")
    }

    @Test(arguments: [40, 60, 70])
    func `no table is wider than the terminal`(columns: Int) throws {
        let commands = [
            ["history"], ["prune", "--dry-run"], ["restore", "--list"], ["stats"], ["verify"], ["status"],
            ["diff", "a-loop-with-a-long-name@-2", "a-loop-with-a-long-name@latest"],
        ]
        #expect(try project.run("prune", "a-loop*").status == 0)
        for second in 4..<6 {
            try ToldRun.archive(in: project, second: Int64(second) * 1000, loop: "a-loop-with-a-long-name")
        }
        for command in commands {
            let shown = try TerminalRun.output(command + ["--color", "never"], in: project.path, columns: columns)
            let lines = shown.split(separator: "\n")
            #expect(command == ["verify"] || !lines.isEmpty, "\(command)")
            // What is said beside the table is no table.
            for line in lines where !line.hasPrefix("retention:") && !line.hasPrefix("would remove") {
                #expect(line.columns <= columns, "\(command): \(line)")
            }
        }
    }
}

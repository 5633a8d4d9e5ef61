import TestSupport
import Testing

/// How far long work is, on a real terminal.
@Suite struct ProgressTests {
    @Test(
        .enabled(if: Tmux.isInstalled, "tmux is not installed"),
        .enabled(if: FaultInjector.isAllowed, "needs ptrace: strace cannot slow a program down here")
    )
    func `who waits at a terminal sees how far it is, and nothing of it is left in the end`() throws {
        let project = try ArchivedProject()
        for number in 0..<120 {
            try project.archive("a/run-\(number)", loop: "a", second: Int64(number), status: "failed")
        }
        try project.configure("retention:\n  keep_last: 1\n  min_age: 0s\n")
        let terminal = try Tmux(columns: 100, rows: 24, in: project.path)
        // Each run takes a while, so that all of them take some seconds wherever this runs.
        let slow = "strace -f -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:delay_enter=30000"
        try terminal.type("clear; \(slow) '\(try BuiltProduct.loopsync())' prune --force | tail -n 1; echo ended")
        let line = /removed \d+ of \d+ runs, \d+s left/
        #expect(try eventually { try terminal.screen().contains { $0.contains(line) } })
        #expect(try eventually { try terminal.screen().contains("ended") })
        #expect(try !terminal.screen().contains { $0.contains("left") })
    }
}

import CommandLineKit
import Testing

@testable import loopsync

@Suite
struct VerbFirstTests {
    @Test(arguments: [
        (["status"], ["status"]),
        (["--json", "status"], ["status", "--json"]),
        (
            ["--loops", "x", "-q", "--color=never", "history", "a"],
            ["history", "--loops", "x", "-q", "--color=never", "a"]
        ),
        (["--config", "status", "prune", "-n"], ["prune", "--config", "status", "-n"]),
        (["--config=f", "config", "--json", "check", "x"], ["config", "check", "--config=f", "--json", "x"]),
        (["config", "check"], ["config", "check"]),
        (["help", "--json", "prune"], ["prune", "--json", "--help"]),
        (["help"], ["--help"]),
    ])
    func `options that every verb takes may stand before it`(typed: [String], sorted: [String]) {
        #expect(Loopsync.verbFirst.sorted(typed) == sorted)
    }

    @Test(arguments: [
        [], ["--watch", ".loops", "status"], ["--sync", "x", "--watch", "archive"], ["--config", "x"],
        ["--json", "nonsense"],
        ["--loops"], ["--help", "status"],
    ])
    func `what is no verb after global options stays as it is`(typed: [String]) {
        #expect(Loopsync.verbFirst.sorted(typed) == typed)
    }
}

import TestSupport
import Testing

/// The command line as a person meets it, through the real program.
@Suite
struct CommandLineTests {
    @Test func `alone it prints the short help and ends with 64`() throws {
        let run = try CommandRun([])
        #expect(run.status == 64)
        #expect(run.output == "")
        #expect(
            run.errorOutput == """
                loopsync 0.1.0: archives, mirrors and prunes the runs of loops, beside the executor.

                  loopsync --watch .loops                      watch, archive every run, keep everything
                  loopsync --watch .loops --sync ~/Sync/loops  and mirror it
                  loopsync status                              how it stands
                  loopsync history                             the archived runs
                  loopsync --help                              all verbs and options

                """
        )
    }

    @Test func `the version is data, with a verb as well`() throws {
        for arguments in [["--version"], ["status", "--version"]] {
            let run = try CommandRun(arguments)
            #expect(run.status == 0)
            #expect(run.output == "0.1.0\n")
        }
    }

    @Test(arguments: [
        ["--bogus"], ["status", "--bogus"], ["nonsense"], ["--once", "status"], ["--loops", ".loops"],
        ["-q", "-v", "status"],
        ["--watch", "a", "archive"], ["--color", "sometimes", "status"], ["--watch"],
    ])
    func `a wrong command line ends with 64 and says why on standard error`(arguments: [String]) throws {
        let run = try CommandRun(arguments)
        #expect(run.status == 64)
        #expect(run.output == "")
        #expect(run.errorOutput.contains("Error: "))
    }
}

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

    @Test(arguments: ["policy", "config", "service", "catalogue"])
    func `a word without the verb that belongs behind it ends with 64 as well`(word: String) throws {
        let run = try CommandRun([word])
        #expect(run.status == 64)
        #expect(run.output == "")
        #expect(run.errorOutput.contains("USAGE: loopsync \(word) <subcommand>"))
        let help = try CommandRun([word, "--help"])
        #expect(help.status == 0 && help.output.contains("USAGE: loopsync \(word) <subcommand>"))
    }

    @Test func `an option that there is not is named, before what its value would be`() throws {
        let run = try CommandRun(["restore", "--list", "--limit", "2"])
        #expect(run.status == 64)
        #expect(run.errorOutput.contains("--limit"))
        let both = try ArchivedProject().run("restore", "--list", "x@latest")
        #expect(both.status == 64)
        #expect(both.errorOutput.contains("Error: --list takes no run."))
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

import ArgumentParser
import TestSupport
import Testing

@testable import loopsync

/// What `--help` prints, to the letter: people and their scripts read it.
@Suite
struct HelpTests {
    @Test func `the program's help`() throws {
        let help = try CommandRun(["--help"])
        #expect(help.status == 0)
        #expect(
            help.output == """
                OVERVIEW: Archives, mirrors and prunes the runs of loops, beside the executor.

                Without a verb it is the agent. It stays in the foreground; SIGTERM or SIGINT
                ends it within 2 s, SIGHUP reads the configuration again. Without
                configuration it archives every run, keeps everything and mirrors nowhere.

                Examples:
                  loopsync --watch .loops --sync ~/Sync/loops
                  loopsync --config ~/.config/loopsync/config.yaml
                  loopsync --watch .loops --once
                  loopsync --watch .loops --background
                  loopsync status
                  loopsync history 'nightly-*' --status failed
                  loopsync prune --dry-run

                RUN is an unambiguous prefix of a run id, LOOP/RUN_ID, LOOP@latest or LOOP@-2
                (the one before). LOOP is a name or a glob. Verbs work beside a running agent.

                Exit status: 0 done, 1 failed, 3 done in part or degraded, 4 sync directory
                unavailable, 5 refused by a safety valve, 6 damage found, 10 no loops
                directory, 11 another agent or lock, 64 usage, 78 bad configuration.

                USAGE: loopsync --watch DIR [DIR ...] [--sync DIR] [--config FILE] [--once | --background]
                       loopsync VERB [OPTIONS] [ARGUMENTS]

                THE AGENT AND EVERY VERB TAKE:
                  --loops <dir>           The loops directory (default: $LOOPSYNC_LOOPS, else
                                          .loops).
                  --sync <dir>            The sync directory (default: the configuration's
                                          mirror.to).
                  --config <file>         The configuration file (default: $LOOPSYNC_CONFIG,
                                          see README).
                  --json                  Print one JSON document.
                  --color <when>          Colours: auto, always or never; NO_COLOR is honoured.
                                          (values: auto, always, never; default: auto)
                  -q, --quiet             Only errors on standard error.
                  -v, --verbose           More on standard error.

                OPTIONS:
                  --watch <dir>           Loops directories to watch; they may not exist yet.
                  --once                  Do what is due now (archive, mirror, prune), then
                                          exit: for cron.
                  --background            Detach, and log to .loopsync/agent.log; loopsync stop
                                          ends it.
                  --version               Show the version.
                  -h, --help              Show help information.

                DO IT NOW SUBCOMMANDS:
                  archive                 Archive what has ended, without waiting for it to
                                          settle.
                  mirror                  Bring the archived runs in the sync directory up to
                                          date.
                  prune                   Remove what the retention policy does not keep.
                  restore                 Bring pruned runs back from the trash or the mirror.
                  verify                  Compare archived runs with their SHA256SUMS.
                  pin                     Keep runs whatever the retention policy says.
                  unpin                   Let the retention policy decide on runs again.

                LOOK SUBCOMMANDS:
                  status                  Show the agent, the live runs, the history and the
                                          mirror.
                  history                 List the archived runs, newest first.
                  show                    Tell one run as a story: states, verdicts, times,
                                          captures, the end.
                  events                  Print the events of a run or a loop, and follow them.
                  diff                    Show where two runs of one loop parted, and what came
                                          of it.
                  stats                   Show how loops fare: success rate, durations,
                                          iterations, busiest states, trend.
                  report                  Write one HTML file: runs by outcome, durations,
                                          states, failures, retention.
                  policy                  Explain what the retention policy does with a run.
                  doctor                  Look for everything that can be wrong with a set-up,
                                          with the fix.

                SET UP SUBCOMMANDS:
                  config                  Write, check and show the configuration.
                  service                 Have the agent run at every login, by systemd.
                  stop                    End the agent that watches the directory.
                  catalogue               Build or check the catalogue, a SQLite cache of the
                                          history.
                  completions             Print the completion script of a shell.

                  See 'loopsync help <subcommand>' for detailed help.

                """
        )
        #expect(try CommandRun(["help"]).output == help.output)
    }

    @Test func `a verb's help, asked for in any way`() throws {
        let help = try CommandRun(["verify", "--help"])
        #expect(help.status == 0)
        #expect(
            help.output == """
                OVERVIEW: Compare archived runs with their SHA256SUMS.

                A run that an executor extended or saved anew while no agent ran, or that
                equals its pin, its files in .running or its mirror, is no damage: its sums
                are written anew. The copies in the mirror are checked too. Only what is not
                sound is printed. Ends with 6 where damage was found, or remains.

                Without RUN it checks one directory; a RUN is found in the others under watch:
                too, and of several directories the JSON is an array, directories.

                Examples:
                  loopsync verify
                  loopsync verify nightly@latest --repair

                USAGE: loopsync verify [RUN ...] [--repair] [OPTIONS]

                ARGUMENTS:
                  <run>                   Archived runs; all by default.

                EVERY VERB TAKES:
                  --loops <dir>           The loops directory (default: $LOOPSYNC_LOOPS, else
                                          .loops).
                  --sync <dir>            The sync directory (default: the configuration's
                                          mirror.to).
                  --config <file>         The configuration file (default: $LOOPSYNC_CONFIG,
                                          see README).
                  --json                  Print one JSON document.
                  --color <when>          Colours: auto, always or never; NO_COLOR is honoured.
                                          (values: auto, always, never; default: auto)
                  -q, --quiet             Only errors on standard error.
                  -v, --verbose           More on standard error.

                OPTIONS:
                  --repair                Put back what a pin, .running, the history or the
                                          mirror has whole.
                  --version               Show the version.
                  -h, --help              Show help information.


                """
        )
        #expect(try CommandRun(["help", "verify"]).output == help.output)
        #expect(try CommandRun(["--json", "verify", "-h"]).output == help.output)
    }

    /// All verbs, those below others too, and the program itself.
    private static func commands(below command: any ParsableCommand.Type = Loopsync.self) -> [any ParsableCommand.Type]
    {
        [command] + command.configuration.subcommands.flatMap { commands(below: $0) }
    }

    @Test func `no line of a help text is broken once more where it is shown`() {
        let commands = Self.commands()
        #expect(commands.count > 25)
        for command in commands {
            let shown = Set(command.helpMessage(columns: 80).split(separator: "\n"))
            for line in command.configuration.discussion.split(separator: "\n") {
                #expect(shown.contains(line), "\(command.configuration.commandName ?? "")")
            }
        }
    }

    @Test(arguments: [
        "archive", "mirror", "prune", "restore", "verify", "pin", "unpin", "status", "history", "show", "events",
        "diff", "stats", "report", "policy explain", "doctor", "config init", "config check", "config show",
        "service install", "service remove", "service status", "stop", "completions", "catalogue rebuild",
        "catalogue check",
    ])
    func `every verb has an example`(verb: String) throws {
        let help = try CommandRun(verb.split(separator: " ").map(String.init) + ["--help"]).output
        #expect(help.contains("Example"))
        #expect(help.contains("  loopsync \(verb)"))
    }
}

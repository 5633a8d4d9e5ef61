import ArgumentParser
import CommandLineKit
import LoopModel
import SyncAgent

/// The root: without a verb it is the agent.
struct Loopsync: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loopsync",
        abstract: "Archives, mirrors and prunes the runs of loops, beside the executor.",
        usage: """
            loopsync --watch DIR [DIR ...] [--sync DIR] [--config FILE] [--once | --background]
            loopsync VERB [OPTIONS] [ARGUMENTS]
            """,
        discussion: """
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
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Do it now",
                subcommands: [
                    ArchiveCommand.self, MirrorCommand.self, PruneCommand.self, RestoreCommand.self, VerifyCommand.self,
                    PinCommand.self, UnpinCommand.self,
                ]
            ),
            CommandGroup(
                name: "Look",
                subcommands: [
                    StatusCommand.self, HistoryCommand.self, ShowCommand.self, EventsCommand.self, DiffCommand.self,
                    StatsCommand.self, ReportCommand.self, PolicyCommand.self, DoctorCommand.self,
                ]
            ),
            CommandGroup(
                name: "Set up",
                subcommands: [
                    ConfigCommand.self, ServiceCommand.self, StopCommand.self, CatalogueCommand.self,
                    CompletionsCommand.self,
                ]
            ),
        ]
    )

    /// All verbs, with the verbs below each.
    static var verbs: [String: Set<String>] {
        var verbs: [String: Set<String>] = [:]
        for command in configuration.subcommands {
            let below = command.configuration.subcommands.compactMap { $0.configuration.commandName }
            if let name = command.configuration.commandName { verbs[name] = Set(below) }
        }
        return verbs
    }

    /// Finds the verb between the options of `GlobalOptions`.
    static var verbFirst: VerbFirst {
        VerbFirst(
            program: "loopsync",
            valued: ["--loops", "--sync", "--config", "--color"],
            flags: ["--json", "--quiet", "--verbose", "-q", "-v", "-vv", "-vvv"],
            verbs: verbs
        )
    }

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Loops directories to watch; they may not exist yet.", valueName: "dir"),
        completion: .directory
    )
    var watch: [String] = []

    @Flag(help: "Do what is due now (archive, mirror, prune), then exit: for cron.")
    var once = false

    @Flag(help: "Detach, and log to .loopsync/agent.log; loopsync stop ends it.")
    var background = false

    @Flag(help: .hidden)
    var man = false

    @OptionGroup(title: "The agent and every verb take") var global: GlobalOptions

    func validate() throws {
        if global.loops != nil {
            throw ValidationError("--loops is for verbs; the agent takes --watch DIR.")
        }
        if once && background { throw ValidationError("--once and --background exclude each other.") }
        if let verb = watch.first(where: { Self.verbs[$0] != nil }), watch.count > 1 {
            throw ValidationError(
                "'\(verb)' after --watch is taken for a directory; write 'loopsync \(verb)' without --watch."
            )
        }
    }

    func run() throws {
        if man { return try Output.data(ManualPage.text()) }
        guard !watch.isEmpty || global.config != nil || once || background else {
            Output.talk(Self.shortHelp)
            throw ExitCode(ExitStatus.usage.rawValue)
        }
        let status = try AgentCommand(directories: watch, once: once, background: background, global: global).perform()
        if status != .done { throw ExitCode(status.rawValue) }
    }

    static let shortHelp = """
        loopsync \(Version.text): archives, mirrors and prunes the runs of loops, beside the executor.

          loopsync --watch .loops                      watch, archive every run, keep everything
          loopsync --watch .loops --sync ~/Sync/loops  and mirror it
          loopsync status                              how it stands
          loopsync history                             the archived runs
          loopsync --help                              all verbs and options
        """
}

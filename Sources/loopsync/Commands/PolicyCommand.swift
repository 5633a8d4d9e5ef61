import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import YAMLReading

/// `loopsync policy`: the retention policy.
struct PolicyCommand: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        _superCommandName: "loopsync",
        abstract: "Explain what the retention policy does with a run.",
        version: Version.text,
        subcommands: [PolicyExplainCommand.self]
    )
}

/// `loopsync policy explain`: which rule of which line keeps or removes a run.
struct PolicyExplainCommand: Verb {
    static let configuration = verb(
        "policy explain",
        "RUN ...",
        abstract: "Say which rule of which line of which file keeps or removes a run.",
        discussion: """
            Every rule that has a say about the run is listed, with what it counts and the
            line that holds it. It is the plan that prune would carry out now. For a run in
            the trash it is told why it went.

            JSON: runs (run, verdict, consequence, rules).

            Examples:
              loopsync policy explain nightly@latest
              loopsync policy explain nightly/2025-11-23T201500 --json
            """
    )

    @Argument(help: ArgumentHelp("Archived runs, or runs in the trash.", valueName: "run"), completion: .runs)
    var selectors: [String]

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        do {
            let groups = try PlaceSearch.groups(
                selectors,
                in: LoopsPlace.watched(global),
                called: \.selector,
                find
            )
            let explanations = try groups.flatMap { try explain($0.found, in: $0.place) }
            if global.json {
                try Output.document(.object(["runs": .array(explanations.map(\.json))]))
            } else {
                try Output.data(explanations.map { $0.text(terminal) }.joined(separator: "\n"))
            }
            return .done
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the plan cannot be made")
        }
    }

    /// What the settings that count for one directory say of its runs.
    private func explain(_ runs: [Found], in place: LoopsPlace) throws -> [PolicyExplanation] {
        let loader = Settings.loader(global, watched: [place.path])
        let loaded: ConfigurationLoader.Loaded
        let sources: ConfigurationSources
        do {
            loaded = try loader.load()
            sources = try loader.sources(of: loaded)
        } catch {
            throw Failure(.configuration, error.description)
        }
        for notice in loaded.notices { talk("loopsync: \(notice)") }
        var plan: RetentionPlan?
        return try runs.map { run in
            switch run {
            case .archived(let run):
                if plan == nil { plan = try self.plan(place, loaded) }
                return PolicyExplanation(
                    run,
                    decision: plan?.decisions.first { $0.run.place == run.place },
                    policy: loaded.configuration.retention,
                    sources: sources
                )
            case .trashed(let entry):
                return PolicyExplanation(entry, policy: loaded.configuration.retention)
            }
        }
    }

    private enum Found {
        case archived(ArchivedRun)
        case trashed(TrashEntry)

        var selector: String {
            switch self {
            case .archived(let run): run.selector
            case .trashed(let entry): entry.candidate.text
            }
        }
    }

    /// The run that is meant, in the history or else in the trash.
    private func find(_ selector: String, in place: LoopsPlace) throws -> Found {
        do {
            return .archived(try History.runs(named: [selector], in: place)[0])
        } catch let failure as Failure where failure.isNotFound {
            let entries = try Trash(place.loops).entries()
            let chosen = try? RunSelector.choose(
                [selector],
                among: entries.map(\.candidate),
                named: "run in the trash",
                listing: "loopsync restore --list"
            )
            guard let chosen else { throw failure }
            return .trashed(entries[chosen[0]])
        }
    }

    private func plan(_ place: LoopsPlace, _ loaded: ConfigurationLoader.Loaded) throws -> RetentionPlan {
        let mirror = place.mirrorPass(loaded)
        let pass = RetentionPass(place, loaded, mirror: mirror)
        if pass.isMirrored != nil, let mirror, mirror.wasUsed, let suspension = mirror.open() {
            talk("loopsync: \(suspension)")
        }
        var inventory = RetentionInventory()
        return try pass.plan(&inventory, at: .now()).plan
    }
}

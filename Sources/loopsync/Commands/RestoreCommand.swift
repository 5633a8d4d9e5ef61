import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent

/// `loopsync restore`: brings pruned runs back.
struct RestoreCommand: Verb {
    static let configuration = verb(
        "restore",
        "RUN ... | --list",
        abstract: "Bring pruned runs back from the trash.",
        discussion: """
            A restored run gets a .keep, so that the policy does not take it again; loopsync unpin
            removes that. RUN is named as everywhere, among the runs in the trash.

            Examples:
              loopsync restore --list
              loopsync restore nightly@latest
            """
    )

    @Argument(help: ArgumentHelp("Runs in the trash.", valueName: "run"))
    var selectors: [String] = []

    @Flag(help: "List what is in the trash.")
    var list = false

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if list && !selectors.isEmpty { throw ValidationError("--list takes no run.") }
        if !list && selectors.isEmpty {
            throw ValidationError("Name a run, or see what there is: loopsync restore --list")
        }
    }

    func perform() throws -> ExitStatus {
        let place = try LoopsPlace.open(global)
        do {
            if list {
                let entries = Array(try Trash(place.loops).entries().reversed())
                try show(
                    TrashRows.table(entries, isForPeople: terminal.width != nil, now: WallClock.now()),
                    json: TrashRows.json(entries, in: place.path)
                )
                return .done
            }
            let lock = try place.lock()
            defer { withExtendedLifetime(lock) {} }
            return try restore(place)
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the runs after the last one named above were not restored")
        }
    }

    private func restore(_ place: LoopsPlace) throws -> ExitStatus {
        let trash = Trash(place.loops)
        let entries = try trash.entries()
        let chosen = try RunSelector.choose(
            selectors,
            among: entries.map(\.candidate),
            named: "run in the trash",
            listing: "loopsync restore --list"
        )
        let running = try RunningRuns.read(place.loops)
        for index in chosen {
            let entry = entries[index]
            switch try trash.restore(entry, running: running, now: WallClock.now()) {
            case .restored(let place): talk("restored \(entry.candidate.text) to .history/\(place), pinned")
            case .alreadyThere(let place):
                talk("\(entry.candidate.text) stands in .history/\(place) already; it is pinned now")
            }
        }
        return .done
    }
}

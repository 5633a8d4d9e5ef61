import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent

/// `loopsync restore`: brings pruned runs back.
struct RestoreCommand: Verb {
    static let configuration = verb(
        "restore",
        "RUN ... [--from trash|mirror] | --list",
        abstract: "Bring pruned runs back from the trash or the mirror.",
        discussion: """
            A restored run gets a .keep, so that the policy does not take it again;
            loopsync unpin removes that. RUN is named as everywhere, among the runs in the
            trash, and where it is not there among those in the mirror; --from looks in one
            of them alone. From the mirror a run comes only if its bytes agree with its
            SHA256SUMS.

            Examples:
              loopsync restore --list
              loopsync restore nightly@latest
              loopsync restore nightly/2025-11-22T201500 --from mirror
            """
    )

    @Argument(help: ArgumentHelp("Runs in the trash or in the mirror.", valueName: "run"), completion: .trashed)
    var selectors: [String] = []

    @Flag(help: "List what is in the trash, or in the mirror.")
    var list = false

    @Option(help: ArgumentHelp("Where from: trash or mirror; by default wherever it is.", valueName: "place"))
    var from: Origin?

    enum Origin: String, ExpressibleByArgument, CaseIterable {
        case trash, mirror
    }

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if !list && selectors.isEmpty {
            throw ValidationError("Name a run, or see what there is: loopsync restore --list")
        }
    }

    func perform() throws -> ExitStatus {
        // Not before: an option that there is not leaves its value behind as if it were a run.
        if list && !selectors.isEmpty { throw ValidationError("--list takes no run.") }
        if list { return try perform(in: LoopsPlace.open(global)) }
        let places = try LoopsPlace.watched(global)
        guard places.count > 1 else { return try perform(in: places[0]) }
        let groups = try PlaceSearch.groups(selectors, in: places, called: { $0 }, locate)
        guard groups.count == 1 else {
            let paths = groups.map { "  \($0.place.path): \($0.found.joined(separator: " "))" }
            throw Failure(
                .usage,
                "these runs are of several directories; restore those of one at a time:\n\(paths.joined(separator: "\n"))"
            )
        }
        return try perform(in: groups[0].place)
    }

    /// The full name of the run that is meant, where the directory's trash or mirror has it.
    private func locate(_ selector: String, in place: LoopsPlace) throws -> String {
        var failure = Failure(.failed, "no run in the mirror '\(selector)'", isNotFound: true)
        if from != .mirror {
            do {
                let entries = try Trash(place.loops).entries()
                return entries[try choose(selector, among: entries)].candidate.text
            } catch let other as Failure where other.isNotFound {
                failure = other
            } catch let error as PosixError {
                throw Failure(.failed, "\(error): the trash of \(place.path) cannot be read")
            }
        }
        // A mirror that is away says so where no other directory has the run.
        guard from != .trash, let mirror = place.usedMirror(global), mirror.absence == nil else { throw failure }
        return try RestoreFromMirror(verb: self, place: place).find([selector], mirror, otherwise: failure)[0].selector
    }

    private func choose(_ selector: String, among entries: [TrashEntry]) throws -> Int {
        try RunSelector.choose(
            [selector],
            among: entries.map(\.candidate),
            named: "run in the trash",
            listing: "loopsync restore --list"
        )[0]
    }

    private func perform(in place: LoopsPlace) throws -> ExitStatus {
        do {
            if from == .mirror { return try RestoreFromMirror(verb: self, place: place).perform(selectors) }
            if list {
                let entries = Array(try Trash(place.loops).entries().reversed())
                try show(
                    TrashRows.table(entries, isForPeople: terminal.width != nil, now: WallClock.now()),
                    json: TrashRows.json(entries, in: place.path)
                )
                talkOfMirror(place)
                return .done
            }
            let lock = try place.lock()
            defer { withExtendedLifetime(lock) {} }
            return try restore(place)
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): no run but those named above, if any, was restored")
        }
    }

    /// Says that the mirror has runs too that are not here.
    private func talkOfMirror(_ place: LoopsPlace) {
        guard from == nil, !global.quiet, let mirrored = try? MirroredRuns(place, place.usedMirror(global)),
            !mirrored.places.isEmpty
        else { return }
        let count = Amount.count(mirrored.places.count, "run")
        talk("loopsync: the mirror has \(count) that left the history: loopsync restore --list --from mirror")
    }

    private func restore(_ place: LoopsPlace) throws -> ExitStatus {
        let trash = Trash(place.loops)
        let entries = try trash.entries()
        var chosen: [Int] = []
        var missing: [(selector: String, failure: Failure)] = []
        for selector in selectors {
            do {
                chosen.append(try choose(selector, among: entries))
            } catch let failure as Failure where failure.isNotFound {
                missing.append((selector, failure))
            }
        }
        if let first = missing.first {
            guard from == nil, let mirror = place.usedMirror(global) else { throw first.failure }
            let others = RestoreFromMirror(verb: self, place: place)
            // All are found before the first is brought back.
            let runs = try others.find(missing.map(\.selector), mirror, otherwise: first.failure)
            let restored = try restore(chosen, of: entries, trash, place)
            return try others.restore(runs, mirror, besides: restored)
        }
        let restored = try restore(chosen, of: entries, trash, place)
        if global.json { try tell(restored, in: place.path) }
        return .done
    }

    private func restore(_ chosen: [Int], of entries: [TrashEntry], _ trash: Trash, _ place: LoopsPlace) throws
        -> [RunPlace]
    {
        let running = try RunningRuns.read(place.loops)
        var restored: [RunPlace] = []
        var isDone = false
        defer { if global.json, !isDone { try? tell(restored, in: place.path) } }
        for index in chosen {
            let entry = entries[index]
            switch try trash.restore(entry, running: running, now: WallClock.now()) {
            case .restored(let place):
                restored.append(place)
                talk("restored \(entry.candidate.text) to .history/\(place), pinned")
            case .alreadyThere(let place):
                restored.append(place)
                talk("\(entry.candidate.text) stands in .history/\(place) already; it is pinned now")
            }
        }
        isDone = true
        return restored
    }

    /// The document that tells what is back, also where the rest failed.
    func tell(_ restored: [RunPlace], in path: String) throws {
        try Output.document([
            "loops": .string(JSONString(path)),
            "restored": .array(restored.map { .string(JSONString(".history/\($0)")) }),
        ])
    }
}

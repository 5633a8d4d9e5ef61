import ArgumentParser
import LoopModel
import LoopStore

/// `loopsync pin`: keeps runs whatever the policy says.
struct PinCommand: Verb {
    static let configuration = verb(
        "pin",
        "RUN ...",
        abstract: "Keep runs whatever the retention policy says.",
        discussion: """
            Writes a file .keep into the run's directory; loopsync unpin removes it. Finds
            runs as history lists them, in the other directories under watch: too.

            JSON: loops, pinned, runs. Of several directories an array of these,
            directories.

            Example:
              loopsync pin nightly@latest
            """
    )

    @Argument(help: ArgumentHelp("Archived runs.", valueName: "run"), completion: .runs)
    var selectors: [String]

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        try Keeping.set(true, for: selectors, self)
    }
}

/// `loopsync unpin`.
struct UnpinCommand: Verb {
    static let configuration = verb(
        "unpin",
        "RUN ...",
        abstract: "Let the retention policy decide on runs again.",
        discussion: """
            JSON: loops, pinned, runs. Of several directories an array of these,
            directories.

            Example:
              loopsync unpin nightly@latest
            """
    )

    @Argument(help: ArgumentHelp("Archived runs.", valueName: "run"), completion: .runs)
    var selectors: [String]

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        try Keeping.set(false, for: selectors, self)
    }
}

/// Writes and removes `.keep`, under the lock that every change of the history takes.
private enum Keeping {
    static func set(_ isKept: Bool, for selectors: [String], _ verb: some Verb) throws -> ExitStatus {
        let groups = try PlaceSearch.groups(selectors, in: LoopsPlace.watched(verb.global), called: \.selector) {
            try History.runs(named: [$0], in: $1)[0]
        }
        var done = 0
        do {
            for (place, runs) in groups {
                let lock = try place.lock()
                defer { withExtendedLifetime(lock) {} }
                let history = try place.loops.history()
                for run in runs {
                    guard let directory = try history.flatMap({ try HistoryScan.directory(of: run.place, in: $0) })
                    else { throw Failure(.failed, "\(run.selector) has gone meanwhile") }
                    try set(isKept, in: directory)
                    verb.talk("\(isKept ? "pinned" : "unpinned") \(run.selector)")
                    done += 1
                }
            }
        } catch let error as PosixError {
            let runs = groups.flatMap(\.found)
            let left = done == 0 ? "nothing was changed" : "the runs after \(runs[done - 1].selector) were not changed"
            throw Failure(.failed, "\(error): \(left)")
        }
        if verb.global.json {
            try Output.documents(
                groups.map { place, runs in
                    [
                        "loops": .string(JSONString(place.path)),
                        "pinned": .bool(isKept),
                        "runs": .array(runs.map { .string(JSONString(".history/\($0.place)")) }),
                    ]
                }
            )
        }
        return .done
    }

    private static func set(_ isKept: Bool, in directory: any Directory) throws(PosixError) {
        if !isKept {
            try directory.unlink(.keep)
        } else if try directory.status(of: .keep) == nil {
            try directory.createFile(.keep, mode: 0o600).close()
        }
        try directory.sync()
    }
}

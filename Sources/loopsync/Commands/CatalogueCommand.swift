import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent

/// `loopsync catalogue`: what is remembered of the history, so that nothing is read twice.
struct CatalogueCommand: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "catalogue",
        _superCommandName: "loopsync",
        abstract: "Build or check the catalogue, a SQLite cache of the history.",
        version: Version.text,
        subcommands: [CatalogueRebuildCommand.self, CatalogueCheckCommand.self]
    )
}

/// `loopsync catalogue rebuild`.
struct CatalogueRebuildCommand: Verb {
    static let configuration = verb(
        "catalogue rebuild",
        abstract: "Delete the catalogue and build it from the files.",
        discussion: """
            It is a cache in .loops/.loopsync/catalogue.sqlite: every verb works without
            it, and an agent builds it by itself. Ask it with sqlite3 or Datasette; the
            views are runs, loops, time_per_state, pins, conflicts, prunes and mirrors.

            Examples:
              loopsync catalogue rebuild
              sqlite3 .loops/.loopsync/catalogue.sqlite 'SELECT * FROM loops'
            """
    )

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        let place = try LoopsPlace.open(global)
        do {
            guard try CatalogueFile.delete(place.loops) else {
                throw Failure(.failed, "another process builds the catalogue at this moment; try again")
            }
            let keeper = CatalogueKeeper(place.loops, isMakingPlace: true) { Output.talk("loopsync: \($0)") }
            let meter = meter("read")
            defer { meter.clear() }
            let index = keeper.index()
            let refreshed = try index?.refresh(.every) { done, total in
                meter.show(done, of: total)
                return true
            }
            meter.clear()
            // One that was written to a moment ago may have been read twice.
            guard let refreshed, let count = index?.count else {
                throw Failure(.failed, "there is no catalogue; every verb works without it")
            }
            talk("\(Amount.count(count, "run")) in the catalogue")
            for error in refreshed.unreadable { talk("loopsync: \(error)") }
            if global.json { try Output.document(["runs": .number(JSONNumber(count))]) }
            return refreshed.unreadable.isEmpty ? .done : .partly
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the catalogue cannot be built")
        }
    }
}

/// `loopsync catalogue check`.
struct CatalogueCheckCommand: Verb {
    static let configuration = verb(
        "catalogue check",
        abstract: "Compare the catalogue with the files, and bring it up to date.",
        discussion: """
            Prints how many runs had to be read again, and how many had gone: after an
            agent has worked, or history has listed all runs, none. Ends with 3 where the
            file is damaged, and builds it again.

            Examples:
              loopsync catalogue check
            """
    )

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        let place = try LoopsPlace.open(global)
        do {
            guard let index = place.catalogue.index() else {
                throw Failure(.failed, "there is no catalogue yet; build it with: loopsync catalogue rebuild")
            }
            guard let damage = index.damage(), damage.isEmpty else {
                for line in index.damage() ?? [] { talk("loopsync: \(line)") }
                talk("loopsync: the catalogue is damaged and is built again")
                guard try CatalogueFile.delete(place.loops) else { return .partly }
                place.catalogue.renew()
                _ = try place.catalogue.index()?.refresh(.every)
                return .partly
            }
            guard let refreshed = try index.refresh(.every) else {
                throw Failure(.failed, "the catalogue cannot be used now; every verb works without it")
            }
            let text = "\(refreshed.read) read again, \(refreshed.gone) gone"
            try show(
                Table(columns: [.init(title: "CATALOGUE")], rows: [[.init(text)]]),
                json: ["read": .number(JSONNumber(refreshed.read)), "gone": .number(JSONNumber(refreshed.gone))]
            )
            for error in refreshed.unreadable { talk("loopsync: \(error)") }
            return refreshed.unreadable.isEmpty ? .done : .partly
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the history cannot be read")
        }
    }
}

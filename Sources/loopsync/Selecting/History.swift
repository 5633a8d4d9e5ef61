import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// The archived runs of a loops directory as a person names and sees them.
struct History {
    /// All runs that could be read, newest first.
    let runs: [ArchivedRun]
    /// What could not be read, with the reason.
    let unreadable: [String]
    /// nil where nothing was archived yet.
    let directory: (any Directory)?

    /// Reads every run's directory of a loops directory.
    ///
    /// - Parameter includingEmptied: whether a run is listed of which only the sums are left.
    static func read(_ place: LoopsPlace, includingEmptied: Bool = false) throws -> History {
        do {
            return try read(place.loops.history(), includingEmptied: includingEmptied)
        } catch {
            throw Failure(.failed, "\(error): the history cannot be read")
        }
    }

    /// The runs that are wanted, found by the catalogue where there is one.
    ///
    /// - Parameters:
    ///   - limit: at most so many; nil for all.
    ///   - isWanted: which ones.
    static func newest(
        _ limit: Int?,
        of place: LoopsPlace,
        where isWanted: (ArchivedRun) -> Bool
    ) throws -> History {
        do {
            if let found = try place.catalogue.index()?.newest(limit, where: isWanted) {
                let unreadable = found.unreadable.map(\.description)
                return History(runs: found.runs, unreadable: unreadable, directory: try place.loops.history())
            }
        } catch {
            throw Failure(.failed, "\(error): the history cannot be read")
        }
        let history = try read(place)
        let runs = history.runs.filter(isWanted).prefix(limit ?? .max)
        return History(runs: Array(runs), unreadable: history.unreadable, directory: history.directory)
    }

    /// Finds the run that each selector means, reading no more of the history than that takes.
    ///
    /// - Throws: a `Failure` that names what was not found, or all that could be meant.
    static func runs(named selectors: [String], in place: LoopsPlace) throws -> [ArchivedRun] {
        // Where something cannot be read, reading all of it says what is wrong, and with what.
        if let (few, _) = try? meant(by: selectors, in: place), let found = try? few.runs(named: selectors) {
            return found
        }
        return try read(place).runs(named: selectors)
    }

    /// Reads the runs that selectors can mean, by the names of their directories.
    ///
    /// - Parameter others: runs that stand elsewhere and count with those here.
    /// - Returns: those here, with the places of all that can be meant; nil where the names do not tell.
    static func meant(
        by selectors: [String],
        in place: LoopsPlace,
        besides others: [RunPlace] = []
    ) throws(PosixError) -> (history: History, places: Set<RunPlace>)? {
        let directory = try place.loops.history()
        var here: [RunPlace] = []
        if let directory { here = try HistoryScan.places(in: directory) }
        guard let places = NamedPlaces.candidates(for: selectors, among: here + others).map({ Set($0) }) else {
            return nil
        }
        var runs: [ArchivedRun] = []
        for place in here where places.contains(place) {
            if let directory, let run = try HistoryScan.read(place, in: directory) { runs.append(run) }
        }
        return (History(runs: runs, unreadable: [], directory: directory), places)
    }

    /// Reads every run's directory below a `.history`.
    static func read(_ directory: (any Directory)?, includingEmptied: Bool = false) throws(PosixError) -> History {
        guard let directory else { return History(runs: [], unreadable: [], directory: nil) }
        var runs: [ArchivedRun] = []
        var unreadable: [PosixError] = []
        let places = try HistoryScan.places(in: directory, unreadable: &unreadable)
        let answers = Parallel.map(places) { place -> Result<ArchivedRun?, PosixError> in
            do throws(PosixError) {
                return .success(try HistoryScan.read(place, in: directory, includingEmptied: includingEmptied))
            } catch {
                return .failure(error)
            }
        }
        for answer in answers {
            switch answer {
            case .success(let run): if let run { runs.append(run) }
            case .failure(let error): unreadable.append(error)
            }
        }
        runs.sort { ($0.sortingTime, $0.place) > ($1.sortingTime, $1.place) }
        return History(runs: runs, unreadable: unreadable.map(\.description), directory: directory)
    }

    /// Finds the run that each selector means.
    ///
    /// - Parameters:
    ///   - noun: what the runs are, for messages.
    ///   - command: what lists them.
    /// - Throws: a `Failure` that names what was not found, or all that could be meant.
    func runs(named selectors: [String], _ noun: String = "archived run", listing command: String = "loopsync history")
        throws -> [ArchivedRun]
    {
        let candidates = runs.map {
            RunSelector.Candidate(
                loop: $0.loop.string,
                id: $0.shownID,
                startedAt: $0.startedAt ?? "",
                path: $0.place.description
            )
        }
        let chosen = try RunSelector.choose(
            selectors,
            among: candidates,
            named: noun,
            listing: command
        )
        return chosen.map { runs[$0] }
    }
}

extension ArchivedRun {
    /// The id under which the run stands; for the second run of one second that is not its run id.
    var shownID: String { place.shownID }

    /// The loop's name, safe to print.
    var shownLoop: String { PrintableText.escaping(loop.bytes) }

    /// What to type to mean this run.
    var selector: String { "\(shownLoop)/\(shownID)" }

    /// How long it took, from its first start to its last event.
    var took: Duration? {
        guard let startedAt, let start = Timestamp(iso: startedAt), let endedAt, endedAt >= start else { return nil }
        return endedAt - start
    }

    /// By what runs are listed: one that tells no time comes last.
    var sortingTime: Timestamp { endedAt ?? Timestamp(microseconds: .min) }
}

extension RunPlace {
    /// The id as the directory's name has it.
    var shownID: String {
        switch layout {
        case .nested: runName.description
        case .flat: RunPlace.parts(ofFlat: runName)?.run.description ?? runName.description
        }
    }
}

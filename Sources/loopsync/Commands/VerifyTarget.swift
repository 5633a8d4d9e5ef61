import LoopModel
import LoopStore
import SyncAgent

/// The runs of one loops directory that `verify` checks, read one by one where that is all that is needed.
struct VerifyTarget {
    let place: LoopsPlace
    /// nil where nothing was archived yet.
    let directory: (any Directory)?
    /// Where runs stand, or what looks like one.
    let places: [RunPlace]
    /// Whether each run is told of by its name, also where it is sound.
    let isNamed: Bool
    /// What could not be read, with the reason.
    private(set) var unreadable: [String]
    private var runs: [RunPlace: ArchivedRun]
    /// Places that hold no run, or none that can be read.
    private var others: Set<RunPlace> = []

    /// All runs of a directory, of which those that are sound are but counted.
    init(all place: LoopsPlace) throws {
        self.place = place
        self.isNamed = false
        runs = [:]
        do {
            directory = try place.loops.history()
            var hidden: [PosixError] = []
            places =
                try directory.map { directory throws(PosixError) in
                    try HistoryScan.places(in: directory, unreadable: &hidden)
                } ?? []
            unreadable = hidden.map(\.description)
        } catch {
            throw Failure(.failed, "\(error): the history cannot be read")
        }
    }

    /// Some runs of a history that was read.
    init(_ runs: [ArchivedRun], of history: History, in place: LoopsPlace) {
        self.place = place
        isNamed = true
        directory = history.directory
        unreadable = history.unreadable
        places = runs.map(\.place)
        self.runs = Dictionary(runs.map { ($0.place, $0) }) { first, _ in first }
    }

    /// Reads what is told of a run.
    ///
    /// - Returns: nil where there is none, or it cannot be read, which is told with the others then.
    mutating func run(at place: RunPlace) -> ArchivedRun? {
        if let run = runs[place] { return run }
        guard let directory else { return nil }
        do throws(PosixError) {
            if let run = try HistoryScan.read(place, in: directory, includingEmptied: true) { return run }
            // It went away meanwhile: what the mirror has of it is not lost.
            if try HistoryScan.directory(of: place, in: directory) == nil { return nil }
        } catch {
            unreadable.append(error.description)
        }
        others.insert(place)
        return nil
    }

    /// Where runs were found.
    var runPlaces: Set<RunPlace> { Set(places).subtracting(others) }
}

import Glibc
import LoopModel
import LoopStore
import RunCatalogue
import SyncAgent
import Synchronization
import TestSupport

/// A loops directory with a catalogue, and the same question answered without one.
final class CatalogueLab {
    let place: TemporaryDirectory
    let loops: LoopsDirectory
    /// What was told about the catalogue.
    let told = Told()

    final class Told: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func take(_ line: String) { lines.withLock { $0.append(line) } }
    }

    init() throws {
        place = try TemporaryDirectory()
        try Disk.makeDirectories(place.path(".loopsync"))
        try Disk.makeDirectories(place.path(".history"))
        loops = LoopsDirectory(root: try place.open())
    }

    var file: String { place.path(".loopsync/catalogue.sqlite") }
    var history: String { place.path(".history") }

    func open() -> Catalogue? {
        CatalogueFile.open(loops) { [told] in told.take($0) }
    }

    /// - Parameter later: by how many seconds the clock that rows are judged by is ahead, so that none is too fresh.
    func index(later: Int64 = 3600) throws -> RunIndex {
        guard let catalogue = open() else { throw TestSupportError("no catalogue: \(told.all)") }
        return RunIndex(catalogue, of: loops) { WallClock.now().adding(seconds: later) }
    }

    /// What `history` lists without a catalogue.
    func runsByReading() throws -> [ArchivedRun] {
        guard let history = try loops.history() else { return [] }
        let least = Timestamp(microseconds: .min)
        return try HistoryScan.places(in: history).compactMap { try HistoryScan.read($0, in: history) }
            .sorted { ($0.endedAt ?? least, $0.place) > ($1.endedAt ?? least, $1.place) }
    }

    /// Waits until the next change of a file has another time than the last one.
    func tick() {
        let probe = place.path(".loopsync/probe")
        func now() -> Int64? {
            try? Disk.write("x", to: probe)
            return Disk.status(probe)?.modified
        }
        let before = now()
        _ = eventually(every: 1) { now() != before }
    }
}

import LoopModel
import LoopStore
import RunCatalogue

/// The mirror's baseline as the catalogue keeps it.
final class CataloguedBaseline: MirrorBaseline {
    private let catalogue: Catalogue
    private let mirror: Int64
    private let clock: @Sendable () -> Timestamp
    /// The next rows by place, since a comparison goes by place too, and whether both sides are what they were.
    private var window: ArraySlice<(copy: MirroredCopy, isSame: Bool)> = []
    /// Whether there are rows behind the window.
    private var hasMore = true
    private var last: RunPlace?
    private var noted: [MirroredCopy] = []
    private var gone: [RunPlace] = []

    /// So many rows are in memory at a time.
    private static let batch = 1024

    /// - Parameters:
    ///   - marker: the id in the mirror's marker.
    ///   - path: where the mirror is.
    /// - Returns: nil where the catalogue cannot be used.
    init?(
        _ catalogue: Catalogue,
        marker: String,
        path: String,
        clock: @escaping @Sendable () -> Timestamp = WallClock.now
    ) {
        guard let mirror = catalogue.mirror(marker: marker, path: path) else { return nil }
        self.catalogue = catalogue
        self.mirror = mirror
        self.clock = clock
    }

    func digest(of place: RunPlace, in history: any Directory, _ copies: any Directory) -> [UInt8]? {
        guard let row = row(place, history, copies), row.isSame else { return nil }
        return row.copy.sums
    }

    func standing(in copies: any Directory) -> [RunPlace: [UInt8]] {
        let length = FileStamps.directoryLength
        guard let known = catalogue.copyStamps(in: mirror, length: length) else { return [:] }
        let isSame = Parallel.map(known) { copy in
            (try? FileStamps.now(of: copy.place.components, [], in: copies))?.bytes == copy.stamp
        }
        let same = zip(known, isSame).filter(\.1).map { ($0.0.place, $0.0.sums) }
        return Dictionary(same) { $1 }
    }

    /// The row of a place; rows before it that nobody asked for are of runs that have gone.
    private func row(_ place: RunPlace, _ history: any Directory, _ copies: any Directory)
        -> (copy: MirroredCopy, isSame: Bool)?
    {
        if let last, place <= last {
            window = []
            hasMore = true
        }
        last = place
        while true {
            while let next = window.first, next.copy.place < place {
                gone.append(next.copy.place)
                window.removeFirst()
            }
            if let next = window.first {
                guard next.copy.place == place else { return nil }
                window.removeFirst()
                return next
            }
            guard hasMore, let rows = catalogue.copies(in: mirror, from: place, count: Self.batch) else { return nil }
            let isSame = Parallel.map(rows) { row in
                let path = row.place.components
                guard (try? FileStamps.now(of: path, row.names, in: history))?.bytes == row.here else { return false }
                return (try? FileStamps.now(of: path, row.names, in: copies))?.bytes == row.there
            }
            window = zip(rows, isSame).map { (copy: $0, isSame: $1) }[...]
            hasMore = rows.count == Self.batch
            if rows.isEmpty { return nil }
        }
    }

    func settled(_ pairs: [SettledPair], in history: any Directory, _ copies: any Directory, isOwn: Bool) {
        let stamps = Parallel.map(pairs) { pair -> (here: FileStamps, there: FileStamps)? in
            let path = pair.place.components
            guard let here = try? FileStamps.now(of: path, pair.names, in: history),
                let there = try? FileStamps.now(of: path, pair.names, in: copies)
            else { return nil }
            return (here, there)
        }
        // RACE: what this program has just published may be changed by another within one tick of the clock. Its files
        // got their times before they were synced and the directory was put in its place by a rename, so that such a
        // change is a later one in all but theory; and `verify` reads the bytes.
        let now = clock().microseconds &* 1000
        for (pair, stamps) in zip(pairs, stamps) {
            guard let (here, there) = stamps,
                isOwn || here.areSettled(at: now) && there.areSettled(at: now)
            else { continue }
            noted.append(
                MirroredCopy(
                    place: pair.place,
                    sums: pair.sums,
                    names: pair.names,
                    here: here.bytes,
                    there: there.bytes
                )
            )
        }
        if noted.count >= Self.batch { save() }
    }

    func forget(_ place: RunPlace) {
        noted.removeAll { $0.place == place }
        gone.append(place)
    }

    func save() {
        guard !noted.isEmpty || !gone.isEmpty else { return }
        catalogue.updateCopies(in: mirror, noted, forgetting: gone)
        noted = []
        gone = []
    }
}

extension RunIndex {
    /// What was compared before with a mirror; nil where the catalogue cannot be used.
    package func baseline(ofMirror marker: String, at path: String) -> (any MirrorBaseline)? {
        CataloguedBaseline(catalogue, marker: marker, path: path, clock: clock)
    }
}

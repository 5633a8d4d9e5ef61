import LoopModel
import LoopStore
import SyncCore

/// Reads what tells two copies of a run apart, without reading the copies.
enum RunSealing {
    /// A sealed directory.
    struct Sealed: Sendable {
        var seal: RunSeal
        var sums: SumsFile
        /// The bytes of `SHA256SUMS`.
        var bytes: [UInt8]
    }

    /// Reads a directory's sums and looks at the sizes of the files that they list.
    ///
    /// - Returns: nil where there are no sums, or damaged ones: then nothing is known of the rest.
    static func read(_ directory: any Directory) throws(PosixError) -> Sealed? {
        guard try directory.status(of: .sums)?.kind == .file,
            let bytes = try directory.contents(of: .sums, limit: SumsFile.limit),
            let sums = try? SumsFile(parsing: bytes)
        else { return nil }
        var sizes: [Int64] = []
        for name in sums.checksums.keys.sorted() {
            let status = try directory.status(of: name)
            sizes.append(status?.kind == .file ? status?.size ?? -1 : -1)
        }
        return Sealed(seal: RunSeal(sums: Checksum(of: bytes).bytes, sizes: sizes), sums: sums, bytes: bytes)
    }

    /// Whether two directories have the same sums and files of the same sizes.
    ///
    /// This is what a comparison of a long history asks of nearly every run, so that it parses and digests once.
    ///
    /// - Returns: nil where the directories differ, or are not sealed.
    static func pairIfEqual(_ place: RunPlace, _ one: any Directory, _ other: any Directory) throws(PosixError)
        -> SettledPair?
    {
        guard try one.status(of: .sums)?.kind == .file, try other.status(of: .sums)?.kind == .file,
            let bytes = try one.contents(of: .sums, limit: SumsFile.limit),
            try other.contents(of: .sums, limit: SumsFile.limit) == bytes,
            let sums = try? SumsFile(parsing: bytes)
        else { return nil }
        for name in sums.checksums.keys {
            guard let here = try one.status(of: name), let there = try other.status(of: name), here.kind == .file,
                there.kind == .file, here.size == there.size
            else { return nil }
        }
        return SettledPair(place: place, sums: Checksum(of: bytes).bytes, names: sums.coveredNames)
    }

    /// Opens a run's directory in a history that may not exist, and reads its seal.
    static func seal(
        of place: RunPlace,
        in history: (any Directory)?
    ) throws(PosixError) -> (directory: any Directory, sealed: Sealed?)? {
        guard let history, let directory = try HistoryScan.directory(of: place, in: history) else { return nil }
        return (directory, try read(directory))
    }
}

extension SettledPair {
    /// A run whose copy has just been written.
    init(_ place: RunPlace, _ sealed: RunSealing.Sealed) {
        self.init(place: place, sums: sealed.seal.sums, names: sealed.sums.coveredNames)
    }
}

extension SumsFile {
    /// The files that a run with these sums consists of, these among them.
    var coveredNames: [FileName] { (checksums.keys + [.sums]).sorted() }
}

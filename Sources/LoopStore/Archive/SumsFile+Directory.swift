package import LoopModel

extension SumsFile {
    /// The files that a run's sums cover: every regular one but the sums and `.keep`.
    ///
    /// `.keep` comes and goes with `loopsync pin` and must not make an archive look damaged. Links, directories and
    /// whatever else lies there are not the run's.
    package static func covers(_ entry: DirectoryEntry) -> Bool {
        entry.kind == .file && entry.name != .sums && entry.name != .keep
    }

    /// Digests every file of a directory that sums cover.
    package static func computed(for directory: any Directory) throws(PosixError) -> SumsFile {
        var sums = SumsFile([:])
        for entry in try directory.entries() where covers(entry) {
            guard let file = try directory.openFile(entry.name, for: .reading) else { continue }
            sums.checksums[entry.name] = try Checksum.of(file)
        }
        return sums
    }

    /// Reads a directory's sums; nil where it has none.
    ///
    /// - Returns: a failure where there is a file that is no such file.
    package static func stored(in directory: any Directory) throws(PosixError) -> Result<SumsFile, SumsFileError>? {
        guard let status = try directory.status(of: .sums) else { return nil }
        // Whatever stands there, the other runs are still to be looked at.
        guard status.kind == .file else { return .failure(SumsFileError(line: 0, .noFile)) }
        let bytes: [UInt8]
        do {
            guard let found = try directory.contents(of: .sums, limit: limit) else { return nil }
            bytes = found
        } catch  where error.code == .fileTooBig {
            return .failure(SumsFileError(line: 0, .tooLarge))
        } catch  where error.code == .inputOutput {
            return .failure(SumsFileError(line: 0, .unreadable))
        }
        do {
            return .success(try SumsFile(parsing: bytes))
        } catch {
            return .failure(error)
        }
    }

    /// Whether a directory's sums name just its files and no file was touched after they were written.
    ///
    /// That costs no reading: who changes a file sets its change time, which no program can choose. The kernel's clock
    /// for it ticks every few milliseconds; a file of the same tick may be the younger one, and then the answer is no.
    /// Where the clock was set back a younger file may look older than its sums; but then the last change of all is
    /// another than the one that the sums bear as their own time.
    package static func areCurrent(in directory: any Directory) throws(PosixError) -> Bool {
        guard let written = try directory.status(of: .sums), written.kind == .file else { return false }
        guard case .success(let sums)? = try stored(in: directory) else { return false }
        let files = try statuses(in: directory)
        let lastChange = files.values.map(\.changed).max() ?? 0
        return lastChange < written.changed && lastChange == written.modified
            && Set(files.keys) == Set(sums.checksums.keys)
    }

    /// When the last of the files that sums cover was changed.
    static func lastChange(in directory: any Directory) throws(PosixError) -> Int64 {
        try statuses(in: directory).values.map(\.changed).max() ?? 0
    }

    private static func statuses(in directory: any Directory) throws(PosixError) -> [FileName: FileStatus] {
        var files: [FileName: FileStatus] = [:]
        for entry in try directory.entries() where covers(entry) {
            files[entry.name] = try directory.status(of: entry.name)
        }
        return files
    }

    /// What is wrong with a directory's files, sorted by name; empty where all is sound.
    package func damage(in directory: any Directory) throws(PosixError) -> [FileDamage] {
        var found: [FileDamage] = []
        var seen: Set<FileName> = []
        for entry in try directory.entries() where Self.covers(entry) {
            seen.insert(entry.name)
            guard let expected = checksums[entry.name] else {
                found.append(FileDamage(name: entry.name, kind: .extra))
                continue
            }
            guard let file = try directory.openFile(entry.name, for: .reading) else {
                found.append(FileDamage(name: entry.name, kind: .missing))
                continue
            }
            do {
                if try Checksum.of(file) != expected { found.append(FileDamage(name: entry.name, kind: .changed)) }
            } catch  where error.code == .inputOutput {
                // A bad sector is damage to report, and no reason to leave the other files unchecked.
                found.append(FileDamage(name: entry.name, kind: .unreadable))
            }
        }
        found += checksums.keys.filter { !seen.contains($0) }.map { FileDamage(name: $0, kind: .missing) }
        return found.sorted { $0.name < $1.name }
    }
}

/// One file that does not agree with its directory's sums.
package struct FileDamage: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable {
        case missing, changed, extra, unreadable
    }

    package let name: FileName
    package let kind: Kind

    package init(name: FileName, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    package var description: String {
        switch kind {
        case .missing: "\(name): missing"
        case .changed: "\(name): changed"
        case .extra: "\(name): not in SHA256SUMS"
        case .unreadable: "\(name): cannot be read (input/output error)"
        }
    }
}

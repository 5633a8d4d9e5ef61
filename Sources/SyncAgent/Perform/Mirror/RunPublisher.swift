import LoopModel
import LoopStore
import SyncCore

/// What the mirror may be told to do with a run, and what came of it.
enum Publication {
    /// It stands in the mirror, whole and durable.
    case published(bytes: Int64)
    /// The source does not match its own sums, for this reason: it is being written to, or damaged.
    case unsound(String)
}

/// Puts one archived run into the mirror: staged whole, made durable, published by one rename.
struct RunPublisher {
    let root: any Directory
    let scratch: any Directory
    /// A name that this process has not used yet in the scratch directory.
    let name: FileName

    /// What stood where a run was published, until it is thrown away.
    private struct Replaced {
        var directory: any Directory
        var foreign: ForeignEdits
        var place: RunPlace
        /// Where it stood.
        var parent: any Directory
    }

    /// Publishes a run, or replaces the copy of it that is there.
    func publish(
        _ place: RunPlace,
        from source: any Directory,
        _ sealed: RunSealing.Sealed,
        notices: inout [MirrorNotice]
    ) throws(PosixError) -> Publication {
        var bytes: Int64 = 0
        let replaced: Replaced?
        do throws(PosixError) {
            switch try stage(from: source, sealed, &bytes, isDurable: true) {
            case .unsound(let why):
                try scratch.removeTree(name)
                return .unsound(why)
            case .staged(let staged):
                let parent = try root.ensure([.history] + place.components.dropLast())
                replaced = try put(place, staged, into: parent, sealed, source, notices: &notices)
            }
        } catch {
            // It is tried again for as long as the disk is full, and what it left would fill it further.
            try? scratch.removeTree(name)
            throw error
        }
        if let replaced { try discard(replaced, &notices) }
        return .published(bytes: bytes)
    }

    /// What came of putting a run together.
    enum Staging {
        case staged(any Directory)
        /// The source is not what its sums tell of, for this reason.
        case unsound(String)
    }

    /// Copies a run's files to where nobody looks yet.
    ///
    /// - Parameter isDurable: whether all of it is on the disk then; else the caller syncs before it shows the run.
    func stage(
        from source: any Directory,
        _ sealed: RunSealing.Sealed,
        _ bytes: inout Int64,
        isDurable: Bool
    ) throws(PosixError) -> Staging {
        try scratch.removeTree(name)
        // As open to others as its source, which nobody sees before it leaves the scratch directory.
        try scratch.makeDirectory(name, mode: try source.status().mode & 0o777 | 0o700)
        guard let staged = try scratch.subdirectory(name) else {
            throw PosixError(call: "mkdir", path: scratch.path, code: .noEntry)
        }
        for (file, expected) in sealed.sums.checksums.sorted(by: { $0.key < $1.key }) {
            guard let found = try DigestedCopy.copy(file, from: source, into: staged, as: file, isDurable: isDurable)
            else { return .unsound("\(file) is missing") }
            guard found.checksum == expected else { return .unsound("\(file) has other bytes") }
            bytes += found.size
        }
        let sums = try staged.createFile(.sums, mode: 0o600)
        try sums.write(sealed.bytes, at: 0)
        if let status = try source.status(of: .sums) {
            try sums.setAttributesIfPossible(mode: status.mode | 0o600, modified: status.modified)
        }
        if isDurable { try sums.sync() }
        try sums.close()
        if isDurable { try staged.sync() }
        return .staged(staged)
    }
}

// MARK: - Publishing

extension RunPublisher {
    /// Gives the staged directory its name.
    ///
    /// - Returns: what stood there, under the staging name now.
    private func put(
        _ place: RunPlace,
        _ staged: any Directory,
        into parent: any Directory,
        _ sealed: RunSealing.Sealed,
        _ source: any Directory,
        notices: inout [MirrorNotice]
    ) throws(PosixError) -> Replaced? {
        guard let old = try parent.status(of: place.runName) else {
            try scratch.rename(name, into: parent, as: place.runName, .notReplacing)
            try parent.sync()
            return nil
        }
        guard old.kind == .directory, let there = try parent.subdirectory(place.runName) else {
            // A file or a link where a run should be is nobody's run, but somebody's.
            try keep(place.runName, of: parent, place.components.dropLast(), isMoving: true, &notices)
            try scratch.rename(name, into: parent, as: place.runName, .notReplacing)
            try parent.sync()
            return nil
        }
        let foreign = try ForeignEdits.find(in: there, new: sealed.sums, source: source)
        for file in foreign.edited { try keep(file, of: there, place.components[...], isMoving: false, &notices) }
        for other in foreign.others { try keep(other, of: there, place.components[...], isMoving: true, &notices) }
        // Before the exchange: after a crash the old directory is thrown away unread.
        for file in foreign.extras where try staged.status(of: file) == nil {
            try MirrorConflicts.share(file, of: there, into: staged, as: file)
        }
        try staged.sync()
        try exchange(place.runName, in: parent)
        return Replaced(directory: there, foreign: foreign, place: place, parent: parent)
    }

    /// Throws the old directory away, which stands under the staging name now, where nobody but us looks.
    ///
    /// Where that fails, it stays until the next start: somebody's edit of the last moment may be in it.
    private func discard(_ old: Replaced, _ notices: inout [MirrorNotice]) throws(PosixError) {
        try old.parent.sync()
        for (file, before) in old.foreign.seen
        where try old.directory.status(of: file).map({ !before.isSameContent($0) }) == true {
            try keep(file, of: old.directory, old.place.components[...], isMoving: true, &notices)
        }
        try scratch.removeTree(name)
    }

    /// Swaps the staged directory with the one that is there.
    private func exchange(_ run: FileName, in parent: any Directory) throws(PosixError) {
        do {
            try scratch.rename(name, into: parent, as: run, .exchanging)
        } catch  where [.invalid, .notSupported, .operationNotSupported].contains(error.code) {
            // Where two directories cannot change places, the run is missing for the moment between two renames; after
            // a crash there, the next pass publishes it again.
            let aside = name.appending("-old")
            try scratch.removeTree(aside)
            try parent.rename(run, into: scratch, as: aside, .notReplacing)
            do throws(PosixError) {
                try scratch.rename(name, into: parent, as: run, .notReplacing)
            } catch {
                // An older copy is better than none.
                try? scratch.rename(aside, into: parent, as: run, .notReplacing)
                throw error
            }
            try scratch.rename(aside, into: scratch, as: name, .notReplacing)
        }
    }

    private func keep(
        _ file: FileName,
        of directory: any Directory,
        _ path: ArraySlice<FileName>,
        isMoving: Bool,
        _ notices: inout [MirrorNotice]
    ) throws(PosixError) {
        let kept = try MirrorConflicts.keep(
            file,
            of: directory,
            in: root,
            below: [FileName(literal: "history")] + path,
            isMoving: isMoving
        )
        if let kept { notices.append(.foreignEdit(path: "\(directory.path)/\(file)", keptAs: kept)) }
    }
}

/// What is in a mirrored run's directory that this program did not put there.
struct ForeignEdits {
    /// Files of the run with bytes that are neither the old nor the new ones.
    var edited: [FileName] = []
    /// Files that no sums tell of: a person's notes, a sync client's conflict copies.
    var extras: [FileName] = []
    /// Directories, links and the like, which no run has.
    var others: [FileName] = []
    /// What every file of the run looked like, to see what changes until it is replaced.
    var seen: [(FileName, FileStatus)] = []

    /// Compares every file with the directory's own sums and with those of what will replace it.
    static func find(
        in directory: any Directory,
        new: SumsFile,
        source: any Directory
    ) throws(PosixError) -> ForeignEdits {
        let old = try RunSealing.read(directory)?.sums ?? SumsFile([:])
        var found = ForeignEdits()
        for entry in try directory.entries() where entry.name != .sums {
            guard entry.kind == .file else {
                found.others.append(entry.name)
                continue
            }
            guard old.checksums[entry.name] != nil || new.checksums[entry.name] != nil else {
                found.extras.append(entry.name)
                continue
            }
            guard let file = try directory.openFile(entry.name, for: .reading) else { continue }
            found.seen.append((entry.name, try file.status()))
            let checksum = try Checksum.of(file)
            guard checksum != old.checksums[entry.name], checksum != new.checksums[entry.name] else { continue }
            if entry.name == .state, try isFlip(file, source) { continue }
            found.edited.append(entry.name)
        }
        return found
    }

    private static func isFlip(_ file: any File, _ source: any Directory) throws(PosixError) -> Bool {
        let limit = HistoryScan.stateLimit
        guard try file.status().size <= limit, let ours = try source.contents(of: .state, limit: limit) else {
            return false
        }
        return ReaderFlip.isAll(between: ours, and: try file.contents(limit: limit))
    }
}

extension FileStatus {
    /// Whether nobody wrote the file since; a new name or mode changes nothing of its content.
    fileprivate func isSameContent(_ later: FileStatus) -> Bool {
        identity == later.identity && size == later.size && modified == later.modified
    }
}

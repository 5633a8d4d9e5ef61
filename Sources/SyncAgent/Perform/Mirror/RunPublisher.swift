import LoopModel
import LoopStore
import SyncCore

/// What the mirror may be told to do with a run, and what came of it.
enum Publication {
    /// It stands in the mirror, whole and durable; the live file whose bytes it shares, where it does.
    case published(bytes: Int64, sharing: LiveStem?)
    /// The source does not match its own sums, for this reason: it is being written to, or damaged.
    case unsound(String)
}

/// Puts one archived run into the mirror: staged whole, made durable, published by one rename.
struct RunPublisher {
    let root: any Directory
    let scratch: any Directory
    /// A name that this process has not used yet in the scratch directory.
    let name: FileName

    /// Below this size a copy costs less than sharing with the live file.
    private static let worthSharing: Int64 = 1 << 18

    /// Publishes a run, or replaces the copy of it that is there.
    ///
    /// - Parameters:
    ///   - live: whose live events file in the mirror may have the same bytes.
    func publish(
        _ place: RunPlace,
        from source: any Directory,
        _ sealed: RunSealing.Sealed,
        live: LiveStem?,
        notices: inout [MirrorNotice]
    ) throws(PosixError) -> Publication {
        try scratch.removeTree(name)
        // As open to others as its source, which nobody sees before it leaves the scratch directory.
        try scratch.makeDirectory(name, mode: try source.status().mode & 0o777 | 0o700)
        guard let staged = try scratch.subdirectory(name) else {
            throw PosixError(call: "mkdir", path: scratch.path, code: .noEntry)
        }
        var bytes: Int64 = 0
        var sharing: LiveStem?
        for (file, expected) in sealed.sums.checksums.sorted(by: { $0.key < $1.key }) {
            if file == .events, let live, try share(live, expected, source, into: staged) {
                sharing = live
                continue
            }
            guard let found = try DigestedCopy.copy(file, from: source, into: staged, as: file) else {
                return try unsound("\(file) is missing")
            }
            guard found == expected else { return try unsound("\(file) has other bytes") }
            bytes += try staged.status(of: file)?.size ?? 0
        }
        let sums = try staged.createFile(.sums, mode: 0o600)
        try sums.write(sealed.bytes, at: 0)
        if let status = try source.status(of: .sums) {
            try sums.setAttributesIfPossible(mode: status.mode | 0o600, modified: status.modified)
        }
        try sums.sync()
        try sums.close()
        try staged.sync()
        let parent = try root.ensure([.history] + place.components.dropLast())
        try put(place, staged, into: parent, sealed, source, notices: &notices)
        return .published(bytes: bytes, sharing: sharing)
    }

    private func unsound(_ why: String) throws(PosixError) -> Publication {
        try scratch.removeTree(name)
        return .unsound(why)
    }

    /// Gives the live file's bytes a second name, when they are the run's.
    private func share(
        _ live: LiveStem,
        _ expected: Checksum,
        _ source: any Directory,
        into staged: any Directory
    ) throws(PosixError) -> Bool {
        guard let original = try source.status(of: .events), original.size >= Self.worthSharing,
            let directory = try root.descend([.running] + live.components.dropLast()),
            let file = try directory.openFile(live.name(of: .events), for: .writing)
        else { return false }
        let status = try file.status()
        guard status.size == original.size, status.links == 1, try Checksum.of(file) == expected else { return false }
        do {
            try directory.link(live.name(of: .events), into: staged, as: .events)
        } catch {
            // Second names are a saving, not a need.
            return false
        }
        guard try staged.status(of: .events)?.identity == status.identity else {
            try staged.unlink(.events)
            return false
        }
        try file.setAttributesIfPossible(mode: original.mode | 0o600, modified: original.modified)
        try file.sync()
        return true
    }
}

// MARK: - Publishing

extension RunPublisher {
    private func put(
        _ place: RunPlace,
        _ staged: any Directory,
        into parent: any Directory,
        _ sealed: RunSealing.Sealed,
        _ source: any Directory,
        notices: inout [MirrorNotice]
    ) throws(PosixError) {
        guard let old = try parent.status(of: place.runName) else {
            try scratch.rename(name, into: parent, as: place.runName, .notReplacing)
            try parent.sync()
            return
        }
        guard old.kind == .directory, let there = try parent.subdirectory(place.runName) else {
            // A file or a link where a run should be is nobody's run, but somebody's.
            try keep(place.runName, of: parent, place.components.dropLast(), isMoving: true, &notices)
            try scratch.rename(name, into: parent, as: place.runName, .notReplacing)
            try parent.sync()
            return
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
        try parent.sync()
        // The old directory stands under the staging name now, and nobody but us looks there.
        for (file, before) in foreign.seen where try there.status(of: file).map({ !before.isSameContent($0) }) == true {
            try keep(file, of: there, place.components[...], isMoving: true, &notices)
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
            try scratch.rename(name, into: parent, as: run, .notReplacing)
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

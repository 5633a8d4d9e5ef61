package import LoopModel
package import LoopStore
import SyncCore

/// What became of bringing a run back from the mirror.
package enum MirrorRestoreOutcome: Sendable, Hashable {
    case restored(RunPlace)
    /// The mirror has no such run, or none with sums to check it by.
    case absent
    /// The history has something at that place; it stays as it is.
    case taken
    /// A file of the mirrored run has other bytes than its sums tell of, or is missing; nothing was restored.
    case damaged(FileName)
    /// Executors would take this file for a loop of the project; no run has one, so that somebody put it there.
    case foreign(FileName)
    case failed(PosixError)
}

/// Brings archived runs back from the mirror (`loopsync restore --from mirror`).
package struct MirrorRestore {
    private let loops: LoopsDirectory
    private let process: Int32

    /// Restores into one loops directory.
    ///
    /// - Parameter process: names the staging directory.
    package init(into loops: LoopsDirectory, process: Int32) {
        self.loops = loops
        self.process = process
    }

    /// Copies a run into the history: whole, checked against its sums, and pinned, so that no policy takes it again.
    ///
    /// The caller holds the `HistoryLock`: the history and the staging directory are changed.
    ///
    /// - Parameter root: the mirror's directory.
    package func restore(_ place: RunPlace, from root: any Directory, now: Timestamp) -> MirrorRestoreOutcome {
        do {
            return try stage(place, root, now)
        } catch {
            return .failed(error)
        }
    }

    private func stage(_ place: RunPlace, _ root: any Directory, _ now: Timestamp) throws(PosixError)
        -> MirrorRestoreOutcome
    {
        guard let mirrored = try RunSealing.seal(of: place, in: root.subdirectory(.history)),
            let sealed = mirrored.sealed
        else { return .absent }
        if let definition = sealed.sums.checksums.keys.filter(\.isLoopDefinition).min() { return .foreign(definition) }
        let history = try loops.ensureHistory()
        guard try HistoryScan.directory(of: place, in: history) == nil else { return .taken }
        let slot = try StagingArea(loops: loops, process: process).open(for: history)
        defer { slot.remove() }
        let name = FileName(literal: "run")
        try slot.directory.makeDirectory(name, mode: try mirrored.directory.status().mode & 0o777 | 0o700)
        guard let staged = try slot.directory.subdirectory(name) else {
            throw PosixError(call: "mkdir", path: slot.directory.path, code: .noEntry)
        }
        for (file, expected) in sealed.sums.checksums.sorted(by: { $0.key < $1.key }) {
            let found = try DigestedCopy.copy(file, from: mirrored.directory, into: staged, as: file)
            guard found?.checksum == expected else { return .damaged(file) }
        }
        _ = try DigestedCopy.copy(.sums, from: mirrored.directory, into: staged, as: .sums)
        guard try RunSealing.read(staged)?.seal.sums == sealed.seal.sums else { return .damaged(.sums) }
        try staged.createFile(.keep, mode: 0o600).sync()
        try staged.sync()
        // Before the run is there, so that no crash leaves it among the pruned ones, whose mirrored copies may go.
        if let copies = try root.subdirectory(.history), let run = try HistoryScan.read(place, in: copies) {
            try PruneLog(loops).append(PruneRecord(.restored, run, time: now, reasons: []))
        }
        let parent = try history.ensure(place.components.dropLast())
        do {
            try slot.directory.rename(name, into: parent, as: place.runName, .notReplacing)
        } catch  where error.code == .exists || error.code == .notEmpty {
            return .taken
        }
        try parent.sync()
        return .restored(place)
    }
}

extension MirrorRestoreOutcome {
    /// What to tell of it, and what to do next.
    package func message(for place: RunPlace) -> String {
        switch self {
        case .restored:
            "\(place) restored from the mirror and pinned (.keep); loopsync unpin lets the policy have it again"
        case .absent: "\(place): the mirror has no run there with a SHA256SUMS to check it by"
        case .taken: "\(place): the history has something there already, and it stays as it is"
        case .damaged(let file):
            "\(place): \(file) in the mirror differs from its SHA256SUMS, so nothing was restored; "
                + "look at it there with sha256sum -c SHA256SUMS"
        case .foreign(let file):
            "\(place): \(file) in the mirror is no part of a run, and executors would list it as a loop of this project, "
                + "so nothing was restored; see who put it there, and remove it and its line in SHA256SUMS"
        case .failed(let error): "\(place): \(error)"
        }
    }
}

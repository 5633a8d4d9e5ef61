import LoopModel

/// Carries one plan out.
struct ArchiveWork {
    let staging: StagingArea
    let stagingInside: Bool
    let history: any Directory
    let gate: ExecutorGate
    let source: OpenedSource?
    /// Names that nobody uses, nearest first.
    let free: [RunPlace]

    static let run = FileName(literal: "run")

    mutating func carryOut(_ plan: ArchivePlan) throws -> ArchiveOutcome {
        switch plan {
        case .wait(let reason):
            return .wait(reason)
        case .create(let place, let move):
            try perform(move)
            let conflicts = try create(at: place)
            return .archived(place, change: .created, conflicts: conflicts, moved: moved(move))
        case .change(let base, let absorbed, let target, let move):
            try perform(move)
            let (change, conflicts) = try bringUpToDate(base, absorbing: absorbed)
            guard base != target else {
                let found = change == .unchanged ? absorbed + [base] : absorbed
                return .archived(base, change: change, conflicts: conflicts, moved: moved(move), absorbed: found)
            }
            try rename(base, to: target)
            return .archived(
                target,
                change: .renamed(from: base),
                conflicts: conflicts,
                moved: moved(move),
                absorbed: absorbed
            )
        }
    }

    private func moved(_ move: ArchivePlan.Move?) -> [(from: RunPlace, to: RunPlace)] {
        move.map { [(from: $0.from, to: $0.to)] } ?? []
    }

    /// Moves another run's archive aside before an executor can overwrite it.
    private func perform(_ move: ArchivePlan.Move?) throws {
        if let move { try rename(move.from, to: move.to) }
    }

    func rename(_ from: RunPlace, to target: RunPlace) throws {
        guard let old = try parent(of: from) else {
            throw PosixError(call: "rename", path: "\(history.path)/\(from)", code: .noEntry)
        }
        let new = try ensureParent(of: target)
        do {
            // Held for the rename alone, since an executor's start waits for it.
            let permit = try gate.enter(source?.source.loop)
            defer { withExtendedLifetime(permit) {} }
            try old.rename(from.runName, into: new, as: target.runName, .notReplacing)
        }
        // The new name first: after a power cut between the two the run may stand twice, which the next call mends,
        // but never nowhere.
        try new.sync()
        try old.sync()
    }

    /// The directory that holds a run's directory.
    func parent(of place: RunPlace) throws -> (any Directory)? {
        place.layout == .flat ? history : try history.subdirectory(place.components[0])
    }

    func ensureParent(of place: RunPlace) throws -> any Directory {
        guard place.layout == .nested else { return history }
        let parent = try history.ensureDirectory(place.components[0])
        try history.sync()
        return parent
    }

    /// Puts the run together and publishes it by one rename.
    private func create(at place: RunPlace) throws -> [String] {
        var merge = RunMerge(for: source?.source)
        if let source { try merge.take(source) }
        let slot = try staging.open(for: history, insideHistory: stagingInside)
        defer { slot.remove() }
        // As readable as the history itself, which the executor or the user made.
        let files = try write(merge, into: slot, mode: history.status().mode)
        let parent = try ensureParent(of: place)
        try slot.directory.rename(Self.run, into: parent, as: place.runName, .notReplacing)
        try files.putBack()
        try parent.sync()
        return merge.conflicts
    }

    /// Writes the directory of a merge into a slot, durably.
    ///
    /// - Returns: its files, for when it has its name in the history.
    func write(_ merge: RunMerge, into slot: StagingSlot, mode: UInt32) throws -> StagedFiles {
        let run = try write(merge, into: slot, as: Self.run, mode: mode, isDurable: true)
        return try StagedFiles(merge.writtenNames, in: run)
    }

    /// Writes the directory of a merge into a slot.
    ///
    /// - Parameters:
    ///   - newName: its name there, which is free.
    ///   - isDurable: whether all is on the disk then (fsync).
    @discardableResult
    func write(
        _ merge: RunMerge,
        into slot: StagingSlot,
        as newName: FileName,
        mode: UInt32,
        isDurable: Bool
    ) throws -> any Directory {
        // Nobody else looks into the slot, so that the directory can have its final permissions at once; its owner may
        // do all, since an executor has to overwrite what is in it.
        try slot.directory.makeDirectory(newName, mode: mode & 0o777 | 0o700)
        guard let run = try slot.directory.subdirectory(newName) else {
            throw PosixError(call: "open", path: "\(slot.directory.path)/\(newName)", code: .noEntry)
        }
        var sums = SumsFile([:])
        var mode: UInt32 = 0
        var lastChange: Int64 = 0
        for (name, ingredient) in merge.files.sorted(by: { $0.key < $1.key }) {
            let checksum =
                Defect.archiveByLink.isMade
                ? try ingredient.link(into: run, as: name)
                : try ingredient.copy(into: run, as: name, isDurable: isDurable)
            guard let status = try run.status(of: name) else {
                throw SourceChanged(path: "\(run.path)/\(name)")
            }
            mode |= status.mode
            guard name != .keep else { continue }
            sums.checksums[name] = checksum
            lastChange = max(lastChange, status.changed)
        }
        // A copy checks its own file; together they are of one moment only if the first has not changed since.
        try source?.checkUnchanged()
        try sums.write(into: run, mode: mode, lastChange: lastChange, isDurable: isDurable)
        if isDurable { try run.sync() }
        return run
    }
}

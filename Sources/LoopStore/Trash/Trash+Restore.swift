package import LoopModel

/// Where a restored run stands.
package enum RestoreOutcome: Sendable, Hashable {
    case restored(RunPlace)
    /// The run is in the history already, and pinned there now; the trash keeps its copy.
    case alreadyThere(RunPlace)
}

extension Trash {
    /// Brings a run back into the history, pinned, so that the next prune does not take it again.
    ///
    /// It comes back to where it was. Where another run has that name now, or an executor is going to use it, it gets the
    /// next one that readers accept.
    ///
    /// - Parameter running: what is in `.running` at this moment.
    package func restore(_ entry: TrashEntry, running: RunningRuns, now: Timestamp) throws(PosixError) -> RestoreOutcome
    {
        guard let runs = try directory(of: entry), let name = entry.path.last, let run = try runs.subdirectory(name)
        else {
            throw PosixError(call: "open", path: "trash/\(entry.description)", code: .noEntry)
        }
        let history = try loops.ensureHistory()
        let original = entry.record.place
        if let identity = entry.record.identity, try HistoryScan.read(original, in: history)?.identity == identity {
            // An executor archived it again meanwhile. A run stands once.
            if let standing = try HistoryScan.directory(of: original, in: history) { try pin(standing) }
            return .alreadyThere(original)
        }
        // Pinned before it can be seen: a prune may come between.
        try pin(run)
        for place in places(for: entry.record, avoiding: running) {
            let parent = place.layout == .flat ? history : try history.ensureDirectory(place.components[0])
            do {
                try runs.rename(name, into: parent, as: place.runName, .notReplacing)
            } catch  where error.code == .exists || error.code == .notEmpty {
                continue
            }
            try parent.sync()
            try history.sync()
            try runs.sync()
            if let note = TrashName.appending(TrashName.note, to: name) { _ = try? runs.unlink(note) }
            try removeEmptyDirectories(of: entry)
            var record = entry.record
            (record.change, record.time, record.place, record.entry) = (.restored, now, place, nil)
            try PruneLog(loops).append(record)
            return .restored(place)
        }
        throw PosixError(call: "rename", path: "\(history.path)/\(original)", code: .exists)
    }

    /// The original place first, then those beside the run's canonical name.
    private func places(for record: PruneRecord, avoiding running: RunningRuns) -> [RunPlace] {
        let taken = running.canonicalPlaces
        let names = RunNames(loop: record.loop, runID: record.runID, layout: record.place.layout)
        let aside = (1...1000).compactMap { names.aside(Int64($0))?.place }
        return ([record.place] + aside).filter { !taken.contains($0) }
    }

    private func pin(_ run: any Directory) throws(PosixError) {
        do {
            try run.createFile(.keep, mode: 0o600).close()
            try run.sync()
        } catch  where error.code == .exists {
            // A person had pinned it.
        }
    }
}

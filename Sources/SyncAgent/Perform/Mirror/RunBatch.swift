import LoopModel
import LoopStore
import SyncCore

/// Publishes many runs of which the mirror has nothing yet, with two syncs of its file system in place of five for each
/// run.
///
/// A run is as safe as one that comes alone: all its bytes and names are durable before the rename that shows it. What is
/// not ours on that file system is made durable with it, which can take as long as there is of it; so the agent, which has
/// live runs to serve, does not work in batches. Whatever is not simple is left out, for the caller to publish alone.
struct RunBatch {
    /// A run to publish.
    struct Run: Sendable {
        var place: RunPlace
        var source: any Directory
        var sealed: RunSealing.Sealed
        /// A name that this process has not used yet in the scratch directory.
        var name: FileName
    }

    let root: any Directory
    let scratch: any Directory
    /// How to go through the runs.
    let spreading: Spreading

    /// - Returns: the runs that stand in the mirror now, durably, with how many bytes were written for each.
    func publish(_ runs: [Run]) throws(PosixError) -> [(run: Run, bytes: Int64)] {
        var staged: [(run: Run, bytes: Int64)] = []
        do throws(PosixError) {
            let copies = Spread.map(runs, by: spreading) { [root, scratch] _, run in
                Result { () throws(PosixError) in try Self.stage(run, root, scratch) }
            }
            for (run, copy) in zip(runs, copies) {
                if let bytes = try copy.get() { staged.append((run, bytes)) }
            }
            try scratch.syncFileSystem()
            var parents: [[FileName]: any Directory] = [:]
            var published: [(run: Run, bytes: Int64)] = []
            for (run, bytes) in staged where try show(run, &parents) { published.append((run, bytes)) }
            try root.syncFileSystem()
            return published
        } catch {
            for run in runs { try? scratch.removeTree(run.name) }
            throw error
        }
    }

    /// Copies a run to where nobody looks yet; its bytes, nil for one that is not what its sums say.
    private static func stage(_ run: Run, _ root: any Directory, _ scratch: any Directory) throws(PosixError) -> Int64?
    {
        var bytes: Int64 = 0
        let publisher = RunPublisher(root: root, scratch: scratch, name: run.name)
        if case .staged = try publisher.stage(from: run.source, run.sealed, &bytes, isDurable: false) { return bytes }
        try scratch.removeTree(run.name)
        return nil
    }

    /// Gives a staged run its name, where nothing has it.
    ///
    /// - Parameter parents: the directories that runs of this batch got their names in, open.
    private func show(_ run: Run, _ parents: inout [[FileName]: any Directory]) throws(PosixError) -> Bool {
        let path = [.history] + run.place.components.dropLast()
        let parent = if let known = parents[path] { known } else { try root.ensure(path) }
        parents[path] = parent
        do throws(PosixError) {
            try scratch.rename(run.name, into: parent, as: run.place.runName, .notReplacing)
            return true
        } catch  where [.exists, .notEmpty].contains(error.code) {
            try scratch.removeTree(run.name)
            return false
        }
    }
}

extension ArchiveMirror {
    /// The next runs of the plan that the mirror has nothing of, where there is more than one and they go in batches.
    var nextBatch: [RunPlace] {
        guard batchSize > 1 else { return [] }
        var places: [RunPlace] = []
        for step in steps.prefix(batchSize) {
            guard case .publish(let place) = step, !lone.contains(place) else { break }
            places.append(place)
        }
        return places.count > 1 ? places : []
    }

    /// Publishes a batch; what was left out, or failed with the others, comes alone later, which tells why.
    func publish(_ places: [RunPlace], in root: any Directory) -> MirrorWorkOutcome {
        lone.formUnion(places)
        // There a sync of the whole file system reaches nobody, and says that all is well.
        guard FileSystemKind.name(of: root) != "fuse" else { return .done([]) }
        guard let published = try? publishTogether(places, in: root) else { return .done([]) }
        return .done(published.map { .published($0.run.place, bytes: $0.bytes) })
    }

    private func publishTogether(_ places: [RunPlace], in root: any Directory) throws(PosixError)
        -> [(run: RunBatch.Run, bytes: Int64)]
    {
        guard let history = try loops.history() else { return [] }
        let staging = try scratch.open(in: root)
        try discardAttempts(in: staging)
        let copies = try root.ensure([.history])
        var runs: [RunBatch.Run] = []
        let sources = Spread.map(places, by: spreading) { _, place in
            Result { () throws(PosixError) in
                try HistoryScan.directory(of: place, in: copies) == nil ? RunSealing.seal(of: place, in: history) : nil
            }
        }
        for (place, answer) in zip(places, sources) {
            guard let source = try answer.get(), let sealed = source.sealed, try isIncluded(place) else { continue }
            counter += 1
            guard let name = FileName("\(Self.attempt)\(counter)") else { continue }
            runs.append(RunBatch.Run(place: place, source: source.directory, sealed: sealed, name: name))
        }
        let published = try RunBatch(root: root, scratch: staging, spreading: spreading).publish(runs)
        for (run, _) in published { settle(run.place, run.sealed, .step(.publish(run.place))) }
        let pairs = published.map { SettledPair($0.run.place, $0.run.sealed) }
        baseline?.settled(pairs, in: history, copies, isOwn: true)
        return published
    }
}

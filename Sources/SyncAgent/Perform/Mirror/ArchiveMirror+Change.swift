import LoopModel
import LoopStore
import SyncCore

extension ArchiveMirror {
    func change(_ work: MirrorWork, _ root: any Directory, _ now: Timestamp) throws(PosixError) -> MirrorWorkOutcome {
        switch work {
        case .list, .compare: return .done([])
        case .publishTogether(let places): return publish(places, in: root)
        case .bring(let place):
            return try bring(place, root, now, isPlanned: false, work)
        case .step(let step):
            switch step {
            case .publish(let place), .replace(let place):
                return try bring(place, root, now, isPlanned: true, work)
            case .rename(let from, let to):
                let moved = try rename(from, to, root)
                finish(work)
                return .done(moved ? [.renamed(from: from, to: to)] : [])
            case .setAside(let place):
                try setAside(place, root)
                finish(work)
                return .done([.setAside(place)])
            case .removePruned(let place, let seal):
                let removed = try remove(place, seal, root, now)
                finish(work)
                return .done(removed ? [.removed(place)] : [])
            case .removeDouble(let place, let home):
                // Only when the run stands whole where it belongs.
                if index[home] != nil { try handOver(from: place, to: home, in: root) }
                let removed = index[home] == nil ? false : try remove(place, nil, root, now)
                if removed { tell(.doubled(place, of: home)) }
                finish(work)
                return .done(removed ? [.removed(place)] : [])
            }
        }
    }

    /// Publishes a run, or replaces the copy that is there, unless it is there already.
    private func bring(
        _ place: RunPlace,
        _ root: any Directory,
        _ now: Timestamp,
        isPlanned: Bool,
        _ work: MirrorWork
    ) throws(PosixError) -> MirrorWorkOutcome {
        guard let source = try RunSealing.seal(of: place, in: loops.history()), let sealed = source.sealed,
            try isIncluded(place)
        else {
            // Gone, or not taken over by the archiver yet: then it comes again.
            finish(work)
            return .done([])
        }
        let copy = try RunSealing.seal(of: place, in: root.subdirectory(.history))
        if let copy, copy.sealed?.seal == sealed.seal {
            // Its name may be new: whoever gave it may have failed at the sync.
            try root.subdirectory(.history)?.descend(place.components.dropLast())?.sync()
            settle(place, sealed, work)
            return .done([])
        }
        if !isPlanned, let copy, try isAnotherRun(place, copy.directory, source.directory) {
            // Only the whole picture tells whether that run stands elsewhere in the history now.
            rescan()
            finish(work)
            return .done([])
        }
        let staging = try scratch.open(in: root)
        if counter == 0 { try discardAttempts(in: staging) }
        counter += 1
        let publisher = RunPublisher(
            root: root,
            scratch: staging,
            name: FileName("\(Self.attempt)\(counter)") ?? .history
        )
        var notices: [MirrorNotice] = []
        defer { self.notices += notices }
        let publication = try publisher.publish(
            place,
            from: source.directory,
            sealed,
            notices: &notices
        )
        switch publication {
        case .published(let bytes):
            settled(place, sealed, try loops.history(), try root.subdirectory(.history), work)
            return .done([copy == nil ? .published(place, bytes: bytes) : .replaced(place, bytes: bytes)])
        case .unsound(let why):
            return postpone(place, why, now, work)
        }
    }

    /// Discards what an earlier mirror of this very process staged and could not remove.
    ///
    /// The lock on the mirror is held, so that nobody is putting a run together there.
    func discardAttempts(in staging: any Directory) throws(PosixError) {
        for entry in try staging.entries() where entry.name.bytes.starts(with: Self.attempt.utf8) {
            try staging.removeTree(entry.name)
        }
    }

    /// Waits for a source that differs from its sums.
    ///
    /// An executor may be archiving over it this moment, and the archiver will renew the sums. What stays so is damage.
    private func postpone(_ place: RunPlace, _ why: String, _ now: Timestamp, _ work: MirrorWork) -> MirrorWorkOutcome {
        let attempts = (postponed[place]?.attempts ?? 0) + 1
        finish(work)
        guard attempts < 6 else {
            fail(place, why)
            tell(.damagedSource(place, why))
            return .failed(place, "\(place) differs from its SHA256SUMS (\(why)); see loopsync verify")
        }
        let at = now + .seconds(1 << attempts)
        let reason = "\(place) differs from its SHA256SUMS (\(why))"
        postponed[place] = Postponed(attempts: attempts, at: at, why: "\(reason); see loopsync verify")
        return .retryLater(reason, at: at)
    }

    /// Notes a run that was just written.
    private func settled(
        _ place: RunPlace,
        _ sealed: RunSealing.Sealed,
        _ history: (any Directory)?,
        _ copies: (any Directory)?,
        _ work: MirrorWork
    ) {
        settle(place, sealed, work)
        guard let baseline, let history, let copies else { return }
        baseline.settled([SettledPair(place, sealed)], in: history, copies, isOwn: true)
    }

    func settle(_ place: RunPlace, _ sealed: RunSealing.Sealed, _ work: MirrorWork) {
        finish(work)
        stands(place, sums: sealed.seal.sums)
    }

    func finish(_ work: MirrorWork) {
        switch work {
        case .list, .compare, .publishTogether: break
        case .bring(let place):
            urgent.removeAll { $0 == place }
            postponed[place] = nil
        case .step(let step):
            switch steps.firstIndex(of: step) {
            case steps.startIndex?: steps.removeFirst()
            case let index?: steps.remove(at: index)
            case nil: break
            }
        }
    }

    func isIncluded(_ place: RunPlace) throws(PosixError) -> Bool {
        guard !filter.isAll else { return true }
        guard let history = try loops.history(), let run = try HistoryScan.read(place, in: history) else {
            return false
        }
        return filter.includes(run.loop)
    }

    private func isAnotherRun(
        _ place: RunPlace,
        _ copy: any Directory,
        _ source: any Directory
    ) throws(PosixError) -> Bool {
        guard let there = try HistoryScan.identity(of: copy), let here = try HistoryScan.identity(of: source) else {
            return false
        }
        return there != here
    }

    private func rename(_ from: RunPlace, _ to: RunPlace, _ root: any Directory) throws(PosixError) -> Bool {
        guard let history = try root.subdirectory(.history),
            let parent = try history.descend(from.components.dropLast()),
            try parent.status(of: from.runName)?.kind == .directory
        else { return false }
        // Something may stand there by now; then both are left to the next comparison.
        let target = try history.ensure(to.components.dropLast())
        guard try target.status(of: to.runName) == nil else {
            rescan()
            return false
        }
        try parent.rename(from.runName, into: target, as: to.runName, .notReplacing)
        try target.sync()
        try parent.sync()
        index[to] = index[from]
        index[from] = nil
        return true
    }

    private func setAside(_ place: RunPlace, _ root: any Directory) throws(PosixError) {
        guard let history = try root.subdirectory(.history),
            let parent = try history.descend(place.components.dropLast())
        else { return }
        index[place] = nil
        let kept = try MirrorConflicts.keep(
            place.runName,
            of: parent,
            in: root,
            below: [FileName(literal: "history")] + place.components.dropLast()
        )
        try parent.sync()
        if let kept { tell(.displaced(place, keptAs: kept)) }
    }

    /// Moves a run into the mirror's trash, when it is still the one that was meant.
    private func remove(
        _ place: RunPlace,
        _ expected: RunSeal?,
        _ root: any Directory,
        _ now: Timestamp
    ) throws(PosixError) -> Bool {
        guard let history = try root.subdirectory(.history),
            let copy = try RunSealing.seal(of: place, in: history),
            let parent = try history.descend(place.components.dropLast())
        else { return false }
        if let expected, copy.sealed?.seal != expected { return false }
        // It may have been archived or restored again since the plan was made.
        if let here = try loops.history(), try HistoryScan.directory(of: place, in: here) != nil { return false }
        try MirrorTrash.take(place, from: parent, in: root, now: now)
        index[place] = nil
        return true
    }
    /// Moves what somebody put beside a double over to the run, since what goes into the trash goes for good in time.
    private func handOver(
        from place: RunPlace,
        to home: RunPlace,
        in root: any Directory
    ) throws(PosixError) {
        guard let history = try root.subdirectory(.history),
            let double = try RunSealing.seal(of: place, in: history), let sealed = double.sealed,
            let run = try HistoryScan.directory(of: home, in: history)
        else { return }
        for entry in try double.directory.entries()
        where entry.name != .sums && sealed.sums.checksums[entry.name] == nil {
            guard try run.status(of: entry.name) == nil else { continue }
            try double.directory.rename(entry.name, into: run, as: entry.name, .notReplacing)
        }
        try run.sync()
    }
}

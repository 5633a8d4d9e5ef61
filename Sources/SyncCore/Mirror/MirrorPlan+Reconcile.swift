import LoopModel

extension MirrorPlan {
    /// Compares the history with the mirror's.
    ///
    /// Pairs that are equal may be left out on both sides; they lead to no step.
    ///
    /// - Parameters:
    ///   - source: runs of the history.
    ///   - mirror: runs of the mirror.
    ///   - pruned: what this agent removed from the history by its policy.
    ///   - deletions: what becomes of those in the mirror.
    package static func reconcile(
        source: [SourceRun],
        mirror: [MirroredRun],
        pruned: [PrunedRun],
        deletions: MirrorDeletions
    ) -> MirrorPlan {
        var reconciler = Reconciler(source: source, mirror: mirror)
        reconciler.rename()
        reconciler.write()
        reconciler.explainOrphans(pruned: pruned, deletions: deletions)
        return reconciler.plan
    }
}

private struct Reconciler {
    var plan = MirrorPlan()
    private let sources: [RunPlace: SourceRun]
    private let placesByIdentity: [RunIdentity: RunPlace]
    /// The mirror as it will be after the steps so far.
    private var copies: [RunPlace: MirroredRun]

    init(source: [SourceRun], mirror: [MirroredRun]) {
        sources = Dictionary(source.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
        placesByIdentity = Dictionary(
            source.compactMap { run in run.identity.map { ($0, run.place) } },
            uniquingKeysWith: { first, _ in first }
        )
        copies = Dictionary(mirror.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Runs that the mirror should have and has not as they are, in order.
    private var wanted: [SourceRun] {
        sources.values.filter { $0.isIncluded && $0.seal != nil && copies[$0.place]?.seal != $0.seal }
            .sorted { $0.place < $1.place }
    }

    /// Whether a copy is the run that stands at its place in the history.
    private func isAtHome(_ copy: MirroredRun) -> Bool {
        guard let source = sources[copy.place] else { return false }
        return source.seal == copy.seal || source.identity == copy.identity
    }

    /// Moves copies to where their runs stand now, as long as a place is free.
    ///
    /// Two runs that changed places are left to `write`, which puts each one's bytes where they belong.
    mutating func rename() {
        var moved = true
        while moved {
            moved = false
            let strays = copies.values.filter { !isAtHome($0) }.sorted { $0.place < $1.place }
            for copy in strays {
                guard let identity = copy.identity, let home = placesByIdentity[identity], home != copy.place,
                    sources[home]?.isIncluded == true, sources[home]?.seal != nil, copies[home] == nil
                else { continue }
                plan.steps.append(.rename(from: copy.place, to: home))
                copies[copy.place] = nil
                copies[home] = MirroredRun(place: home, seal: copy.seal, identity: identity)
                moved = true
            }
        }
    }

    mutating func write() {
        for run in wanted {
            guard let copy = copies[run.place] else {
                plan.steps.append(.publish(run.place))
                continue
            }
            if let identity = copy.identity, identity != run.identity, placesByIdentity[identity] == nil {
                // What would be overwritten is nowhere else.
                plan.steps += [.setAside(run.place), .publish(run.place)]
            } else {
                plan.steps.append(.replace(run.place))
            }
        }
        plan.unsealed = sources.values.filter { $0.isIncluded && $0.seal == nil }.map(\.place).sorted()
    }

    mutating func explainOrphans(pruned: [PrunedRun], deletions: MirrorDeletions) {
        let records = Dictionary(grouping: pruned, by: \.place)
        for copy in copies.values.filter({ sources[$0.place] == nil }).sorted(by: { $0.place < $1.place }) {
            if let home = copy.identity.flatMap({ placesByIdentity[$0] }) {
                // A run that is not mirrored under its own name keeps this copy, whatever it is called.
                guard sources[home]?.isIncluded == true, sources[home]?.seal != nil else { continue }
                plan.steps.append(.removeDouble(copy.place, of: home))
            } else if records[copy.place]?.contains(where: {
                $0.isCopy(sums: copy.seal?.sums, identity: copy.identity)
            }) == true {
                switch deletions {
                case .keep: plan.kept.append(copy.place)
                case .follow: plan.steps.append(.removePruned(copy.place, copy.seal))
                }
            } else {
                plan.vanished.append(copy.place)
            }
        }
    }
}

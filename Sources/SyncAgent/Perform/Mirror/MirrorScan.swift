import LoopModel
import LoopStore
import SyncCore

/// One comparison of the history with the mirror's, in pieces.
///
/// Pairs that are equal by their sums and sizes are settled at once and not held in memory; nothing of them is read.
final class MirrorScan {
    private static let batch = 64

    private enum Phase {
        /// Each run of the history with its copy.
        case compare
        /// What only the mirror has.
        case orphans
        /// Whether such a run stands in the history under another name.
        case identities
    }

    private var phase = Phase.compare
    private let places: [RunPlace]
    private var queue: ArraySlice<RunPlace>
    /// Places that the history has not, or no longer: what the mirror has there is an orphan.
    private var others: Set<RunPlace>
    private var source: [SourceRun] = []
    private var mirror: [MirroredRun] = []
    private var orphanIdentities: Set<RunIdentity> = []
    /// nil where that cannot be read: then nobody knows why the mirror has what the history has not.
    private let pruned: [RunPlace: [PrunedRun]]?
    /// What could not be looked into in the mirror, by the loop's or the run's name.
    private var hidden: [FileName: PosixError] = [:]
    /// What could not be compared, and why: it is left out on both sides.
    private var unreadable: [RunPlace: String] = [:]

    init(_ owner: ArchiveMirror, _ root: any Directory) throws(PosixError) {
        let copies = try root.subdirectory(.history)
        let history = try owner.loops.history()
        let list = {
            @Sendable (directory: (any Directory)?) -> Result<(places: [RunPlace], hidden: [PosixError]), PosixError> in
            var hidden: [PosixError] = []
            guard let directory else { return .success(([], [])) }
            do throws(PosixError) {
                return .success((try HistoryScan.places(in: directory, unreadable: &hidden), hidden))
            } catch {
                return .failure(error)
            }
        }
        // Who has a catalogue has a long history.
        let lists =
            owner.baseline == nil
            ? (list(history), list(copies)) : Parallel.both({ list(history) }, { list(copies) })
        let (here, hiddenHere) = try lists.0.get()
        let (there, hiddenThere) = try lists.1.get()
        places = here.filter { !$0.isConflictCopy }
        for error in hiddenHere + hiddenThere { unreadable[RunPlace(hiddenBy: error)] = "\(error)" }
        for error in hiddenThere { hidden[RunPlace(hiddenBy: error).runName] = error }
        for place in there where place.isConflictCopy {
            owner.tell(.conflictCopy(path: "\(root.path)/.history/\(place)"))
        }
        others = Set(Self.missing(from: here, of: there).filter { !$0.isConflictCopy })
        queue = places[...]
        owner.index.reserveCapacity(places.count)
        do {
            pruned = Dictionary(grouping: try owner.pruned(), by: \.place)
        } catch {
            unreadable[RunPlace(flat: .own)] = "\(error): what was pruned is not known"
            pruned = nil
        }
    }

    /// What the one of two sorted lists has and the other has not.
    private static func missing(from list: [RunPlace], of other: [RunPlace]) -> [RunPlace] {
        var rest = list[...]
        return other.filter { place in
            rest = rest.drop { $0 < place }
            return rest.first != place
        }
    }

    /// How many runs the history has.
    var count: Int { places.count }

    /// How many runs are still to be looked at.
    var remaining: Int { queue.count }

    /// Looks at the next runs; the plan, when all were seen.
    func advance(_ owner: ArchiveMirror, _ root: any Directory) throws(PosixError) -> MirrorPlan? {
        let history = try owner.loops.history()
        let copies = try root.subdirectory(.history)
        for _ in 0..<Self.batch {
            guard let place = queue.first else {
                guard nextPhase() else {
                    var plan = MirrorPlan.reconcile(
                        source: source,
                        mirror: mirror,
                        pruned: pruned?.values.flatMap { $0 } ?? [],
                        deletions: owner.deletions
                    )
                    if pruned == nil { plan.vanished = [] }
                    plan.unreadable = unreadable
                    return plan
                }
                continue
            }
            look(at: place, owner, history, copies)
            queue = queue.dropFirst()
        }
        return nil
    }

    /// Looks at one run; one that cannot be read keeps no other from the mirror.
    private func look(
        at place: RunPlace,
        _ owner: ArchiveMirror,
        _ history: (any Directory)?,
        _ copies: (any Directory)?
    ) {
        do throws(PosixError) {
            switch phase {
            case .compare: try compare(place, owner, history, copies)
            case .orphans: try readOrphan(place, history, copies)
            case .identities: try readIdentity(place, owner, history)
            }
        } catch {
            unreadable[place] = "\(error)"
            // Whether it is mirrored is not known any more; it is not among `others`, so that its copy is no orphan.
            owner.index[place] = nil
        }
    }

    private func nextPhase() -> Bool {
        switch phase {
        case .compare:
            phase = .orphans
            queue = others.sorted()[...]
            return true
        case .orphans:
            phase = .identities
            // Only where the mirror has a run that the history lacks there, and that may be a settled one's double.
            queue = orphanIdentities.isEmpty ? [] : places[...]
            return true
        case .identities:
            return false
        }
    }

    private func compare(
        _ place: RunPlace,
        _ owner: ArchiveMirror,
        _ history: (any Directory)?,
        _ copies: (any Directory)?
    ) throws(PosixError) {
        guard let history else {
            others.insert(place)
            return
        }
        if let copies, hidden[place.components[0]] == nil,
            let digest = owner.baseline?.digest(of: place, in: history, copies)
        {
            owner.index[place] = digest
            return
        }
        guard let directory = try HistoryScan.directory(of: place, in: history) else {
            // It has gone since the lists were made.
            others.insert(place)
            return
        }
        // Its copy may be among what is hidden, be it under another name.
        if let error = hidden[place.components[0]] { throw error }
        var copy: (any Directory)?
        if let copies { copy = try HistoryScan.directory(of: place, in: copies) }
        if let copy, let copies {
            let isClean = try report(copy, owner)
            if let pair = try RunSealing.pairIfEqual(place, directory, copy) {
                owner.index[place] = pair.sums
                // What is told of each time is looked at each time.
                if isClean { owner.baseline?.settled([pair], in: history, copies, isOwn: false) }
                return
            }
            owner.baseline?.forget(place)
        }
        let here = (directory: directory, sealed: try RunSealing.read(directory))
        let run = SourceRun(
            place: place,
            seal: here.sealed?.seal,
            // Where there is no mirror yet, none of its runs can be this one under another name.
            identity: try copies == nil ? nil : HistoryScan.identity(of: here.directory),
            isIncluded: try owner.isIncluded(place)
        )
        var mirrored: MirroredRun?
        if let copy {
            mirrored = MirroredRun(
                place: place,
                seal: try RunSealing.read(copy)?.seal,
                identity: try HistoryScan.identity(of: copy)
            )
        }
        owner.index[place] = nil
        source.append(run)
        guard let mirrored else { return }
        mirror.append(mirrored)
        if let identity = mirrored.identity { orphanIdentities.insert(identity) }
    }

    private func readOrphan(
        _ place: RunPlace,
        _ history: (any Directory)?,
        _ copies: (any Directory)?
    ) throws(PosixError) {
        // Where the history cannot be looked into, nobody knows that the run is gone from there; what its list lacked
        // because of that is compared the next time.
        if let history, try HistoryScan.directory(of: place, in: history) != nil { return }
        guard let there = try RunSealing.seal(of: place, in: copies) else { return }
        let seal = there.sealed?.seal
        let isPruned = pruned?[place]?.contains { $0.isCopy(sums: seal?.sums, identity: nil) } == true
        let identity = try isPruned ? nil : HistoryScan.identity(of: there.directory)
        mirror.append(MirroredRun(place: place, seal: seal, identity: identity))
        if let identity { orphanIdentities.insert(identity) }
    }

    private func readIdentity(
        _ place: RunPlace,
        _ owner: ArchiveMirror,
        _ history: (any Directory)?
    ) throws(PosixError) {
        // Those that are not settled are known already.
        guard let sums = owner.index[place], let history,
            let directory = try HistoryScan.directory(of: place, in: history),
            let identity = try HistoryScan.identity(of: directory), orphanIdentities.contains(identity)
        else { return }
        let seal = RunSeal(sums: sums, sizes: [])
        source.append(SourceRun(place: place, seal: seal, identity: identity))
        mirror.append(MirroredRun(place: place, seal: seal, identity: identity))
    }

    /// Tells of conflict copies; whether there is none.
    private func report(_ directory: any Directory, _ owner: ArchiveMirror) throws(PosixError) -> Bool {
        var isClean = true
        // A run has its own where two contents contradicted each other.
        for entry in try directory.entries() where ConflictCopy.isOne(entry.name) && !Beside.isOne(entry.name) {
            isClean = false
            owner.tell(.conflictCopy(path: "\(directory.path)/\(entry.name)"))
        }
        return isClean
    }
}

extension RunPlace {
    /// Stands for all runs that an error hides: by the name of what could not be read.
    fileprivate init(hiddenBy error: PosixError) {
        let name = error.path.utf8.split(separator: UInt8(ascii: "/")).last ?? []
        self.init(flat: FileName(Array(name)) ?? .history)
    }

    /// Whether a sync client named a part of it.
    var isConflictCopy: Bool {
        components.contains(where: ConflictCopy.isOne)
    }
}

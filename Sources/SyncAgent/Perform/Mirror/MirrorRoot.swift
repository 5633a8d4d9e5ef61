package import LoopModel
package import LoopStore
package import SyncCore

/// A mirror that may be written to now.
package struct OpenMirror: Sendable {
    /// The directory `<sync>/<namespace>`.
    ///
    /// Not to be kept longer than a batch of work: an open directory keeps a disk from being unmounted, and after that
    /// it would be the wrong one.
    package var root: any Directory
    package var namespace: [FileName]
    package var marker: MirrorMarker
    package var fileSystem: FileSystemSeen
    /// Whether this process made the mirror.
    package var isFirstUse: Bool
    /// Changes whenever the directory may be another than before.
    package var generation: Int
}

/// Whether the mirror may be used.
package enum MirrorStanding: Sendable {
    case open(OpenMirror)
    case suspended(MirrorSuspension)
}

/// What a look at the sync directory finds, without making or changing anything there.
package enum MirrorSight: Sendable {
    /// There is a mirror of ours.
    case made
    /// There is none, and the first use would make it.
    case unmade
    case suspended(MirrorSuspension)
}

/// Finds the mirror of one `.loops` in the sync directory and makes sure, before each batch of work, that it still is.
package final class MirrorRoot {
    /// The sync directory as configured.
    package let syncPath: String
    private let loops: LoopsDirectory
    private let template: NamespaceTemplate
    private let owner: MirrorOwner
    private let environment: MirrorEnvironment
    private let scratch: MirrorScratch
    private var known: Known?
    private var generation = 0
    /// What happened at the last opening that a person may want to know.
    private var notices: [MirrorNotice] = []

    private struct Known {
        var namespace: [FileName]
        var marker: MirrorMarker
        var markerStatus: FileStatus
        var fileSystem: FileSystemSeen
        var isFirstUse: Bool
    }

    /// A mirror that was not looked for yet.
    package init(
        loops: LoopsDirectory,
        syncPath: String,
        template: NamespaceTemplate,
        owner: MirrorOwner,
        environment: MirrorEnvironment
    ) {
        self.loops = loops
        self.syncPath = syncPath
        self.template = template
        self.owner = owner
        self.environment = environment
        scratch = MirrorScratch(machine: owner.machine, process: environment.process)
    }

    /// Looks whether the mirror is still the one it was, in about ten calls of the system, and finds it anew when not.
    package func check(now: Timestamp) -> MirrorStanding {
        if let known, let sync = try? environment.open(syncPath), let root = try? sync.descend(known.namespace),
            let status = try? root.status(of: .mirrorMarker), status.isUnchanged(since: known.markerStatus)
        {
            return .open(open(known, root))
        }
        return find(now: now)
    }

    /// Looks for the mirror and changes nothing; the marker tells, also where the memory was lost.
    package func look() -> MirrorSight { glimpse().sight }

    /// The same, with the mirror's directory where there is one; only to be read.
    package func glimpse() -> (sight: MirrorSight, root: (any Directory)?) {
        let ours = rememberedMirrors().filter(isOurs).first { $0.syncPath == syncPath }
        let (view, sync) = search.look(ours)
        switch decide(ours, view, isAdopting: false) {
        case .open(let namespace, _): return (.made, (try? sync?.descend(namespace)) ?? nil)
        case .create: return (.unmade, nil)
        case .suspended(let suspension): return (.suspended(suspension), nil)
        }
    }

    private func decide(_ ours: RememberedMirror?, _ view: SyncView, isAdopting: Bool) -> MirrorDecision {
        MirrorDecision.decide(
            owner: owner,
            syncPath: syncPath,
            remembered: ours,
            candidates: search.candidates,
            view: view,
            isAdopting: isAdopting
        )
    }

    /// Finds the mirror, or makes it at its first use.
    ///
    /// - Parameter isAdopting: a person said that what is there now is the mirror (`loopsync mirror --adopt`).
    package func find(now: Timestamp, isAdopting: Bool = false) -> MirrorStanding {
        known = nil
        var remembered = rememberedMirrors().filter(isOurs)
        // Another agent may take the same candidate between the look and our marker; then the next one is free.
        for _ in 0..<NamespaceTemplate.candidates {
            let ours = remembered.first { $0.syncPath == syncPath }
            let (view, sync) = search.look(ours)
            switch decide(ours, view, isAdopting: isAdopting) {
            case .suspended(let suspension): return .suspended(suspension)
            case .open(let namespace, let marker):
                guard let sync else { continue }
                do {
                    let marker = try renewed(marker, namespace, sync)
                    return try use(namespace, marker, sync, view, &remembered, isFirstUse: false, now: now)
                } catch {
                    return .suspended(suspension(.unreachable("\(error)", isDenied: error.isDenied), ours, view))
                }
            case .create(let namespace, let isFirstUse):
                guard let sync else { continue }
                do {
                    guard let lock = try MirrorLock.acquire(loops, waiting: environment.patience) else {
                        return .suspended(suspension(.unreachable("another loopsync is at work on it"), ours, view))
                    }
                    defer { withExtendedLifetime(lock) {} }
                    let latest = rememberedMirrors().filter(isOurs)
                    guard latest == remembered else {
                        remembered = latest
                        continue
                    }
                    let marker = try make(namespace, in: sync, isAdopting: isAdopting, now: now)
                    guard let marker else { continue }
                    return try use(namespace, marker, sync, view, &remembered, isFirstUse: isFirstUse, now: now)
                } catch {
                    return .suspended(suspension(.notWritable("\(error)"), ours, view))
                }
            }
        }
        let error = PosixError(call: "rename", path: syncPath, code: .exists)
        return .suspended(suspension(.notWritable("\(error)"), nil, .missing))
    }

    /// What happened since the last call.
    package func takeNotices() -> [MirrorNotice] {
        defer { notices = [] }
        return notices
    }

    private var search: MirrorSearch {
        MirrorSearch(
            syncPath: syncPath,
            candidates: (0..<NamespaceTemplate.candidates).map { template.candidate($0, for: owner) },
            owner: owner,
            environment: environment
        )
    }

    private func open(_ known: Known, _ root: any Directory) -> OpenMirror {
        OpenMirror(
            root: root,
            namespace: known.namespace,
            marker: known.marker,
            fileSystem: known.fileSystem,
            isFirstUse: known.isFirstUse,
            generation: generation
        )
    }

    private func isOurs(_ memory: RememberedMirror) -> Bool {
        !isOtherMachines(memory) && !isCopied(memory)
    }

    /// Whether another machine that shares this `.loops` remembers it: it has a mirror of its own.
    private func isOtherMachines(_ memory: RememberedMirror) -> Bool {
        !memory.machine.isEmpty && memory.machine != owner.machine
    }

    /// Whether the memory came with a copy of the project, whose original is still there and has the mirror.
    private func isCopied(_ memory: RememberedMirror) -> Bool {
        guard memory.loopsPath != owner.loopsPath, let original = try? environment.open(memory.loopsPath),
            let status = try? original.status(), let here = try? loops.root.status()
        else { return false }
        // One directory under two paths is no copy.
        return status.identity != here.identity && (try? original.status(of: .own)) != nil
    }

    private func suspension(
        _ reason: MirrorSuspension.Reason,
        _ remembered: RememberedMirror?,
        _ view: SyncView
    ) -> MirrorSuspension {
        var isOn: FileSystemSeen?
        if case .directory(let fileSystem, _, _) = view { isOn = fileSystem }
        return MirrorSuspension(syncPath: syncPath, reason: reason, remembered: remembered, isOn: isOn)
    }
}

// MARK: - Making and using

extension MirrorRoot {
    /// Makes the mirror's directory with its marker; nil where another was quicker.
    private func make(
        _ namespace: [FileName],
        in sync: any Directory,
        isAdopting: Bool,
        now: Timestamp
    ) throws(PosixError) -> MirrorMarker? {
        let marker = MirrorMarker(
            id: environment.makeID(),
            machine: owner.machine,
            host: owner.host,
            loopsPath: owner.loopsPath,
            created: now.iso.string
        )
        // Runs hold prompts and command output: as private as can be, and whoever wants to share it opens it up.
        let parent = try sync.ensure(namespace.dropLast(), mode: 0o700)
        guard let last = namespace.last else { return nil }
        let root = try parent.ensureDirectory(last, mode: 0o700)
        try parent.sync()
        return try write(marker, in: root, isAdopting ? .replacing : .notReplacing) ? marker : nil
    }

    /// Writes a marker; false where one is there and must not be replaced.
    private func write(_ marker: MirrorMarker, in root: any Directory, _ mode: RenameMode) throws(PosixError) -> Bool {
        let scratch = try scratch.open(in: root)
        // Two threads of one process may come here at once.
        let name = FileName("marker-\(environment.makeID())") ?? FileName(literal: "marker")
        let file = try scratch.createFile(name, mode: 0o600)
        try file.write(marker.serialized(), at: 0)
        try file.sync()
        try file.close()
        do {
            try scratch.rename(name, into: root, as: .mirrorMarker, mode)
        } catch  where error.code == .exists {
            try scratch.unlink(name)
            return false
        }
        try root.sync()
        return true
    }

    /// The marker of a mirror that its id makes ours, with the place where the project is now: it may have moved.
    private func renewed(
        _ marker: MirrorMarker,
        _ namespace: [FileName],
        _ sync: any Directory
    ) throws(PosixError) -> MirrorMarker {
        var renewed = marker
        renewed.machine = owner.machine
        renewed.host = owner.host
        renewed.loopsPath = owner.loopsPath
        guard renewed != marker, let root = try sync.descend(namespace) else { return marker }
        _ = try write(renewed, in: root, .replacing)
        return renewed
    }

    private func use(
        _ namespace: [FileName],
        _ marker: MirrorMarker,
        _ sync: any Directory,
        _ view: SyncView,
        _ remembered: inout [RememberedMirror],
        isFirstUse: Bool,
        now: Timestamp
    ) throws(PosixError) -> MirrorStanding {
        guard case .directory(let fileSystem, _, _) = view, let root = try sync.descend(namespace),
            let status = try root.status(of: .mirrorMarker)
        else { throw PosixError(call: "open", path: syncPath, code: .noEntry) }
        _ = try root.ensureDirectory(.history)
        _ = try root.ensureDirectory(.running)
        // Who made the mirror may have been killed before the marker was durable. Without it after a loss of power nothing
        // but a person could say that the mirror is ours.
        try makeDurable(root, namespace, in: sync)
        // What cannot be discarded now is in nobody's way.
        try? scratch.discardLeftovers(
            in: root,
            now: now.microseconds * 1000,
            isAlive: environment.isAlive
        )
        let memory = RememberedMirror(
            syncPath: syncPath,
            namespace: namespace,
            id: marker.id,
            created: marker.created,
            loopsPath: owner.loopsPath,
            machine: owner.machine,
            fileSystem: fileSystem
        )
        note(memory, before: remembered.first { $0.syncPath == syncPath }, isFirstUse: isFirstUse)
        if !remembered.contains(memory) {
            remembered = [memory] + remembered.filter { $0.syncPath != syncPath }.prefix(7)
            remember(remembered + rememberedMirrors().filter(isOtherMachines).prefix(8))
        }
        generation += 1
        let known = Known(
            namespace: namespace,
            marker: marker,
            markerStatus: status,
            fileSystem: fileSystem,
            isFirstUse: isFirstUse
        )
        self.known = known
        return .open(open(known, root))
    }

    /// Makes the names durable that lead to a mirror, and those in it.
    private func makeDurable(_ root: any Directory, _ namespace: [FileName], in sync: any Directory) throws(PosixError)
    {
        try root.sync()
        for count in namespace.indices.reversed() { try sync.descend(Array(namespace.prefix(count)))?.sync() }
    }

    private func note(_ memory: RememberedMirror, before: RememberedMirror?, isFirstUse: Bool) {
        let path = ([syncPath] + memory.namespace.map(\.description)).joined(separator: "/")
        if isFirstUse {
            notices.append(.found("mirror made at \(path), on \(memory.fileSystem)"))
        } else if let before, before.namespace != memory.namespace {
            notices.append(.found("the mirror was found again at \(path)"))
        } else if let before, before.id != memory.id {
            notices.append(.found("the mirror at \(path) was adopted (marker \(memory.id))"))
        } else if let before, before.fileSystem != memory.fileSystem {
            notices.append(
                .found("the mirror at \(path) is now on \(memory.fileSystem); it was on \(before.fileSystem)")
            )
        }
    }

    private func rememberedMirrors() -> [RememberedMirror] {
        // A cache: whatever is wrong with it, the markers tell the rest.
        guard let own = try? loops.root.subdirectory(.own),
            let bytes = try? own.contents(of: .mirrorMemory, limit: 1 << 20)
        else { return [] }
        return RememberedMirror.parse(bytes)
    }

    private func remember(_ mirrors: [RememberedMirror]) {
        do {
            let own = try loops.own()
            try discardMemories(of: own)
            // Two threads of one process may come here at once.
            let temporary = FileName.mirrorMemory.appending("-\(environment.process)-\(environment.makeID())")
            do throws(PosixError) {
                let file = try own.createFile(temporary, mode: 0o600)
                try file.write(RememberedMirror.serialize(mirrors), at: 0)
                try file.sync()
                try file.close()
                try own.rename(temporary, into: own, as: .mirrorMemory, .replacing)
            } catch {
                _ = try? own.unlink(temporary)
                throw error
            }
        } catch {
            notices.append(.found("the mirror's place could not be remembered (\(error)); its marker will find it"))
        }
    }
    /// Removes what processes left that were killed while they wrote the memory down.
    private func discardMemories(of own: any Directory) throws(PosixError) {
        for entry in try own.entries() where entry.name.bytes.starts(with: FileName.mirrorMemory.bytes + [0x2D]) {
            let parts = entry.name.bytes.split(separator: UInt8(ascii: "-"))
            guard parts.count == 3, let process = Int32(String(decoding: parts[1], as: UTF8.self)),
                process != environment.process, !environment.isAlive(process)
            else { continue }
            try own.unlink(entry.name)
        }
    }
}

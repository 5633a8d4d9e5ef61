import LoopModel
import LoopStore
import SyncCore

@testable import SyncAgent

/// What must hold once nobody has anything to do any more.
///
/// - Every run that could be seen stands in the history once, with every event its executor wrote and the last state.
/// - Nothing stands there that was no run, and nothing under another run's name.
/// - The sums are those of the files.
/// - The mirror holds the same, live and archived.
/// - Pins and temporary files are gone with their runs.
final class AtRest {
    private let world: World
    private var found: [Problem] = []

    /// What does not hold.
    struct Problem {
        var text: String
        /// Whether the agent looks after it once an hour only, where nobody tells it.
        var isHourly = false
    }

    /// A directory with a run in it.
    struct Archive {
        var path: String
        var inode: Inode
        var events: [UInt8]? { inode.entries[.events]?.bytes }
        var state: [UInt8]? { inode.entries[.state]?.bytes }
    }

    init(_ world: World) {
        self.world = world
    }

    func problems() -> [Problem] {
        let archives = Self.archives(world.files.history)
        if world.hasLostPower {
            kept(archives)
            return found
        }
        runs(archives)
        names(archives)
        sums(archives)
        if world.scenario.hasMirror { mirror(archives) }
        leftovers()
        if world.ledger.runs.contains(where: \.wasCopyCut) {
            // An executor that dies while it copies leaves nothing that tells of it.
            for index in found.indices { found[index].isHourly = true }
        }
        return found
    }

    static func archives(_ history: Inode?) -> [Archive] {
        guard let history else { return [] }
        var archives: [Archive] = []
        func isRun(_ inode: Inode) -> Bool { inode.entries[.events] != nil || inode.entries[.state] != nil }
        for (name, inode) in history.sortedEntries where inode.isDirectory {
            if isRun(inode) { archives.append(Archive(path: "\(name)", inode: inode)) }
            for (below, run) in inode.sortedEntries where run.isDirectory && isRun(run) {
                archives.append(Archive(path: "\(name)/\(below)", inode: run))
            }
        }
        return archives
    }

    /// After a loss of power: executors' own files may be torn in any way, what the agent had archived is there.
    private func kept(_ archives: [Archive]) {
        for run in world.ledger.runs where !run.wasUnseen && !mayBePruned(run) {
            guard let kept = run.kept else { continue }
            let isThere = archives.contains { archive in
                // Beside a torn file that had a pin or a name in `.running`, the archived one stands as the other version.
                archive.inode.sortedEntries.contains {
                    $0.name.bytes.starts(with: "events".utf8)
                        && $0.inode.bytes.starts(with: kept) && run.events.starts(with: $0.inode.bytes)
                }
            }
            if !isThere {
                found.append(Problem(text: "archived, and lost with the power: \(run.loop) number \(run.number)"))
            }
        }
    }

    // MARK: Runs

    private func runs(_ archives: [Archive]) {
        var known: Set<Int> = []
        for run in world.ledger.runs where run.hasBegun && !run.wasTorn {
            let matching = archives.indices.filter { archives[$0].events == run.events }
            known.formUnion(matching)
            let name = "\(run.loop) number \(run.number)"
            if matching.count > 1 {
                found.append(Problem(text: "twice in the history: \(name): \(matching.map { archives[$0].path })"))
            }
            guard let index = matching.first else {
                if !run.wasUnseen, !mayBePruned(run), !mayWait(run) {
                    let near = archives.filter { run.events.starts(with: $0.events ?? []) }.map(\.path)
                    found.append(Problem(text: "lost: \(name)\(near.isEmpty ? "" : "; only part of it is in \(near)")"))
                }
                continue
            }
            let state = archives[index].state
            if run.wasStateUnseen || run.wasUnseen || world.hasSetClock { continue }
            // One of its own it must be all the same.
            if run.wasStateOverwritten, state.map(run.states.contains) ?? true { continue }
            // Archived by what a failing disk gave of it; the next agent takes its time as with any that it finds so.
            if world.hasFaults, mayWait(run) { continue }
            // A truncates before it writes: of one that died in between the state before is worth more than none.
            let isEmptied = run.states.last?.isEmpty == true && state == run.states.last { !$0.isEmpty }
            guard state != run.states.last, !isEmptied, !isAnywhere(run), !run.strays.contains(where: { $0 == state })
            else { continue }
            let place = state.flatMap { state in run.states.lastIndex { $0 == state } }
            found.append(
                Problem(
                    text:
                        "the last state is lost: \(name) has \(place.map { "number \($0) of \(run.states.count)" } ?? "another")"
                )
            )
        }
        let torn = world.ledger.runs.filter { $0.wasTorn || $0.wasUnseen || $0.wasSwept || $0.wasCopyCut }
        for (index, archive) in archives.enumerated() where !known.contains(index) {
            let events = archive.events ?? []
            // Version A archives what a `stop` that was suspended for long wrote after the rest was cleared.
            if archive.events == nil, world.scenario.clears, world.hasLateStop { continue }
            guard !torn.contains(where: { Self.isPart(events, of: $0.events) }) else { continue }
            found.append(Problem(text: "in the history but no run: \(archive.path), \(events.count) bytes of events"))
        }
    }

    /// Whether it is not due yet: a run that was cut short leaves nobody to ask, and is archived after a day.
    ///
    /// B archives it itself, where it then stands unless another run of that second came over it.
    private func mayWait(_ run: SimulatedRun) -> Bool {
        run.wasCutShort && (run.version != .b || run.wasOverwritten) && isInRunning(run)
    }

    /// A names a run whose state it cannot read after the present second, where nobody would look for it, and where it
    /// may mix with whatever stands there.
    private func isAnywhere(_ run: SimulatedRun) -> Bool {
        run.version == .a && run.wasKilled && (run.states.isEmpty || run.states.contains(where: \.isEmpty))
    }

    private func isInRunning(_ run: SimulatedRun) -> Bool {
        world.files.running?.entries.values.contains { $0.owner === run } ?? false
    }

    /// What the policy removed is in the trash.
    private func mayBePruned(_ run: SimulatedRun) -> Bool {
        guard world.scenario.keepsLast != nil else { return false }
        func holds(_ directory: Inode) -> Bool {
            directory.sortedEntries.contains {
                $0.name.bytes.starts(with: "events".utf8) && $0.inode.bytes == run.events
            }
                || directory.sortedEntries.contains { $0.inode.isDirectory && holds($0.inode) }
        }
        return world.files.loops.entries[.own]?.entries[OwnPart.trash.name].map(holds) ?? false
    }

    /// Whether bytes may be what a loss of power, or a sweep of a live run, left of others.
    private static func isPart(_ bytes: [UInt8], of whole: [UInt8]) -> Bool {
        let written = bytes.prefix(while: { $0 != 0 })
        return whole.starts(with: written) || whole.suffix(bytes.count).elementsEqual(bytes)
    }

    /// A run's directory has the name of its own loop, and of a second in which it began.
    private func names(_ archives: [Archive]) {
        for archive in archives {
            guard let run = world.ledger.runs.first(where: { $0.hasBegun && archive.events == $0.events }) else {
                continue
            }
            let isRight = archive.path.hasPrefix("\(run.loop)/") || archive.path.hasSuffix("-\(run.loop)")
            if !isRight { found.append(Problem(text: "under another loop's name: \(archive.path)")) }
            if let state = archive.state, !run.states.contains(state), !run.strays.contains(state), !run.wasTorn,
                !run.wasStateUnseen, !isAnywhere(run), !world.hasLostPins
            {
                let other = world.ledger.runs.first { $0.states.contains(state) }
                found.append(Problem(text: "with another run's state: \(archive.path), number \(other?.number ?? 0)"))
            }
        }
    }

    private func sums(_ archives: [Archive]) {
        guard world.agent != nil, !world.hasLostPins else { return }
        let looker = Looker(world)
        for archive in archives {
            let directory = SimulatedDirectory(looker, archive.inode, .top(archive.path))
            do {
                guard case .success(let sums)? = try SumsFile.stored(in: directory) else {
                    found.append(Problem(text: "without sums: \(archive.path)", isHourly: true))
                    continue
                }
                let damage = try sums.damage(in: directory)
                if !damage.isEmpty {
                    found.append(Problem(text: "the sums are wrong: \(archive.path): \(damage.map(\.name))"))
                }
            } catch {
                found.append(Problem(text: "\(error)"))
            }
        }
    }

    // MARK: The mirror

    private func mirror(_ archives: [Archive]) {
        guard let mirror = world.mirror else {
            if !archives.isEmpty { found.append(Problem(text: "nothing is mirrored", isHourly: true)) }
            return
        }
        let copies = Self.archives(mirror.entries[.history])
        for archive in archives {
            guard let copy = copies.first(where: { $0.path == archive.path }) else {
                found.append(Problem(text: "not mirrored: \(archive.path)", isHourly: true))
                continue
            }
            // A pin is for the side that prunes.
            for (name, file) in archive.inode.sortedEntries where file.kind == .file && name != .keep {
                if copy.inode.entries[name]?.bytes != file.bytes {
                    found.append(
                        Problem(text: "another content in the mirror: \(archive.path)/\(name)", isHourly: true)
                    )
                }
            }
        }
        if world.scenario.keepsLast == nil {
            let paths = Set(archives.map(\.path))
            for copy in copies where !paths.contains(copy.path) {
                found.append(Problem(text: "in the mirror only: \(copy.path)", isHourly: true))
            }
        }
        live(mirror)
    }

    private func live(_ mirror: Inode) {
        let isOfRun: (FileName) -> Bool = { $0.hasSuffix(".events.jsonl") || $0.hasSuffix(".state.json") }
        let copies = mirror.entries[.running]?.sortedEntries.filter { isOfRun($0.name) } ?? []
        let running = world.files.running
        for (name, copy) in copies {
            guard let original = running?.entries[name] else {
                found.append(Problem(text: "live in the mirror, gone from .running: \(name)", isHourly: true))
                continue
            }
            if copy.bytes != original.bytes, !original.bytes.isEmpty {
                found.append(Problem(text: "another content in the live mirror: \(name)", isHourly: true))
            }
        }
        for (name, inode) in running?.sortedEntries ?? [] where isOfRun(name) && !inode.bytes.isEmpty {
            if mirror.entries[.running]?.entries[name] == nil, isMirrorable(inode) {
                found.append(Problem(text: "not in the live mirror: \(name)", isHourly: true))
            }
        }
    }

    private func isMirrorable(_ inode: Inode) -> Bool { inode.owner?.wasTorn != true }

    // MARK: Leftovers

    private func leftovers() {
        guard world.agent != nil, let own = world.files.loops.entries[.own] else { return }
        for part in [OwnPart.staging, .clearing] {
            let names = own.entries[part.name]?.sortedEntries.map(\.name) ?? []
            if !names.isEmpty { found.append(Problem(text: "left in .loopsync/\(part): \(names)")) }
        }
        for (name, pin) in own.entries[OwnPart.pins.name]?.sortedEntries ?? [] {
            // With one of its files in `.running` an executor may yet archive the run without the other.
            let isLive =
                world.files.running?.entries.values.contains {
                    $0 === pin || pin.owner != nil && $0.owner === pin.owner
                }
                ?? false
            if !isLive, !hasNamesake(pin.owner) { found.append(Problem(text: "a pin outlived its run: \(name)")) }
        }
        for (name, inode) in world.mirror?.entries[FileName(literal: ".loopsync-tmp")]?.sortedEntries ?? [] {
            if !inode.entries.isEmpty { found.append(Problem(text: "left in the mirror's .loopsync-tmp: \(name)")) }
        }
    }

    /// Whether another run of the same loop and second is in `.running`, which may yet be copied over its archive.
    private func hasNamesake(_ run: SimulatedRun?) -> Bool {
        guard let run else { return false }
        return (world.files.running?.sortedEntries ?? []).contains { name, inode in
            guard let other = inode.owner, other.loop == run.loop else { return false }
            // A late `stop` may have left the state of a run before.
            let startedAt = name.hasSuffix(".state.json") ? world.ledger.startedAt(inState: inode.bytes) : nil
            return (other !== run || startedAt != nil)
                && SimulatedRun.runID(startedAt ?? other.startedAt) == SimulatedRun.runID(run.startedAt)
        }
    }
}

/// Somebody who looks without anybody else taking a turn.
final class Looker: SimulatedCaller {
    private let world: World

    init(_ world: World) {
        self.world = world
    }

    var disk: SimulatedDisk { world.disk }
    func will(_ call: SimulatedCall) throws(PosixError) {}
    func did(_ call: SimulatedCall) {}
    func took(_ lock: Inode) {}
    func rest(milliseconds: Int32) {}
}

import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport

/// A history, a mirror of it, and somebody who does its work.
final class ArchiveMirrorLab {
    let base: MirrorLab
    var root: any Directory
    var mirror: ArchiveMirror
    var outcomes: [MirrorWorkOutcome] = []

    init(deletions: MirrorDeletions = .keep, filter: LoopFilter = .all) throws {
        base = try MirrorLab()
        try Disk.makeDirectories(base.loopsPath + "/.history")
        try Disk.makeDirectories(base.mirrorPath)
        root = try base.directory(base.mirrorPath)
        mirror = ArchiveMirror(
            loops: try base.loops(),
            scratch: MirrorScratch(machine: "m", process: 1),
            filter: filter,
            deletions: deletions
        )
    }

    var history: String { base.loopsPath + "/.history" }
    var copies: String { base.mirrorPath + "/.history" }
    var conflicts: String { base.mirrorPath + "/.conflicts/history" }

    /// A run with a number of its own, one day after the other.
    static func run(_ number: Int, loop: String = "demo", executor: Executor = .a, states: Int = 2) -> SyntheticRun {
        SyntheticRun(loop: loop, start: 1_790_000_000 + number * 86_400, states: states, executor: executor)
    }

    /// Puts a run into the history, sealed as the archiver does.
    @discardableResult
    func archive(_ run: SyntheticRun, at place: String? = nil) throws -> RunPlace {
        let place = place ?? run.place
        try Disk.makeDirectories("\(history)/\(place)")
        try Disk.write(run.state, to: "\(history)/\(place)/state.json")
        try Disk.write(run.events, to: "\(history)/\(place)/events.jsonl")
        try seal(place)
        return try self.place(place)
    }

    /// Writes the sums of what is in a run's directory.
    func seal(_ place: String) throws {
        let directory = try base.directory("\(history)/\(place)")
        try Disk.write(try SumsFile.computed(for: directory).serialized(), to: "\(history)/\(place)/SHA256SUMS")
    }

    func place(_ path: String) throws -> RunPlace {
        let names = try path.split(separator: "/").map { try base.name(String($0)) }
        return names.count == 2 ? RunPlace(loop: names[0], run: names[1]) : RunPlace(flat: names[0])
    }

    func sums(_ place: String) throws -> [UInt8] {
        guard let bytes = Disk.read("\(history)/\(place)/SHA256SUMS") else { throw TestSupportError("no sums") }
        return Checksum(of: bytes).bytes
    }

    /// As when the agent starts again.
    func restart() throws {
        let pruned = mirror.pruned
        mirror = ArchiveMirror(
            loops: try base.loops(),
            scratch: MirrorScratch(machine: "m", process: 2),
            filter: mirror.filter,
            deletions: mirror.deletions
        )
        mirror.pruned = pruned
    }

    /// Does all that is to be done now.
    ///
    /// - Returns: what changed in the mirror.
    @discardableResult
    func work() -> [MirrorChange] {
        outcomes = []
        // A process that another test starts this moment has the lock's descriptor too, until it is another program.
        var patience = 20
        for _ in 0..<10_000 {
            guard let next = mirror.nextWork(now: base.now) else { break }
            let outcome = mirror.perform(next, in: root, now: base.now)
            outcomes.append(outcome)
            if case .retryLater(let why, let at) = outcome, why.hasPrefix("another loopsync"), patience > 0 {
                patience -= 1
                LoopStore.pause(milliseconds: 10)
                base.now = at
            }
        }
        return outcomes.flatMap { if case .done(let changes) = $0 { changes } else { [] } }
    }

    /// Both histories, without what a mirror may have of its own.
    var isSame: Bool { TreeSnapshot(of: history) == TreeSnapshot(of: copies) }
}

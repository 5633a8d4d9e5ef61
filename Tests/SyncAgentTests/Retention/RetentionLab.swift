import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport

/// A loops directory with runs one hour apart, and passes over it.
struct RetentionLab {
    let directory: TemporaryDirectory
    let faults = Faults()
    var policy = RetentionPolicy(
        minAge: .zero,
        keepMin: .exactly(0),
        retention: LoopRetention(keep: KeepRules(last: .exactly(2)))
    )
    var isMirrored: ((ArchivedRun) -> Bool)?

    /// The first run's start.
    static let start = 1_795_000_000
    /// An hour after the tenth.
    static let now = Timestamp(seconds: Int64(start + 11 * 3600))

    init(_ directory: TemporaryDirectory) throws {
        self.directory = directory
        try Disk.makeDirectories(directory.path(".loops/.history"))
    }

    var loops: LoopsDirectory {
        get throws { LoopsDirectory(root: FaultyDirectory(try open(".loops"), faults)) }
    }

    private func open(_ name: String) throws -> any Directory {
        guard let opened = try PosixDirectory.open(path: directory.path(name)) else {
            throw TestSupportError("no \(name)")
        }
        return opened
    }

    /// The n-th hour's run.
    func run(_ hour: Int, loop: String = "demo", executor: Executor = .a, output: String = "hello") -> SyntheticRun {
        SyntheticRun(loop: loop, start: Self.start + hour * 3600, executor: executor, output: output)
    }

    @discardableResult
    func archive(_ run: SyntheticRun) throws -> SyntheticRun {
        try run.write(toHistory: directory.path(".loops/.history"))
        return run
    }

    func pass() throws -> RetentionPass {
        RetentionPass(try loops, policy: policy, zone: .utc, isMirrored: isMirrored)
    }

    func reading(_ now: Timestamp = RetentionLab.now) -> ClockReading {
        ClockReading(wall: now, sinceBoot: now - Timestamp(seconds: 0), bootID: "lab")
    }

    /// Plans and carries out.
    @discardableResult
    func prune(at now: Timestamp = RetentionLab.now, isForced: Bool = false) throws -> RetentionPass.Outcome {
        try prune(at: reading(now), isForced: isForced)
    }

    @discardableResult
    func prune(at reading: ClockReading, isForced: Bool = false, loops: [Glob] = []) throws -> RetentionPass.Outcome {
        var inventory = RetentionInventory()
        let pass = try pass()
        return pass.carryOut(try pass.plan(&inventory, at: reading, isForced: isForced, loops: loops))
    }

    /// The names of what stands in the history, `loop/run` or flat.
    var history: [String] {
        get throws {
            guard let history = try LoopsDirectory(root: try open(".loops")).history() else { return [] }
            return try HistoryScan.places(in: history).map(\.description)
        }
    }

    var trash: Trash {
        get throws { Trash(try loops) }
    }

    func path(_ relative: String) -> String {
        directory.path(".loops/\(relative)")
    }
}

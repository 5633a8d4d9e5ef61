import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import Synchronization
import TestSupport

/// A project with a `.loops`, a sync directory beside it, and a clock that only the test moves.
final class MirrorLab {
    let temporary: TemporaryDirectory
    var now = Timestamp(seconds: 1_790_000_000)
    /// Ids that the markers get, in order.
    private let ids = Counter()

    var loopsPath: String { temporary.path("app/.loops") }
    var syncPath: String { temporary.path("sync") }
    /// Where the mirror stands by the standard template.
    var mirrorPath: String { "\(syncPath)/host/app" }

    init(sync: Bool = true) throws {
        temporary = try TemporaryDirectory()
        try Disk.makeDirectories(temporary.path("app/.loops/.running"))
        if sync { try Disk.makeDirectories(temporary.path("sync")) }
    }

    var owner: MirrorOwner {
        MirrorOwner(machine: "0123456789abcdef", host: "host", user: "user", loopsPath: loopsPath)
    }

    func loops(_ path: String? = nil) throws -> LoopsDirectory {
        guard let loops = try LoopsDirectory.open(path: path ?? loopsPath) else {
            throw TestSupportError("no loops directory")
        }
        return loops
    }

    func environment(process: Int32 = 4711) -> MirrorEnvironment {
        var environment = MirrorEnvironment.system(process: process)
        let ids = ids
        environment.makeID = { "id-\(ids.next())" }
        environment.isAlive = { _ in false }
        return environment
    }

    func root(
        owner: MirrorOwner? = nil,
        loops path: String? = nil,
        template: NamespaceTemplate = .standard,
        process: Int32 = 4711
    ) throws -> MirrorRoot {
        MirrorRoot(
            loops: try loops(path),
            syncPath: syncPath,
            template: template,
            owner: owner ?? self.owner,
            environment: environment(process: process)
        )
    }

    /// How many descriptors this process has open below the sync directory.
    var descriptors: Int {
        Disk.names(in: "/proc/self/fd").count { number in
            var buffer = [CChar](repeating: 0, count: 4_096)
            let count = readlink("/proc/self/fd/\(number)", &buffer, buffer.count)
            let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return path.hasPrefix(syncPath)
        }
    }

    /// Opens a directory by its path.
    func directory(_ path: String) throws -> any Directory {
        guard let directory = try PosixDirectory.open(path: path) else { throw TestSupportError("\(path) is gone") }
        return directory
    }

    /// Opens a file for reading by its path.
    func file(_ path: String) throws -> any File {
        let cut = path.lastIndex(of: "/") ?? path.startIndex
        guard let name = FileName(String(path[path.index(after: cut)...])),
            let file = try directory(String(path[..<cut])).openFile(name, for: .reading)
        else { throw TestSupportError("\(path) is gone") }
        return file
    }

    func name(_ text: String) throws -> FileName {
        guard let name = FileName(text) else { throw TestSupportError("\(text) is no file name") }
        return name
    }

    func stem(_ text: String) throws -> LiveStem {
        guard let stem = LiveStem(try text.split(separator: "/").map { try name(String($0)) }) else {
            throw TestSupportError("\(text) is no stem")
        }
        return stem
    }
}

final class Counter: Sendable {
    private let mutex = CounterBox()

    func next() -> Int { mutex.next() }
}

private final class CounterBox: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

extension MirrorStanding {
    var suspension: MirrorSuspension? {
        if case .suspended(let suspension) = self { suspension } else { nil }
    }

    var mirror: OpenMirror? {
        if case .open(let mirror) = self { mirror } else { nil }
    }
}

import Glibc
import LoopModel
import LoopStore
import SyncAgent

/// Whether the kernel's limits suffice for watching, and whether watching sees all there is.
struct WatchCheck {
    let place: LoopsPlace
    let isWatched: Bool
    let agent: AgentStatus?

    func findings() -> [Finding] {
        if isWatched, let agent {
            return agent.isWatching
                ? [.ok("watching", "the agent watches by \(agent.watching)")]
                : [
                    .warn(
                        "watching",
                        "the agent is \(agent.watching)",
                        fix: "raise the limit it names, then restart the agent"
                    )
                ]
        }
        return [watches, instances].compactMap { $0 }
    }

    /// A watch for each directory on the way, for `.loops`, `.running` and those below it, and two of the agent's own.
    private var needed: Int {
        let way = ConfigurationLoader.resolve(place.path).split(separator: "/").count + 1
        return way + 2 + below((try? place.loops.running()) ?? nil, depth: 0) + 1
    }

    private func below(_ directory: (any Directory)?, depth: Int) -> Int {
        guard let directory, depth < 8, let entries = try? directory.entries() else { return 0 }
        return entries.filter { $0.kind == .directory }.reduce(0) { sum, entry in
            sum + 1 + below(try? directory.subdirectory(entry.name), depth: depth + 1)
        }
    }

    private var watches: Finding? {
        guard let limit = Self.limit("max_user_watches") else {
            return .fail(
                "watching",
                "this kernel has no inotify",
                fix: "the agent looks every 2 s instead; use a kernel with inotify"
            )
        }
        let needed = needed
        guard needed > limit else { return .ok("watching", "needs \(needed) of \(limit) inotify watches") }
        return .fail(
            "watching",
            "needs \(needed) inotify watches, and a user may have \(limit)",
            fix: "sysctl fs.inotify.max_user_watches=\(max(8192, needed * 2))"
        )
    }

    private var instances: Finding? {
        guard let limit = Self.limit("max_user_instances") else { return nil }
        let used = Self.usedInstances()
        guard used >= limit else { return nil }
        return .fail(
            "watching",
            "all \(limit) inotify queues that this user may have are in use",
            fix: "end a program that watches files, or: sysctl fs.inotify.max_user_instances=\(limit * 2)"
        )
    }

    private static func limit(_ name: String) -> Int? {
        guard let directory = try? PosixDirectory.open(path: "/proc/sys/fs/inotify"), let name = FileName(name),
            // Its size is 0, and a setting of the kernel can only be read from its beginning.
            let bytes = try? directory.openFile(name, for: .reading)?.read(at: 0, count: 4096)
        else { return nil }
        return Int(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
    }

    /// The queues of the processes that this user may look into.
    private static func usedInstances() -> Int {
        guard let proc = try? PosixDirectory.open(path: "/proc"), let entries = try? proc.entries() else { return 0 }
        var count = 0
        for entry in entries where entry.name.bytes.allSatisfy({ (0x30...0x39).contains($0) }) {
            let path = "/proc/\(entry.name)/fd"
            var status = stat()
            guard stat(path, &status) == 0, status.st_uid == geteuid(),
                let descriptors = try? PosixDirectory.open(path: path), let links = try? descriptors.entries()
            else { continue }
            for link in links {
                var target = [CChar](repeating: 0, count: 32)
                let length = readlink("\(path)/\(link.name)", &target, target.count - 1)
                guard length > 0 else { continue }
                if target.prefix(length).elementsEqual("anon_inode:inotify".utf8.map { CChar(bitPattern: $0) }) {
                    count += 1
                }
            }
        }
        return count
    }
}

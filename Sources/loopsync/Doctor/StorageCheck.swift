import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// File systems, permissions and room of the directories that loopsync works in.
struct StorageCheck {
    let place: LoopsPlace

    /// Changes made on another machine are not told to this one's kernel.
    private static let remote: Set<String> = ["nfs", "cifs", "smb2", "9p", "virtiofs", "ceph", "fuse"]
    private static let withoutLinks: Set<String> = ["vfat", "exfat"]
    private static let scarce: Int64 = 200 << 20
    private static let none: Int64 = 10 << 20

    func findings() -> [Finding] {
        var findings: [Finding] = []
        do throws(PosixError) {
            let root = place.loops.root
            let running = try place.loops.running()
            let history = try place.loops.history()
            findings += kinds([("loops", root), (".running", running), (".history", history)])
            findings += try links(root, running)
            findings += permissions(running: running, history: history)
            findings.append(try Self.room("room", history ?? root))
        } catch {
            findings.append(
                .fail("directories", "\(error)", fix: "let this user read and write \(place.path) and what is below it")
            )
        }
        return findings
    }

    private func kinds(_ directories: [(name: String, directory: (any Directory)?)]) -> [Finding] {
        var kinds: [String: [String]] = [:]
        for (name, directory) in directories {
            if let directory { kinds[FileSystemKind.name(of: directory), default: []].append(name) }
        }
        return kinds.sorted { $0.key < $1.key }.map { kind, names in
            let names = names.joined(separator: ", ")
            guard Self.remote.contains(kind) else { return .ok("file system", "\(kind): \(names)") }
            return .warn(
                "file system",
                "\(kind): \(names). What another machine writes there is not told to this one",
                fix: "run the agent on the machine where the loops run"
            )
        }
    }

    private func links(_ root: any Directory, _ running: (any Directory)?) throws(PosixError) -> [Finding] {
        guard let running else { return [] }
        let kind = FileSystemKind.name(of: running)
        let fix =
            "nothing is lost while the agent lives: it holds the files open instead. After a kill of the agent, what "
            + "executors removed meanwhile is gone"
        if Self.withoutLinks.contains(kind) {
            return [.warn("hard links", "\(kind) has none, so that live runs cannot be pinned", fix: fix)]
        }
        guard try running.status().identity.device != root.status().identity.device else {
            return [.ok("hard links", "live runs can be pinned")]
        }
        return [
            .warn(
                "hard links",
                ".running is on another file system than .loopsync, so that live runs cannot be pinned",
                fix: fix
            )
        ]
    }

    private func permissions(running: (any Directory)?, history: (any Directory)?) -> [Finding] {
        let own = (try? place.loops.root.subdirectory(.own)) ?? nil
        let directories: [(any Directory)?] = [place.loops.root, running, history, own]
        let refused = directories.compactMap { $0 }.filter { access($0.path, R_OK | W_OK | X_OK) != 0 }
        guard let first = refused.first else {
            return [.ok("permissions", "this user may read and write \(place.path)")]
        }
        let reason = String(cString: strerror(errno))
        let paths = refused.map(\.path).joined(separator: ", ")
        return [
            .fail(
                "permissions",
                "\(paths): \(reason)",
                fix: "ls -ld \(first.path); let \(ThisMachine.userName()) read and write it"
            )
        ]
    }

    /// How much may still be written to a directory's file system.
    static func room(_ subject: String, _ directory: any Directory) throws(PosixError) -> Finding {
        let free = try directory.freeBytes()
        let text = "\(SizeText.rounded(free)) free at \(directory.path)"
        let fix =
            "make room; loopsync prune --dry-run shows what a policy would free, loopsync prune --empty-trash empties the trash"
        if free < none { return .fail(subject, text, fix: fix) }
        return free < scarce ? .warn(subject, text, fix: fix) : .ok(subject, text)
    }
}

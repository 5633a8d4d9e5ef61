import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// What lies in `.running` and stops executors, or was left behind there.
struct RunningCheck {
    let place: LoopsPlace
    let processes: any ProcessTable
    let now: Timestamp

    /// A file that makes an executor fail, of no live run.
    struct Broken: Equatable {
        let name: FileName
        let why: String
        let consequence: String
    }

    /// Somebody may be writing what was changed a moment ago, in seconds: version A truncates before it writes.
    private static let young: Int64 = 10
    /// Executors rename a temporary file at once; one of this age is of a dead process, in seconds.
    private static let old: Int64 = 86_400

    func findings() -> [Finding] {
        do throws(PosixError) {
            guard let running = try place.loops.running() else { return [.ok(".running", "no loop ran here yet")] }
            let entries = try running.entries().sorted { $0.name < $1.name }
            let broken = try broken(entries, in: running)
            let findings =
                broken.map { file in
                    Finding.fail(
                        ".running",
                        "\(file.name) \(file.why): \(file.consequence)",
                        fix: "loopsync doctor --quarantine moves it to .loopsync/quarantine"
                    )
                } + stale(entries, in: running) + leftovers(entries, in: running)
            return findings.isEmpty ? [.ok(".running", "nothing in it stops an executor")] : findings
        } catch {
            return [.fail(".running", "\(error)", fix: "let this user read it")]
        }
    }

    /// The files that stop executors and belong to no live run.
    func broken() throws(PosixError) -> [Broken] {
        guard let running = try place.loops.running() else { return [] }
        return try broken(running.entries().sorted { $0.name < $1.name }, in: running)
    }

    private func broken(_ entries: [DirectoryEntry], in running: any Directory) throws(PosixError) -> [Broken] {
        var broken: [Broken] = []
        for entry in entries {
            let isState = entry.name.hasSuffix(".state.json")
            guard isState || entry.name.hasSuffix(".lock") || entry.name == Self.nameless else { continue }
            guard entry.name.bytes != Array(".acquire.lock".utf8) else { continue }
            guard let why = why(entry, isState: isState, in: running), !isYoung(entry.name, in: running) else {
                continue
            }
            if isState, let base = entry.name.dropping(suffix: ".state.json"), owner(of: base, in: running) != nil {
                continue
            }
            broken.append(
                Broken(
                    name: entry.name,
                    why: why,
                    consequence: isState
                        ? "little-loops 1.167 starts no loop beside it, 1.52 cannot list its loops"
                        : "little-loops starts no loop beside it"
                )
            )
        }
        return broken
    }

    private static let nameless = FileName(literal: ".lock")

    /// Why executors cannot take a file that they read.
    private func why(_ entry: DirectoryEntry, isState: Bool, in running: any Directory) -> String? {
        if entry.kind == .directory { return "is a directory" }
        guard entry.kind == .file, let bytes = (try? running.contents(of: entry.name, limit: 1 << 26)) ?? nil else {
            return nil
        }
        if isState {
            guard String(validating: bytes, as: UTF8.self) != nil else { return "is no UTF-8 text" }
            // What is no JSON at all they pass over.
            guard let value = try? JSONValue(parsing: bytes) else { return nil }
            return value.objectValue == nil ? "holds JSON that is no object" : nil
        }
        // What is no JSON at all, or lacks a key, they pass over.
        guard let value = try? JSONValue(parsing: bytes) else { return nil }
        guard let object = value.objectValue else { return "holds JSON that is no object" }
        switch object["pid"] {
        case nil, .number?, .bool?: return nil
        case .string(let text)? where Int(text.string) != nil: return nil
        case .string?, .null?, .array?, .object?: return "names a process that is no number"
        }
    }

    private func isYoung(_ name: FileName, in running: any Directory) -> Bool {
        guard let status = (try? running.status(of: name)) ?? nil else { return true }
        return now.seconds - status.modified / 1_000_000_000 < Self.young
    }

    /// The live process that a stem's files name.
    private func owner(of base: FileName, in running: any Directory) -> Int32? {
        guard let name = FileName(base.bytes + Array(".pid".utf8)), let pid = pid(in: name, of: running) else {
            return nil
        }
        return processes.process(pid)?.mayBeExecutor == true ? pid : nil
    }

    private func pid(in name: FileName, of running: any Directory) -> Int32? {
        guard let bytes = (try? running.contents(of: name, limit: 4096)) ?? nil else { return nil }
        return Int32(String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace })
    }

    private func stale(_ entries: [DirectoryEntry], in running: any Directory) -> [Finding] {
        entries.compactMap { entry in
            guard entry.kind == .file, let base = entry.name.dropping(suffix: ".pid"),
                !isYoung(entry.name, in: running),
                let pid = pid(in: entry.name, of: running), processes.process(pid)?.mayBeExecutor != true
            else { return nil }
            let what = processes.process(pid) == nil ? "is dead" : "is no executor"
            return .warn(
                "stale pid",
                "\(entry.name) names process \(pid), which \(what): its executor was killed",
                fix: "go on with it, looprun resume \(base) --interrupted, or remove .running/\(entry.name)"
            )
        }
    }

    private func leftovers(_ entries: [DirectoryEntry], in running: any Directory) -> [Finding] {
        let old = entries.filter { entry in
            guard entry.kind == .file, entry.name.hasSuffix(".tmp"),
                let status = (try? running.status(of: entry.name)) ?? nil
            else { return false }
            return now.seconds - status.modified / 1_000_000_000 > Self.old
        }
        guard let first = old.first else { return [] }
        let count = old.count == 1 ? "\(first.name) is" : "\(first.name) and \(old.count - 1) more are"
        return [
            .warn(
                "leftovers",
                "\(count) of an executor that was killed while it wrote",
                fix: "remove .running/*.tmp while no loop runs"
            )
        ]
    }
}

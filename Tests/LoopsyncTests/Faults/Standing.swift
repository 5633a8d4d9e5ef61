import TestSupport

/// What stands in a project and its mirror, without what differs from one run of the program to the next.
struct Standing {
    /// A run directory's files.
    typealias Files = [String: [UInt8]]

    let running: TreeSnapshot
    /// By the place below `.history`.
    let history: [String: Files]
    let mirror: [String: Files]
    /// Pruned runs; their places there depend on the day and on earlier attempts.
    let trash: Set<Files>
    let mirrorTrash: Set<Files>
    let conflicts: TreeSnapshot
    /// The paths of everything else, and of what should not be there.
    let others: Set<String>

    init(of lab: LoopLab) {
        running = TreeSnapshot(of: lab.running)
        history = Self.runs(in: "\(lab.loops)/.history")
        mirror = Self.runs(in: "\(lab.mirror)/.history")
        let trashed = TreeSnapshot(of: "\(lab.loops)/.loopsync/trash")
        trash = Self.trashed(trashed)
        mirrorTrash = Self.trashed(TreeSnapshot(of: "\(lab.mirror)/.loopsync-trash"))
        conflicts = TreeSnapshot(of: "\(lab.mirror)/.conflicts")
        // Pins are named by inodes, of which every copy of the project has others.
        let ours = TreeSnapshot(of: lab.loops, skipping: [".running", ".history", "trash", "pins"])
        let theirs = TreeSnapshot(
            of: lab.sync,
            skipping: [".history", ".loopsync-trash", ".loopsync-tmp", ".conflicts"]
        )
        let directories = TreeSnapshot(of: lab.history).entries.filter { $0.value == .directory }.keys
        // Each process has a directory of its own there, which may stay while it is empty.
        let scratch = TreeSnapshot(of: "\(lab.mirror)/.loopsync-tmp").entries.keys.filter { $0.contains("/") }
        others = Set(ours.entries.keys.map { ".loops/\($0)" })
            .union(theirs.entries.keys.map { "sync/\($0)" })
            .union(directories.map { ".history/\($0)" })
            .union(scratch.map { ".loopsync-tmp/\($0)" })
            .union(Self.leftovers(in: trashed))
    }

    private static func runs(in history: String) -> [String: Files] {
        Dictionary(uniqueKeysWithValues: HistoryAudit.archives(in: history).map { ($0.place, $0.files) })
    }

    /// The runs in a trash, whose directories stand below a day and, where they are nested, a loop.
    private static func trashed(_ trash: TreeSnapshot) -> Set<Files> {
        var found: [String: Files] = [:]
        for path in trash.files where !path.hasSuffix("/pruned.jsonl") {
            let parts = path.split(separator: "/")
            found[parts.dropLast().joined(separator: "/"), default: [:]][String(parts[parts.count - 1])] = trash[path]
        }
        return Set(found.values)
    }

    private static func leftovers(in trash: TreeSnapshot) -> [String] {
        trash.entries.keys.filter { path in
            guard path.split(separator: "/").count == 3 else { return false }
            if path.hasSuffix("/pruned.jsonl") {
                let loop = path.dropLast("pruned.jsonl".utf8.count)
                return !trash.entries.contains { $0.key.hasPrefix(loop) && $0.value == .directory }
            }
            return trash.entries[path] != .directory || path.hasSuffix(".deleting")
        }.map { "trash/\($0)" }
    }

    /// What of this is neither as it was before nor as it is to be afterwards, since both are whole; and what is nowhere.
    func brokenRuns(before: Standing, after: Standing) -> [String] {
        var broken: [String] = []
        for (name, part) in [("history", \Standing.history), ("mirror", \Standing.mirror)] {
            let whole = Set((Array(before[keyPath: part].values) + after[keyPath: part].values).map(Self.withoutNotes))
            for (place, files) in self[keyPath: part] where !whole.contains(Self.withoutNotes(files)) {
                broken.append("\(name): \(place) is not whole: \(files.mapValues(\.count))")
            }
        }
        let all = Array(history.values) + trash
        for (place, files) in before.history {
            // A run that went on since is under another name, with more events.
            let events = files["events.jsonl"] ?? []
            if !all.contains(where: { $0["events.jsonl"]?.starts(with: events) == true }) {
                broken.append("lost: \(place)")
            }
        }
        return broken
    }

    /// A run's own files: what somebody put beside them may come later.
    private static func withoutNotes(_ files: Files) -> Files {
        files.filter { $0.key != FaultStage.note }
    }

    /// What of this is not as it is to be in the end.
    func differences(to end: Standing) -> [String] {
        var found = running.differences(to: end.running).map { ".running: \($0)" }
        for (name, part) in [("history", \Standing.history), ("mirror", \Standing.mirror)] {
            let places = Set(self[keyPath: part].keys).union(end[keyPath: part].keys).sorted()
            for place in places where self[keyPath: part][place] != end[keyPath: part][place] {
                let files = self[keyPath: part][place]?.mapValues(\.count)
                found.append("\(name): \(place): \(files.map(String.init(describing:)) ?? "missing")")
            }
        }
        if trash != end.trash { found.append("trash: \(trash.count) runs instead of \(end.trash.count)") }
        // A copy under an earlier name that could not be looked at goes there when the run stands at its place.
        if !mirrorTrash.isSuperset(of: end.mirrorTrash) {
            found.append("mirror's trash: \(mirrorTrash.count) runs instead of \(end.mirrorTrash.count)")
        }
        found += conflicts.differences(to: end.conflicts).map { "conflicts: \($0)" }
        found += others.subtracting(end.others).sorted().map { "left over: \($0)" }
        found += end.others.subtracting(others).sorted().map { "missing: \($0)" }
        return found
    }
}

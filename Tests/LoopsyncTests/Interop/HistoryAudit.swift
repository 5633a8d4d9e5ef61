import TestSupport

/// Compares history and mirror with what the recorder saw.
struct HistoryAudit {
    let lab: LoopLab
    let runs: [RecordedRun]
    let expectation: Stage.Expectation

    /// A directory below `.history` that holds a run.
    struct Archive {
        let place: String
        let files: [String: [UInt8]]
        var events: [UInt8]? { files["events.jsonl"] }
        var state: [UInt8]? { files["state.json"] }
    }

    /// All archived runs below a history, by the paths of their files.
    static func archives(in history: String) -> [Archive] {
        var found: [String: [String: [UInt8]]] = [:]
        let tree = TreeSnapshot(of: history)
        for path in tree.files {
            let parts = path.split(separator: "/")
            guard parts.count > 1 else { continue }
            found[parts.dropLast().joined(separator: "/"), default: [:]][String(parts[parts.count - 1])] = tree[path]
        }
        return found.sorted { $0.key < $1.key }.map { Archive(place: $0.key, files: $0.value) }
    }

    /// Everything that is not as it has to be, one line each.
    func problems() -> [String] {
        let archives = Self.archives(in: lab.history)
        return compare(archives) + compareMirror(archives) + compareLive()
    }

    private func compare(_ archives: [Archive]) -> [String] {
        var problems: [String] = []
        var matched: Set<String> = []
        for run in runs {
            let same = archives.filter { $0.events == run.events }
            matched.formUnion(same.map(\.place))
            guard let archive = same.first else {
                problems.append("missing or different: \(run)")
                continue
            }
            if same.count > 1 { problems.append("\(same.count) times: \(run) at \(same.map(\.place))") }
            let states = expectation.states(run)
            if !states.isEmpty, !states.contains(where: { $0 == archive.state }) {
                let found = archive.state.map { String(decoding: $0, as: UTF8.self) } ?? "none"
                problems.append("another state: \(run) at \(archive.place): \(found)")
            }
            if let place = run.place(lab.executor), archive.place != place, !isMoved(archive.place, from: place, run) {
                problems.append("at \(archive.place) instead of \(place): \(run)")
            }
        }
        for archive in archives where !matched.contains(archive.place) {
            problems.append("of no run: \(archive.place) with \(archive.files.keys.sorted())")
        }
        return problems
    }

    /// Whether a place is where a run stands that shares its second with another: in A the next number behind the
    /// formula's name, in B another second, since B's readers would take a number for a part of the loop's name.
    private func isMoved(_ place: String, from formula: String, _ run: RecordedRun) -> Bool {
        let isShared = runs.contains { $0 != run && $0.place(lab.executor) == formula }
        guard let loop = run.loop, isShared || expectation.mayStandAside(run) else { return false }
        switch lab.executor {
        case .a:
            return place.hasPrefix(formula + "-") && place.dropFirst(formula.count + 1).allSatisfy(\.isNumber)
        case .b:
            return place.count == formula.count && place.hasSuffix("-" + loop)
        }
    }

    private func compareMirror(_ archives: [Archive]) -> [String] {
        let mirrored = Self.archives(in: "\(lab.mirror)/.history")
        var problems: [String] = []
        for archive in archives
        where !mirrored.contains(where: { $0.place == archive.place && $0.files == archive.files }) {
            problems.append("not so in the mirror: \(archive.place)")
        }
        for place in Set(mirrored.map(\.place)).subtracting(archives.map(\.place)).sorted() {
            problems.append("only in the mirror: \(place)")
        }
        return problems
    }

    /// What is live in the mirror has to be what the executor has; a parked run has to be there.
    private func compareLive() -> [String] {
        var problems: [String] = []
        for name in Disk.names(in: "\(lab.mirror)/.running") {
            if Disk.read("\(lab.mirror)/.running/\(name)") != Disk.read("\(lab.running)/\(name)") {
                problems.append("live in the mirror and different: \(name)")
            }
        }
        for run in runs where run.status == "awaiting_continuation" {
            for suffix in [".state.json", ".events.jsonl"] {
                let name = run.stem + suffix
                if Disk.exists("\(lab.running)/\(name)"), !Disk.exists("\(lab.mirror)/.running/\(name)") {
                    problems.append("parked and not live in the mirror: \(name)")
                }
            }
        }
        return problems
    }

    /// What coreutils says of the sums, in the history and in the mirror.
    func damage() -> [String] {
        [lab.history, "\(lab.mirror)/.history"].flatMap { history in
            Self.archives(in: history).compactMap { archive in
                let check = try? Subprocess.run(
                    ["/usr/bin/sha256sum", "-c", "--quiet", "--strict", "SHA256SUMS"],
                    in: "\(history)/\(archive.place)"
                )
                guard let check, check.succeeded else {
                    return "\(history)/\(archive.place): \(check?.description ?? "sha256sum did not run")"
                }
                let listed = String(decoding: archive.files["SHA256SUMS"] ?? [], as: UTF8.self)
                let unlisted = archive.files.keys.filter { $0 != "SHA256SUMS" && !listed.contains("  \($0)\n") }
                return unlisted.isEmpty ? nil : "\(archive.place): not in the sums: \(unlisted)"
            }
        }
    }
}

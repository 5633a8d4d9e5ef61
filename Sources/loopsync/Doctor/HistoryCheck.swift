import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// What is odd about the history and loopsync's own directory.
struct HistoryCheck {
    let place: LoopsPlace
    let isWatched: Bool
    let now: Timestamp

    func findings() throws -> [Finding] {
        let history = try History.read(place, includingEmptied: true)
        var findings: [Finding] = history.unreadable.map {
            .warn("history", $0, fix: "see what is there; loopsync leaves alone what it cannot read")
        }
        findings += blocking()
        let future = history.runs.filter { ($0.endedAt ?? now) > now.adding(seconds: 300) }
        if let first = future.first {
            findings.append(
                .warn(
                    "clock",
                    "\(Amount.count(future.count, "run")) ended in the future, for instance \(first.selector)",
                    fix: "set this machine's clock (timedatectl); such runs are kept and count for no rule"
                )
            )
        } else if now.seconds < Self.oldest {
            findings.append(
                .fail("clock", "it is \(LocalTime.withZone(now))", fix: "set this machine's clock (timedatectl)")
            )
        } else {
            findings.append(.ok("clock", "no run is dated in the future"))
        }
        if findings.allSatisfy({ $0.subject != "history" }) {
            findings.append(.ok("history", Amount.count(history.runs.count, "run")))
        }
        return findings + leftovers()
    }

    /// When this program was younger than any clock that is right: 2025.
    private static let oldest: Int64 = 1_735_689_600

    /// A file where executors want a directory makes them end as they start.
    private func blocking() -> [Finding] {
        [FileName.history, .running].compactMap { name in
            guard let status = (try? place.loops.root.status(of: name)) ?? nil,
                status.kind == .file || status.kind == .other
            else { return nil }
            return .fail(
                "history",
                "\(name) is no directory: every loop ends as it starts",
                fix: "move \(place.path)/\(name) away"
            )
        }
    }

    private func leftovers() -> [Finding] {
        guard !isWatched, let own = (try? place.loops.root.subdirectory(.own)) ?? nil else { return [] }
        var names: [String] = []
        for part in [OwnPart.staging, .clearing] {
            guard let directory = (try? own.subdirectory(part.name)) ?? nil,
                let entries = try? directory.entries(), !entries.isEmpty
            else { continue }
            names.append("\(part.name)/ (\(entries.count))")
        }
        guard !names.isEmpty else { return [.ok("leftovers", "none of a killed loopsync")] }
        return [
            .warn(
                "leftovers",
                ".loopsync/\(names.joined(separator: " and .loopsync/")): a loopsync was killed",
                fix: "loopsync archive finishes or discards them; a running agent does so at its start"
            )
        ]
    }
}

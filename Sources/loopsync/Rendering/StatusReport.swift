import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// How things stand with one loops directory; pure.
struct StatusReport {
    let path: String
    /// Whether an agent holds the directory's lock.
    let isWatched: Bool
    /// What the agent, or the last one, wrote of itself.
    let agent: AgentStatus?
    let live: [LiveRun]
    let archivedRuns: Int
    let newest: ArchivedRun?
    let now: Timestamp

    /// Not all is as it should be: `status` ends with 3.
    var isDegraded: Bool {
        isWatched ? agent?.isDegraded == true : live.contains { $0.process != nil }
    }

    // MARK: For people

    /// One screen, with a newline at the end.
    func text(hasColor: Bool) -> String {
        var lines = [head(hasColor)]
        func add(_ label: String, _ texts: [String], _ tone: Tone = .plain) {
            for (index, text) in texts.enumerated() {
                let title = index == 0 ? label : ""
                lines.append(
                    "  \(title)\(String(repeating: " ", count: max(1, 12 - title.count)))"
                        + tone.applied(to: text, hasColor: hasColor)
                )
            }
        }
        if isWatched, let agent {
            add("watching", [agent.watching], agent.isWatching ? .plain : .warning)
        }
        add(".running", live.isEmpty ? ["no run"] : live.map(line))
        add("history", [history])
        if isWatched, let agent {
            if let mirror = agent.mirror {
                let pending = mirror.pending > 0 ? "\(Amount.count(mirror.pending, "run")) to come" : "up to date"
                add("mirror", [mirror.path, mirror.suspended ?? pending], mirror.suspended == nil ? .plain : .bad)
            } else {
                add("mirror", ["none"])
            }
            add("retention", [agent.retention + (agent.nextPrune.map { ", next at \(local($0))" } ?? "")])
            add("settings", [agent.configuration ?? "built-in defaults"])
            if let problem = agent.configurationProblem { add("", [problem], .bad) }
            if agent.overflows > 0 { add("overflows", ["\(agent.overflows), each followed by a full look"]) }
            add("problems", agent.problems.map { "\(local($0.at)) \($0.text)" }, .bad)
        } else if !isWatched, live.contains(where: { $0.process != nil }) {
            add("", ["a run is live and no agent watches it: loopsync --watch \(path)"], .bad)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func head(_ hasColor: Bool) -> String {
        guard isWatched else {
            let last = agent.map { ", the last one wrote at \(local($0.updatedAt))" } ?? ""
            return Tone.warning.applied(to: "○", hasColor: hasColor) + " no agent watches \(path)\(last)"
        }
        let mark = (isDegraded ? Tone.bad : .good).applied(to: "●", hasColor: hasColor)
        guard let agent else { return "\(mark) an agent watches \(path)" }
        return
            "\(mark) loopsync \(agent.version) watches \(path) (pid \(agent.process), since \(local(agent.startedAt)))"
    }

    private func line(_ run: LiveRun) -> String {
        let owner = run.process.map { "pid \($0)" } ?? "no process"
        guard let state = run.state else {
            return "\(run.stem): \(run.isUnreadable ? "unreadable state" : "starting"), \(owner)"
        }
        let name = PrintableText.escaping(state.loopName.bytes)
        let place = PrintableText.escaping(state.currentState.bytes, limit: 60)
        let step = state.iteration.integerValue.map { ", state \($0)" } ?? ""
        let age = Timestamp(iso: state.startedAt).map { ", began \(Amount.duration(now - $0)) ago" } ?? ""
        return "\(name): \(state.status) at \(place)\(step)\(age), \(owner)"
    }

    private var history: String {
        guard archivedRuns > 0 else { return "no run yet" }
        let last = newest.map { ", newest \($0.selector) \($0.status?.description ?? "unreadable")" } ?? ""
        return Amount.count(archivedRuns, "run") + last
    }

    private func local(_ time: String) -> String {
        Timestamp(iso: JSONString(time)).map(LocalTime.withZone) ?? time
    }

    // MARK: For programs

    var json: JSONValue {
        .object([
            "loops": .string(JSONString(path)),
            "degraded": .bool(isDegraded),
            "watched": .bool(isWatched),
            "agent": agent?.json ?? .null,
            "live": .array(
                live.map { run in
                    .object([
                        "stem": .string(JSONString(run.stem.description)),
                        "loop": run.state.map { .string($0.loopName) } ?? .null,
                        "status": run.state.map { .string($0.status.rawValue) } ?? .null,
                        "state": run.state.map { .string($0.currentState) } ?? .null,
                        "iteration": run.state?.iteration ?? .null,
                        "started_at": run.state.map { .string($0.startedAt) } ?? .null,
                        "readable": .bool(!run.isUnreadable),
                        "pid": run.process.map { .number(JSONNumber($0)) } ?? .null,
                    ])
                }
            ),
            "archived_runs": .number(JSONNumber(archivedRuns)),
        ])
    }
}

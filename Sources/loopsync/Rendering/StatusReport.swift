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
    let live: [(run: LiveRun, activity: LiveActivity?)]
    let archivedRuns: Int
    let newest: ArchivedRun?
    var outlook = StatusOutlook()
    /// Whether there is a loops directory; an agent waits for one that is not.
    var exists = true
    /// Why nothing can be told of it; nil where something can.
    var obstacle: String?
    let now: Timestamp

    /// Nothing but that there is nothing to tell, or why not.
    static func nothing(of path: String, obstacle: String? = nil, now: Timestamp) -> StatusReport {
        StatusReport(
            path: path,
            isWatched: false,
            agent: nil,
            live: [],
            archivedRuns: 0,
            newest: nil,
            exists: obstacle != nil,
            obstacle: obstacle,
            now: now
        )
    }

    /// Not all is as it should be: `status` ends with 3.
    var isDegraded: Bool {
        if obstacle != nil { return true }
        if outlook.mirror?.isDegraded == true { return true }
        return isWatched ? agent?.isDegraded == true : live.contains { $0.run.process != nil }
    }

    /// How `status` ends for this directory.
    var exitStatus: ExitStatus {
        if obstacle != nil { return .failed }
        return isDegraded ? .partly : .done
    }

    // MARK: For people

    /// One screen, with a newline at the end.
    ///
    /// - Parameters:
    ///   - isCut: whether lines end where the terminal does; else they go on below, under the text.
    ///   - isBrief: whether only runs and what needs a person follow the first line.
    func text(for terminal: Terminal, isCut: Bool = false, isBrief: Bool = false) -> String {
        let room = terminal.width.map { max($0 - 14, 20) } ?? Int.max
        func fitted(_ text: String, _ room: Int) -> [String] {
            isCut ? [text.cut(toColumns: room)] : text.wrapped(toColumns: room)
        }
        let head = fitted(PrintableText.escapingControls(in: who), room == .max ? room : room + 12)
        var lines = [mark(terminal.hasColor) + " " + head[0]] + head.dropFirst().map { "  \($0)" }
        func add(_ label: String, _ texts: [String], _ tone: Tone = .plain, isNews: Bool = false) {
            guard !isBrief || isNews || tone != .plain else { return }
            // What an agent, a marker or a file said before; a terminal obeys whatever it is sent.
            let shown = texts.flatMap { fitted(PrintableText.escapingControls(in: $0), room) }
            for (index, shown) in shown.enumerated() {
                let title = index == 0 ? label : ""
                lines.append(
                    "  \(title)\(String(repeating: " ", count: max(1, 12 - title.count)))"
                        + tone.applied(to: shown, hasColor: terminal.hasColor)
                )
            }
        }
        if let obstacle { add("", [obstacle], .bad) }
        guard exists, obstacle == nil else { return lines.joined(separator: "\n") + "\n" }
        if isWatched, let agent {
            add("watching", [agent.watching], agent.isWatching ? .plain : .warning)
        }
        let runs = live.map { StatusLines.run($0.run, $0.activity, now: now) }
        add(".running", runs.isEmpty ? ["no run"] : runs, isNews: !runs.isEmpty)
        add("history", [history])
        if isWatched, let agent {
            if let mirror = agent.mirror {
                let state = mirror.suspended ?? StatusLines.lag(mirror, outlook.lag, now: now)
                add("mirror", [mirror.path, state], mirror.suspended == nil ? .plain : .bad)
            } else {
                add("mirror", ["none"])
            }
            add("retention", [agent.retention + (agent.nextPrune.map { ", next at \(local($0))" } ?? "")])
            if let prune = outlook.prune { add("", [StatusLines.prune(prune)], prune.heldBack > 0 ? .bad : .plain) }
            add("settings", [agent.configuration ?? "built-in defaults"])
            if let problem = agent.configurationProblem { add("", [problem], .bad) }
            if agent.overflows > 0 { add("overflows", ["\(agent.overflows), each followed by a full look"]) }
            if agent.droppedHooks > 0 {
                add("hooks", ["\(agent.droppedHooks) not run, since too many waited; the log says which came first"])
            }
            add("problems", agent.problems.map { StatusLines.problem($0, now: now) }, .bad)
        } else {
            if let mirror = outlook.mirror {
                let tone: Tone = mirror.isDegraded ? .bad : mirror.isSuspended ? .warning : .plain
                add("mirror", [mirror.to] + StatusLines.mirror(mirror, outlook.lag, now: now), tone)
            }
            if !isWatched, live.contains(where: { $0.run.process != nil }) {
                add("", ["a run is live and no agent watches it: loopsync --watch \(path)"], .bad)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Says before the first line how it stands.
    private func mark(_ hasColor: Bool) -> String {
        isWatched || obstacle != nil
            ? (isDegraded ? Tone.bad : .good).applied(to: "●", hasColor: hasColor)
            : Tone.warning.applied(to: "○", hasColor: hasColor)
    }

    private var who: String {
        guard exists else { return "nothing at \(path) yet; an agent that is told to watch it waits" }
        guard obstacle == nil else { return path }
        guard isWatched else {
            let last = agent.map { ", the last one wrote at \(local($0.updatedAt))" } ?? ""
            return "no agent watches \(path)\(last)"
        }
        guard let agent else { return "an agent watches \(path)" }
        return "loopsync \(agent.version) watches \(path) (pid \(agent.process), since \(local(agent.startedAt)))"
    }

    private var history: String {
        guard archivedRuns > 0 else { return "no run yet" }
        let last = newest.map { ", newest \($0.selector) \(RunTone.word($0.status))" } ?? ""
        let age = isWatched ? newest?.endedAt.map { ", \(Amount.duration(now - $0)) ago" } : nil
        let count = isWatched ? agent.map { $0.archived > 0 ? ", \($0.archived) by this agent" : "" } : nil
        return Amount.count(archivedRuns, "run") + (count ?? "") + last + (age ?? "")
    }

    private func local(_ time: String) -> String {
        Timestamp(iso: JSONString(time)).map(LocalTime.withZone) ?? time
    }

    // MARK: For programs

    var json: JSONValue {
        var object = JSONObject()
        object["loops"] = .string(JSONString(path))
        object["degraded"] = .bool(isDegraded)
        object["watched"] = .bool(isWatched)
        object["agent"] = agent?.json ?? .null
        object["live"] = .array(live.map { .object(StatusLines.json($0.run, $0.activity)) })
        object["archived_runs"] = StoryJSON.number(archivedRuns)
        object["mirror"] = outlook.mirror?.json ?? .null
        object["mirror_lag"] =
            outlook.lag.map { lag in
                [
                    "runs": StoryJSON.number(lag.runs),
                    "bytes": lag.bytes.map { .number(JSONNumber($0)) } ?? .null,
                    "oldest_ended_at": StoryJSON.time(lag.oldest),
                ]
            } ?? .null
        object["prune"] =
            outlook.prune.map { prune in
                [
                    "removing": StoryJSON.number(prune.runs), "bytes": .number(JSONNumber(prune.bytes)),
                    "held_back_loops": StoryJSON.number(prune.heldBack),
                ]
            } ?? .null
        object["exists"] = .bool(exists)
        object["obstacle"] = StoryJSON.optional(obstacle.map { JSONString($0) })
        return .object(object)
    }
}

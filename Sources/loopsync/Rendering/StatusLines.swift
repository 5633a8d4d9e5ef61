import LoopModel
import SyncAgent
import SyncCore

/// The lines of `status` about single things; pure.
enum StatusLines {
    /// A run in `.running`.
    static func run(_ run: LiveRun, _ activity: LiveActivity?, now: Timestamp) -> String {
        let owner = run.process.map { "pid \($0)" } ?? "no process"
        guard let state = run.state else {
            return "\(run.stem): \(run.isUnreadable ? "unreadable state" : "starting"), \(owner)"
        }
        let name = PrintableText.escaping(state.loopName.bytes)
        let place = PrintableText.escaping(state.currentState.bytes, limit: 60)
        let step = state.iteration.integerValue.map { ", state \($0)" } ?? ""
        let began = Timestamp(iso: state.startedAt).map { ", began \(Amount.duration(now - $0)) ago" } ?? ""
        var last = ""
        if let activity, let event = activity.lastEvent, let at = activity.lastEventAt {
            last = ", \(PrintableText.escaping(event.bytes, limit: 60)) \(Amount.duration(max(now - at, .zero))) ago"
        }
        switch activity?.phase {
        case .parked?: return "\(name): parked at \(place)\(step)\(last), to be resumed"
        case .abandoned?: return "\(name): abandoned at \(place)\(step)\(last), \(owner)"
        case .ended?: return "\(name): \(state.status) in \(place)\(step)\(last), not swept yet"
        case .live?, .unreadable?, nil: return "\(name): \(state.status) at \(place)\(step)\(began)\(last), \(owner)"
        }
    }

    /// How far a mirror that works is behind.
    static func lag(_ mirror: AgentStatus.MirrorStatus, _ lag: StatusOutlook.Lag?, now: Timestamp) -> String {
        guard mirror.pending > 0 else { return "up to date" }
        guard let lag, lag.runs > 0 else { return "\(Amount.count(mirror.pending, "run")) to come" }
        return "\(Amount.count(lag.runs, "run")) to come\(details(lag, now))"
    }

    /// How a mirror stands that no agent looks after.
    static func mirror(_ mirror: StatusMirror, _ lag: StatusOutlook.Lag?, now: Timestamp) -> [String] {
        switch mirror.state {
        case .suspended(let why, wasUsed: _, isNew: _): return [why]
        case .ready, .unused:
            let begun = mirror.state == .unused ? "nothing was mirrored there yet" : nil
            guard let lag, lag.runs > 0 else { return [begun ?? "has every archived run"] }
            let count = "\(Amount.count(lag.runs, "run")) to come\(details(lag, now)): loopsync archive"
            return [begun.map { "\($0), \(count)" } ?? count]
        }
    }

    private static func details(_ lag: StatusOutlook.Lag, _ now: Timestamp) -> String {
        let size = lag.bytes.map { ", \(SizeText.rounded($0))" } ?? ""
        return size + (lag.oldest.map { ", the first ended \(Amount.duration(now - $0)) ago" } ?? "")
    }

    /// What a prune would remove.
    static func prune(_ prune: StatusOutlook.Prune) -> String {
        let held =
            prune.heldBack > 0
            ? "; \(Amount.count(prune.heldBack, "loop")) held back: loopsync prune --dry-run" : ""
        guard prune.runs > 0 else { return "nothing to remove now\(held)" }
        return "would remove \(Amount.count(prune.runs, "run")) now, \(SizeText.rounded(prune.bytes))\(held)"
    }

    /// Something that needs a person.
    static func problem(_ problem: AgentStatus.Problem, now: Timestamp) -> String {
        guard let at = Timestamp(iso: JSONString(problem.at)) else { return problem.text }
        return "\(LocalTime.withZone(at)) (\(Amount.duration(max(now - at, .zero))) ago) \(problem.text)"
    }

    static func json(_ run: LiveRun, _ activity: LiveActivity?) -> JSONObject {
        var object = JSONObject()
        object["stem"] = .string(JSONString(run.stem.description))
        object["loop"] = StoryJSON.optional(run.state?.loopName)
        object["status"] = StoryJSON.optional(run.state?.status.rawValue)
        object["state"] = StoryJSON.optional(run.state?.currentState)
        object["iteration"] = run.state?.iteration ?? .null
        object["started_at"] = StoryJSON.optional(run.state?.startedAt)
        object["readable"] = .bool(!run.isUnreadable)
        object["pid"] = StoryJSON.optional(run.process.map(Int.init))
        object["phase"] = activity.map { .string(JSONString($0.phase.rawValue)) } ?? .null
        object["last_event"] = StoryJSON.optional(activity?.lastEvent)
        object["last_event_at"] = StoryJSON.time(activity?.lastEventAt)
        return object
    }
}

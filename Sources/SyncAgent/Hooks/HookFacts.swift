package import LoopModel
package import LoopStore
package import SyncCore

/// What happened, as a hook is told: JSON on standard input, and each fact as a variable of the environment.
package struct HookFacts: Sendable, Equatable {
    package var event: HookSettings.Event
    /// What it is about, in a few words, for messages.
    package var subject: String
    private var facts: JSONObject

    private init(_ event: HookSettings.Event, loops: String, at now: Timestamp, subject: String, summary: String) {
        self.event = event
        self.subject = subject
        facts = [
            "event": .string(JSONString(event.rawValue)),
            "time": .string(now.iso),
            "loops": .string(JSONString(loops)),
            "summary": .string(JSONString(summary)),
        ]
    }

    /// What is told of a run that was archived: nothing for what stood there already.
    ///
    /// - Parameters:
    ///   - loops: the loops directory's absolute path.
    ///   - change: what archiving did.
    /// - Returns: `on_archive`, and after it `on_failed` where the run failed, timed out, or was left by an executor that died.
    package static func archived(
        _ run: TrackedRun,
        at place: RunPlace,
        _ change: ArchiveChange,
        reason: ArchiveReason,
        loops: String,
        now: Timestamp
    ) -> [HookFacts] {
        let done: String
        switch change {
        case .unchanged: return []
        case .created: done = "created"
        case .extended: done = "extended"
        case .adopted: done = "adopted"
        case .renamed: done = "renamed"
        }
        let loop = PrintableText.escaping(run.loop.bytes, limit: 200)
        let id = place.idOfName
        let status = run.state?.facts.status
        let word = status.map { PrintableText.escaping($0.rawValue.bytes, limit: 40) } ?? "unreadable state"
        let summary =
            switch reason {
            case .ended, .gone: "loop \(loop) ended: \(word)"
            case .parked: "loop \(loop) waits for its continuation"
            case .abandoned: "loop \(loop) was left by its executor" + (status == .running ? "" : ": \(word)")
            }
        let hasFailed = reason == .abandoned || (reason != .parked && (status == .failed || status == .timedOut))
        let events: [HookSettings.Event] = hasFailed ? [.archive, .failed] : [.archive]
        return events.map { event in
            var facts = HookFacts(
                event,
                loops: loops,
                at: now,
                subject: "\(loop)/\(id)",
                summary: summary
            )
            facts["loop"] = .string(run.loop)
            facts["run"] = .string(JSONString("\(loop)/\(id)"))
            facts["run_id"] = .string(JSONString(id))
            facts["path"] = .string(JSONString("\(loops)/.history/\(place)"))
            facts["change"] = .string(JSONString(done))
            facts["reason"] = .string(JSONString(reason.rawValue))
            guard let state = run.state?.facts else { return facts }
            facts["status"] = .string(state.status.rawValue)
            facts["state"] = .string(state.currentState)
            facts["iteration"] = state.iteration
            facts["started_at"] = .string(state.startedAt)
            if let end = run.witnessTime ?? state.updated { facts["ended_at"] = .string(end.iso) }
            return facts
        }
    }

    /// The sync directory cannot be used.
    package static func suspended(mirror: String, _ problem: String, loops: String, now: Timestamp) -> HookFacts {
        let text = "the mirror of \(loops) is suspended: \(problem)"
        var facts = HookFacts(.mirrorSuspended, loops: loops, at: now, subject: mirror, summary: text)
        facts["mirror"] = .string(JSONString(mirror))
        facts["problem"] = .string(JSONString(problem))
        return facts
    }

    /// A file of `.running` cannot be read as what it should be.
    package static func unreadable(_ file: String, _ problem: String, loops: String, now: Timestamp) -> HookFacts {
        let path = "\(loops)/.running/\(file)"
        var facts = HookFacts(.unreadable, loops: loops, at: now, subject: path, summary: "\(path) \(problem)")
        facts["file"] = .string(JSONString(path))
        facts["problem"] = .string(JSONString(problem))
        return facts
    }

    private subscript(key: JSONString) -> JSONValue? {
        get { facts[key] }
        set { facts[key] = newValue }
    }

    /// One document with a newline at its end.
    package var document: [UInt8] {
        JSONValue.object(facts).serialized(indent: 2) + [UInt8(ascii: "\n")]
    }

    /// `LOOPSYNC_EVENT`, `LOOPSYNC_LOOP` and so on, without control characters, since a shell may print them.
    package var variables: [String: String] {
        var variables: [String: String] = [:]
        for member in facts.members {
            let text: String
            switch member.value {
            case .string(let string): text = PrintableText.escaping(string.bytes)
            case .number(let number): text = number.description
            case .null, .bool, .array, .object: continue
            }
            variables["LOOPSYNC_\(member.key.string.uppercased())"] = text
        }
        return variables
    }
}

extension RunPlace {
    /// The run's id as its directory's name has it.
    fileprivate var idOfName: String {
        switch layout {
        case .nested: runName.description
        case .flat: RunPlace.parts(ofFlat: runName)?.run.description ?? runName.description
        }
    }
}

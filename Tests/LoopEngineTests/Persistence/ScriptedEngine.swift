import LoopEngine
import LoopModel

/// An engine that does what a test says, in place of one that runs a loop.
struct ScriptedEngine: LoopRunning {
    var name: JSONString = "scripted"
    var context: JSONObject = [:]
    /// Runs from where it stands, and hands events to the sink.
    var script: @Sendable (RunProgress, EventSink) async throws -> RunOutcome

    init(_ script: @escaping @Sendable (RunProgress, EventSink) async throws -> RunOutcome) {
        self.script = script
    }

    func isTerminal(_ state: String) -> Bool { state == "done" }

    func start() -> RunProgress { RunProgress(at: "a", now: Timestamp(seconds: 1_700_000_000)) }

    func run(from progress: RunProgress, sink: @escaping EventSink) async throws -> RunOutcome {
        try await script(progress, sink)
    }

    /// An engine whose runs end at once, for a reason.
    static func ending(_ reason: TerminationReason, in state: String = "a") -> ScriptedEngine {
        ScriptedEngine { progress, sink in
            var progress = progress
            progress.currentState = state
            try sink(event("loop_complete", ["final_state": .string(JSONString(state))]), progress)
            return RunOutcome(progress: progress, reason: reason, duration: 42)
        }
    }

    /// An event without a time.
    static func event(_ name: JSONString, _ fields: JSONObject = [:]) -> LoopEvent {
        var object: JSONObject = ["event": .string(name)]
        for member in fields.members { object[member.key] = member.value }
        return LoopEvent(object)
    }
}

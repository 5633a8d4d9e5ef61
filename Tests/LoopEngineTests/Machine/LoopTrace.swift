import LoopEngine
import LoopModel
import Synchronization
import TestSupport

/// The events of a loop that was run for a test.
struct LoopTrace {
    /// Each event as its line, without its time, and with every duration as 2.
    let lines: [String]
    let outcome: RunOutcome

    /// Runs a loop to its end.
    ///
    /// - Parameters:
    ///   - yaml: its definition.
    ///   - subLoops: definitions of loops that it runs inside.
    init(_ yaml: String, subLoops: [String: String] = [:]) async throws {
        let loop = try LoopDefinition.parse(Array(yaml.utf8), file: "loop.yaml").loop
        let engine = Engine(loop, commands: CommandRunner()) { name in
            try LoopDefinition.parse(Array((subLoops[name] ?? "").utf8), file: name).loop
        }
        let events = Collected()
        outcome = try await engine.run(from: engine.start()) { event, _ in events.add(event) }
        lines = events.all.map { event in
            var json = event.json
            json["ts"] = nil
            if json["duration_ms"] != nil { json["duration_ms"] = 2 }
            return String(decoding: JSONValue.object(json).serialized(), as: UTF8.self)
        }
    }

    /// The lines that are about going from state to state.
    var transitions: [String] {
        lines.filter { line in
            ["state_enter", "route", "retry_", "loop_"].contains { line.contains(#""event": "\#($0)"#) }
        }
    }
}

private final class Collected: Sendable {
    private let events = Mutex<[LoopEvent]>([])
    var all: [LoopEvent] { events.withLock { $0 } }
    func add(_ event: LoopEvent) { events.withLock { $0.append(event) } }
}

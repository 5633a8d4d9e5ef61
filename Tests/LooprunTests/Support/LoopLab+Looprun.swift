import LoopModel
import TestSupport
import Testing

/// Which program runs a loop.
enum Runner: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case a, b, looprun

    var testDescription: String { rawValue }

    /// The program's path.
    func program() throws -> String {
        switch self {
        case .a: Executor.a.llLoop
        case .b: Executor.b.llLoop
        case .looprun: try BuiltProduct.looprun()
        }
    }

    /// What this executor writes before `.state.json`; B adds the time.
    func isStem(_ stem: String, of loop: String) -> Bool {
        self == .b ? stem.hasPrefix("\(loop)-") : stem == loop
    }
}

extension LoopLab {
    /// Starts a command of an executor and leaves it running.
    func start(_ runner: Runner, _ arguments: [String]) throws -> Subprocess {
        try Subprocess([try runner.program()] + arguments, in: project, environment: environment)
    }

    /// Runs a command of an executor to its end.
    @discardableResult
    func run(_ runner: Runner, _ arguments: [String]) throws -> Subprocess.Finished {
        try Subprocess.run([try runner.program()] + arguments, in: project, environment: environment)
    }

    /// The names in `.running` that end so, without it; the executors' gate is no run's.
    func stems(_ suffix: String) -> [String] {
        Disk.names(in: running).filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }.map {
            String($0.dropLast(suffix.count))
        }
    }

    /// The event lines of a run.
    func events(_ stem: String) -> [String] {
        (Disk.text("\(running)/\(stem).events.jsonl") ?? "").split(separator: "\n").map(String.init)
    }

    /// The state of a run; nil where there is none or it does not parse.
    func state(_ stem: String) -> JSONObject? {
        Disk.read("\(running)/\(stem).state.json").flatMap { try? JSONValue(parsing: $0) }?.objectValue
    }

    /// The status in a run's state.
    func status(_ stem: String) -> String? { state(stem)?["status"]?.stringValue?.string }

    /// Waits until a run of A's or looprun's stem has written so many events of a kind.
    func waitForEvent(_ event: String, count: Int = 1, in stem: String) throws {
        _ = try eventually("\(event) of \(stem)") { () -> Bool? in
            events(stem).count { $0.hasPrefix(#"{"event": "\#(event)""#) } >= count ? true : nil
        }
    }
}

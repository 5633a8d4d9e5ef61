import LoopEngine
import LoopModel
import LoopStore
import Synchronization
import TestSupport
import Testing

@Suite("keeping a run", .timeLimit(.minutes(1)))
struct PersistentExecutorTests {
    private typealias Scripted = ScriptedEngine

    private func persistence(_ directory: TemporaryDirectory, _ name: JSONString = "scripted") -> StatePersistence {
        StatePersistence(loopName: name, loopsDirectory: directory.path(".loops"))
    }

    private func running(_ directory: TemporaryDirectory) -> [String] {
        Disk.names(in: directory.path(".loops/.running")).sorted()
    }

    @Test(arguments: [
        (TerminationReason.terminal, RunStatus.completed), (.maxIterations, .interrupted), (.signal, .interrupted),
        (.handoff, .awaitingContinuation), (.timeout, .timedOut), (.error, .failed),
        (TerminationReason(rawValue: "cycle_detected"), .failed),
    ])
    func `how a run ended decides its status`(_ reason: TerminationReason, _ status: RunStatus) async throws {
        try await TemporaryDirectory.with { directory in
            let files = persistence(directory)
            let outcome = try await PersistentExecutor(Scripted.ending(reason), persistence: files).run()
            #expect(outcome.reason == reason)
            let state = try #require(try files.load())
            #expect(state.status == status)
            #expect(state.accumulatedMilliseconds == 42)
        }
    }

    @Test func `the observer is told an event when it, and the state that it brings, are on the disk`() async throws {
        try await TemporaryDirectory.with { directory in
            let files = persistence(directory)
            let seen = Mutex<[String]>([])
            let engine = Scripted { progress, sink in
                var progress = progress
                try sink(Scripted.event("loop_start"), progress)
                progress.iteration = 1
                try sink(Scripted.event("state_enter"), progress)
                try sink(Scripted.event("evaluate", ["type": "default", "verdict": "yes", "exit_code": 0]), progress)
                progress.currentState = "done"
                try sink(Scripted.event("loop_complete"), progress)
                return RunOutcome(progress: progress, reason: .terminal, duration: 1)
            }
            let observer: @Sendable (LoopEvent) -> Void = { event in
                let isWritten = (try? files.events())?.last == event
                let state = try? files.load()
                let saved = state.map { "\($0.status) \($0.iteration.integerValue ?? -1) \($0.lastResult != .null)" }
                seen.withLock { $0.append("\(event.name ?? "") \(isWritten) \(saved ?? "no state")") }
            }
            _ = try await PersistentExecutor(engine, persistence: files, observer: observer).run()
            // The evaluation is in the save after its own event.
            #expect(
                seen.withLock { $0 } == [
                    "loop_start true no state", "state_enter true running 1 false", "evaluate true running 1 false",
                    "loop_complete true completed 1 true",
                ]
            )
            #expect(try files.load()?.lastResult == ["verdict": "yes", "details": ["exit_code": 0]])
        }
    }

    @Test func `a save on the way has the retries, and the last one has not`() async throws {
        try await TemporaryDirectory.with { directory in
            let files = persistence(directory)
            let retries = Mutex<[JSONValue?]>([])
            let engine = Scripted { progress, sink in
                var progress = progress
                progress.retryCounts = ["a": 2]
                try sink(Scripted.event("state_enter"), progress)
                return RunOutcome(progress: progress, reason: .error, duration: 1)
            }
            let observer: @Sendable (LoopEvent) -> Void = { _ in
                let counts = (try? files.load())?.retryCounts
                retries.withLock { $0.append(counts) }
            }
            _ = try await PersistentExecutor(engine, persistence: files, observer: observer).run()
            #expect(retries.withLock { $0 } == [["a": 2]])
            #expect(try files.load()?.retryCounts == [:])
        }
    }

    @Test func `a new run sets the files of the one before aside`() async throws {
        try await TemporaryDirectory.with { directory in
            let files = persistence(directory)
            for _ in 0..<3 { _ = try await PersistentExecutor(Scripted.ending(.terminal), persistence: files).run() }
            let stems = Set(running(directory).map { String($0.prefix { $0 != "." }) })
            #expect(stems.count == 3)
            #expect(stems.contains("scripted"))
            for stem in stems {
                let kept = persistence(directory, JSONString(stem))
                #expect(try kept.events().count == 1)
                #expect(try kept.load()?.loopName == "scripted")
                #expect(stem == "scripted" || stem.wholeMatch(of: /scripted-\d{8}T\d{6}/) != nil)
            }
        }
    }

    @Test func `a new run can archive the one before instead, or go on behind it`() async throws {
        try await TemporaryDirectory.with { directory in
            let files = persistence(directory)
            let executor = { PersistentExecutor(Scripted.ending(.terminal), persistence: files, leftovers: .archive) }
            _ = try await executor().run()
            _ = try await executor().run()
            #expect(running(directory) == ["scripted.events.jsonl", "scripted.state.json"])
            #expect(Disk.names(in: directory.path(".loops/.history/scripted")).count == 1)
            _ = try await executor().run(clearPrevious: false)
            #expect(try files.events().count == 2)
        }
    }

    @Test(arguments: [
        (RunStatus.running, true), (.awaitingContinuation, true), (.interrupted, false), (.completed, false),
        (.failed, false), (.timedOut, false), ("something new", false),
    ])
    func `only what was killed or handed over is resumed`(_ status: RunStatus, _ isResumed: Bool) async throws {
        try await TemporaryDirectory.with { directory in
            let files = persistence(directory)
            try files.initialize()
            var state = LoopState(
                loopName: "scripted",
                currentState: "a",
                iteration: 3,
                startedAt: "2026-01-01T00:00:00+00:00",
                status: status
            )
            try files.save(&state)
            let outcome = try await PersistentExecutor(Scripted.ending(.terminal), persistence: files).resume()
            #expect((outcome != nil) == isResumed)
            #expect(try files.events().isEmpty != isResumed)
        }
    }

    @Test func `a resumed run goes on with all that its state holds`() async throws {
        try await TemporaryDirectory.with { directory in
            let files = persistence(directory)
            try files.initialize()
            var state = LoopState(
                loopName: "scripted",
                currentState: "b",
                iteration: 3,
                startedAt: "2026-01-01T00:00:00+00:00",
                status: .awaitingContinuation
            )
            state.captured = ["x": ["output": "1"]]
            state.previousResult = ["output": "", "exit_code": 1, "state": "a"]
            state.lastResult = ["verdict": "no", "details": [:]]
            state.retryCounts = ["b": 1]
            state.accumulatedMilliseconds = 5000
            state.continuationPrompt = "go on"
            state[.context] = ["input": "saved", "given": "at the start", "own": "of the file"]
            try files.save(&state)

            let found = Mutex<RunProgress?>(nil)
            var engine = Scripted { progress, sink in
                found.withLock { $0 = progress }
                try sink(Scripted.event("state_enter"), progress)
                return RunOutcome(progress: progress, reason: .signal, duration: 7)
            }
            engine.context = ["own": "of the definition", "more": 1]
            let executor = PersistentExecutor(engine, persistence: files)
            _ = try #require(try await executor.resume(context: ["given": "now"]))

            let progress = try #require(found.withLock { $0 })
            #expect(progress.currentState == "b")
            #expect(progress.iteration == 3)
            #expect(progress.captured == ["x": ["output": "1"]])
            #expect(progress.previousResult == ["output": "", "exit_code": 1, "state": "a"])
            #expect(progress.retryCounts == ["b": 1])
            #expect(progress.startedAt == "2026-01-01T00:00:00+00:00")
            #expect(progress.elapsedMilliseconds(at: progress.segmentStart) == 5000)
            let events = try files.events()
            #expect(events.map(\.name) == ["loop_resume", "state_enter"])
            #expect(
                events[0].json.keys.map(\.string)
                    == ["event", "ts", "loop", "from_state", "iteration", "from_handoff", "continuation_prompt"]
            )
            let last = try #require(try files.load())
            #expect(last.startedAt == "2026-01-01T00:00:00+00:00")
            #expect(last.lastResult == ["verdict": "no", "details": [:]])
            #expect(last[.context] == ["own": "of the file", "more": 1, "input": "saved", "given": "now"])
            #expect(last.continuationPrompt == nil)
        }
    }

    @Test func `a request for shutdown cancels the run, also one that came before it`() async throws {
        try await TemporaryDirectory.with { directory in
            let engine = Scripted { progress, sink in
                try sink(Scripted.event("state_enter"), progress)
                while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
                return RunOutcome(progress: progress, reason: .signal, duration: 1)
            }
            let files = persistence(directory)
            let executor = PersistentExecutor(engine, persistence: files)
            let run = Task { try await executor.run() }
            #expect(try await cameTrue { (try? files.load()) != nil })
            executor.requestShutdown()
            let runResult = try await run.value
            #expect(runResult.reason == .signal)
            #expect(try files.load()?.status == .interrupted)

            let early = PersistentExecutor(engine, persistence: files)
            early.requestShutdown()
            #expect(try await early.run().reason == .signal)

            let late = PersistentExecutor(engine, persistence: files)
            let cancelled = Task { try await late.run() }
            cancelled.cancel()
            let cancelledResult = try await cancelled.value
            #expect(cancelledResult.reason == .signal)
        }
    }

    @Test func `an abandoned run is saved as interrupted, and nothing is written after that`() async throws {
        try await TemporaryDirectory.with { directory in
            let goOn = Flag()
            let engine = Scripted { progress, sink in
                try sink(Scripted.event("state_enter"), progress)
                while !goOn.isSet { try? await Task.sleep(for: .milliseconds(1)) }
                try sink(Scripted.event("route"), progress)
                return RunOutcome(progress: progress, reason: .terminal, duration: 1)
            }
            let files = persistence(directory)
            let executor = PersistentExecutor(engine, persistence: files)
            let run = Task { try await executor.run() }
            #expect(try await cameTrue { (try? files.load()) != nil })
            try executor.abandon()
            goOn.set()
            _ = try? await run.value
            #expect(try files.load()?.status == .interrupted)
            #expect(try files.events().map(\.name) == ["state_enter"])
        }
    }

    @Test func `events that cannot be written end the run, and the error says where`() async throws {
        try await TemporaryDirectory.with { directory in
            let engine = Scripted { progress, sink in
                try sink(Scripted.event("loop_start"), progress)
                try Disk.remove(directory.path(".loops/.running"))
                try sink(Scripted.event("state_enter"), progress)
                return RunOutcome(progress: progress, reason: .terminal, duration: 1)
            }
            let error = await #expect(throws: PosixError.self) {
                try await PersistentExecutor(engine, persistence: persistence(directory)).run()
            }
            #expect(error?.code.description == "No such file or directory")
            #expect(error?.path.hasSuffix("scripted.events.jsonl") == true)
        }
    }

    @Test(arguments: [(true, false), (false, true), (true, true)])
    func `a run has the same files with and without fsync, and on a thread of its own`(
        _ isDurable: Bool,
        _ hasThread: Bool
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let files = persistence(directory)
            let executor = PersistentExecutor(
                Scripted.ending(.terminal, in: "done"),
                persistence: files,
                isDurable: isDurable,
                thread: hasThread ? EngineThread() : nil
            )
            _ = try await executor.run()
            #expect(running(directory) == ["scripted.events.jsonl", "scripted.state.json"])
            #expect(try files.load()?.currentState == "done")
        }
    }
}

/// Something that is once said to another task.
private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

import CLinuxShims
import Glibc
import LoopModel
import LoopStore
import SyncCore
import Synchronization

/// Runs hooks one after the other on a thread of its own, which is there only while there are some.
///
/// Nobody waits for a hook, and no number of them fills the memory: what finds the queue full is not run, counted and
/// told.
package final class HookRunner: Sendable {
    private struct Queue: ~Copyable {
        var settings: HookSettings
        var waiting: [HookFacts] = []
        /// Since it last told how many.
        var dropped = 0
        var droppedInAll = 0
        var isWorking = false
        var isStopping = false
        var thread: Thread?
    }

    private let queue: Mutex<Queue>
    /// Readable once the hook under way is to be ended.
    private let stop: Int32
    private let limit: Int
    private let tell: @Sendable (_ problem: String) -> Void

    /// Makes a runner; nothing is started before there is something to run.
    ///
    /// - Parameters:
    ///   - limit: how many may wait.
    ///   - tell: hears of hooks that failed or were not run; called on any thread.
    package init(_ settings: HookSettings, limit: Int = 1000, tell: @escaping @Sendable (_ problem: String) -> Void) {
        queue = Mutex(Queue(settings: settings))
        stop = loopsync_event_descriptor()
        self.limit = limit
        self.tell = tell
    }

    deinit {
        close(stop)
    }

    /// Takes settings that were read again; what waits is run by these.
    package func use(_ settings: HookSettings) {
        queue.withLock { $0.settings = settings }
    }

    /// How many were not run since they found the queue full.
    package var dropped: Int { queue.withLock { $0.droppedInAll } }

    /// Has the hook for this run, if there is one.
    package func post(_ facts: HookFacts) {
        let isFirstDrop = queue.withLock { queue in
            guard queue.settings.commands[facts.event] != nil, !queue.isStopping else { return false }
            guard queue.waiting.count < limit else {
                queue.dropped += 1
                queue.droppedInAll += 1
                return queue.dropped == 1
            }
            queue.waiting.append(facts)
            guard !queue.isWorking else { return false }
            queue.isWorking = true
            // It has nothing more to do but to return.
            queue.thread?.join()
            queue.thread = try? Thread(trying: "loopsync-hooks") { [self] in work() }
            // Without a thread it waits for the next one that is posted.
            queue.isWorking = queue.thread != nil
            return false
        }
        if isFirstDrop {
            tell(
                "hooks: \(limit) wait already; \(facts.event.rawValue) is not run for \(facts.subject), nor what follows"
            )
        }
    }

    /// Waits for all that was posted, however long it takes: every hook has its time limit.
    package func finish() {
        queue.withLock { $0.thread.take() }?.join()
    }

    /// Ends the hook under way, if it does not end by itself within a moment, and runs no other.
    ///
    /// - Parameter grace: milliseconds.
    package func end(within grace: Int64) {
        let thread = queue.withLock { queue in
            queue.isStopping = true
            queue.dropped += queue.waiting.count
            queue.waiting = []
            return queue.thread.take()
        }
        guard let thread else { return }
        let deadline = SystemClock.steady() + grace
        while queue.withLock({ $0.isWorking }), SystemClock.steady() < deadline { pause(milliseconds: 5) }
        var one: UInt64 = 1
        _ = write(stop, &one, MemoryLayout<UInt64>.size)
        thread.join()
    }

    private struct Work {
        var facts: HookFacts
        var command: [String]
        var timeout: Duration
    }

    private func work() {
        while true {
            let (next, dropped) = queue.withLock { queue -> (Work?, Int) in
                while !queue.waiting.isEmpty {
                    let facts = queue.waiting.removeFirst()
                    guard let command = queue.settings.commands[facts.event] else { continue }
                    return (Work(facts: facts, command: command, timeout: queue.settings.timeout), 0)
                }
                queue.isWorking = false
                defer { queue.dropped = 0 }
                return (nil, queue.dropped)
            }
            guard let next else {
                if dropped > 0 { tell("hooks: \(dropped) were not run") }
                return
            }
            if let problem = run(next) { tell(problem) }
        }
    }

    /// - Returns: what went wrong; nil where nothing did.
    private func run(_ work: Work) -> String? {
        let name = "\(work.facts.event.rawValue) for \(work.facts.subject)"
        let program = PrintableText.escaping((work.command.first ?? "").utf8, limit: 200)
        let child = ChildProcess(
            work.command,
            environment: Environment.all().merging(work.facts.variables) { _, new in new },
            input: work.facts.document,
            cancellation: stop
        )
        do throws(PosixError) {
            let ended = try child.run(within: work.timeout.milliseconds)
            let how: String
            switch ended.way {
            case .exited(0): return nil
            case .exited(let status): how = "ended with \(status)"
            case .killed(let signal): how = "was ended by signal \(signal)"
            case .timedOut: how = "took longer than hooks.timeout \(DurationText.format(work.timeout)) and was killed"
            case .cancelled: how = "was killed, since the agent ends"
            }
            return "hook \(name): \(program) \(how)\(Self.quoted(ended.output))"
        } catch {
            return "hook \(name) was not run: \(error). Name a program on the PATH, or its whole path"
        }
    }

    /// The last lines of a program's output; it may have written anything.
    private static func quoted(_ output: [UInt8]) -> String {
        let lines = output.split(separator: UInt8(ascii: "\n")).suffix(5).map { PrintableText.escaping($0, limit: 300) }
        return lines.isEmpty ? "" : "; it said:\n" + lines.joined(separator: "\n")
    }
}

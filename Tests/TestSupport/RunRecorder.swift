import Glibc
import Synchronization

/// Keeps what an executor writes, independently of the agent: what the history has to hold is what this saw.
///
/// A thread looks into `.running` every two milliseconds and gives each new events file a second name outside, which
/// the executor's unlink cannot take; of each state it keeps every whole version that it sees.
package final class RunRecorder: Sendable {
    private let running: String
    private let keep: String
    private let stopping = Atomic<Bool>(false)
    private let seen = Mutex(Seen())
    private let thread = Mutex<pthread_t?>(nil)

    private struct Seen {
        var events: [EventsFile] = []
        var inodes: Set<UInt64> = []
        var states: [StateVersion] = []
        var last: [String: [UInt8]] = [:]
        var rounds = 0
    }

    private struct EventsFile {
        let stem: String
        let link: String
    }

    private struct StateVersion {
        let stem: String
        let bytes: [UInt8]
    }

    /// Starts to record.
    ///
    /// - Parameters:
    ///   - running: the `.running` directory, which may not exist yet.
    ///   - keep: an empty directory of the same file system for the second names.
    package init(running: String, keep: String) throws {
        self.running = running
        self.keep = keep
        try Disk.makeDirectories(keep)
        var started = pthread_t()
        let failure = pthread_create(
            &started,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<RunRecorder>.fromOpaque(argument).takeRetainedValue().record()
                return nil
            },
            Unmanaged.passRetained(self).toOpaque()
        )
        guard failure == 0 else { throw TestSupportError("pthread_create: \(String(cString: strerror(failure)))") }
        thread.withLock { $0 = started }
    }

    /// Ends the thread; what it saw stays.
    package func stop() {
        stopping.store(true, ordering: .relaxed)
        if let started = thread.withLock({ thread in
            defer { thread = nil }
            return thread
        }) {
            pthread_join(started, nil)
        }
    }

    private func record() {
        while !stopping.load(ordering: .relaxed) {
            look()
            pause(milliseconds: 2)
        }
        look()
    }

    private func look() {
        let names = Disk.names(in: running)
        seen.withLock { seen in
            for name in names where name.hasSuffix(".events.jsonl") {
                guard let file = Disk.status("\(running)/\(name)"), !seen.inodes.contains(file.inode) else { continue }
                let link = "\(keep)/\(seen.events.count).jsonl"
                guard Disk.link("\(running)/\(name)", as: link), let linked = Disk.status(link) else { continue }
                // Between the look and the link another run may have taken the name: what was linked counts.
                guard seen.inodes.insert(linked.inode).inserted else {
                    unlink(link)
                    continue
                }
                seen.events.append(EventsFile(stem: String(name.dropLast(".events.jsonl".count)), link: link))
            }
            for name in names where name.hasSuffix(".state.json") {
                let stem = String(name.dropLast(".state.json".count))
                guard let bytes = Disk.read("\(running)/\(name)"), bytes.first == UInt8(ascii: "{"),
                    bytes.last == UInt8(ascii: "}"), seen.last[stem] != bytes
                else { continue }
                seen.last[stem] = bytes
                seen.states.append(StateVersion(stem: stem, bytes: bytes))
            }
            seen.rounds += 1
        }
    }

    /// Waits until the thread has looked at everything that is there now.
    package func catchUp() {
        let target = seen.withLock { $0.rounds } + 2
        _ = eventually(every: 1) { stopping.load(ordering: .relaxed) || seen.withLock { $0.rounds } >= target }
    }

    /// The runs seen so far, in the order in which they began.
    package func runs() -> [RecordedRun] {
        let (events, states) = seen.withLock { ($0.events, $0.states) }
        var runs: [RecordedRun] = []
        for file in events {
            let bytes = Disk.read(file.link) ?? []
            let starts = RecordedRun.starts(in: bytes)
            // Without a loop_start of its own a file goes on with its stem's last run: a sweep took that run's files.
            if starts.isEmpty, let previous = runs.lastIndex(where: { $0.stem == file.stem }) {
                runs[previous].events += bytes
            } else {
                runs.append(RecordedRun(stem: file.stem, events: bytes, starts: starts, states: []))
            }
        }
        for state in states {
            guard let startedAt = RecordedRun.value(of: "started_at", in: state.bytes) else { continue }
            let owner = runs.indices.filter { runs[$0].stem == state.stem }.min { one, two in
                (runs[one].firstStart(from: startedAt) ?? "~") < (runs[two].firstStart(from: startedAt) ?? "~")
            }
            if let owner, runs[owner].firstStart(from: startedAt) != nil { runs[owner].states.append(state.bytes) }
        }
        return runs
    }
}

/// One run as the executor wrote it.
package struct RecordedRun: Hashable, Sendable, CustomStringConvertible {
    /// The name before `.events.jsonl`.
    package let stem: String
    /// All of its events.
    package fileprivate(set) var events: [UInt8]
    /// The `ts` of its unnested `loop_start` events.
    package let starts: [String]
    /// The versions of its state that were seen, oldest first.
    package fileprivate(set) var states: [[UInt8]]

    /// Takes a run that was copied right after its end.
    package init(stem: String, events: [UInt8], state: [UInt8]) {
        self.init(stem: stem, events: events, starts: Self.starts(in: events), states: [state])
    }

    fileprivate init(stem: String, events: [UInt8], starts: [String], states: [[UInt8]]) {
        self.stem = stem
        self.events = events
        self.starts = starts
        self.states = states
    }

    /// Its state as it was left.
    package var state: [UInt8]? { states.last }

    /// The loop's name, from the state.
    package var loop: String? { state.flatMap { Self.value(of: "loop_name", in: $0) } }

    /// The status of its last state.
    package var status: String? { state.flatMap { Self.value(of: "status", in: $0) } }

    /// What the executor's own formula makes of `started_at`.
    package var runID: String? {
        state.flatMap { Self.value(of: "started_at", in: $0) }.map { startedAt in
            String(startedAt.filter { !":.+".contains($0) }.prefix(17))
        }
    }

    /// Its place below `.history` by the executor's formula.
    package func place(_ layout: Executor) -> String? {
        guard let loop, let runID else { return nil }
        return layout == .a ? "\(loop)/\(runID)" : "\(runID)-\(loop)"
    }

    /// The stem with the beginning of the run, for messages.
    package var description: String {
        "\(stem) of \(starts.first ?? "?") (\(events.count) bytes, \(status ?? "no state"))"
    }

    func firstStart(from startedAt: String) -> String? {
        starts.filter { $0 >= startedAt }.min()
    }

    static func starts(in events: [UInt8]) -> [String] {
        events.split(separator: UInt8(ascii: "\n")).filter { line in
            line.starts(with: Array(#"{"event": "loop_start""#.utf8)) && value(of: "depth", in: line) == nil
                && !String(decoding: line, as: UTF8.self).contains(#""depth": "#)
        }.compactMap { value(of: "ts", in: $0) }
    }

    /// A string member, found by its text: nothing that is under test is used here.
    static func value(of key: String, in json: some Collection<UInt8>) -> String? {
        let text = String(decoding: json, as: UTF8.self)
        guard let begin = text.firstRange(of: "\"\(key)\": \"") else { return nil }
        return text[begin.upperBound...].split(separator: "\"", maxSplits: 1, omittingEmptySubsequences: false).first
            .map(String.init)
    }
}

import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

/// A project with a mirror, and beside them a tree that loopsync must neither read nor change: the canary.
final class HostilePlace {
    let directory: TemporaryDirectory
    var project: String { directory.path("project") }
    var loops: String { directory.path("project/.loops") }
    var running: String { "\(loops)/.running" }
    var history: String { "\(loops)/.history" }
    var own: String { "\(loops)/.loopsync" }
    var sync: String { directory.path("sync") }
    var mirror: String { "\(sync)/\(HostName.current)/project" }
    var canary: String { directory.path("canary") }
    /// Where a `LinkSwapper` keeps what is not in place.
    var shelf: String { directory.path("shelf") }

    /// Stands in every file of the canary, and nowhere else.
    static let secret = "canary 7f3a: this belongs to somebody else"

    init() throws {
        directory = try TemporaryDirectory()
        for name in ["project/.loops/.running", "sync", "home", "canary"] {
            try Disk.makeDirectories(directory.path(name))
        }
        try Disk.write(Self.secret, to: "\(canary)/secret")
    }

    /// Runs a verb in the project, with the mirror, to its end.
    ///
    /// - Parameter umask: of the process, in octal.
    @discardableResult
    func loopsync(_ arguments: String..., config: String? = nil, umask: String? = nil) throws -> CommandRun {
        try CommandRun(
            arguments + ["--sync", sync] + (config.map { ["--config", $0] } ?? []),
            in: project,
            under: umask.map { ["/bin/sh", "-c", "umask \($0); exec \"$@\"", "sh"] } ?? []
        )
    }

    func agent(configuration: String? = nil, under wrapper: [String] = []) throws -> AgentProcess {
        try AgentProcess(
            watching: [loops],
            sync: sync,
            configuration: configuration,
            in: directory.path("home"),
            under: wrapper
        )
    }

    /// Writes a run into `.running`, under a name that no other run has.
    func write(_ run: SyntheticRun) throws {
        try Disk.write(run.events, to: "\(running)/\(run.loop)-\(run.start).events.jsonl")
        try Disk.write(run.state, to: "\(running)/\(run.loop)-\(run.start).state.json")
    }

    /// Takes every run's files out of `.running`, as an executor does that clears up.
    func leaveRunning() throws {
        for name in Disk.names(in: running) { try Disk.remove("\(running)/\(name)") }
    }

    /// A policy under which all but the newest run of each loop go at once.
    func policy(_ further: String = "") throws -> String {
        let path = directory.path("policy.yaml")
        try Disk.write(
            "version: 1\nretention: {keep_last: 1, keep_min: 1, require_mirrored: false, max_delete_fraction: 1}\n"
                + further,
            to: path
        )
        return path
    }

    /// Puts a run into the canary as it would stand in a loops directory, with the secret in it.
    func bait(_ run: SyntheticRun, at path: String) throws {
        let place = "\(canary)/\(path)"
        try Disk.makeDirectories(place)
        try Disk.write(run.eventLines[0] + "\n\(Self.secret)\n", to: "\(place)/events.jsonl")
        try Disk.write(run.state + Array(Self.secret.utf8), to: "\(place)/state.json")
        try Disk.write(Self.secret, to: "\(place)/SHA256SUMS")
    }

    /// Content, times and permissions of all that stands outside.
    var outside: Outside { Outside(of: canary) }

    /// Expects that nothing of the canary came in, and nothing went there.
    func expectUntouched(since before: Outside, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(before.differences(to: outside) == [], sourceLocation: sourceLocation)
        for tree in [loops, sync] {
            let inside = TreeSnapshot(of: tree)
            let leaked = inside.files.filter { path in
                inside[path].map { String(decoding: $0, as: UTF8.self).contains(Self.secret) } ?? false
            }
            #expect(leaked == [], "below \(tree)", sourceLocation: sourceLocation)
        }
    }

    /// Expects runs to stand whole in the history, and in the mirror; in either layout, since where a link has a loop's
    /// name its runs go into the other one.
    func expectWhole(_ runs: [SyntheticRun], mirrored: Bool = true, sourceLocation: SourceLocation = #_sourceLocation) {
        for place in [history] + (mirrored ? ["\(mirror)/.history"] : []) {
            #expect(torn(runs, in: place) == [], "in \(place)", sourceLocation: sourceLocation)
        }
    }

    /// Whether runs stand so in the history.
    func areArchived(_ runs: [SyntheticRun]) -> Bool { torn(runs, in: history).isEmpty }

    private func torn(_ runs: [SyntheticRun], in place: String) -> [String] {
        let torn = runs.filter { run in
            ![run.place, "\(run.runID)-\(run.loop)"].contains { name in
                Disk.read("\(place)/\(name)/events.jsonl") == run.events
                    && Disk.read("\(place)/\(name)/state.json") == run.state
            }
        }
        return torn.map(\.place)
    }

    /// A tree with what `stat` says of all in it.
    struct Outside: Equatable {
        private let tree: TreeSnapshot
        private let states: [String: Disk.FileState]

        init(of path: String) {
            let tree = TreeSnapshot(of: path)
            self.tree = tree
            var states: [String: Disk.FileState] = [:]
            for name in tree.entries.keys + [""] { states[name] = Disk.status("\(path)/\(name)") }
            self.states = states
        }

        func differences(to other: Outside) -> [String] {
            let touched = states.filter { other.states[$0.key] != $0.value }.map { "touched: \($0.key)" }
            return tree.differences(to: other.tree) + touched.sorted()
        }
    }
}

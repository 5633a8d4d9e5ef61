import TestSupport

/// A project with what a real executor left in it, at each point from which a command is started.
///
/// The executor works once; every trial begins with a copy at the same path.
final class FaultStage {
    /// What is tried.
    enum Scene: String, CaseIterable {
        /// Two new runs, one that went on since it was archived.
        case archive
        /// A sync directory that was never used.
        case firstMirror = "first mirror"
        /// New runs, one that changed, one that a stranger edited and one that a person put a note into, two that were
        /// pruned.
        case mirror
        /// Four runs to go, two to be deleted for good.
        case prune
    }

    let lab: LoopLab
    /// What a person wrote into a run's directory in the mirror.
    static let note = "note.txt"
    private static let policy = "retention: {keep_min: 0, min_age: 0s, time_zone: Etc/UTC, keep_last: "

    init(_ executor: Executor) throws {
        lab = try LoopLab(executor)
        for scene in Scene.allCases {
            let settings =
                switch scene {
                case .archive: ""
                case .firstMirror, .mirror: "mirror: {deletions: follow}\n"
                case .prune: Self.policy + "1}\n"
                }
            try Disk.write("version: 1\n" + settings, to: configuration(scene))
        }
        try lab.define(
            "plain",
            "initial: a\nstates:\n  a: {action: \"echo hi\", on_yes: done}\n  done: {terminal: true}"
        )
        try lab.define(
            "hand",
            """
            initial: a
            on_handoff: pause
            states:
              a: {action: "[ -e go ] || { touch go; echo 'CONTEXT_HANDOFF: go on here'; }", on_yes: done}
              done: {terminal: true}
            """
        )
        try execute("run", "plain")
        try loopsync(.archive)
        try execute("run", "hand")
        try loopsync(.archive)
        try archiveBulk(4, from: 0)
        try keep(.firstMirror)

        try loopsync(.firstMirror)
        try intrude()
        let memory = "\(lab.loops)/.loopsync/mirror.json"
        let aside = lab.directory.path("mirror.json")
        try Disk.move(memory, to: aside)
        try execute("resume", "hand")
        for loop in ["fresh", "other"] { try bulk(loop, 0).write(toRunning: lab.running) }
        try keep(.archive)

        try loopsync(.archive)
        let earlier = lab.directory.path("earlier.yaml")
        try Disk.write("version: 1\n" + Self.policy + "2}\n", to: earlier)
        try require(try Subprocess.run(command(.prune, configuration: earlier), environment: environment))
        try Disk.move(aside, to: memory)
        try keep(.mirror)

        try Disk.remove(memory)
        try archiveBulk(3, from: 4)
        try age()
        try keep(.prune)
    }

    /// The command of a scene, by paths that hold anywhere.
    func command(_ scene: Scene) throws -> [String] {
        try command(scene, configuration: configuration(scene))
    }

    private func command(_ scene: Scene, configuration: String) throws -> [String] {
        let words =
            switch scene {
            case .archive: ["archive"]
            case .firstMirror, .mirror: ["mirror", "--sync", lab.sync]
            case .prune: ["prune"]
            }
        return [try BuiltProduct.loopsync()] + words + ["--loops", lab.loops, "--config", configuration]
    }

    /// With dictionaries in one order, so that the k-th call of one run is the k-th of the next; and without a catalogue,
    /// since what SQLite calls depends on time, and from a thread of its own too.
    var environment: [String: String] {
        [
            "PATH": "/usr/bin:/bin", "HOME": lab.directory.path("home"), "LANG": "C.UTF-8", "TZ": "UTC",
            "SWIFT_DETERMINISTIC_HASHING": "1", "LOOPSYNC_CATALOGUE": "off",
        ]
    }

    /// Runs a scene's command undisturbed.
    @discardableResult
    func loopsync(_ scene: Scene) throws -> Subprocess.Finished {
        let done = try Subprocess.run(command(scene), in: "/", environment: environment)
        try require(done)
        return done
    }

    /// Brings everything back to where a scene begins.
    func restore(_ scene: Scene) throws {
        try copy(from: "\(lab.directory.path)/kept/\(scene.rawValue)", to: nil)
    }

    private func configuration(_ scene: Scene) -> String { lab.directory.path("\(scene.rawValue).yaml") }

    private func keep(_ scene: Scene) throws {
        let kept = lab.directory.path("kept/\(scene.rawValue)")
        try Disk.makeDirectories(kept)
        try copy(from: nil, to: kept)
    }

    /// Copies loops and sync directory.
    private func copy(from source: String?, to target: String?) throws {
        let done = try Subprocess.run([
            "/bin/sh", "-c",
            "rm -rf \"$3/.loops\" \"$4/sync\" && cp -a \"$1/.loops\" \"$3/.loops\" && cp -a \"$2/sync\" \"$4/sync\"",
            "sh", source ?? lab.project, source ?? lab.directory.path, target ?? lab.project,
            target ?? lab.directory.path,
        ])
        try require(done)
    }

    private func execute(_ arguments: String...) throws {
        try require(
            try Subprocess.run([lab.executor.llLoop] + arguments, in: lab.project, environment: lab.environment)
        )
    }

    private func require(_ done: Subprocess.Finished) throws {
        guard done.succeeded else { throw TestSupportError("the stage: \(done)") }
    }

    private func bulk(_ loop: String, _ number: Int) -> SyntheticRun {
        SyntheticRun(loop: loop, start: 1_700_000_000 + 100 * number, executor: lab.executor)
    }

    private func archiveBulk(_ count: Int, from first: Int) throws {
        for number in first..<(first + count) {
            let run = bulk("bulk", number)
            try run.write(toRunning: lab.running)
            try loopsync(.archive)
            for suffix in [".state.json", ".events.jsonl"] { try Disk.remove("\(lab.running)/\(run.stem)\(suffix)") }
        }
    }

    /// What others do in the mirror: a note beside a run that will change, and an edit of a run that will not.
    private func intrude() throws {
        let history = "\(lab.mirror)/.history"
        let places = HistoryAudit.archives(in: history).map(\.place)
        guard let hand = places.first(where: { $0.contains("hand") }),
            let plain = places.first(where: { $0.contains("plain") })
        else { throw TestSupportError("the stage: \(places)") }
        try Disk.write("a person's note\n", to: "\(history)/\(hand)/\(Self.note)")
        try Disk.append("a stranger's line\n", to: "\(history)/\(plain)/events.jsonl")
    }

    /// Makes everything in the trash old.
    private func age() throws {
        let trash = "\(lab.loops)/.loopsync/trash"
        for day in Disk.names(in: trash) { try Disk.move("\(trash)/\(day)", to: "\(trash)/2020-01-01") }
        for loop in Disk.names(in: "\(trash)/2020-01-01") {
            try Disk.remove("\(trash)/2020-01-01/\(loop)/pruned.jsonl")
        }
    }
}

import LoopModel
import TestSupport

/// A project whose history an executor filled, in a temporary directory.
struct ArchivedProject {
    let place: TemporaryDirectory
    /// The project's directory, which holds `.loops`.
    var path: String { place.path("p") }

    init() throws {
        place = try TemporaryDirectory()
        try Disk.makeDirectories(place.path("p/.loops/.history"))
    }

    /// A path below `.loops`.
    func loops(_ path: String) -> String { place.path("p/.loops/\(path)") }

    /// Writes an archived run that took 3m12s.
    ///
    /// - Parameters:
    ///   - name: its directory below `.history`.
    ///   - second: when it started, counted from 2025-11-23T20:15:00Z.
    ///   - fraction: of that second, for instance ".7".
    func archive(_ name: String, loop: String, second: Int64, status: String, fraction: String = "") throws {
        let start = Timestamp(seconds: 1_763_928_900 + second)
        let iso = start.iso.string.replacing("+", with: "\(fraction)+")
        let end = start.adding(seconds: 192).iso.string
        let directory = loops(".history/\(name)")
        try Disk.makeDirectories(directory)
        try Disk.write(
            """
            {"loop_name": "\(loop)", "current_state": "done", "iteration": 14, "captured": {}, "prev_result": null,
            "last_result": null, "started_at": "\(iso)", "updated_at": "\(end)", "status": "\(status)"}
            """,
            to: "\(directory)/state.json"
        )
        try Disk.write(
            """
            {"event": "loop_start", "ts": "\(iso)", "loop": "\(loop)"}
            {"event": "loop_complete", "ts": "\(end)", "final_state": "done", "iterations": 14, "terminated_by": "terminal"}

            """,
            to: "\(directory)/events.jsonl"
        )
    }

    /// Runs the program in the project.
    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> CommandRun {
        try CommandRun(arguments, in: path, environment: environment)
    }

    /// Writes the project's `loopsync.yaml`.
    func configure(_ text: String) throws {
        try Disk.write("version: 1\n" + text, to: place.path("p/loopsync.yaml"))
    }
}

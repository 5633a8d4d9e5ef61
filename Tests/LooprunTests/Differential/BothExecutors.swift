import Glibc
import LoopModel
import TestSupport

/// Runs cases by A and by looprun.
///
/// A's runs are forks of one Python process that call A's own `main_loop`: what happens to the files is exactly what
/// `ll-loop` does, without half a second of start for each. With `LOOPRUN_SUBJECT=a` A takes looprun's place too, which
/// shows that a case says the same twice.
enum BothExecutors {
    /// What both left.
    struct Outcome: Sendable {
        let a: Trace
        let looprun: Trace
    }

    private static let isSubjectA = getenv("LOOPRUN_SUBJECT").map { String(cString: $0) } == "a"

    /// Runs each case in two fresh directories, alike but for one letter of their paths.
    ///
    /// - Returns: the outcomes in the cases' order.
    static func run(_ cases: [LoopCase]) throws -> [Outcome] {
        try Executor.a.require()
        return try TemporaryDirectory.with { directory in
            func place(_ side: String, _ index: Int) -> String { directory.path("\(side)/\(index)") }
            for (index, one) in cases.enumerated() {
                for side in ["a", "s"] { try one.prepare(at: place(side, index)) }
            }
            let batch = try PythonBatch(cases, in: directory, side: "a", place: { place("a", $0) })
            let own: [[String]]
            if isSubjectA {
                own = try PythonBatch(cases, in: directory, side: "s", place: { place("s", $0) }).exits()
            } else {
                own = try cases.enumerated().map { index, one in try one.runByLooprun(at: place("s", index)) }
            }
            let exits = try batch.exits()
            return cases.indices.map { index in
                let unlike = cases[index].unlike
                return Outcome(
                    a: Trace(of: place("a", index), exits: exits[index], unlike: unlike),
                    looprun: Trace(of: place("s", index), exits: own[index], unlike: unlike)
                )
            }
        }
    }
}

extension LoopCase {
    /// Makes the directories of one side.
    fileprivate func prepare(at place: String) throws {
        for name in ["project/.loops", "home", "bin", "tmp"] { try Disk.makeDirectories("\(place)/\(name)") }
        for (name, yaml) in loops { try Disk.write(yaml, to: "\(place)/project/.loops/\(name).yaml") }
        for (name, text) in files { try Self.put(text, at: "\(place)/project/\(name)") }
        let dashed = String("\(place)/project".map { $0 == "/" ? "-" : $0 })
        for (name, text) in home { try Self.put(text, at: "\(place)/home/\(name.replacing("PROJECT", with: dashed))") }
        for (name, script) in programs {
            try Disk.write(script, to: "\(place)/bin/\(name)")
            guard chmod("\(place)/bin/\(name)", 0o755) == 0 else { throw TestSupportError("chmod \(name)") }
        }
        if isBare {
            for name in ["bash", "sleep", "cat"] {
                guard symlink("/bin/\(name)", "\(place)/bin/\(name)") == 0 else {
                    throw TestSupportError("symlink \(name)")
                }
            }
        }
    }

    private static func put(_ text: String, at path: String) throws {
        try Disk.makeDirectories(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        try Disk.write(text, to: path)
    }

    /// All of the environment of the commands of one side.
    fileprivate func surroundings(at place: String) -> [String: String] {
        [
            "PATH": isBare ? "\(place)/bin" : "\(place)/bin:/usr/bin:/bin", "HOME": "\(place)/home",
            "TMPDIR": "\(place)/tmp", "LANG": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1",
        ].merging(environment) { $1 }
    }

    fileprivate func runByLooprun(at place: String) throws -> [String] {
        let looprun = try BuiltProduct.looprun()
        return try commands.map { arguments in
            let done = try Subprocess.run(
                [looprun] + arguments,
                in: "\(place)/project",
                environment: surroundings(at: place)
            )
            try Disk.append("\(done)\n", to: "\(place)/log")
            return "\(done.termination)"
        }
    }
}

/// A Python process that runs cases by A, two at a time.
private struct PythonBatch {
    private static let script = """
        import json, os, sys
        from little_loops.cli import main_loop
        from little_loops.fsm import evaluators

        # What diff_stall remembers is in files that all of a machine's runs share: here each case has its own.
        plain = evaluators.Path
        def path(name, *more):
            own = isinstance(name, str) and name.startswith("/tmp/ll-diff-stall")
            return plain(os.environ["TMPDIR"] + name[4:] if own else name, *more)
        evaluators.Path = path

        def run(job):
            os.chdir(job["project"])
            os.environ.clear()
            os.environ.update(job["environment"])
            log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for number, file in ((0, os.open("/dev/null", os.O_RDONLY)), (1, log), (2, log)):
                os.dup2(file, number)
            ends = os.open(job["ends"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for arguments in job["commands"]:
                child = os.fork()
                if child == 0:
                    sys.argv = ["ll-loop"] + arguments
                    sys.exit(main_loop())
                code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
                os.write(ends, (f"exit {code}" if code >= 0 else f"killed by signal {-code}").encode() + b"\\n")
            os._exit(0)

        free = 2
        with open(sys.argv[1]) as file:
            jobs = json.load(file)
        for job in jobs:
            if free == 0:
                os.wait()
                free = 1
            if os.fork() == 0:
                run(job)
            free -= 1
        while free < 2:
            os.wait()
            free += 1
        """

    private let process: Subprocess
    private let ends: [String]

    init(_ cases: [LoopCase], in directory: TemporaryDirectory, side: String, place: (Int) -> String) throws {
        let jobs = cases.enumerated().map { index, one in
            JSONValue.object([
                "project": .string(JSONString("\(place(index))/project")),
                "log": .string(JSONString("\(place(index))/log")),
                "ends": .string(JSONString("\(place(index))/ends")),
                "environment": .object(
                    JSONObject(
                        one.surroundings(at: place(index)).map { (JSONString($0.key), .string(JSONString($0.value))) }
                    )
                ),
                "commands": .array(one.commands.map { .array($0.map { .string(JSONString($0)) }) }),
            ])
        }
        ends = cases.indices.map { "\(place($0))/ends" }
        try Disk.write(JSONValue.array(jobs).serialized(), to: directory.path("jobs-\(side).json"))
        try Disk.write(Self.script, to: directory.path("batch-\(side).py"))
        process = try Subprocess(
            [Executor.a.python, directory.path("batch-\(side).py"), directory.path("jobs-\(side).json")],
            in: directory.path,
            environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1"]
        )
    }

    /// Waits for all and gives how each command of each case ended.
    func exits() throws -> [[String]] {
        let ended = try process.wait(within: .seconds(600))
        guard ended == .exited(0) else { throw TestSupportError("A's batch: \(ended)\n\(process.errorOutput)") }
        return ends.map { (Disk.text($0) ?? "").split(separator: "\n").map(String.init) }
    }
}

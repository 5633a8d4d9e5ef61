import Glibc

/// A project with loops, and a real executor that runs them there in a clean environment.
package final class LoopLab: Sendable {
    /// The executor's version.
    package let executor: Executor
    /// Holds all of it.
    package let directory: TemporaryDirectory

    /// The project's directory.
    package var project: String { directory.path("project") }
    /// The project's loops directory.
    package var loops: String { "\(project)/.loops" }
    /// Where the executor works.
    package var running: String { "\(loops)/.running" }
    /// Where archived runs stand.
    package var history: String { "\(loops)/.history" }
    /// A sync directory, which exists.
    package var sync: String { directory.path("sync") }
    /// This host's part of the sync directory, as `{host}/{project}` has it.
    package var mirror: String { "\(sync)/\(HostName.current)/project" }

    /// Makes an empty project, under git as executors like it.
    package init(_ executor: Executor) throws {
        try executor.require()
        self.executor = executor
        directory = try TemporaryDirectory()
        for name in ["project/.loops", "sync", "home", "bin"] { try Disk.makeDirectories(directory.path(name)) }
        try Disk.write("[user]\nname = lab\nemail = lab@example.invalid\n", to: directory.path("home/.gitconfig"))
        for command in [["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "start"]] {
            let done = try Subprocess.run(["/usr/bin/git"] + command, in: project, environment: environment)
            guard done.succeeded else { throw TestSupportError("git \(command): \(done)") }
        }
    }

    /// The environment of every command here: nothing of the user's, no colour, a home of its own.
    package var environment: [String: String] {
        [
            "PATH": "\(directory.path("bin")):\(executor.environment)/bin:/usr/bin:/bin",
            "HOME": directory.path("home"), "LANG": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1", "TMPDIR": directory.path,
            "PYTHONDONTWRITEBYTECODE": "1",
        ]
    }

    /// Writes a loop definition, `.loops/NAME.yaml`.
    package func define(_ name: String, _ yaml: String) throws {
        try Disk.write(
            "name: \(name)\ndescription: a test\nscope: [\"\(name)/\"]\n\(yaml)\n",
            to: "\(loops)/\(name).yaml"
        )
    }

    /// Puts a program before all others on the executor's PATH.
    package func provide(_ program: String, _ script: String) throws {
        let path = directory.path("bin/\(program)")
        try Disk.write(script, to: path)
        guard chmod(path, 0o755) == 0 else { throw TestSupportError("chmod \(path): \(errnoText())") }
    }

    /// Starts `ll-loop` and leaves it running.
    package func start(_ arguments: String...) throws -> Subprocess {
        try Subprocess([executor.llLoop] + arguments, in: project, environment: environment)
    }

    /// Runs `ll-loop` to its end.
    @discardableResult
    package func run(_ arguments: String...) throws -> Subprocess.Finished {
        try Subprocess.run([executor.llLoop] + arguments, in: project, environment: environment)
    }

    /// Runs `ll-loop` on the mirror, as a person does who only has that.
    package func runOnMirror(_ arguments: String...) throws -> Subprocess.Finished {
        let place = directory.path("reader-\(mirrorReaders())")
        try Disk.makeDirectories(place)
        guard symlink(mirror, "\(place)/.loops") == 0 else { throw TestSupportError("symlink: \(errnoText())") }
        return try Subprocess.run([executor.llLoop] + arguments, in: place, environment: environment)
    }

    private func mirrorReaders() -> Int {
        Disk.names(in: directory.path).count { $0.hasPrefix("reader-") }
    }

    /// Starts an agent for this project.
    package func agent(
        mirroring: Bool = true,
        configuration: String? = nil,
        under wrapper: [String] = []
    ) throws -> AgentProcess {
        try AgentProcess(
            watching: [loops],
            sync: mirroring ? sync : nil,
            configuration: try configuration.map { text in
                try Disk.write(text, to: directory.path("loopsync.yaml"))
                return directory.path("loopsync.yaml")
            },
            in: directory.path("home"),
            under: wrapper
        )
    }

    /// Runs another verb of loopsync on this project, to its end.
    @discardableResult
    package func loopsync(_ arguments: String...) throws -> Subprocess.Finished {
        try Subprocess.run(
            [try BuiltProduct.loopsync()] + arguments,
            in: project,
            environment: ["PATH": "/usr/bin:/bin", "HOME": directory.path("home"), "LANG": "C.UTF-8", "TZ": "UTC"]
        )
    }
}

/// This machine's name.
package enum HostName {
    /// The host name up to the first dot, as in `{host}`.
    package static let current: String = {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let bytes = name.prefix { $0 != 0 && $0 != CChar(UInt8(ascii: ".")) }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }()
}

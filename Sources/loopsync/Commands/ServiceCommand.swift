import ArgumentParser
import Glibc
import LoopModel
import LoopStore
import SyncAgent
import YAMLReading

/// `loopsync service`: the agent as the user's systemd unit.
struct ServiceCommand: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "service",
        _superCommandName: "loopsync",
        abstract: "Have the agent run at every login, by systemd.",
        version: Version.text,
        subcommands: [ServiceInstallCommand.self, ServiceRemoveCommand.self, ServiceStatusCommand.self]
    )

    /// What to do where systemd does not run.
    static let withoutSystemd = """
        Without systemd start the agent yourself, for instance at every start of the machine by a line of crontab -e:
          @reboot ~/.local/bin/loopsync --config ~/.config/loopsync/config.yaml --background
        """
}

/// `loopsync service install`.
struct ServiceInstallCommand: Verb {
    static let configuration = verb(
        "service install",
        "[--no-start] [--force]",
        abstract: "Install, enable and start the user unit.",
        discussion: """
            The unit starts this program with your own configuration file, which has to
            name the directories to watch. A unit that was edited is left alone without
            --force. Without systemd it says what to do instead.

            JSON: unit, program, started.

            Examples:
              loopsync config init --user && loopsync service install
              loopsync service install --no-start
            """
    )

    @Flag(help: "Install the unit, but neither enable nor start it.")
    var noStart = false

    @Flag(help: "Replace a unit that was edited.")
    var force = false

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        guard let path = UnitFile().path, let program = UnitFile.ownProgram else {
            throw Failure(.failed, "HOME is not set, so that nobody knows where the unit belongs")
        }
        if !noStart { try checkConfiguration() }
        let text = UnitFile.text(program: UnitFile.written(program))
        let old = UnitFile.read(path)
        if isInTheWay(path), !force {
            throw Failure(
                .failed,
                "\(path) is a link, or cannot be read, and is left alone. Replace it with: loopsync service install --force"
            )
        }
        if let old, old != text, !UnitFile.isUntouched(old), !force {
            throw Failure(
                .failed,
                "\(path) was edited and is left alone. Replace it with: loopsync service install --force"
            )
        }
        if old != text { try write(text, to: path) }
        let state = try noStart ? "not enabled; enable it with: systemctl --user enable --now loopsync" : start()
        if global.json {
            try Output.document([
                "unit": .string(JSONString(path)), "program": .string(JSONString(program)), "started": .bool(!noStart),
            ])
        } else {
            talk("\(path) starts \(program); \(state)")
        }
        return .done
    }

    /// Whether something is there that is no file to compare with: a link to one's own, or what cannot be read.
    private func isInTheWay(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT != S_IFREG || access(path, R_OK) != 0
    }

    private func checkConfiguration() throws {
        let locator = ConfigurationLocator(
            option: nil,
            watched: [],
            environment: { $0 == "LOOPSYNC_CONFIG" ? nil : Environment.value($0) },
            exists: { access($0, R_OK) == 0 }
        )
        let next = "Write it with: loopsync config init --user"
        guard let found = locator.locate().found else {
            throw Failure(
                .configuration,
                "\(locator.userFile ?? "your own configuration") does not exist, and the unit reads it. \(next)"
            )
        }
        do {
            let configuration = try Settings.loader(global, watched: []).parse(found).0
            guard !configuration.watch.isEmpty else {
                throw Failure(
                    .configuration,
                    "\(found.path) names no directory under watch:, so that the unit had nothing to do"
                )
            }
        } catch let error as ConfigurationError {
            throw Failure(.configuration, error.description)
        }
    }

    private func write(_ text: String, to path: String) throws {
        let parts = path.split(separator: "/")
        let temporary = FileName(literal: "loopsync.service.new")
        do {
            let directory = try PathMaker.ensureDirectory("/" + parts.dropLast().joined(separator: "/"))
            try directory.unlink(temporary)
            let file = try directory.createFile(temporary, mode: 0o644)
            try file.write(Array(text.utf8), at: 0)
            try file.close()
            try directory.rename(temporary, into: directory, as: FileName(literal: "loopsync.service"), .replacing)
        } catch {
            throw Failure(.failed, "\(error): the unit was not installed")
        }
    }

    private func start() throws -> String {
        guard Systemctl.isThere == true else {
            throw Failure(
                .failed,
                "the unit is installed, but no systemd runs for this user. \(ServiceCommand.withoutSystemd)"
            )
        }
        for arguments in [["daemon-reload"], ["enable", UnitFile.name], ["restart", UnitFile.name]] {
            let answer = arguments.count == 1 ? Systemctl.ask(arguments[0]) : Systemctl.ask(arguments[0], arguments[1])
            guard let answer, answer.isSuccess else {
                let words = (["systemctl", "--user"] + arguments).joined(separator: " ")
                throw Failure(
                    .failed,
                    "\(words) failed: \(answer?.text ?? "no answer"). See: systemctl --user status loopsync"
                )
            }
        }
        return "enabled and started. See: loopsync service status"
    }
}

/// `loopsync service remove`.
struct ServiceRemoveCommand: Verb {
    static let configuration = verb(
        "service remove",
        abstract: "Stop and disable the agent's unit, and remove it.",
        discussion: """
            Neither the configuration nor any run is touched.

            JSON: removed, unit.

            Example:
              loopsync service remove
            """
    )

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        guard let path = UnitFile().path, UnitFile.read(path) != nil else {
            if global.json { try Output.document(["removed": false]) }
            talk("no unit is installed")
            return .done
        }
        // It may be gone from the manager already; without a manager to ask, nobody stopped what it had started.
        let answer = Systemctl.ask("disable", "--now", UnitFile.name)
        let parts = path.split(separator: "/")
        do {
            let directory = try PathMaker.ensureDirectory("/" + parts.dropLast().joined(separator: "/"))
            try directory.unlink(FileName(literal: "loopsync.service"))
        } catch {
            throw Failure(.failed, "\(error): the unit was not removed")
        }
        let isReloaded = Systemctl.ask("daemon-reload")?.isSuccess ?? true
        if global.json { try Output.document(["removed": true, "unit": .string(JSONString(path))]) }
        talk("removed \(path)")
        guard let answer, !answer.isSuccess, !isReloaded else { return .done }
        talk("systemctl --user did not answer (\(answer.text)): an agent that it started goes on until: loopsync stop")
        return .partly
    }
}

/// `loopsync service status`.
struct ServiceStatusCommand: Verb {
    static let configuration = verb(
        "service status",
        abstract: "Tell whether the unit is installed, enabled and active.",
        discussion: """
            Ends with 3 where it is not active.

            JSON: unit, program, enabled, active.

            Example:
              loopsync service status
            """
    )

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        let path = UnitFile().path
        let text = path.flatMap { UnitFile.read($0) }
        let enabled = Systemctl.ask("is-enabled", UnitFile.name)?.text ?? "no systemd here"
        let active = Systemctl.ask("is-active", UnitFile.name)
        let program = text.flatMap { UnitFile.program(in: $0) }
        if global.json {
            try Output.document([
                "unit": text == nil ? .null : path.map { .string(JSONString($0)) } ?? .null,
                "program": program.map { .string(JSONString($0)) } ?? .null,
                "enabled": .string(JSONString(enabled)),
                "active": .string(JSONString(active?.text ?? "no systemd here")),
            ])
        } else {
            let unit = text == nil ? "not installed: loopsync service install" : path ?? ""
            try Output.data(
                """
                unit     \(PrintableText.escapingControls(in: unit))
                program  \(PrintableText.escapingControls(in: program ?? "none"))
                enabled  \(PrintableText.escapingControls(in: enabled))
                active   \(PrintableText.escapingControls(in: active?.text ?? "no systemd here"))

                """
            )
        }
        if active == nil { talk(ServiceCommand.withoutSystemd) }
        return active?.isSuccess == true ? .done : .partly
    }
}

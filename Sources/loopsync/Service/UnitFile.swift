import Glibc
import LoopModel
import LoopStore
import SyncAgent

/// The systemd user unit: the one source of its text, of which `Config/loopsync.service` is a copy.
struct UnitFile {
    static let name = "loopsync.service"

    /// Where the unit belongs; nil without a home.
    var path: String? {
        if let base = Environment.value("XDG_CONFIG_HOME"), base.hasPrefix("/") {
            return "\(base)/systemd/user/\(Self.name)"
        }
        return Environment.value("HOME").map { "\($0)/.config/systemd/user/\(Self.name)" }
    }

    /// The unit that starts a program.
    ///
    /// - Parameters:
    ///   - program: as a unit has it, see `written(_:)`.
    ///   - configuration: the user's file, likewise.
    static func text(program: String, configuration: String = Self.configuration) -> String {
        """
        # User unit of loopsync. loopsync service install puts it into ~/.config/systemd/user; enable it with
        #   systemctl --user enable --now loopsync
        [Unit]
        Description=loopsync: archives, mirrors and prunes the runs of loops

        [Service]
        Type=notify
        NotifyAccess=main
        ExecStart=\(program) --config \(configuration)
        ExecReload=/bin/kill -HUP $MAINPID
        # Only a loop that makes progress sends the ping; a stuck agent is restarted and recovers.
        WatchdogSec=2min
        Restart=on-failure
        RestartSec=5s
        # Trying again does not help: another agent holds a directory (11), bad usage (64), bad configuration (78).
        RestartPreventExitStatus=11 64 78
        TimeoutStopSec=15s
        # Nothing here may need more than a user has: sandboxing by name spaces is not available to every user manager.
        NoNewPrivileges=yes
        LockPersonality=yes
        RestrictRealtime=yes
        SystemCallArchitectures=native

        [Install]
        WantedBy=default.target

        """
    }

    private static let usualConfiguration = "%h/.config/loopsync/config.yaml"

    /// The user's own file, as a unit has it.
    static var configuration: String {
        guard let base = Environment.value("XDG_CONFIG_HOME"), base.hasPrefix("/") else {
            return usualConfiguration
        }
        return written("\(base)/loopsync/config.yaml")
    }

    /// A program's path as a unit has it: `%h` for the home, what systemd would take apart in quotes.
    static func written(_ program: String) -> String {
        var path = program
        var home = ""
        if let own = Environment.value("HOME"), own != "/", path.hasPrefix(own + "/") {
            home = "%h"
            path = String(path.dropFirst(own.count))
        }
        path = home + path.replacing("%", with: "%%")
        guard path.contains(where: { $0.isWhitespace || "\"'\\$;".contains($0) }) else { return path }
        let escaped = path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("$", with: "$$")
        return "\"\(escaped)\""
    }

    /// The program that a unit starts, as a path; nil where it names none.
    static func program(in text: String) -> String? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("ExecStart=") }) else { return nil }
        var rest = line.dropFirst("ExecStart=".count)
        var program = ""
        let isQuoted = rest.first == "\""
        if isQuoted { rest.removeFirst() }
        while let character = rest.popFirst() {
            if isQuoted ? character == "\"" : character.isWhitespace { break }
            if isQuoted, character == "\\", let next = rest.popFirst() {
                program.append(next)
            } else if character == "$", rest.first == "$" {
                program.append("$")
                rest.removeFirst()
            } else if character == "%", let next = rest.popFirst() {
                program += next == "h" ? Environment.value("HOME") ?? "" : next == "%" ? "%" : "%\(next)"
            } else {
                program.append(character)
            }
        }
        return program.isEmpty ? nil : program
    }

    /// Whether a text is what some installation of this version wrote, and no person changed it.
    static func isUntouched(_ text: String) -> Bool {
        guard let program = program(in: text).map(written) else { return false }
        return [configuration, usualConfiguration].contains { text == Self.text(program: program, configuration: $0) }
    }

    /// A unit's text, also behind a link, as people have their own files; nil where there is none.
    static func read(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        let path = String(cString: resolved)
        let parts = path.split(separator: "/")
        guard let last = parts.last, let name = FileName(String(last)),
            let directory = (try? PosixDirectory.open(path: "/" + parts.dropLast().joined(separator: "/"))) ?? nil,
            let bytes = (try? directory.contents(of: name, limit: 1 << 16)) ?? nil
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// This program's own file.
    static var ownProgram: String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }
}

import Glibc
import TestSupport
import Testing

/// A real terminal that a test looks at, in a server of its own.
final class Tmux {
    private let place: TemporaryDirectory
    private let environment: [String: String]

    private static let path = "/usr/bin/tmux"
    static var isInstalled: Bool { access(path, X_OK) == 0 }

    /// Starts a shell in a terminal.
    ///
    /// - Parameter shell: its command line.
    init(columns: Int, rows: Int, in directory: String, shell: String = "/bin/sh") throws {
        place = try TemporaryDirectory()
        environment = [
            "PATH": "/usr/bin:/bin", "HOME": place.path, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "TERM": "xterm-256color", "TMUX_TMPDIR": place.path, "PS1": "prompt$ ",
        ]
        try call(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "\(columns)",
            "-y",
            "\(rows)",
            "-c",
            directory,
            shell
        )
        try call("set", "-g", "window-size", "manual")
    }

    deinit {
        // The server is this test's own: it has the socket in the test's directory.
        _ = try? call("kill-server")
    }

    @discardableResult
    private func call(_ arguments: String...) throws -> String {
        let finished = try Subprocess.run([Self.path, "-L", "test"] + arguments, environment: environment)
        guard finished.succeeded else { throw TestSupportError("tmux \(arguments): \(finished)") }
        return finished.output
    }

    /// Types a line.
    func type(_ line: String) throws { try call("send-keys", "-l", line + "\r") }

    /// Types without ending the line.
    func begin(_ text: String) throws { try call("send-keys", "-l", text) }

    /// Presses a key by tmux's name for it, for instance `C-c`.
    func press(_ key: String) throws { try call("send-keys", key) }

    func resize(columns: Int, rows: Int) throws { try call("resize-window", "-x", "\(columns)", "-y", "\(rows)") }

    /// What is on the screen, without blank lines at its end.
    func screen() throws -> [Substring] {
        var lines = try call("capture-pane", "-p").split(separator: "\n", omittingEmptySubsequences: false)
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// Whether the other screen is shown, and whether there is a cursor.
    func state() throws -> String {
        try call("display-message", "-p", "#{alternate_on} #{cursor_flag}").filter { $0 != "\n" }
    }
}

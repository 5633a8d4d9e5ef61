import Glibc

/// The terminal's other screen, which is drawn over in place, and the terminal as it was afterwards.
///
/// The signals that end or stop a program are taken one by one between two drawings, so that none leaves the terminal
/// without its cursor.
final class LiveScreen {
    private var before = termios()
    private let hasKeys: Bool
    private var oldMask = sigset_t()
    private var signals = sigset_t()
    private var isThere = false

    private static let ending = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    init() {
        hasKeys = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before) == 0
        sigemptyset(&signals)
        for signal in Self.ending + [SIGWINCH, SIGTSTP] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, &oldMask)
        enter()
    }

    /// The terminal's size now.
    static func size() -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Draws a text over what is there, as many lines as fit.
    func draw(_ text: String, rows: Int) throws {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        let shown = lines.prefix(max(rows, 1)).joined(separator: "\u{1B}[K\r\n")
        try Output.data("\u{1B}[H" + shown + "\u{1B}[K\u{1B}[J")
    }

    /// Waits until it is time to draw again, or the window changed.
    ///
    /// - Returns: false where a signal or a `q` ends it.
    func rest(milliseconds: Int32) -> Bool {
        let slice: Int32 = 250
        var left = milliseconds
        while left > 0 {
            var time = timespec(tv_sec: 0, tv_nsec: Int(min(slice, left)) * 1_000_000)
            let signal = sigtimedwait(&signals, nil, &time)
            if Self.ending.contains(signal) { return false }
            if signal == SIGTSTP { stop() }
            if signal == SIGWINCH || signal == SIGTSTP { return true }
            if hasKeys, isQuitPressed() { return false }
            left -= slice
        }
        return true
    }

    /// Gives the terminal back.
    func leave() {
        guard isThere else { return }
        isThere = false
        try? Output.data("\u{1B}[?25h\u{1B}[?1049l")
        if hasKeys { tcsetattr(STDIN_FILENO, TCSADRAIN, &before) }
        pthread_sigmask(SIG_SETMASK, &oldMask, nil)
    }

    private func enter() {
        isThere = true
        if hasKeys {
            var quiet = before
            quiet.c_lflag &= ~tcflag_t(ECHO | ICANON)
            tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet)
        }
        try? Output.data("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// ^Z: the shell gets its terminal, and this program gets it back with `fg`.
    private func stop() {
        leave()
        kill(getpid(), SIGSTOP)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        enter()
    }

    private func isQuitPressed() -> Bool {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, 0) > 0 else { return false }
        var key: UInt8 = 0
        guard read(STDIN_FILENO, &key, 1) == 1 else { return true }
        return key == UInt8(ascii: "q") || key == 3
    }
}

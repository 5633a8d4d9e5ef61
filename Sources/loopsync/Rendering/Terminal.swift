import Glibc
import SyncAgent

/// What standard output is.
struct Terminal {
    /// Characters per line; nil where output goes to a pipe or a file.
    let width: Int?
    let hasColor: Bool

    /// Looks at standard output.
    static func current(_ choice: ColorChoice, environment: (String) -> String? = Environment.value) -> Terminal {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        var size = winsize()
        let isSized = isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let columns = environment("COLUMNS").flatMap(Int.init)
        let hasColor =
            switch choice {
            case .always: true
            case .never: false
            case .auto: isTerminal && environment("NO_COLOR") == nil && environment("TERM") != "dumb"
            }
        return Terminal(
            width: isTerminal ? columns ?? (isSized ? Int(size.ws_col) : 80) : nil,
            hasColor: hasColor
        )
    }
}

/// How a word is shown where colours are.
enum Tone {
    case plain, strong, dim, good, warning, bad

    /// The text with this tone's escape codes.
    func applied(to text: String, hasColor: Bool) -> String {
        guard hasColor, let code, !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private var code: String? {
        switch self {
        case .plain: nil
        case .strong: "1"
        case .dim: "2"
        case .good: "32"
        case .warning: "33"
        case .bad: "31"
        }
    }
}

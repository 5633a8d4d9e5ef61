import CommandLineKit
import Glibc
import SyncAgent
import SyncCore

/// Tells a person who waits at a terminal how far a long work is: one line on standard error, drawn anew in place.
///
/// Nothing is drawn in the first second, anywhere but on a terminal that can erase a line, and with `--quiet`.
final class ProgressMeter {
    private let verb: String
    private let isShown: Bool
    private let clock: () -> Int64
    private let write: (String) -> Void
    private let start: Int64
    private var drawn: Int64?

    /// How long a work is not worth a word, and how seldom the line is drawn anew, in milliseconds.
    private static let patience: Int64 = 1000
    private static let interval: Int64 = 200
    /// Back to the line's beginning, and away with what stands there.
    private static let erasing = "\r\u{1B}[K"

    /// - Parameters:
    ///   - verb: what is done with the runs: `verified`.
    ///   - clock: milliseconds that never go back.
    ///   - write: takes what is drawn.
    init(_ verb: String, isShown: Bool, clock: @escaping () -> Int64, write: @escaping (String) -> Void) {
        self.verb = verb
        self.isShown = isShown
        self.clock = clock
        self.write = write
        start = clock()
    }

    /// A meter on standard error.
    convenience init(_ verb: String, isQuiet: Bool) {
        self.init(
            verb,
            isShown: !isQuiet && isatty(STDERR_FILENO) == 1 && Environment.value("TERM") ?? "dumb" != "dumb",
            clock: { SystemClock.now().steady },
            write: { _ = StandardStreams.write(Array($0.utf8), to: STDERR_FILENO) }
        )
    }

    deinit { clear() }

    /// Hears how far the work is.
    ///
    /// - Parameters:
    ///   - done: how many runs are done.
    ///   - total: how many there are in all.
    ///   - bytes: how much that was; nil where it does not matter.
    func show(_ done: Int, of total: Int, bytes: Int64? = nil) {
        guard isShown else { return }
        let now = clock()
        guard now - start >= Self.patience, now - (drawn ?? .min / 2) >= Self.interval else { return }
        drawn = now
        write(Self.erasing + Self.text(verb, done, of: total, bytes: bytes, milliseconds: now - start))
    }

    /// Takes the line away, before anything else is said.
    func clear() {
        if drawn != nil { write(Self.erasing) }
        drawn = nil
    }

    /// The line; pure.
    static func text(_ verb: String, _ done: Int, of total: Int, bytes: Int64?, milliseconds: Int64) -> String {
        var text = "\(verb) \(done) of \(Amount.count(max(done, total), "run"))"
        if let bytes { text += ", \(SizeText.rounded(bytes))" }
        if done > 0, total > done {
            let left = milliseconds * Int64(total - done) / Int64(done)
            text += ", \(Amount.duration(.seconds((left + 999) / 1000))) left"
        }
        return text
    }
}

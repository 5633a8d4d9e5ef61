import Glibc
package import Logging
import Synchronization

/// How a line of the log is written.
package enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// A time, the level where it is worth a word, and the message.
    case text
    /// One JSON object per line.
    case json
    /// `<3>` priorities as sd-daemon(3) says and no time, since the journal keeps its own.
    case journal
}

/// How urgent a line has to be to be written; all copies of a logger share one.
package final class LogThreshold: Sendable {
    private let value: Mutex<Logger.Level>

    package init(_ level: Logger.Level) {
        value = Mutex(level)
    }

    package var level: Logger.Level {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

/// Writes log lines to standard error, each with one call, so that lines of several threads never mix.
package struct LogOutput: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level {
        get { threshold.level }
        set { threshold = LogThreshold(newValue) }
    }
    private var threshold: LogThreshold
    private let format: LogFormat
    private let descriptor: Int32
    private let bound: BoundedLog?
    private let now: @Sendable () -> LogTime

    /// - Parameters:
    ///   - threshold: what is less urgent is left out, also after the threshold was changed.
    ///   - format: how a line is written.
    ///   - descriptor: where to; standard error.
    ///   - bound: keeps the file small that the descriptor leads to; nil for a terminal, a pipe or the journal.
    ///   - now: the clock.
    package init(
        threshold: LogThreshold,
        format: LogFormat,
        descriptor: Int32 = STDERR_FILENO,
        bound: BoundedLog? = nil,
        now: @escaping @Sendable () -> LogTime = { .now() }
    ) {
        self.threshold = threshold
        self.format = format
        self.descriptor = descriptor
        self.bound = bound
        self.now = now
    }

    /// What `auto` means here: the journal's format where standard error goes there, else text.
    ///
    /// - Parameter environment: looks a variable up; systemd sets `JOURNAL_STREAM`.
    package static func automaticFormat(environment: (String) -> String? = Environment.value) -> LogFormat {
        guard let stream = environment("JOURNAL_STREAM") else { return .text }
        // The variable is inherited by everything below a unit; only "device:inode" of this very stream counts.
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return .text }
        return stream == "\(status.st_dev):\(status.st_ino)" ? .journal : .text
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let line = LogLine(level: event.level, message: event.message.description, metadata: values)
        bound?.makeRoom()
        var bytes = Array(line.written(format, at: now()).utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

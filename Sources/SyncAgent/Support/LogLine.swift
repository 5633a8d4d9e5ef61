import Glibc
package import Logging
import LoopModel

/// One message of the log before it is written; pure.
package struct LogLine: Sendable {
    private let level: Logger.Level
    private let message: String
    private let metadata: Logger.Metadata

    package init(level: Logger.Level, message: String, metadata: Logger.Metadata = [:]) {
        self.level = level
        self.message = message
        self.metadata = metadata
    }

    /// The line with its newline.
    package func written(_ format: LogFormat, at time: LogTime) -> String {
        switch format {
        case .text: "\(time.local) \(word)\(flat)\n"
        case .json: json(time)
        case .journal: "<\(priority)>\(word)\(flat)\n"
        }
    }

    /// What is no matter of course begins with its level.
    private var word: String {
        switch level {
        case .trace, .debug: "debug: "
        case .info, .notice: ""
        case .warning: "warning: "
        case .error, .critical: "error: "
        }
    }

    /// A level's number in syslog(3).
    private var priority: Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// A message of several lines, indented so that none of them looks like a line of its own.
    private var flat: String {
        let text = PrintableText.escapingControls(in: message).split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\n    ")
        return metadata.isEmpty
            ? text : text + metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    }

    private func json(_ time: LogTime) -> String {
        var object: JSONObject = [
            "time": .string(JSONString(time.utc)), "level": .string(JSONString("\(level)")),
            "message": .string(JSONString(message)),
        ]
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            object[JSONString(key)] = .string(JSONString("\(value)"))
        }
        return String(decoding: JSONValue.object(object).serialized(), as: UTF8.self) + "\n"
    }
}

/// A moment as the log shows it.
package struct LogTime: Sendable, Hashable {
    /// For people, in this machine's zone: `2026-11-23 20:15:00.123`.
    package let local: String
    /// For programs: RFC 3339 in UTC.
    package let utc: String

    package init(local: String, utc: String) {
        self.local = local
        self.utc = utc
    }

    /// Now, by the wall clock.
    package static func now() -> LogTime {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var seconds = now.tv_sec
        var local = tm()
        var utc = tm()
        localtime_r(&seconds, &local)
        gmtime_r(&seconds, &utc)
        let milliseconds = padded(now.tv_nsec / 1_000_000, 3)
        return LogTime(
            local: "\(date(local)) \(time(local)).\(milliseconds)",
            utc: "\(date(utc))T\(time(utc)).\(milliseconds)Z"
        )
    }

    private static func date(_ time: tm) -> String {
        "\(padded(Int(time.tm_year) + 1900, 4))-\(padded(Int(time.tm_mon) + 1, 2))-\(padded(Int(time.tm_mday), 2))"
    }

    private static func time(_ time: tm) -> String {
        "\(padded(Int(time.tm_hour), 2)):\(padded(Int(time.tm_min), 2)):\(padded(Int(time.tm_sec), 2))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

import Logging
import SyncAgent
import Testing

@Suite
struct LogLineTests {
    private let time = LogTime(local: "2026-11-23 21:15:00.123", utc: "2026-11-23T20:15:00.123Z")

    private func written(_ level: Logger.Level, _ text: String, _ format: LogFormat) -> String {
        LogLine(level: level, message: text).written(format, at: time)
    }

    @Test func `text has the time, and the level only where something is wrong`() {
        #expect(written(.info, "archived a", .text) == "2026-11-23 21:15:00.123 archived a\n")
        #expect(written(.warning, "slow", .text) == "2026-11-23 21:15:00.123 warning: slow\n")
        #expect(written(.error, "lost", .text) == "2026-11-23 21:15:00.123 error: lost\n")
    }

    @Test func `the journal gets a priority and no time`() {
        #expect(written(.debug, "x", .journal) == "<7>debug: x\n")
        #expect(written(.info, "x", .journal) == "<6>x\n")
        #expect(written(.error, "x", .journal) == "<3>error: x\n")
    }

    @Test func `a message of several lines cannot pass for several messages`() {
        #expect(written(.info, "a\n<0>b", .journal) == "<6>a\n    <0>b\n")
    }

    @Test func `json is one object on one line`() {
        let line = LogLine(level: .warning, message: "a \"b\"\n", metadata: ["loop": "é"]).written(.json, at: time)
        #expect(
            line
                == #"{"time": "2026-11-23T20:15:00.123Z", "level": "warning", "message": "a \"b\"\n", "loop": "\u00e9"}"#
                + "\n"
        )
    }

    @Test func `the journal's format is chosen only where standard error is the journal's stream`() {
        #expect(LogOutput.automaticFormat(environment: { _ in nil }) == .text)
        #expect(LogOutput.automaticFormat(environment: { _ in "1:1" }) == .text)
    }
}

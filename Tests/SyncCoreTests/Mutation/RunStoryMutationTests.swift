import SyncCore
import TestSupport
import Testing

/// Damaged events files as runs are told from them.
@Suite struct RunStoryMutationTests {
    private static let words = [
        "\n", #"{"event": "loop_start"}"#, #""state_enter""#, #""loop_complete""#, #""depth": 1"#, #"{"event": "x", "#,
        #"{"event": "action_output", "#, #""ts": "0001-01-01T00:00:00""#, #""ts": "9999-12-31T23:59:59""#, "\0",
        #""iteration": 99999999999999999999"#, #""state": "\ud800""#,
    ]

    @Test func `a story does not depend on the pieces in which it is read, and its sums hold`() throws {
        let run = try MutationRun("LoopModelTests/Corpus/events", words: Self.words, bounded: 1000)
        let failure = run.firstFailure { bytes in
            var whole = RunStoryReader()
            whole.consume(bytes)
            let story = whole.told()
            for size in [1, 100] {
                var pieces = RunStoryReader()
                for start in stride(from: 0, to: bytes.count, by: size) {
                    pieces.consume(Array(bytes[start..<min(start + size, bytes.count)]))
                }
                guard pieces.told() == story else { return "in pieces of \(size): \(pieces.told())\n\(story)" }
            }
            guard story.states.reduce(0, { $0 + $1.visits }) == story.visitCount,
                story.visits.reduce(.zero, { $0 + $1.time }) == story.time, story.time >= .zero,
                story.output.count == min(story.outputLines, 20)
            else { return "sums: \(story)" }
            return nil
        }
        #expect(failure == nil)
    }
}

import LoopModel
import TestSupport
import Testing

/// Damaged states and event lines.
@Suite struct StateMutationTests {
    private static let words =
        JSONMutationTests.words + LoopState.Key.allCases.map { "\"\($0.rawValue)\": " } + [
            "\"running\"", "\"depth\": 1",
        ]

    @Test func `a state that is read is written so that it is read again`() throws {
        let run = try MutationRun("LoopModelTests/Corpus/states", words: Self.words, bounded: 2500)
        let failure = run.firstFailure { text in
            guard let state = try? LoopState(parsing: text) else { return nil }
            let written = state.serialized()
            guard let again = try? LoopState(parsing: written) else { return "written and then refused" }
            guard again.serialized() == written else { return "written twice is another text" }
            for key in LoopState.Key.allCases where again[key] != state[key] {
                // What says nothing is left out, and read again it is what stands for nothing.
                guard state[key].map({ !$0.isTruthy }) ?? true else { return "\(key.rawValue) is another value" }
            }
            guard again.unknown.members.allSatisfy({ state.unknown[$0.key] == $0.value }),
                again.unknown.count == state.unknown.count
            else { return "unknown keys changed" }
            return wrong(shown: state)
        }
        #expect(failure == nil)
    }

    /// The typed properties answer for every value, and give text that is text.
    private func wrong(shown state: LoopState) -> String? {
        let texts = [
            state.loopName, state.currentState, state.startedAt, state.updatedAt, state.status.rawValue,
            state.continuationPrompt ?? "", state.activeSubLoop ?? "", state.reconciledAt ?? "",
        ]
        if let broken = texts.first(where: { JSONString(wtf8: $0.bytes) != $0 }) { return "no text: \(broken)" }
        _ = (state.pid, state.iteration, state.captured, state.retryCounts, state.accumulatedMilliseconds)
        return nil
    }

    @Test func `an event that is read is written on one line and read again`() throws {
        let run = try MutationRun("LoopModelTests/Corpus/events", words: Self.words, bounded: 2500)
        let failure = run.firstFailure { text in
            for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                guard let event = LoopEvent(line: line) else { continue }
                let written = event.line()
                guard !written.contains(UInt8(ascii: "\n")) else { return "written on two lines" }
                guard LoopEvent(line: written) == event else { return "read, written and read again is another event" }
                _ = (event.name, event.timestamp, event.loop, event.runID, event.isUnnested, event.terminatedBy)
            }
            return nil
        }
        #expect(failure == nil)
    }
}

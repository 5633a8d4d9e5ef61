import LoopModel
import LoopStore
import TestSupport
import Testing

/// Damaged lines of the log of prunes.
@Suite struct PruneLogMutationTests {
    private static let words = [
        #""change": "#, #""time": "#, #""place": "#, #""identity": "#, #""loop_start": "#, #""size": "#, "\"..\"",
        "\"/\"",
        "null", "[]", "{}", #"\udcff"#, #"\ud800"#, "-1", "1e5", "pruned", "restored", "9999-12-31T23:59:59-23:59",
    ]

    @Test func `a record that is read is written so that it is read again, and its place is inside the history`() throws
    {
        let run = try MutationRun("LoopStoreTests/Corpus/pruned", words: Self.words, bounded: 3000)
        var read = 0
        let failure = run.firstFailure { bytes in
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                guard let record = (try? JSONValue(parsing: line)).flatMap(PruneRecord.init(json:)) else { continue }
                read += 1
                let written = record.json.serialized()
                guard let again = (try? JSONValue(parsing: written)).flatMap(PruneRecord.init(json:)) else {
                    return "written and then refused"
                }
                guard again == record else { return "written and read again is another record: \(record)\n\(again)" }
                guard record.place.components.allSatisfy({ FileName($0.bytes) == $0 }) else { return "\(record.place)" }
            }
            return nil
        }
        #expect(failure == nil)
        #expect(read > 0)
    }
}

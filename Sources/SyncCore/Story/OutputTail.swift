import LoopModel

/// The last lines of a run's output, taken apart only when they are asked for.
struct OutputTail: Sendable {
    private enum Entry {
        case line(JSONString)
        /// An `action_output` event's bytes.
        case unparsed([UInt8])
    }

    private let limit: Int
    private var entries: [Entry] = []
    /// How many lines came in all.
    private(set) var count = 0

    init(limit: Int) {
        self.limit = limit
    }

    mutating func add(_ line: JSONString) {
        add(.line(line))
    }

    mutating func add(unparsed line: ArraySlice<UInt8>) {
        guard limit > 0 else { return count += 1 }
        add(.unparsed(Array(line)))
    }

    /// Takes a text of several lines.
    mutating func add(text: JSONString) {
        for line in text.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            add(.line(JSONString(wtf8: line) ?? ""))
        }
    }

    private mutating func add(_ entry: Entry) {
        if entries.count < limit {
            entries.append(entry)
        } else if limit > 0 {
            entries[count % limit] = entry
        }
        count += 1
    }

    /// The last lines, in order.
    var lines: [JSONString] {
        guard limit > 0, !entries.isEmpty else { return [] }
        let first = count > limit ? count % limit : 0
        return (entries[first...] + entries[..<first]).map { entry in
            switch entry {
            case .line(let line): line
            case .unparsed(let bytes): LoopEvent(line: bytes)?.json["line"]?.stringValue ?? ""
            }
        }
    }
}

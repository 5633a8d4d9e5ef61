/// The name under which the executor archives a run: its start, compacted.
public struct RunID: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The id; it may hold anything that `started_at` held, so that paths go through `PathSafeName`.
    public let text: JSONString

    /// Takes an id as it stands.
    public init(_ text: JSONString) {
        self.text = text
    }

    /// Takes an id written as text.
    public init(stringLiteral text: String) {
        self.init(JSONString(text))
    }

    /// Derives the id as the executor does: without `:`, `.` and `+`, the first 17 characters.
    ///
    /// - Parameter startedAt: for instance `2026-01-31T23:59:59.123456+00:00`, which gives `2026-01-31T235959`.
    public init(startedAt: JSONString) {
        var characters = 0
        let kept = startedAt.bytes.prefix { byte in
            // A continuation byte belongs to the character before it.
            if byte & 0xC0 != 0x80, !Self.isDropped(byte) { characters += 1 }
            return characters <= 17
        }
        text = JSONString(unchecked: kept.filter { !Self.isDropped($0) })
    }

    /// The id of a run whose start is not known, named after the current second as the executor does.
    public init(startedAt moment: Timestamp) {
        self.init(startedAt: moment.iso)
    }

    /// Whether it looks as executors write it: `2026-01-31T235959`.
    public var hasUsualForm: Bool {
        let bytes = text.bytes
        guard bytes.count == 17 else { return false }
        return bytes.enumerated().allSatisfy { place, byte in
            switch place {
            case 4, 7: byte == UInt8(ascii: "-")
            case 10: byte == UInt8(ascii: "T")
            default: UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            }
        }
    }

    /// Whether nothing is left of the start; the executor falls back on the current time for an empty `started_at`.
    public var isEmpty: Bool {
        text.isEmpty
    }

    /// Orders by text, which for ids of the usual form is the order of the starts.
    public static func < (left: RunID, right: RunID) -> Bool {
        left.text < right.text
    }

    /// The id for people.
    public var description: String {
        text.description
    }

    private static func isDropped(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+")
    }
}

/// What makes a run itself, whatever its files are called and wherever they are.
public enum RunIdentity: Hashable, Sendable {
    /// The bytes of the first unnested `loop_start` line of its events, without the newline. A resume keeps it.
    case loopStart([UInt8])
    /// A run without any event: the loop and the start that its state names.
    case state(loop: JSONString, startedAt: JSONString)

    /// Hashes all bytes of a line at once.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .loopStart(let line): line.withUnsafeBytes { hasher.combine(bytes: $0) }
        case .state(let loop, let startedAt):
            hasher.combine(loop)
            hasher.combine(startedAt)
        }
    }
}

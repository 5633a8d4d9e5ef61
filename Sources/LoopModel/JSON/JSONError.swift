/// Why bytes are no JSON that Python's `json.loads` takes, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: String, Hashable, Sendable {
        /// The text ends before the value does; also an empty text.
        case unexpectedEnd = "the text ends too early"
        /// A byte order mark stands first.
        case byteOrderMark = "a byte order mark stands before the value"
        /// No value begins here.
        case expectedValue = "expected a value"
        /// A member of an object has to begin with a string.
        case expectedKey = "expected a key in double quotes"
        /// Between key and value.
        case expectedColon = "expected ':'"
        /// Between two elements or members.
        case expectedComma = "expected ',' or the closing bracket"
        /// More text after the value.
        case extraData = "more text after the value"
        /// A raw byte below 0x20 in a string.
        case controlCharacter = "a control character in a string"
        /// A backslash before a character that it does not go with, or `\u` without four hexadecimal digits.
        case invalidEscape = "an invalid escape in a string"
        /// The text is no UTF-8.
        case invalidUTF8 = "invalid UTF-8"
        /// Arrays and objects in each other, more than `JSONValue.depthLimit`.
        case tooDeep = "nested more than 500 levels deep"
    }

    /// What is wrong.
    public var reason: Reason
    /// Where, in bytes from the start of the text.
    public var offset: Int

    /// Describes malformed JSON.
    public init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The reason and the place.
    public var description: String {
        "\(reason.rawValue) at byte \(offset)"
    }
}

/// A JSON value as Python's `json` module reads and writes it.
///
/// That is JSON with `NaN`, `Infinity` and `-Infinity`, integers of any size and lone surrogates. Equality is that of
/// what would be written: members in another order or a number in another spelling make another value.
public enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number with its spelling.
    case number(JSONNumber)
    /// A string.
    case string(JSONString)
    /// An array.
    case array([JSONValue])
    /// An object with its members in order.
    case object(JSONObject)

    /// The string, where it is one.
    public var stringValue: JSONString? {
        if case .string(let string) = self { string } else { nil }
    }

    /// The number, where it is one.
    public var numberValue: JSONNumber? {
        if case .number(let number) = self { number } else { nil }
    }

    /// The integer, where it is a number spelled as one that fits.
    public var integerValue: Int? {
        numberValue?.integer
    }

    /// The truth value, where it is one.
    public var boolValue: Bool? {
        if case .bool(let bool) = self { bool } else { nil }
    }

    /// The elements, where it is an array.
    public var arrayValue: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The object, where it is one.
    public var objectValue: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// Whether Python's `if value:` takes it for true.
    public var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let bool): bool
        case .number(let number): number.double != 0
        case .string(let string): !string.isEmpty
        case .array(let elements): !elements.isEmpty
        case .object(let object): !object.isEmpty
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Takes a string literal.
    public init(stringLiteral text: String) {
        self = .string(JSONString(text))
    }

    /// Takes an integer literal.
    public init(integerLiteral integer: Int) {
        self = .number(JSONNumber(integer))
    }

    /// Takes a floating-point literal.
    public init(floatLiteral double: Double) {
        self = .number(JSONNumber(double))
    }

    /// Takes `true` or `false`.
    public init(booleanLiteral bool: Bool) {
        self = .bool(bool)
    }

    /// Takes an array literal.
    public init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }

    /// Takes a dictionary literal, in its order.
    public init(dictionaryLiteral members: (JSONString, JSONValue)...) {
        self = .object(JSONObject(members))
    }
}

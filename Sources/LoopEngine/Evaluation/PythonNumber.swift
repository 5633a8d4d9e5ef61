import LoopModel

/// A value that Python counts as a number: an integer of any size, a float, or a truth value.
struct PythonNumber {
    private let number: JSONNumber

    init?(_ value: JSONValue) {
        switch value {
        case .number(let number): self.number = number
        case .bool(let bool): number = JSONNumber(bool ? 1 : 0)
        case .null, .string, .array, .object: return nil
        }
    }

    /// Compares two numbers; integers by all their digits.
    func holds(_ comparison: Comparison, _ other: PythonNumber) -> Bool {
        guard !PythonRepresentation.isFloat(number), !PythonRepresentation.isFloat(other.number) else {
            return comparison.holds(number.double, other.number.double)
        }
        if let left = number.integer, let right = other.number.integer { return comparison.holds(left, right) }
        return comparison.holds(WholeNumber(number.spelling), WholeNumber(other.number.spelling))
    }

    /// Python's `==` of two values: the order of members does not count, and 1 equals 1.0 and true.
    static func equal(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let left = PythonNumber(left), let right = PythonNumber(right) { return left.holds(.equal, right) }
        switch (left, right) {
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy(equal)
        case (.object(let left), .object(let right)):
            return left.count == right.count
                && left.members.allSatisfy { member in right[member.key].map { equal(member.value, $0) } ?? false }
        default:
            return left == right
        }
    }
}

/// An integer that fits no machine word, ordered by its digits.
private struct WholeNumber: Comparable {
    let isNegative: Bool
    let digits: Substring

    init(_ spelling: String) {
        isNegative = spelling.utf8.first == UInt8(ascii: "-")
        digits = isNegative ? spelling.dropFirst() : spelling[...]
    }

    static func < (left: WholeNumber, right: WholeNumber) -> Bool {
        guard left.isNegative == right.isNegative else { return left.isNegative }
        let (small, large) = left.isNegative ? (right.digits, left.digits) : (left.digits, right.digits)
        let (least, most) = (small.utf8.count, large.utf8.count)
        return least == most ? small.utf8.lexicographicallyPrecedes(large.utf8) : least < most
    }
}

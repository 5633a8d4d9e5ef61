/// A number as it was spelled.
///
/// Python's integers have no limit and its `json` module writes `NaN` and `Infinity`, so that no number type of Swift
/// holds them all. What is read keeps its spelling; what is made from a Swift number is spelled as Python spells it.
/// Two numbers are equal when their spellings are.
public struct JSONNumber: Hashable, Sendable, CustomStringConvertible {
    /// The number's text in JSON, or `NaN`, `Infinity`, `-Infinity`.
    public let spelling: String

    /// Takes an integer.
    public init(_ integer: some BinaryInteger) {
        spelling = String(integer)
    }

    /// Takes a floating-point number, spelled as Python's `repr`: `3.0`, `1e-05`, `1e+16`, `NaN`.
    public init(_ double: Double) {
        spelling = pythonSpelling(of: double)
    }

    /// Takes a number's text.
    ///
    /// - Returns: nil for what JSON does not take as a number, apart from Python's three words.
    public init?(spelling: String) {
        guard case .number(let number)? = try? JSONValue(parsing: spelling.utf8), number.spelling == spelling else {
            return nil
        }
        self = number
    }

    /// A spelling that is known to be a number's.
    init(unchecked spelling: String) {
        self.spelling = spelling
    }

    /// The number as an integer; nil where it is spelled with a fraction or an exponent, or does not fit.
    public var integer: Int? {
        Int(spelling)
    }

    /// The nearest floating-point number; infinite beyond its range.
    public var double: Double {
        switch spelling {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: Double(spelling) ?? .nan
        }
    }

    /// The spelling.
    public var description: String {
        spelling
    }
}

/// Python's `repr` of a float, with the words that its `json` module uses.
///
/// Swift finds the same shortest digits but changes to an exponent elsewhere: Python from 1e16 on and below 1e-4.
private func pythonSpelling(of double: Double) -> String {
    if double.isNaN { return "NaN" }
    if double.isInfinite { return double < 0 ? "-Infinity" : "Infinity" }
    let sign = double.sign == .minus ? "-" : ""
    if double == 0 { return sign + "0.0" }

    let text = double.magnitude.description
    let parts = text.split(separator: "e")
    let mantissa = parts[0].split(separator: ".")
    let whole = mantissa[0]
    let fraction = mantissa.count > 1 ? mantissa[1] : ""
    var point = whole.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    var digits = Substring(whole + fraction)
    while digits.first == "0" {
        digits.removeFirst()
        point -= 1
    }
    while digits.last == "0" { digits.removeLast() }

    // `point` is where the decimal point stands, counted from the first digit that is not 0.
    if point > 16 || point < -3 {
        let exponent = point - 1
        let rest = digits.dropFirst().isEmpty ? "" : "." + digits.dropFirst()
        let size = String(exponent.magnitude)
        return sign + digits.prefix(1) + rest + "e" + (exponent < 0 ? "-" : "+") + (size.count < 2 ? "0" : "") + size
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
    if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) + ".0" }
    return sign + digits.prefix(point) + "." + digits.dropFirst(point)
}

/// Lengths of time as people write them in the configuration: `500ms 2s 15m 1h 7d 2w 1y`.
package enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000),
        ("y", 31_536_000_000),
    ]

    /// The longest that is accepted, a thousand years: beyond it, sums of times could overflow.
    private static let limit: Int64 = 1000 * 31_536_000_000

    /// Reads a whole number and its unit; a year has 365 days.
    ///
    /// - Returns: nil for anything else, also for a number without a unit and for more than a thousand years.
    package static func parse(_ text: String) -> Duration? {
        guard let (number, suffix) = quantity(text),
            let unit = units.first(where: { suffix.elementsEqual($0.suffix.utf8) })
        else { return nil }
        let (milliseconds, overflows) = number.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflows, milliseconds <= limit else { return nil }
        return .milliseconds(milliseconds)
    }

    /// Writes a length in the largest unit that divides it; weeks are written as days.
    package static func format(_ duration: Duration) -> String {
        let milliseconds = duration.microseconds / 1000
        guard milliseconds != 0 else { return "0s" }
        let unit = units.last { $0.suffix != "w" && milliseconds % $0.milliseconds == 0 } ?? units[0]
        return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
    }
}

/// Numbers of bytes as people write them in the configuration: `500M 20G`, powers of 1024.
package enum SizeText {
    private static let units: [(suffix: String, bytes: Int64)] = [
        ("", 1), ("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30), ("T", 1 << 40), ("P", 1 << 50),
    ]

    /// Reads a whole number of bytes with or without a unit.
    ///
    /// - Returns: nil for anything else.
    package static func parse(_ text: String) -> Int64? {
        guard let (number, suffix) = quantity(text),
            let unit = units.first(where: { suffix.elementsEqual($0.suffix.utf8) })
        else { return nil }
        let (bytes, overflows) = number.multipliedReportingOverflow(by: unit.bytes)
        return overflows ? nil : bytes
    }

    /// Writes a size in the largest unit that divides it, so that reading it gives the same number.
    package static func exact(_ bytes: Int64) -> String {
        guard bytes != 0 else { return "0" }
        let unit = units.last { bytes % $0.bytes == 0 } ?? units[0]
        return "\(bytes / unit.bytes)\(unit.suffix)"
    }

    /// Writes a size for people, with one decimal below ten: `812B`, `1.2M`, `18G`.
    package static func rounded(_ bytes: Int64) -> String {
        let magnitude = bytes.magnitude
        guard let unit = units.last(where: { magnitude >= $0.bytes.magnitude }), unit.bytes > 1 else {
            return "\(bytes)B"
        }
        // Large sizes lose their last kilobyte, so that ten times as much is still a number.
        let shift = magnitude >> 20 > 0 ? 10 : 0
        let (amount, whole) = (magnitude >> shift, unit.bytes.magnitude >> shift)
        let tenths = (amount * 10 + whole / 2) / whole
        let text = tenths < 100 ? "\(tenths / 10).\(tenths % 10)" : "\((tenths + 5) / 10)"
        return (bytes < 0 ? "-" : "") + text + unit.suffix
    }
}

extension Duration {
    /// The length in microseconds, rounded towards zero and clamped; times in this program have no finer parts.
    package var microseconds: Int64 {
        let (whole, overflows) = components.seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflowsToo) = whole.addingReportingOverflow(components.attoseconds / 1_000_000_000_000)
        return overflows || overflowsToo ? (self < .zero ? .min : .max) : sum
    }
}

/// A number with what follows it; by bytes, since for Swift the sign of the kelvin is a K.
private func quantity(_ text: String) -> (number: Int64, suffix: Substring.UTF8View)? {
    let digits = text.utf8.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    return Int64(Substring(digits)).map { ($0, text.utf8[digits.endIndex...]) }
}

/// Durations and counts for people; pure.
enum Amount {
    /// A time span by its two largest units: `3m12s`, `2d4h`, `840ms`.
    static func duration(_ span: Duration) -> String {
        // Loops may say anything: beyond what fits into milliseconds it is all the same.
        let longest = Duration.seconds(Int64.max / 1000 - 1)
        let span = min(max(span, .zero - longest), longest)
        let (seconds, attoseconds) = span.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        guard milliseconds >= 0 else { return "-" + duration(.zero - span) }
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        let parts: [(Int64, String)] = [
            (seconds / 86400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"),
        ]
        let shown = parts.drop { $0.0 == 0 }.prefix(2)
        return shown.enumerated()
            .map { $0.offset == 0 || $0.element.0 > 0 ? "\($0.element.0)\($0.element.1)" : "" }
            .joined()
    }

    /// A number and its noun: `1 run`, `3 runs`.
    static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}

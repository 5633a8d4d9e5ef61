/// A moment in microseconds, which is what Python's `datetime` keeps.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Microseconds since 1970-01-01T00:00:00 UTC.
    public var microseconds: Int64

    /// Takes microseconds since the epoch.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Takes nanoseconds since the epoch, rounded down, as file systems keep them.
    public init(nanoseconds: Int64) {
        microseconds = nanoseconds.flooredDivision(by: 1000).quotient
    }

    /// Takes whole seconds since the epoch.
    public init(seconds: Int64) {
        microseconds = seconds.multipliedClamping(by: 1_000_000)
    }

    /// The whole seconds since the epoch, rounded down.
    public var seconds: Int64 {
        microseconds.flooredDivision(by: 1_000_000).quotient
    }

    /// The moment so many seconds later, or earlier for a negative number; clamped at the ends of time.
    public func adding(seconds: Int64) -> Timestamp {
        self + .seconds(seconds)
    }

    /// Orders by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The moment so much later, in whole microseconds; clamped at the ends of time.
    public static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        let (sum, overflow) = moment.microseconds.addingReportingOverflow(duration.wholeMicroseconds)
        return Timestamp(microseconds: overflow ? (moment.microseconds < 0 ? .min : .max) : sum)
    }

    /// The moment so much earlier, in whole microseconds; clamped at the ends of time.
    public static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        let (sum, overflow) = moment.microseconds.subtractingReportingOverflow(duration.wholeMicroseconds)
        return Timestamp(microseconds: overflow ? (moment.microseconds < 0 ? .min : .max) : sum)
    }

    /// The time from one moment to another; negative when the other came later.
    public static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        let (difference, overflow) = later.microseconds.subtractingReportingOverflow(earlier.microseconds)
        return .microseconds(overflow ? (later > earlier ? .max : .min) : difference)
    }

    /// The moment as `iso`.
    public var description: String {
        iso.string
    }
}

extension Duration {
    /// The duration in microseconds, rounded down and clamped.
    fileprivate var wholeMicroseconds: Int64 {
        let whole = components.seconds.multipliedClamping(by: 1_000_000)
        let part = components.attoseconds.flooredDivision(by: 1_000_000_000_000).quotient
        let (sum, overflow) = whole.addingReportingOverflow(part)
        return overflow ? whole : sum
    }
}

extension Int64 {
    /// Division that rounds down, also below zero.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    func multipliedClamping(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? (self < 0 ? .min : .max) : product
    }
}

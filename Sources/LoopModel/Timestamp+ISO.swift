extension Timestamp {
    /// Reads what Python's `datetime.isoformat()` writes: `2026-01-31T23:59:59.123456+00:00`.
    ///
    /// A fraction and an offset may be missing; without an offset it is UTC. `Z`, a space in place of `T` and other
    /// lengths of the fraction are taken as well, digits beyond the microsecond are cut.
    ///
    /// - Returns: nil for anything else: more than 64 bytes, a date that does not exist, and a moment outside the years
    ///   1 to 9999 in UTC, which could not be written again.
    public init?(iso text: JSONString) {
        guard text.bytes.count <= 64 else { return nil }
        var reader = DigitReader(rest: text.bytes[...])
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), reader.take("T") || reader.take(" "),
            let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), reader.take(":"),
            let second = reader.number(2)
        else { return nil }
        var microsecond = 0
        if reader.take(".") {
            guard let fraction = reader.fraction() else { return nil }
            microsecond = fraction
        }
        guard let offset = reader.offset(), reader.rest.isEmpty,
            year >= 1, 1...12 ~= month, 1...CivilTime.days(inMonth: month, of: year) ~= day,
            hour < 24, minute < 60, second < 60
        else { return nil }
        let civil = CivilTime(
            year: year,
            month: month,
            day: day,
            hour: hour,
            minute: minute,
            second: second,
            microsecond: microsecond
        )
        self = Timestamp(civil).adding(seconds: -Int64(offset))
        guard Self.writable.contains(self) else { return nil }
    }

    /// The years 1 to 9999.
    private static let writable =
        Timestamp(seconds: -62_135_596_800)...Timestamp(microseconds: 253_402_300_799_999_999)

    /// The moment as Python's `datetime.now(UTC).isoformat()` writes it; the fraction is absent when it is 0.
    public var iso: JSONString {
        let civil = civil
        var bytes: [UInt8] = []
        bytes.reserveCapacity("2026-01-31T23:59:59.123456+00:00".utf8.count)
        bytes.append(civil.year, width: 4)
        for (separator, number) in [
            ("-", civil.month), ("-", civil.day), ("T", civil.hour), (":", civil.minute), (":", civil.second),
        ] as [(Unicode.Scalar, Int)] {
            bytes.append(UInt8(ascii: separator))
            bytes.append(number, width: 2)
        }
        if civil.microsecond != 0 {
            bytes.append(UInt8(ascii: "."))
            bytes.append(civil.microsecond, width: 6)
        }
        bytes += "+00:00".utf8
        return JSONString(unchecked: bytes)
    }
}

extension [UInt8] {
    /// Writes a number with zeros before it, and one of more digits whole.
    fileprivate mutating func append(_ number: Int, width: Int) {
        let digits = String(number).utf8
        for _ in 0..<Swift.max(0, width - digits.count) { append(UInt8(ascii: "0")) }
        self += digits
    }
}

private struct DigitReader {
    var rest: ArraySlice<UInt8>

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digit() -> Int? {
        guard let first = rest.first, UInt8(ascii: "0")...UInt8(ascii: "9") ~= first else { return nil }
        rest.removeFirst()
        return Int(first - UInt8(ascii: "0"))
    }

    mutating func number(_ width: Int) -> Int? {
        var number = 0
        for _ in 0..<width {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// One or more digits behind the point, in microseconds.
    mutating func fraction() -> Int? {
        guard var fraction = digit() else { return nil }
        var count = 1
        while let digit = digit() {
            count += 1
            if count <= 6 { fraction = fraction * 10 + digit }
        }
        while count < 6 {
            count += 1
            fraction *= 10
        }
        return fraction
    }

    /// Nothing, `Z` or `±hh:mm[:ss]`, in seconds.
    mutating func offset() -> Int? {
        if rest.isEmpty || take("Z") { return 0 }
        let sign = take("-") ? -1 : 1
        guard sign < 0 || take("+"), let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60
        else { return nil }
        guard take(":") else { return sign * (hours * 3600 + minutes * 60) }
        guard let seconds = number(2), seconds < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60 + seconds)
    }
}

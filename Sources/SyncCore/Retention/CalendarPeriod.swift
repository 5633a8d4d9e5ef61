package import LoopModel

/// The calendar periods that keep rules count by.
package enum CalendarPeriod: String, Sendable, Hashable, CaseIterable {
    case hourly, daily, weekly, monthly, yearly

    /// The period that a time falls into.
    ///
    /// Hours are absolute: the hour that the end of summer time repeats is two hours, and zones of half hours do not
    /// shift them. Days and longer follow the zone's clocks; weeks are those of ISO 8601, from Monday on.
    package func bucket(of time: Timestamp, in zone: ZoneOffset) -> CalendarBucket {
        let seconds = time.seconds
        let local = seconds + Int64(zone.offset(seconds))
        let day = local.floorDivided(by: 86_400)
        let civil = Timestamp(seconds: local).civil
        let number: Int64 =
            switch self {
            case .hourly: seconds.floorDivided(by: 3600)
            case .daily: day
            // 1970-01-01 was a Thursday.
            case .weekly: (day + 3).floorDivided(by: 7)
            case .monthly: Int64(civil.year * 12 + civil.month - 1)
            case .yearly: Int64(civil.year)
            }
        return CalendarBucket(period: self, number: number)
    }
}

/// One hour, day, week, month or year; buckets of one period compare by `number`, later ones are greater.
package struct CalendarBucket: Sendable, Hashable, CustomStringConvertible {
    package let period: CalendarPeriod
    /// Hours or days or weeks since the epoch, months or years since the year 0.
    package let number: Int64

    /// The period as ISO 8601 writes it: `2026-11-23T14Z`, `2026-11-23`, `2026-W48`, `2026-11`, `2026`.
    package var description: String {
        switch period {
        case .hourly:
            return "\(date(ofDay: number.floorDivided(by: 24)))T\(padded(number.floorRemainder(by: 24), 2))Z"
        case .daily:
            return date(ofDay: number)
        case .weekly:
            // A week belongs to the year that its Thursday is in.
            let thursday = number * 7
            let year = Timestamp(seconds: thursday * 86_400).civil.year
            let week = (thursday - CivilTime(year: year, month: 1, day: 1).dayNumber) / 7 + 1
            return "\(padded(Int64(year), 4))-W\(padded(week, 2))"
        case .monthly:
            return "\(padded(number.floorDivided(by: 12), 4))-\(padded(number.floorRemainder(by: 12) + 1, 2))"
        case .yearly:
            return padded(number, 4)
        }
    }

    private func date(ofDay day: Int64) -> String {
        let civil = Timestamp(seconds: day * 86_400).civil
        return "\(padded(Int64(civil.year), 4))-\(padded(Int64(civil.month), 2))-\(padded(Int64(civil.day), 2))"
    }
}

extension Int64 {
    /// The quotient rounded down, for times before the epoch.
    func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor != 0 && (self < 0) != (divisor < 0) ? quotient - 1 : quotient
    }

    /// What remains of a division that rounds down; never negative for a positive divisor.
    func floorRemainder(by divisor: Int64) -> Int64 {
        self - floorDivided(by: divisor) * divisor
    }
}

/// A number with leading zeros.
func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number.magnitude)
    return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
}

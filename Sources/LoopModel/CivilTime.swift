/// A moment in the calendar, without a time zone of its own.
public struct CivilTime: Hashable, Sendable {
    /// The year of the Gregorian calendar, also before its time.
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int
    /// 0 to 23.
    public var hour: Int
    /// 0 to 59.
    public var minute: Int
    /// 0 to 59.
    public var second: Int
    /// 0 to 999,999.
    public var microsecond: Int

    /// Takes the parts as they are.
    public init(
        year: Int,
        month: Int,
        day: Int,
        hour: Int = 0,
        minute: Int = 0,
        second: Int = 0,
        microsecond: Int = 0
    ) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.microsecond = microsecond
    }

    /// How many days a month has.
    ///
    /// - Parameters:
    ///   - month: 1 to 12.
    ///   - year: the year it is in.
    public static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 to the date.
    public var dayNumber: Int64 {
        // Years that begin in March, so that the leap day comes last; eras of 400 years.
        let year = Int64(month <= 2 ? year - 1 : year)
        let (era, yearOfEra) = year.flooredDivision(by: 400)
        let dayOfYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// 0 for Monday to 6 for Sunday.
    public var weekday: Int {
        Int((dayNumber + 3).flooredDivision(by: 7).remainder)
    }
}

extension Timestamp {
    /// The moment of a date and time in UTC.
    ///
    /// - Parameter civil: parts in their ranges, with a year from -200,000 to 200,000.
    public init(_ civil: CivilTime) {
        let seconds = civil.dayNumber * 86_400 + Int64(civil.hour * 3600 + civil.minute * 60 + civil.second)
        self.init(microseconds: seconds * 1_000_000 + Int64(civil.microsecond))
    }

    /// The date and time in UTC.
    public var civil: CivilTime {
        let (days, microseconds) = microseconds.flooredDivision(by: 86_400_000_000)
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = Int(shifted < 10 ? shifted + 3 : shifted - 9)
        let seconds = Int(microseconds / 1_000_000)
        return CivilTime(
            year: Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0),
            month: month,
            day: Int(dayOfYear - (153 * shifted + 2) / 5 + 1),
            hour: seconds / 3600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
            microsecond: Int(microseconds % 1_000_000)
        )
    }
}

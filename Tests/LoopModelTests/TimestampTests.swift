import LoopModel
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00+00:00", 0), ("2026-01-31T23:59:59.123456+00:00", 1_769_903_999_123_456),
            ("2026-01-31T23:59:59.123456Z", 1_769_903_999_123_456),
            ("2026-01-31 23:59:59.123456", 1_769_903_999_123_456),
            ("2026-02-01T01:29:59.123456+01:30", 1_769_903_999_123_456),
            ("2026-01-31T23:59:58.123456-00:00:01", 1_769_903_999_123_456),
            ("2026-01-31T23:59:59.5", 1_769_903_999_500_000), ("2026-01-31T23:59:59.123456789", 1_769_903_999_123_456),
            ("1969-12-31T23:59:59.999999+00:00", -1), ("0001-01-01T00:00:00", -62_135_596_800_000_000),
            ("2024-02-29T12:00:00+00:00", 1_709_208_000_000_000),
            ("9999-12-31T23:59:59.999999", 253_402_300_799_999_999),
        ] as [(JSONString, Int64)]
    )
    func `times of executors are read`(iso: JSONString, microseconds: Int64) {
        #expect(Timestamp(iso: iso)?.microseconds == microseconds)
    }

    @Test(
        arguments: [
            "", "2026", "2026-01-31", "2023-02-29T00:00:00", "2026-13-01T00:00:00", "2026-01-31T24:00:00",
            "2026-01-31T23:60:00", "2026-01-31T23:59:59.", "2026-01-31T23:59:59+0000", "2026-01-31T23:59:59Zx",
            "0000-01-01T00:00:00", "/etc/passwd", "2026-01-31T23:59:59+24:00", "-026-01-31T23:59:59",
        ] as [JSONString]
    )
    func `what is no time is nil`(iso: JSONString) {
        #expect(Timestamp(iso: iso) == nil)
    }

    @Test func `a time is written as Python writes it, without a fraction of 0`() {
        #expect(Timestamp(microseconds: 1_769_903_999_123_456).iso == "2026-01-31T23:59:59.123456+00:00")
        #expect(Timestamp(seconds: 1_769_903_999).iso == "2026-01-31T23:59:59+00:00")
        #expect(Timestamp(microseconds: 1_769_903_999_000_001).iso == "2026-01-31T23:59:59.000001+00:00")
        #expect(Timestamp(iso: "0087-06-05T04:03:02+00:00")?.iso == "0087-06-05T04:03:02+00:00")
        #expect(Timestamp(microseconds: -1).iso == "1969-12-31T23:59:59.999999+00:00")
    }

    @Test func `every day of eight centuries is its own civil date`() {
        var expected = CivilTime(year: 1599, month: 12, day: 31)
        for day in CivilTime(year: 1600, month: 1, day: 1).dayNumber...CivilTime(year: 2400, month: 1, day: 1).dayNumber
        {
            expected.day += 1
            if expected.day > CivilTime.days(inMonth: expected.month, of: expected.year) {
                expected.day = 1
                expected.month += 1
            }
            if expected.month > 12 {
                expected.month = 1
                expected.year += 1
            }
            let civil = Timestamp(seconds: day * 86_400).civil
            guard civil == expected, civil.dayNumber == day else {
                Issue.record("day \(day): \(civil), expected \(expected)")
                return
            }
        }
        #expect(CivilTime(year: 2026, month: 1, day: 31).weekday == 5)
        #expect(CivilTime(year: 1969, month: 12, day: 28).weekday == 6)
    }

    @Test func `sums are clamped at the ends of time`() {
        #expect(Timestamp(microseconds: .max).adding(seconds: 1).microseconds == .max)
        #expect(Timestamp(microseconds: .min).adding(seconds: .min).microseconds == .min)
        #expect((Timestamp(microseconds: 5) + .milliseconds(2)).microseconds == 2005)
        #expect((Timestamp(microseconds: 5) - .seconds(1)).microseconds == -999_995)
        #expect(Timestamp(seconds: 3) - Timestamp(seconds: 5) == .seconds(-2))
        #expect(Timestamp(nanoseconds: -1).microseconds == -1)
    }
}

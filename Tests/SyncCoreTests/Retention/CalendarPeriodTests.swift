import LoopModel
import SyncCore
import Testing

@Suite struct CalendarPeriodTests {
    @Test(arguments: [
        ("2026-11-24T12:00:00+00:00", CalendarPeriod.hourly, "2026-11-24T12Z"),
        ("2026-11-24T12:00:00+00:00", .daily, "2026-11-24"),
        ("2026-11-24T12:00:00+00:00", .weekly, "2026-W48"),
        ("2026-11-24T12:00:00+00:00", .monthly, "2026-11"),
        ("2026-11-24T12:00:00+00:00", .yearly, "2026"),
        ("2024-02-29T23:59:59+00:00", .daily, "2024-02-29"),
        // The first days of January may belong to the last week of the year before, and the reverse.
        ("2027-01-03T12:00:00+00:00", .weekly, "2026-W53"),
        ("2027-01-04T00:00:00+00:00", .weekly, "2027-W01"),
        ("2024-12-30T00:00:00+00:00", .weekly, "2025-W01"),
        ("1969-12-31T23:59:59+00:00", .hourly, "1969-12-31T23Z"),
        ("1969-12-31T23:59:59+00:00", .monthly, "1969-12"),
        ("1969-12-28T12:00:00+00:00", .weekly, "1969-W52"),
    ])
    func `a time belongs to the period that ISO 8601 says`(
        time: JSONString,
        period: CalendarPeriod,
        label: String
    ) throws {
        let time = try #require(Timestamp(iso: time))
        #expect(period.bucket(of: time, in: .utc).description == label)
    }

    @Test func `days begin at midnight of the zone`() throws {
        let time = try #require(Timestamp(iso: "2026-11-23T23:30:00+00:00"))
        #expect(CalendarPeriod.daily.bucket(of: time, in: .utc).description == "2026-11-23")
        #expect(CalendarPeriod.daily.bucket(of: time, in: rome).description == "2026-11-24")
    }

    @Test func `the hour that clocks repeat is two hours and the day still one`() throws {
        let first = try #require(Timestamp(iso: "2026-10-25T00:30:00+00:00"))
        let second = first + .hours(1)
        #expect(rome.offset(first.seconds) == 7200 && rome.offset(second.seconds) == 3600)
        #expect(CalendarPeriod.hourly.bucket(of: first, in: rome) != CalendarPeriod.hourly.bucket(of: second, in: rome))
        #expect(CalendarPeriod.daily.bucket(of: first, in: rome) == CalendarPeriod.daily.bucket(of: second, in: rome))
    }

    @Test func `a year of hourly runs through both changes of the clock keeps one run a day`() {
        let start = Timestamp(CivilTime(year: 2026, month: 1, day: 1))
        let runs = (0..<(365 * 24)).map { run(at: start + .hours($0)) }
        let now = start + .days(365)
        let plan = bare(KeepRules(periods: [.daily: .all])).plan(runs: runs, in: at(now, zone: rome))
        // 2026-01-01T00:00 UTC is 01:00 in Rome, and the last hour of the year is in 2027 there.
        #expect(plan.kept.count == 366)
        let hourly = bare(KeepRules(periods: [.hourly: .exactly(48)])).plan(runs: runs, in: at(now, zone: rome))
        #expect(hourly.kept.count == 48)
    }
}

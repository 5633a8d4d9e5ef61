import LoopModel
import SyncCore

/// 2026-11-24T12:00:00 UTC, a Tuesday.
let noon = Timestamp(CivilTime(year: 2026, month: 11, day: 24, hour: 12))

/// A run that ended so long before `noon`; its name is its end's second unless told.
func run(
    _ loop: JSONString = "build",
    ago: Duration,
    _ status: RunStatus? = .completed,
    size: Int64 = 1 << 20,
    name: String? = nil
) -> RetentionRun {
    run(loop, at: noon - ago, status, size: size, name: name)
}

/// A run that ended at that time.
func run(
    _ loop: JSONString = "build",
    at time: Timestamp,
    _ status: RunStatus? = .completed,
    size: Int64 = 1 << 20,
    name: String? = nil
) -> RetentionRun {
    let id = RunID(startedAt: time)
    return RetentionRun(
        place: RunPlace(
            loop: PathSafeName.component(for: loop),
            run: PathSafeName.component(for: name.map { JSONString($0) } ?? id.text)
        ),
        loop: loop,
        runID: id,
        status: status,
        endedAt: time,
        startedAt: time - .seconds(10),
        size: size
    )
}

/// A policy without the protections that would hide the rule under test.
func bare(_ keep: KeepRules = KeepRules(), _ change: (inout RetentionPolicy) -> Void = { _ in }) -> RetentionPolicy {
    var policy = RetentionPolicy(minAge: .zero, keepMin: .exactly(0), retention: LoopRetention(keep: keep))
    change(&policy)
    return policy
}

func at(_ now: Timestamp = noon, zone: ZoneOffset = .utc) -> RetentionCircumstances {
    RetentionCircumstances(now: now, zone: zone)
}

extension RetentionPlan {
    /// What goes or waits, in the order of the decisions.
    var going: [RetentionRun] {
        decisions.filter { $0.verdict != .keep }.map(\.run)
    }

    var kept: [RetentionRun] {
        decisions.filter { $0.verdict == .keep }.map(\.run)
    }

    /// One line per run: the verdict and the reasons.
    var lines: [String] {
        decisions.map { "\($0.verdict.word): \($0.reasons.map(\.description).joined(separator: ", "))" }
    }
}

extension Duration {
    static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }
    static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}

/// Rome as it is: two hours ahead of UTC in summer, one in winter, by the rule of the European Union.
let rome = ZoneOffset(name: "Europe/Rome") { seconds in
    let year = Timestamp(seconds: seconds).civil.year
    func lastSunday(_ month: Int) -> Int64 {
        var date = CivilTime(year: year, month: month, day: 31)
        date.day -= (date.weekday + 1) % 7
        return date.dayNumber * 86_400 + 3600
    }
    return lastSunday(3) <= seconds && seconds < lastSunday(10) ? 7200 : 3600
}

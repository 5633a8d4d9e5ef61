import LoopModel

extension RetentionPolicy {
    /// Notes, for each run of a loop (newest first), which rules keep it; a run that none of its rules keeps goes,
    /// unless something protects it.
    ///
    /// A run to which no rule could apply stays: with rules for failed runs alone, nothing is said about the others.
    func keep(
        _ drafts: inout RetentionDrafts,
        _ loop: Range<Int>,
        _ settings: LoopRetention,
        _ circumstances: RetentionCircumstances
    ) {
        var general = KeepRuleCounter(settings.keep, status: nil, circumstances)
        var special = settings.statuses.filter { !$0.value.isEmpty }.map { status, rules in
            KeepRuleCounter(rules, status: status, circumstances)
        }.sorted { $0.order < $1.order }
        var before = (keeping: [RetentionReason](), ending: [RetentionReason]())
        for index in loop {
            let run = drafts.runs[index]
            guard run.isRun, let time = run.time, time <= circumstances.future else { continue }
            var answer = general.consider(run, time)
            for counter in special.indices where special[counter].status == run.status {
                answer.add(special[counter].consider(run, time))
            }
            guard !(answer.matches.isEmpty && answer.misses.isEmpty) else {
                drafts[index].keeping = [.noRule]
                continue
            }
            if before.keeping != answer.matches.map(RetentionReason.rule) {
                before.keeping = answer.matches.map(RetentionReason.rule)
            }
            drafts[index].keeping = before.keeping
            // A pin needs no rule and takes no place of one, so nothing is said of the places it did not get.
            if answer.matches.isEmpty, drafts[index].isRemovable {
                let ending = [RetentionReason.noRuleKeeps(answer.misses)]
                if before.ending != ending { before.ending = ending }
                drafts[index].remove(.rules, before.ending)
            }
        }
    }
}

/// Hands out the places of one set of rules, to runs that come newest first.
private struct KeepRuleCounter {
    let status: RunStatus?
    private let rules: KeepRules
    private let circumstances: RetentionCircumstances
    private var lastUsed = 0
    private var used: [CalendarPeriod: (places: Int, newest: CalendarBucket, holder: RunID)] = [:]

    init(_ rules: KeepRules, status: RunStatus?, _ circumstances: RetentionCircumstances) {
        self.rules = rules
        self.status = status
        self.circumstances = circumstances
    }

    /// Sorts statuses for printing.
    var order: JSONString {
        status?.rawValue ?? ""
    }

    struct Answer {
        var matches: [KeepRuleMatch] = []
        var misses: [KeepRuleMiss] = []

        mutating func add(_ other: Answer) {
            matches += other.matches
            misses += other.misses
        }
    }

    mutating func consider(_ run: RetentionRun, _ time: Timestamp) -> Answer {
        var answer = Answer()
        func match(_ rule: KeepRule, _ detail: KeepRuleMatch.Detail) {
            answer.matches.append(KeepRuleMatch(rule: rule, status: status, detail: detail))
        }
        func miss(_ rule: KeepRule, _ detail: KeepRuleMiss.Detail) {
            answer.misses.append(KeepRuleMiss(rule: rule, status: status, detail: detail))
        }
        if let within = rules.within {
            if time > circumstances.now - within {
                match(.within, .window(within))
            } else {
                miss(.within, .passed(within))
            }
        }
        if let count = rules.last {
            if run.isPinned || !count.allows(oneMoreThan: lastUsed) {
                miss(.last, .used(count))
            } else {
                lastUsed += 1
                match(.last, .place(lastUsed, of: count, bucket: nil))
            }
        }
        for period in CalendarPeriod.allCases {
            guard let count = rules.periods[period] else { continue }
            let bucket = period.bucket(of: time, in: circumstances.zone)
            let before = used[period]
            if let before, before.newest == bucket {
                miss(.period(period), .held(bucket, by: before.holder))
            } else if run.isPinned || !count.allows(oneMoreThan: before?.places ?? 0) {
                miss(.period(period), .used(count))
            } else {
                let places = (before?.places ?? 0) + 1
                used[period] = (places, bucket, run.runID)
                match(.period(period), .place(places, of: count, bucket: bucket))
            }
        }
        return answer
    }
}

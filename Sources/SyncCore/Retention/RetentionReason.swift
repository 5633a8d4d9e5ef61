package import LoopModel

/// Why a run stays or goes.
///
/// A run carries every reason that applied to it, not the first.
package enum RetentionReason: Sendable, Hashable {
    // What no rule and no cap may touch.
    case notARun
    case inRunning
    case nameOfRunInRunning
    case pinned
    case youngerThanMinAge(Duration)
    case newest
    case newestCompleted
    case amongNewest(rank: Int, of: RetentionCount)
    case inFuture
    case timeUnknown
    case notMirrored

    // What keeps it otherwise.
    case rule(KeepRuleMatch)
    case noRule

    // What removes it.
    case noRuleKeeps([KeepRuleMiss])
    case cap(RetentionCap)

    // What stops the removal for now.
    case heldBack(removing: Int, of: Int)
}

/// The limits that remove what only rules keep.
package enum RetentionCap: Sendable, Hashable {
    case maxAge(Duration)
    case maxRuns(Int)
    case maxTotalSize(Int64)
    case minFreeSpace(Int64)
}

/// One rule of a set, as the configuration names it.
package enum KeepRule: Sendable, Hashable, CustomStringConvertible {
    case last
    case within
    case period(CalendarPeriod)

    package var description: String {
        switch self {
        case .last: "last"
        case .within: "within"
        case .period(let period): period.rawValue
        }
    }
}

/// A rule that keeps a run, and which of its places the run takes.
package struct KeepRuleMatch: Sendable, Hashable, CustomStringConvertible {
    package var rule: KeepRule
    /// The status that the rule counts alone; nil for a rule over all runs of the loop.
    package var status: RunStatus?
    package var detail: Detail

    /// What the match is about.
    package enum Detail: Sendable, Hashable {
        /// The run is the nth of the rule's places.
        case place(Int, of: RetentionCount, bucket: CalendarBucket?)
        case window(Duration)
    }

    package var description: String {
        let text =
            switch detail {
            case .place(let number, let count, .none): "\(rule) \(number)/\(count)"
            case .place(let number, let count, .some(let bucket)): "\(rule) \(bucket) \(number)/\(count)"
            case .window(let window): "\(rule) \(DurationText.format(window))"
            }
        return prefix(of: status) + text
    }
}

/// A rule that does not keep a run, and why not.
package struct KeepRuleMiss: Sendable, Hashable, CustomStringConvertible {
    package var rule: KeepRule
    package var status: RunStatus?
    package var detail: Detail

    /// Why the rule leaves the run out.
    package enum Detail: Sendable, Hashable {
        /// Newer runs or periods use all of the rule's places.
        case used(RetentionCount)
        case passed(Duration)
        /// A newer run stands for the period.
        case held(CalendarBucket, by: RunID)
    }

    package var description: String {
        let text =
            switch detail {
            case .used(let count): "\(rule) \(count) reached"
            case .passed(let window): "\(rule) \(DurationText.format(window)) passed"
            case .held(let bucket, let other): "\(rule) \(bucket) held by \(other)"
            }
        return prefix(of: status) + text
    }
}

private func prefix(of status: RunStatus?) -> String {
    status.map { "\($0.rawValue.string) " } ?? ""
}

extension RetentionReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notARun: "not a run"
        case .inRunning: "still in .running"
        case .nameOfRunInRunning: "the executor would archive a run in .running here"
        case .pinned: "pinned"
        case .youngerThanMinAge(let age): "younger than \(DurationText.format(age))"
        case .newest: "newest"
        case .newestCompleted: "newest completed"
        case .amongNewest(let rank, let count): "newest \(rank)/\(count)"
        case .inFuture: "dated in the future"
        case .timeUnknown: "its time is unknown"
        case .notMirrored: "not yet verified in the mirror"
        case .rule(let match): match.description
        case .noRule: "no rule: everything is kept"
        case .noRuleKeeps(let misses): "no rule keeps it (\(misses.map(\.description).joined(separator: ", ")))"
        case .cap(.maxAge(let age)): "older than max_age \(DurationText.format(age))"
        case .cap(.maxRuns(let count)): "over max_runs \(count)"
        case .cap(.maxTotalSize(let size)): "over max_total_size \(SizeText.exact(size))"
        case .cap(.minFreeSpace(let size)): "less than min_free_space \(SizeText.exact(size)) free"
        case .heldBack(let removing, let all): "held back: \(removing) of \(all) runs would go at once"
        }
    }

    /// A name for programs, stable across versions.
    package var code: String {
        switch self {
        case .notARun: "not_a_run"
        case .inRunning: "in_running"
        case .nameOfRunInRunning: "name_of_run_in_running"
        case .pinned: "pinned"
        case .youngerThanMinAge: "min_age"
        case .newest: "newest"
        case .newestCompleted: "newest_completed"
        case .amongNewest: "keep_min"
        case .inFuture: "in_future"
        case .timeUnknown: "time_unknown"
        case .notMirrored: "not_mirrored"
        case .rule(let match): "keep_\(match.rule)"
        case .noRule: "no_rule"
        case .noRuleKeeps: "no_rule_keeps"
        case .cap(.maxAge): "max_age"
        case .cap(.maxRuns): "max_runs"
        case .cap(.maxTotalSize): "max_total_size"
        case .cap(.minFreeSpace): "min_free_space"
        case .heldBack: "held_back"
        }
    }
}

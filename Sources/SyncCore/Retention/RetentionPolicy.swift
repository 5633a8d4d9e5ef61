package import LoopModel

/// How many runs or periods a rule keeps.
package enum RetentionCount: Sendable, Hashable, CustomStringConvertible {
    case exactly(Int)
    case all

    package var description: String {
        switch self {
        case .exactly(let number): String(number)
        case .all: "all"
        }
    }

    /// Whether the rule still keeps one after that many.
    func allows(oneMoreThan used: Int) -> Bool {
        switch self {
        case .exactly(let number): used < number
        case .all: true
        }
    }
}

/// The rules that keep runs; nil means that there is no such rule, which is not the same as a count of 0.
package struct KeepRules: Sendable, Hashable {
    package var last: RetentionCount?
    package var within: Duration?
    package var periods: [CalendarPeriod: RetentionCount]

    /// Makes a set of rules, empty unless told.
    package init(
        last: RetentionCount? = nil,
        within: Duration? = nil,
        periods: [CalendarPeriod: RetentionCount] = [:]
    ) {
        self.last = last
        self.within = within
        self.periods = periods
    }

    /// Whether there is no rule at all, so that everything is kept.
    package var isEmpty: Bool {
        last == nil && within == nil && periods.isEmpty
    }
}

/// What holds for the runs of one loop.
package struct LoopRetention: Sendable, Hashable {
    package var keep: KeepRules
    /// Rules counted among the runs that ended so, in addition to `keep`.
    package var statuses: [RunStatus: KeepRules]
    /// Older runs go, whatever keeps them; nil is no limit.
    package var maxAge: Duration?
    /// At most so many runs; nil is no limit.
    package var maxRuns: Int?

    /// Makes the settings of one loop, without rules and limits unless told.
    package init(
        keep: KeepRules = KeepRules(),
        statuses: [RunStatus: KeepRules] = [:],
        maxAge: Duration? = nil,
        maxRuns: Int? = nil
    ) {
        self.keep = keep
        self.statuses = statuses
        self.maxAge = maxAge
        self.maxRuns = maxRuns
    }

    /// Whether nothing here ever removes a run.
    package var keepsEverything: Bool {
        keep.isEmpty && statuses.isEmpty && maxAge == nil && maxRuns == nil
    }
}

/// Settings for the loops whose names match.
package struct LoopRetentionOverride: Sendable, Hashable {
    package var match: Glob
    package var retention: LoopRetention

    /// Makes an override.
    package init(match: Glob, retention: LoopRetention) {
        self.match = match
        self.retention = retention
    }
}

/// Which archived runs to keep, as the configuration says it; the default keeps everything.
package struct RetentionPolicy: Sendable, Hashable {
    /// `system`, or a name of the zone database.
    package var timeZone: String
    package var minAge: Duration
    package var keepMin: RetentionCount
    /// Whether a run that a mirror lacks stays.
    package var requireMirrored: Bool
    /// The part of a loop's runs that one plan may remove without a person's word, where a valve trigger holds.
    package var maxDeleteFraction: Double
    /// How long removed runs stay in the trash; nil for ever.
    package var trashFor: Duration?
    package var retention: LoopRetention
    /// The first match replaces `retention`.
    package var overrides: [LoopRetentionOverride]
    /// Bytes of one watched directory's history; nil is no limit.
    package var maxTotalSize: Int64?
    /// Bytes to leave free on the file system; nil asks for none.
    package var minFreeSpace: Int64?

    /// Makes a policy; what is not told has the documented default.
    package init(
        timeZone: String = "system",
        minAge: Duration = .seconds(3600),
        keepMin: RetentionCount = .exactly(3),
        requireMirrored: Bool = true,
        maxDeleteFraction: Double = 0.5,
        trashFor: Duration? = .seconds(7 * 86_400),
        retention: LoopRetention = LoopRetention(),
        overrides: [LoopRetentionOverride] = [],
        maxTotalSize: Int64? = nil,
        minFreeSpace: Int64? = nil
    ) {
        self.timeZone = timeZone
        self.minAge = minAge
        self.keepMin = keepMin
        self.requireMirrored = requireMirrored
        self.maxDeleteFraction = maxDeleteFraction
        self.trashFor = trashFor
        self.retention = retention
        self.overrides = overrides
        self.maxTotalSize = maxTotalSize
        self.minFreeSpace = minFreeSpace
    }

    /// What holds for a loop: the first override that matches, else the general settings.
    package func retention(of loop: JSONString) -> LoopRetention {
        overrides.first { $0.match.matches(loop) }?.retention ?? retention
    }

    /// Whether nothing is ever removed.
    package var keepsEverything: Bool {
        retention.keepsEverything && overrides.allSatisfy(\.retention.keepsEverything) && maxTotalSize == nil
            && minFreeSpace == nil
    }
}

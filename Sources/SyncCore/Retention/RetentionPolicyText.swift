import LoopModel

extension KeepRules: CustomStringConvertible {
    /// The rules as the configuration names them, without `keep_`: `last 50, within 14d, weekly 12`.
    package var description: String {
        var parts: [String] = []
        if let last { parts.append("last \(last)") }
        if let within { parts.append("within \(DurationText.format(within))") }
        for period in CalendarPeriod.allCases {
            if let count = periods[period] { parts.append("\(period.rawValue) \(count)") }
        }
        return parts.joined(separator: ", ")
    }
}

extension LoopRetention: CustomStringConvertible {
    /// The rules and limits in one line.
    package var description: String {
        var parts = keep.isEmpty ? [] : [keep.description]
        for (status, rules) in statuses.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            parts.append("\(status.rawValue.string) (\(rules))")
        }
        if let maxAge { parts.append("max_age \(DurationText.format(maxAge))") }
        if let maxRuns { parts.append("max_runs \(maxRuns)") }
        return parts.isEmpty ? "keep everything" : parts.joined(separator: ", ")
    }
}

extension RetentionPolicy: CustomStringConvertible {
    /// What is kept, in one line for the start of the agent and the head of a plan.
    package var description: String {
        guard !keepsEverything else { return "keep everything" }
        var parts = [retention.description]
        parts += overrides.map { "\($0.match): \($0.retention)" }
        if let maxTotalSize { parts.append("max_total_size \(SizeText.exact(maxTotalSize))") }
        if let minFreeSpace { parts.append("min_free_space \(SizeText.exact(minFreeSpace))") }
        return parts.joined(separator: "; ")
    }

    /// Tells whether two policies decide alike: a hash (FNV-1a, 64 bits) of everything that has a say in a plan.
    package var fingerprint: String {
        let text =
            "\(self); \(timeZone) \(DurationText.format(minAge)) \(keepMin) \(requireMirrored) \(maxDeleteFraction)"
        let digits = String(PathSafeName.fnv1a64(text.utf8), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

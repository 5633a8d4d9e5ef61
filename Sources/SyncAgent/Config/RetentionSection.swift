import LoopModel
import SyncCore
import Yams

extension KeepRules {
    static let keys = ["keep_last", "keep_within"] + CalendarPeriod.allCases.map { "keep_\($0.rawValue)" }

    init(_ fields: [String: Node], _ reader: inout ConfigurationReader) {
        self.init()
        if let node = fields["keep_last"] { last = reader.count(node) }
        if let node = fields["keep_within"] { within = reader.duration(node) }
        for period in CalendarPeriod.allCases {
            if let node = fields["keep_\(period.rawValue)"] { periods[period] = reader.count(node) }
        }
    }
}

extension LoopRetention {
    static let keys = KeepRules.keys + ["max_age", "max_runs", "statuses"]

    init(_ fields: [String: Node], _ reader: inout ConfigurationReader, minAge: Duration) {
        self.init(keep: KeepRules(fields, &reader))
        if let node = fields["max_age"], let age = reader.durationOrNever(node) {
            if let age, age < minAge {
                let least = DurationText.format(minAge)
                reader.report("max_age \(DurationText.format(age)) is below min_age \(least), which wins", at: node)
            }
            maxAge = age
        }
        if let node = fields["max_runs"], case .some(.exactly(let number)) = reader.count(node) { maxRuns = number }
        guard let node = fields["statuses"], !reader.isNull(node) else { return }
        let names = ConfigurationReader.statuses.map(\.rawValue.string)
        for (name, node) in reader.fields(of: node, in: "statuses", known: names) {
            let rules = reader.fields(of: node, in: name, known: KeepRules.keys)
            statuses[RunStatus(rawValue: JSONString(name))] = KeepRules(rules, &reader)
        }
    }
}

extension RetentionPolicy {
    static let keys =
        [
            "time_zone", "min_age", "keep_min", "require_mirrored", "max_delete_fraction", "trash_for",
        ] + LoopRetention.keys + ["max_total_size", "min_free_space", "loops"]

    mutating func read(_ node: Node, _ reader: inout ConfigurationReader, isTimeZone: (String) -> Bool) {
        let fields = reader.fields(of: node, in: "retention", known: RetentionPolicy.keys)
        if let node = fields["time_zone"], let name = reader.string(node, "system or a name such as Europe/Rome") {
            if name != "system", !isTimeZone(name) {
                reader.report("no time zone of this system: \(reader.quoted(name))", at: node)
            }
            timeZone = name
        }
        if let node = fields["min_age"] { minAge = reader.duration(node) ?? minAge }
        if let node = fields["keep_min"] { keepMin = reader.count(node) ?? keepMin }
        if let node = fields["require_mirrored"] { requireMirrored = reader.bool(node) ?? requireMirrored }
        if let node = fields["max_delete_fraction"] { maxDeleteFraction = reader.fraction(node) ?? maxDeleteFraction }
        if let node = fields["trash_for"] { trashFor = reader.durationOrNever(node) ?? trashFor }
        if let node = fields["max_total_size"] { maxTotalSize = reader.size(node) }
        if let node = fields["min_free_space"] { minFreeSpace = reader.size(node) }
        retention = LoopRetention(fields, &reader, minAge: minAge)
        if let node = fields["loops"], !reader.isNull(node) { readOverrides(node, &reader) }
    }

    private mutating func readOverrides(_ node: Node, _ reader: inout ConfigurationReader) {
        guard reader.isPlain(node) else { return }
        guard let entries = node.sequence else {
            reader.report("loops takes a list: - match: \"nightly-*\", then the rules of these loops", at: node)
            return
        }
        for entry in entries {
            let fields = reader.fields(of: entry, in: "loops", known: ["match"] + LoopRetention.keys)
            let retention = LoopRetention(fields, &reader, minAge: minAge)
            guard let match = fields["match"] else {
                reader.report("an entry of loops needs match: and a loop's name or pattern", at: entry)
                continue
            }
            guard let pattern = reader.string(match, "a loop's name or pattern") else { continue }
            overrides.append(LoopRetentionOverride(match: Glob(pattern), retention: retention))
        }
    }
}

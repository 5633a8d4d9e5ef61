package import LoopModel
import SyncCore

extension Configuration {
    /// Every value that holds, by its key, in the order of the documented file; rules that are not set have no entry.
    package var listing: [(key: String, value: JSONValue)] {
        var list: [(key: String, value: JSONValue)] = []
        func add(_ key: String, _ value: JSONValue) { list.append((key, value)) }
        add("watch", Self.texts(watch))
        add("archive.layout", Self.text(archive.layout?.rawValue ?? "auto"))
        add("archive.settle", Self.text(archive.settle))
        add("archive.abandoned_after", Self.text(archive.abandonedAfter))
        add("archive.clear_after", Self.text(archive.clearAfter))
        add("archive.clear_statuses", Self.texts(archive.clearStatuses.map(\.rawValue.string).sorted()))
        add("archive.run_files", Self.texts(archive.runFiles))
        add("mirror.to", mirror.to.map(Self.text) ?? .null)
        add("mirror.namespace", Self.text(mirror.namespace.description))
        add("mirror.live", .bool(mirror.live))
        add("mirror.live_interval", Self.text(mirror.liveInterval))
        add("mirror.include", Self.texts(mirror.filter.include.map(\.pattern)))
        add("mirror.exclude", Self.texts(mirror.filter.exclude.map(\.pattern)))
        add("mirror.deletions", Self.text(mirror.deletions.rawValue))
        list += retention.listing
        add("hooks.timeout", Self.text(hooks.timeout))
        for event in HookSettings.Event.allCases {
            if let command = hooks.commands[event] { add("hooks.\(event.rawValue)", Self.texts(command)) }
        }
        add("log.level", Self.text(log.level.rawValue))
        add("log.format", Self.text(log.format.rawValue))
        return list
    }

    fileprivate static func text(_ text: String) -> JSONValue { .string(JSONString(text)) }
    fileprivate static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(text)) }
    fileprivate static func text(_ duration: Duration?) -> JSONValue {
        text(duration.map(DurationText.format) ?? "never")
    }
    fileprivate static func count(_ count: RetentionCount) -> JSONValue {
        switch count {
        case .exactly(let number): .number(JSONNumber(number))
        case .all: text("all")
        }
    }
}

extension RetentionPolicy {
    fileprivate var listing: [(key: String, value: JSONValue)] {
        var list: [(key: String, value: JSONValue)] = [
            ("retention.time_zone", Configuration.text(timeZone)),
            ("retention.min_age", Configuration.text(minAge)),
            ("retention.keep_min", Configuration.count(keepMin)),
            ("retention.require_mirrored", .bool(requireMirrored)),
            ("retention.max_delete_fraction", (try? JSONValue(parsing: Array("\(maxDeleteFraction)".utf8))) ?? .null),
            ("retention.trash_for", Configuration.text(trashFor)),
        ]
        list += retention.listing(at: "retention")
        if let maxTotalSize {
            list.append(("retention.max_total_size", Configuration.text(SizeText.exact(maxTotalSize))))
        }
        if let minFreeSpace {
            list.append(("retention.min_free_space", Configuration.text(SizeText.exact(minFreeSpace))))
        }
        for (index, override) in overrides.enumerated() {
            let place = "retention.loops[\(index)]"
            list.append(("\(place).match", Configuration.text(override.match.pattern)))
            list += override.retention.listing(at: place)
        }
        return list
    }

    /// The key below which the rules for a loop stand.
    package func section(for loop: JSONString) -> String {
        overrides.firstIndex { $0.match.matches(loop) }.map { "retention.loops[\($0)]" } ?? "retention"
    }
}

extension LoopRetention {
    fileprivate func listing(at place: String) -> [(key: String, value: JSONValue)] {
        var list = keep.listing(at: place)
        if let maxAge { list.append(("\(place).max_age", Configuration.text(maxAge))) }
        if let maxRuns { list.append(("\(place).max_runs", .number(JSONNumber(maxRuns)))) }
        for (status, rules) in statuses.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            list += rules.listing(at: "\(place).statuses.\(status.rawValue.string)")
        }
        return list
    }
}

extension KeepRules {
    fileprivate func listing(at place: String) -> [(key: String, value: JSONValue)] {
        var list: [(key: String, value: JSONValue)] = []
        if let last { list.append(("\(place).keep_last", Configuration.count(last))) }
        if let within { list.append(("\(place).keep_within", Configuration.text(within))) }
        for period in CalendarPeriod.allCases {
            if let count = periods[period] {
                list.append(("\(place).keep_\(period.rawValue)", Configuration.count(count)))
            }
        }
        return list
    }
}

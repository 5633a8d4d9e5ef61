import LoopModel
import SyncCore

/// Loops' statistics as tables and as JSON; pure.
enum StatisticsRows {
    /// So many runs make a trend.
    private static let trend = 20

    /// - Parameters:
    ///   - directories: where there are several, the last column tells which.
    ///   - isForPeople: the project; else the path of its loops directory.
    static func table(_ directories: [LoopStatistics.Directory], isForPeople: Bool) -> Table {
        var table = Table(columns: [
            .init(title: "LOOP", isFlexible: true), .init(title: "COUNT", isRightAligned: true),
            .init(title: "SUCCESS", isRightAligned: true), .init(title: "MEDIAN", isRightAligned: true),
            .init(title: "P90", isRightAligned: true), .init(title: "STATES", isRightAligned: true),
            .init(title: "RUNS", isDispensable: true), .init(title: "TREND", isDispensable: true),
        ])
        if directories.count > 1 { table.columns.append(.init(title: "IN", isFlexible: true)) }
        let projects = isForPeople ? ProjectNames.distinct(directories.map(\.path)) : [:]
        for directory in directories {
            let place = projects[directory.path] ?? directory.path
            table.rows += directory.loops.map { row($0) + (directories.count > 1 ? [.init(place)] : []) }
        }
        return table
    }

    private static func row(_ loop: LoopStatistics) -> [Table.Cell] {
        let statistics = loop.statistics
        let newest = statistics.runs.suffix(trend)
        return [
            .init(PrintableText.escaping(loop.loop.bytes), .strong), .init(String(statistics.runs.count)),
            .init(rate(statistics), tone(statistics)),
            .init(statistics.durations.map { Amount.duration($0.median) } ?? "?"),
            .init(statistics.durations.map { Amount.duration($0.p90) } ?? "?"),
            .init(statistics.iterations.map { String($0.median) } ?? "?"),
            .init(String(newest.map(mark))),
            .init(Chart.sparkline(newest.map { $0.took.map { Double($0.milliseconds) } })),
        ]
    }

    /// Where one loop's time goes.
    static func states(_ loop: LoopStatistics, _ terminal: Terminal) -> Table {
        var table = Table(columns: [
            .init(title: "STATE", isFlexible: true), .init(title: "RUNS", isRightAligned: true),
            .init(title: "VISITS", isRightAligned: true), .init(title: "IN ALL", isRightAligned: true),
            .init(title: "PER VISIT", isRightAligned: true), .init(title: "LONGEST RUN", isRightAligned: true),
            .init(title: ""),
        ])
        let longest = Double(loop.states.first?.time.milliseconds ?? 0)
        table.rows = loop.states.prefix(15).map { state in
            [
                .init(PrintableText.escaping(state.state.bytes, limit: 100)), .init(String(state.runs)),
                .init(String(state.visits)), .init(Amount.duration(state.time)),
                .init(Amount.duration(state.time / max(state.visits, 1))), .init(Amount.duration(state.longest)),
                .init(
                    Chart.bar(
                        Double(state.time.milliseconds),
                        of: longest,
                        width: min(max((terminal.width ?? 80) / 4, 8), 20)
                    ),
                    .good
                ),
            ]
        }
        return table
    }

    /// What the tables of one loop do not say, in lines of their own.
    static func remark(_ loop: LoopStatistics) -> String {
        let failures = loop.statistics.failuresInARow
        return failures > 1 ? "\nthe last \(failures) runs failed\n" : ""
    }

    /// What was left out so that a long history takes no minutes, one line each.
    static func limits(_ loops: [LoopStatistics]) -> [String] {
        loops.flatMap { loop in
            let name = PrintableText.escaping(loop.loop.bytes, limit: 100)
            let counted = loop.statistics.runs.count
            var lines: [String] = []
            if counted < loop.runsInAll {
                lines.append("\(name): the newest \(counted) of \(loop.runsInAll) runs are counted")
            }
            if loop.storiesRead > 0, loop.storiesRead < counted {
                lines.append("\(name): the time in states is that of the newest \(loop.storiesRead) runs")
            }
            return lines
        }
    }

    private static func rate(_ statistics: RunStatistics) -> String {
        statistics.successRate.map { "\(Int(($0 * 100).rounded()))%" } ?? "?"
    }

    private static func tone(_ statistics: RunStatistics) -> Tone {
        switch statistics.successRate {
        case nil: .plain
        case let rate?: rate >= 0.9 ? .good : rate >= 0.5 ? .warning : .bad
        }
    }

    private static func mark(_ run: RunStatistics.Run) -> Character {
        switch run.isSuccess {
        case true?: "✓"
        case false?: "✗"
        case nil: "·"
        }
    }

    // MARK: For programs

    static func json(_ loops: [LoopStatistics], in path: String) -> JSONValue {
        .object(["path": .string(JSONString(path)), "loops": .array(loops.map { .object(json($0)) })])
    }

    private static func json(_ loop: LoopStatistics) -> JSONObject {
        let statistics = loop.statistics
        var object = JSONObject()
        object["loop"] = .string(loop.loop)
        object["runs"] = StoryJSON.number(statistics.runs.count)
        object["statuses"] = .object(
            JSONObject(statistics.statuses.map { ($0.name, StoryJSON.number($0.count)) })
        )
        object["counted_runs"] = StoryJSON.number(statistics.countedRuns)
        object["success_rate"] = statistics.successRate.map { .number(JSONNumber($0)) } ?? .null
        object["failures_in_a_row"] = StoryJSON.number(statistics.failuresInARow)
        object["seconds"] = spread(statistics.durations, StoryJSON.seconds)
        object["iterations"] = spread(statistics.iterations, StoryJSON.number)
        object["trend"] = .array(statistics.runs.suffix(trend).map(point))
        object["runs_in_all"] = StoryJSON.number(loop.runsInAll)
        object["states_of_runs"] = StoryJSON.number(loop.storiesRead)
        object["states"] = .array(loop.states.map { .object(json($0)) })
        return object
    }

    private static func point(_ run: RunStatistics.Run) -> JSONValue {
        var object = JSONObject()
        object["ended_at"] = StoryJSON.time(run.endedAt)
        object["status"] = StoryJSON.optional(run.status?.rawValue)
        object["seconds"] = run.took.map(StoryJSON.seconds) ?? .null
        return .object(object)
    }

    private static func spread<Value>(
        _ spread: RunStatistics.Spread<Value>?,
        _ json: (Value) -> JSONValue
    ) -> JSONValue {
        guard let spread else { return .null }
        return .object(["median": json(spread.median), "p90": json(spread.p90), "max": json(spread.largest)])
    }

    private static func json(_ state: StateStatistics) -> JSONObject {
        [
            "state": .string(state.state), "runs": StoryJSON.number(state.runs),
            "visits": StoryJSON.number(state.visits), "seconds": StoryJSON.seconds(state.time),
            "longest_seconds": StoryJSON.seconds(state.longest),
        ]
    }
}

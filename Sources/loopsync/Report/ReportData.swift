import LoopModel
import LoopStore
import SyncCore

/// All that a report shows.
struct ReportData {
    /// One run as the charts need it.
    struct Run {
        let loop: JSONString
        let selector: String
        let status: RunStatus?
        let endedAt: Timestamp?
        let took: Duration?
        let isSuccess: Bool?
    }

    /// A run that failed, with what it said last.
    struct Failure {
        let run: Run
        let story: RunStory
    }

    let path: String
    let now: Timestamp
    /// Newest first.
    let runs: [Run]
    let loops: [LoopStatistics]
    /// The newest ones first.
    let failures: [Failure]
    let failuresInAll: Int
    /// The policy in words, and what it will remove; nil where the settings cannot be read.
    let retention: (policy: String, forecast: RetentionForecast)?

    /// So many failures are shown.
    private static let mostFailures = 20

    /// Gathers what the runs tell.
    ///
    /// - Parameters:
    ///   - runs: newest first.
    ///   - retention: the policy in words, and what it will remove.
    init(
        _ runs: [FoundRun],
        path: String,
        now: Timestamp,
        retention: (policy: String, forecast: RetentionForecast)?
    ) throws(PosixError) {
        self.path = path
        self.now = now
        self.retention = retention
        self.runs = runs.map(Run.init)
        loops = try LoopStatistics.all(of: runs, most: 1000, readingStates: true)
        let failed = runs.filter { $0.counted.isSuccess == false }
        failuresInAll = failed.count
        var failures: [Failure] = []
        for run in failed.prefix(Self.mostFailures) {
            failures.append(Failure(run: Run(run), story: try run.story(visitLimit: 1000, outputLimit: 20)))
        }
        self.failures = failures
    }
}

extension ReportData.Run {
    init(_ run: FoundRun) {
        let counted = run.counted
        self.init(
            loop: run.loop,
            selector: run.selector,
            status: counted.status,
            endedAt: counted.endedAt,
            took: counted.took,
            isSuccess: counted.isSuccess
        )
    }

    /// How the run ended, as a class of the style sheet.
    var outcome: String {
        switch isSuccess {
        case true?: "ok"
        case false?: "bad"
        case nil: "other"
        }
    }

    /// The run in a line, as HTML.
    var label: String {
        let ended = endedAt.map { ", ended \(LocalTime.withZone($0))" } ?? ""
        let length = took.map { ", took \(Amount.duration($0))" } ?? ""
        return HTML.escaped("\(selector): \(status?.description ?? "unreadable")\(ended)\(length)")
    }
}

package import LoopModel

/// When a policy will remove which of today's runs, if no other run comes.
///
/// New runs make room sooner where rules count runs; this tells what age alone does.
package struct RetentionForecast: Sendable, Hashable {
    /// A run that will go.
    package struct Departure: Sendable, Hashable {
        package var run: RetentionRun
        /// The first of the moments looked at by which it goes; the evaluation's own moment for now.
        package var by: Timestamp
        package var reasons: [RetentionReason]
    }

    /// Those that will go first are first.
    package var departures: [Departure]
    /// How many runs were looked at.
    package var runs: Int
    /// The last moment that was looked at.
    package var horizon: Timestamp

    /// Days after which is looked: daily at first, then weekly, then monthly.
    private static let days: [Int64] =
        Array(0...14) + Array(stride(from: 21, through: 182, by: 7)) + Array(stride(from: 212, through: 1095, by: 30))

    /// Plans again and again, as if time passed.
    ///
    /// - Parameter circumstances: of now; no valve holds anything back later, and the mirror holds every run.
    package init(_ policy: RetentionPolicy, runs: [RetentionRun], in circumstances: RetentionCircumstances) {
        self.runs = runs.count
        departures = []
        horizon = circumstances.now
        guard !policy.keepsEverything else { return }
        var later = circumstances
        later.isForced = true
        later.hasMirror = false
        var left = runs
        for day in Self.days where !left.isEmpty {
            later.now = circumstances.now.adding(seconds: day * 86_400)
            horizon = later.now
            let going = policy.plan(runs: left, in: later).removals
            guard !going.isEmpty else { continue }
            departures += going.map { Departure(run: $0.run, by: later.now, reasons: $0.reasons) }
            let places = Set(going.map(\.run.place))
            left.removeAll { places.contains($0.place) }
        }
    }
}

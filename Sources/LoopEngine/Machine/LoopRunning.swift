public import LoopModel

/// Takes each event of a run as it happens, with where the run stands then.
///
/// What it throws ends the run.
public typealias EventSink = @Sendable (LoopEvent, RunProgress) throws -> Void

/// Runs one loop; the seam between an engine and what keeps its runs.
public protocol LoopRunning: Sendable {
    /// The loop's name.
    var name: JSONString { get }
    /// Values that its templates refer to, which a resumed run needs again.
    var context: JSONObject { get set }

    /// Whether a state ends the loop.
    func isTerminal(_ state: String) -> Bool

    /// Where a run begins.
    func start() -> RunProgress

    /// Runs the loop to its end; a cancelled task ends it after the current state.
    ///
    /// - Parameters:
    ///   - progress: where to begin, `start()` or what an earlier segment came to.
    ///   - sink: takes the events.
    /// - Throws: what the sink throws about the last event.
    func run(from progress: RunProgress, sink: @escaping EventSink) async throws -> RunOutcome
}

package import LoopModel

/// One run as its events tell it: which states it was in, for how long, what was decided there and how it ended.
///
/// Only events without `depth` make states and endings; what sub-loops forward counts as time and output of the state
/// that runs them. Built by `RunStoryReader`.
package struct RunStory: Sendable, Hashable {
    /// One stay in a state.
    package struct Visit: Sendable, Hashable {
        package var state: JSONString
        /// As the executor counts it; nil where it says something else.
        package var iteration: Int?
        /// From 1 on: a resume begins the next one.
        package var segment: Int
        package var enteredAt: Timestamp?
        /// Until the next state, the segment's end or its last event; zero for clocks that went backwards.
        package var time = Duration.zero
        /// Nothing tells that the state was left: the run is in it, or died there.
        package var isOpen = true
        /// What decided, for instance `exit_code`.
        package var evaluator: JSONString?
        package var verdict: JSONString?
        package var exitCode: Int?
        /// Where it went.
        package var next: JSONString?
        /// Why it went there, where no verdict decided: the event's name.
        package var reason: JSONString?

        package init(state: JSONString, iteration: Int? = nil, segment: Int, enteredAt: Timestamp? = nil) {
            self.state = state
            self.iteration = iteration
            self.segment = segment
            self.enteredAt = enteredAt
        }
    }

    /// All stays in one state.
    package struct StateTotal: Sendable, Hashable {
        package var state: JSONString
        package var visits: Int
        package var time: Duration
        /// How often which verdict came, in the order of their first coming.
        package var verdicts: [Tally] = []
    }

    /// How often something of a name came.
    package struct Tally: Sendable, Hashable {
        package var name: JSONString
        package var count: Int

        package init(name: JSONString, count: Int) {
            self.name = name
            self.count = count
        }
    }

    /// How the last segment ended.
    package enum Ending: Sendable, Hashable {
        /// No event tells of an end: under way, or killed.
        case none
        case complete(by: JSONString?, finalState: JSONString?, iterations: Int?)
        case handoff(continuation: JSONString?)
    }

    package var loop: JSONString?
    /// The first event's time, which has one.
    package var startedAt: Timestamp?
    /// The last event's.
    package var endedAt: Timestamp?
    /// How often it was started: once, and once for each resume.
    package var segments = 0
    /// In order; the first ones, where there are more than the reader keeps.
    package var visits: [Visit] = []
    package var omittedVisits = 0
    /// In the order in which the states were first entered; of all visits.
    package var states: [StateTotal] = []
    package var ending = Ending.none
    /// The error's text, where an event has one: executors of version A write none.
    package var error: JSONString?
    /// The last action as it was carried out.
    package var lastAction: JSONString?
    package var lastExitCode: Int?
    /// The last action's error output, which executors of version B write.
    package var lastErrorOutput: JSONString?
    /// The last lines of output.
    package var output: [JSONString] = []
    /// Lines of output in all; what is in `output` included.
    package var outputLines = 0
    /// Whatever else happened, for instance `rate_limit_waiting`, in the order of the first coming.
    package var others: [Tally] = []
    /// Events that sub-loops forwarded, lines of output aside.
    package var nestedEvents = 0
    /// Lines that are no event.
    package var damagedLines = 0

    package init() {}

    /// The time over all visits: without the pauses between segments.
    package var time: Duration {
        states.reduce(.zero) { $0 + $1.time }
    }

    /// How many states were entered, over all segments.
    package var visitCount: Int {
        visits.count + omittedVisits
    }
}

extension [RunStory.Tally] {
    /// Counts one more of a name.
    mutating func add(_ name: JSONString) {
        if let place = firstIndex(where: { $0.name == name }) {
            self[place].count += 1
        } else {
            append(RunStory.Tally(name: name, count: 1))
        }
    }
}

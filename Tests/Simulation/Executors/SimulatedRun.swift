import LoopModel

/// The executors: both versions of little-loops, and our own.
enum ExecutorVersion: String { case a, b, looprun }

/// A run as it truly was: what its executor wrote, in order, wherever the bytes are by now.
final class SimulatedRun {
    let loop: String
    let version: ExecutorVersion
    let number: Int
    /// The file names' beginning in `.running`.
    var stem = ""
    /// `started_at` of the segment under way.
    var startedAt = ""
    /// B: `<run id>-<loop>`, in every event.
    var label = ""
    private(set) var events: [UInt8] = []
    /// Every state that was saved for it, by whomever, oldest first.
    private(set) var states: [[UInt8]] = []
    /// States of it that went over another run's file, so that nobody has to have seen them.
    var strays: [[UInt8]] = []
    var iteration = 0
    /// Its executor removed it while no agent had had a chance to see it.
    var wasUnseen = false
    /// The same of its last state.
    var wasStateUnseen = false
    /// Another run's state was written over its last one in the same file before anybody had read that.
    var wasStateOverwritten = false
    /// A loss of power took some of it.
    var wasTorn = false
    var wasKilled = false
    /// The events of which the agent said that they are archived, where no executor has written to its archive since: a
    /// run that is resumed goes on.
    var kept: [UInt8]?
    /// An executor died while it copied the run over its archive.
    var wasCopyCut = false
    /// A second Ctrl-C ended it: no event that says so, no pid, no lock.
    var wasCutShort = false
    /// An executor copied another run over its archive.
    var wasOverwritten = false
    /// B: its files were swept by another executor while it ran.
    var wasSwept = false

    init(loop: String, version: ExecutorVersion, number: Int) {
        self.loop = loop
        self.version = version
        self.number = number
    }

    var hasBegun: Bool { !events.isEmpty }

    func append(_ bytes: [UInt8]) { events += bytes }
    func saved(_ bytes: [UInt8]) { states.append(bytes) }

    /// An event line as the executor writes it.
    func line(_ event: String, at time: String, _ fields: String = "") -> [UInt8] {
        let common = version == .b ? ", \"run_id\": \"\(label)\", \"loop\": \"\(loop)\"" : ""
        return Array("{\"event\": \"\(event)\", \"ts\": \"\(time)\"\(common)\(fields)}\n".utf8)
    }

    /// A state file as the executor writes it.
    func state(_ status: String, current: String, at time: String, extra: String = "") -> [UInt8] {
        Array(
            """
            {
              "loop_name": "\(loop)",
              "current_state": "\(current)",
              "iteration": \(iteration),
              "captured": {},
              "prev_result": null,
              "last_result": null,
              "started_at": "\(startedAt)",
              "updated_at": "\(time)",
              "status": "\(status)",
              "accumulated_ms": \(iteration)\(extra)
            }
            """.utf8
        )
    }

    /// The directory name by the executors' formula.
    static func runID(_ startedAt: String) -> String {
        String(startedAt.filter { !":.+".contains($0) }.prefix(17))
    }
}

/// How a run is to end.
enum RunEnding: Equatable {
    case complete, cap, handoff
    /// A second Ctrl-C: A leaves no word, B and looprun say `interrupted` in the state.
    case cutShort
    /// kill -9 before the operation with this number.
    case killed(Int)
    /// By the `stop` command, which writes an old state afterwards.
    case stopped
}

/// One run to come.
struct RunPlan {
    var states: Int
    var hasActions = true
    var ending: RunEnding
    /// Whether it is resumed after it was killed or handed over.
    var isResumed = false
    /// B: a cap handler says `completed` while the run goes on.
    var hasCapHandler = false
    /// So many `stop` commands come so late that the run ends by itself before it heeds them.
    var lateStops = 0
    /// Whether it begins when the moment has come that the scenario aims at.
    var isHeld = false
    /// Milliseconds before it begins.
    var pause: Int
}

import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// How the mirror stands where no agent tells it.
struct StatusMirror: Equatable {
    enum State: Equatable {
        case ready
        /// Nothing was mirrored there yet.
        case unused
        /// Why nothing is written there now, and what to do; whether it is that nobody made the directory yet.
        case suspended(String, wasUsed: Bool, isNew: Bool)
    }

    /// The sync directory.
    let to: String
    let state: State

    /// Whether it needs a person: nothing can be written there now, and that is not since it was never used.
    var isDegraded: Bool {
        if case .suspended(_, wasUsed: _, isNew: false) = state { true } else { false }
    }

    var isSuspended: Bool {
        if case .suspended = state { true } else { false }
    }

    var json: JSONValue {
        var object = JSONObject()
        object["to"] = .string(JSONString(to))
        switch state {
        case .ready: (object["used"], object["suspended"]) = (true, .null)
        case .unused: (object["used"], object["suspended"]) = (false, .null)
        case .suspended(let why, let wasUsed, isNew: _):
            object["used"] = .bool(wasUsed)
            object["suspended"] = .string(JSONString(why))
        }
        return .object(object)
    }
}

extension StatusMirror {
    /// So many runs that the mirror lacks are read for their sizes; more are only counted, since that is quick.
    private static let readable = 200

    /// Looks at the mirror with a few calls of the system, and at the names of what it lacks; changes nothing.
    ///
    /// - Parameter listed: the places of all archived runs, where they were listed just now.
    /// - Returns: no lag where nothing can be compared.
    static func read(_ pass: MirrorPass, in place: LoopsPlace, listed: [RunPlace]?) throws(PosixError)
        -> (StatusMirror, StatusOutlook.Lag?)
    {
        let glimpse = try pass.glimpse(listed: listed)
        let to = pass.to ?? "?"
        switch glimpse.sight {
        case .suspended(let suspension):
            let wasUsed = suspension.remembered != nil
            let state = State.suspended(
                "\(suspension.summary). \(suspension.advice)",
                wasUsed: wasUsed,
                isNew: suspension.reason == .missing && !wasUsed
            )
            return (StatusMirror(to: to, state: state), nil)
        case .made: return (StatusMirror(to: to, state: .ready), try lag(glimpse.lacking, pass, place))
        case .unmade: return (StatusMirror(to: to, state: .unused), try lag(glimpse.lacking, pass, place))
        }
    }

    private static func lag(_ lacking: [RunPlace], _ pass: MirrorPass, _ place: LoopsPlace) throws(PosixError)
        -> StatusOutlook.Lag
    {
        guard lacking.count <= readable, let history = try place.loops.history() else {
            // The name of the directory is the loop's own but for names that no directory can have.
            let covered = lacking.filter { pass.covers(JSONString(wtf8: $0.loopName.bytes) ?? "") }
            return StatusOutlook.Lag(runs: covered.count, bytes: nil)
        }
        var lag = StatusOutlook.Lag(runs: 0, bytes: 0)
        for run in lacking {
            if let run = try HistoryScan.read(run, in: history), pass.covers(run.loop) { lag.count(run) }
        }
        return lag
    }
}

extension RunPlace {
    /// The name of the loop as the run's path has it.
    fileprivate var loopName: FileName {
        layout == .nested ? components[0] : Self.parts(ofFlat: components[0])?.loop ?? components[0]
    }
}

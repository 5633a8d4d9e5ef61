/// What is to happen, determined by a number, and the number that determines in which order.
struct Scenario {
    struct Loop {
        var name: String
        var version: ExecutorVersion
        var runs: [RunPlan]
        /// Begins once whatever ran before under this name is over, as after an upgrade.
        var isLater = false
    }

    /// Somebody besides agent and executors.
    enum Other {
        /// `ll-loop stop` of a loop at a time; held, it writes when the moment has come that the scenario aims at.
        case stop(loop: String, at: Int, isHeld: Bool = false)
        /// `loopsync archive`, with or without clearing.
        case archive(at: Int)
        /// The clock is set, by so many seconds.
        case clock(at: Int, by: Int)
        /// `git clean -dx`.
        case clean(at: Int)
        /// The machine stops.
        case powerLoss(at: Int)
        /// B's readers rewrite what looks orphaned.
        case reader(at: Int)
        /// A person pins the oldest run of the history.
        case pin(at: Int)
        /// Not before the moment that the scenario aims at.
        indirect case held(Other)

        func make(_ world: World) -> any Actor {
            switch self {
            case .stop(let loop, let time, let isHeld):
                StopCommand(world, loop: loop, at: Int64(time), isHeld: isHeld)
            case .archive(let time): ArchiveCommandActor(world, at: Int64(time))
            case .clock(let time, let seconds):
                Once(world, at: Int64(time)) { $0.clockOffset += Int64(seconds) * 1_000_000_000 }
            case .clean(let time): Once(world, at: Int64(time)) { $0.clean() }
            case .powerLoss(let time): Once(world, at: Int64(time)) { $0.losePower() }
            case .reader(let time): Reader(world, at: Int64(time))
            case .pin(let time): Once(world, at: Int64(time)) { $0.pinOldest() }
            case .held(let other): Held(world, other.make(world))
            }
        }
    }

    var seed: UInt64
    var schedule: UInt64
    var loops: [Loop] = []
    var others: [Other] = []
    var lives: [AgentLife] = []
    /// How often in a thousand the others take a turn before a call of the agent.
    var preemption = 100
    /// No start of a stem removes a file before the watching thread has had a step since it appeared.
    var isPremiseHeld = true
    var hasMirror = true
    var clears = false
    var keepsLast: Int?
    var queueLimit = 16_384
    /// What kind of race it is made for; nil for none.
    var race: Race?
    /// How often in a thousand the agent's conducting thread lets another one go first.
    var lag = 0
    /// Whether an agent runs at all, and after how many turns it starts.
    var hasAgent = true
    var agentAfter = 0
    /// Whether an executor was there before, so that its directories are.
    var isUsed = false
    /// Until then whoever is held does nothing.
    var aim: Aim?
    /// How often in a thousand others take a turn before each of the first calls from there on.
    var burst = 800
    var tick: Int64 = 1
    /// Turns after which the world should have come to rest.
    var patience = 60_000

    var hasBothVersions: Bool { Set(loops.map(\.version)).count > 1 }

    var hasPowerLoss: Bool {
        others.contains(where: \.isPowerLoss)
    }
}

/// How long the agent lives, and what befalls it.
struct AgentLife {
    /// kill -9 before the call with this number.
    var killAt: Int?
    /// kill -9 at that moment.
    var killAim: Aim?
    /// Milliseconds until it is started again.
    var downtime = 0
    /// Calls that fail, by their number, and how; only changes in a place, counted there, where there is one.
    var faults: ClosedRange<Int>?
    var faultPlace: Aim.Place?
    var faultCode: Int32 = 5
}

extension Scenario.Other {
    fileprivate var isPowerLoss: Bool {
        switch self {
        case .powerLoss: true
        case .held(let other): other.isPowerLoss
        default: false
        }
    }
}

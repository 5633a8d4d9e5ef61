import LoopModel
import LoopStore
import SyncCore

/// One call of `loopsync events`.
struct EventStream {
    private let place: LoopsPlace
    private let command: EventsCommand
    /// What the argument means.
    private let subject: Subject
    private var printer: EventPrinter
    /// The last of the lines that were there, where only so many are printed.
    private var kept: [[UInt8]] = []
    private var isCollecting = false
    /// What is printed next.
    private var pending: [UInt8] = []

    /// How often growing files are looked at.
    private static let interval: Int32 = 100

    private enum Subject {
        case run(FoundRun)
        case loops(shown: [FoundRun], patterns: [Glob])
    }

    /// - Parameter places: those that are looked at, the one at hand first.
    init(_ places: [LoopsPlace], _ command: EventsCommand) throws {
        place = places[0]
        self.command = command
        subject = try Self.subject(command, places)
        var isOneLoop = false
        if case .run = subject { isOneLoop = true }
        if case .loops(_, let patterns) = subject, let only = patterns.first, only.isPlain { isOneLoop = true }
        printer = EventPrinter(
            terminal: command.terminal,
            isJSON: command.global.json,
            types: EventTypes(command.type),
            showsLoop: !isOneLoop
        )
    }

    private static func subject(_ command: EventsCommand, _ places: [LoopsPlace]) throws -> Subject {
        let all = try RunCollection.read(places[0])
        guard let text = command.subject else {
            return .loops(shown: current(all.runs), patterns: [])
        }
        let glob = Glob(text)
        let runs = all.runs.filter { glob.matches($0.loop) }
        if !runs.isEmpty { return .loops(shown: current(runs), patterns: [glob]) }
        do {
            return .run(try RunSearch.runs(named: [text], in: places, command.global)[0])
        } catch let failure as Failure where failure.status == .failed && command.follow && !text.contains("@") {
            command.talk("loopsync: no run of a loop '\(text)' yet; waiting for one")
            return .loops(shown: [], patterns: [glob])
        }
    }

    /// The live runs, oldest first; without any the newest run.
    private static func current(_ runs: [FoundRun]) -> [FoundRun] {
        let live = runs.filter { $0.process != nil }
        return live.isEmpty ? Array(runs.prefix(1)) : live.reversed()
    }

    mutating func perform() throws -> ExitStatus {
        isCollecting = command.lines != nil
        switch subject {
        case .run(let run):
            guard command.follow, run.process != nil, let start = try run.firstStart() else { return try tell([run]) }
            try followOn(.init(start: start), showing: [run])
        case .loops(let shown, let patterns):
            guard command.follow else { return try tell(shown) }
            try followOn(.init(loops: patterns), showing: shown)
        }
        return .done
    }

    /// Prints runs as they are.
    private mutating func tell(_ runs: [FoundRun]) throws -> ExitStatus {
        for run in runs { try take(run) }
        try flush()
        if printer.damagedLines > 0 {
            command.talk("loopsync: left out \(Amount.count(printer.damagedLines, "line")) without an event")
        }
        for mistake in printer.types.mistakes(isGoingOn: false) { command.talk("loopsync: \(mistake)") }
        return .done
    }

    /// Prints as it comes, until the run that was named has ended or nobody reads on.
    private mutating func followOn(_ interest: EventFollower.Interest, showing shown: [FoundRun]) throws {
        let follower = EventFollower(place.loops, interest, now: WallClock.now())
        for run in shown where run.archive != nil { try take(run) }
        let stems = Set(shown.compactMap(\.stem))
        var failure: (any Error)?
        try follower.begin(now: WallClock.now(), isShown: { stems.contains($0) }) { line in
            take(line.bytes, line.loop, &failure)
        }
        try flush()
        for mistake in printer.types.mistakes(isGoingOn: true) { command.talk("loopsync: \(mistake)") }
        while failure == nil, interest.start == nil || !follower.hasEnded {
            guard Output.rest(milliseconds: Self.interval) else { return }
            try follower.round(now: WallClock.now()) { take($0.bytes, $0.loop, &failure) }
            try print()
        }
        if let failure { throw failure }
    }

    private mutating func take(_ run: FoundRun) throws {
        guard let file = try run.events() else { return }
        let followed = try FollowedFile(file)
        var failure: (any Error)?
        try followed.read(isLast: true) { take($0, run.loop, &failure) }
        if let failure { throw failure }
    }

    private mutating func take(_ line: ArraySlice<UInt8>, _ loop: JSONString, _ failure: inout (any Error)?) {
        guard failure == nil, let text = printer.text(of: line, loop: loop) else { return }
        guard isCollecting, let limit = command.lines else {
            pending += text
            do { if pending.count > 1 << 16 { try print() } } catch { failure = error }
            return
        }
        kept.append(text)
        if kept.count > 2 * limit + 1000 { kept.removeFirst(kept.count - limit) }
    }

    /// Prints what there was, or the last lines of it.
    private mutating func flush() throws {
        isCollecting = false
        for text in kept.suffix(command.lines ?? 0) { pending += text }
        kept = []
        try print()
    }

    private mutating func print() throws {
        guard !pending.isEmpty else { return }
        try Output.bytes(pending)
        pending = []
    }
}

extension Glob {
    /// Whether it can only mean one name.
    fileprivate var isPlain: Bool { !pattern.contains { "*?[\\".contains($0) } }
}

extension FoundRun {
    /// Where its files are in `.running`; nil for an archived run.
    fileprivate var stem: Stem? {
        if case .running(let run, _) = site { run.stem } else { nil }
    }

    /// The first `loop_start` of its events.
    fileprivate func firstStart() throws(PosixError) -> [UInt8]? {
        guard let file = try events() else { return nil }
        let followed = try FollowedFile(file)
        try followed.peek()
        return followed.start
    }
}

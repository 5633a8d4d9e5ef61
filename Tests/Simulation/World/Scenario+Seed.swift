extension Scenario {
    /// What a number stands for: mostly few things that may come in each other's way, since most races need no more, and
    /// one time of forty anything.
    init(seed: UInt64) {
        var chance = Chance(seed: seed)
        self.init(seed: seed, schedule: chance.next())
        if seed.isMultiple(of: 40) { addAnything(&chance) } else { addRace(&chance) }
    }

    private mutating func addAnything(_ chance: inout Chance) {
        preemption = chance.pick([0, 20, 60, 120, 250])
        let count = chance.pick([1, 1, 1, 1, 2])
        let version = chance.pick([ExecutorVersion.a, .a, .a, .a, .a, .b, .b, .b, .looprun, .looprun])
        for index in 0..<count {
            let name = ["alpha", "beta", "gamma"][index]
            let runs = (0..<chance.pick([1, 1, 2, 2, 3])).map { _ in Self.plan(version, &chance) }
            loops.append(Loop(name: name, version: version, runs: runs))
        }
        for loop in loops { addStops(of: loop, &chance) }
        if chance.happens(perMille: 500) { addKills(&chance) }
        if chance.happens(perMille: 100) { others.append(.archive(at: chance.within(0...3000))) }
        if chance.happens(perMille: 50) { others.append(.reader(at: chance.within(0...3000))) }
        if chance.happens(perMille: 50) { others.append(.clean(at: chance.within(0...3000))) }
        if chance.happens(perMille: 50) { queueLimit = chance.within(1...4) }
        hasMirror = chance.happens(perMille: 400)
        clears = chance.happens(perMille: 100)
        if chance.happens(perMille: 100) { keepsLast = 1 }
        if chance.happens(perMille: 100) { addFaults(&chance) }
        if chance.happens(perMille: 60) { others.append(.powerLoss(at: chance.within(0...6000))) }
        if chance.happens(perMille: 60) {
            others.append(.clock(at: chance.within(0...3000), by: chance.pick([-7200, -60, -2, 2, 60, 7200])))
        }
        isPremiseHeld = !chance.happens(perMille: 30)
        if chance.happens(perMille: 60) { addOther(than: version, &chance) }
    }

    /// Two executors in one directory: of another loop at the same time, or of the same one after an upgrade or its
    /// reverse.
    private mutating func addOther(than first: ExecutorVersion, _ chance: inout Chance) {
        let version = chance.pick([ExecutorVersion.a, .b, .looprun].filter { $0 != first })
        let isLater = chance.happens(perMille: 500)
        let runs = (0..<chance.pick([1, 2])).map { _ in Self.plan(version, &chance) }
        let loop = Loop(name: isLater ? "alpha" : "gamma", version: version, runs: runs, isLater: isLater)
        loops.append(loop)
        addStops(of: loop, &chance)
    }

    private mutating func addStops(of loop: Loop, _ chance: inout Chance) {
        for _ in loop.runs.filter({ $0.ending == .stopped }) {
            others.append(.stop(loop: loop.name, at: chance.within(0...50)))
        }
    }

    /// A disk that fails for a while, and is well again.
    private mutating func addFaults(_ chance: inout Chance) {
        let first = chance.within(1...300)
        if lives.isEmpty { lives.append(AgentLife()) }
        lives[0].faults = first...(first + chance.pick([0, 1, 5, 40]))
        // EIO, ENOSPC, EACCES, EDQUOT, EROFS
        lives[0].faultCode = chance.pick([5, 28, 13, 122, 30])
    }

    private mutating func addKills(_ chance: inout Chance) {
        for _ in 0..<chance.within(1...2) {
            lives.append(
                AgentLife(killAt: chance.within(1...300), downtime: chance.pick([0, 1, 20, 500, 5000]))
            )
        }
    }

    private static func plan(_ version: ExecutorVersion, _ chance: inout Chance) -> RunPlan {
        let ending: RunEnding
        switch chance.below(20) {
        case 0..<11: ending = .complete
        case 11..<13: ending = .cap
        case 13: ending = .handoff
        case 14: ending = .cutShort
        case 15: ending = .stopped
        default: ending = .killed(chance.within(1...40))
        }
        return RunPlan(
            states: chance.within(1...2),
            ending: ending,
            isResumed: chance.happens(perMille: 400),
            hasCapHandler: version == .b && ending == .cap && chance.happens(perMille: 400),
            pause: chance.pick([0, 0, 1, 30, 900, 3000])
        )
    }
}

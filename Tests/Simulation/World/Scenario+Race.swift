/// A kind of race, in as few steps as it needs.
enum Race {
    case alone, lateAgent, withoutAgent, sameSecond, resume, lateStop, sweep, clear, clearKilled, powerLoss, killed,
        oneShot
    case failingDisk, prune, liveMirror, overflow

    /// How many of a hundred histories each one has: the fewer turns it needs, the more.
    fileprivate static let shares: [(Race, Int)] = [
        (.withoutAgent, 36), (.lateAgent, 22), (.alone, 6), (.powerLoss, 6), (.oneShot, 4), (.overflow, 3),
        (.killed, 4),
        (.resume, 3), (.clear, 3), (.lateStop, 2), (.sweep, 2), (.sameSecond, 3), (.clearKilled, 2), (.failingDisk, 2),
        (.prune, 1), (.liveMirror, 1),
    ]

    fileprivate static func pick(_ chance: inout Chance) -> Race {
        var number = chance.below(shares.reduce(0) { $0 + $1.1 })
        for (race, share) in shares {
            if number < share { return race }
            number -= share
        }
        return .alone
    }
}

extension Scenario {
    /// One loop with a run or two, and whatever may come in their way; who is to meet the agent waits for one of its calls.
    mutating func addRace(_ chance: inout Chance) {
        preemption = chance.pick([0, 20, 100, 300])
        burst = chance.pick([300, 700, 950])
        hasMirror = false
        lag = chance.pick([500, 900, 950, 980])
        isUsed = chance.happens(perMille: 900)
        let race = Race.pick(&chance)
        self.race = race
        let version = race == .sweep ? .b : chance.pick([ExecutorVersion.a, .a, .a, .b, .looprun])
        switch race {
        case .alone:
            add(
                [plan(chance.pick([.complete, .cap, .handoff, .cutShort, .killed(chance.within(1...40))]))],
                by: version
            )
            hasMirror = chance.happens(perMille: 200)
        case .lateAgent:
            agentAfter = chance.within(1...50)
            add([plan(first(&chance)), plan(.complete)].prefix(chance.pick([1, 1, 1, 2])), by: version)
        case .withoutAgent:
            hasAgent = false
            preemption = chance.pick([50, 150, 300])
            add([plan(first(&chance)), plan(.complete)].prefix(chance.pick([1, 1, 2])), by: version)
            // While it runs, and when all is over.
            let begin = version == .b ? chance.within(500...1200) : 0
            others += [.archive(at: begin), .archive(at: 20_000)].suffix(chance.pick([1, 2, 2]))
        case .sameSecond:
            aim = Aim(
                place: chance.pick([.pins, .staging, .history, .running]),
                isChange: chance.happens(perMille: 500),
                number: chance.within(1...12)
            )
            add([plan(first(&chance)), held(first(&chance))], by: version)
        case .resume:
            aim = Aim(place: .anywhere, number: chance.within(1...30))
            let ending = chance.pick([RunEnding.handoff, .killed(chance.within(8...40))])
            var resumed = plan(ending)
            resumed.isResumed = true
            add([resumed] + (chance.happens(perMille: 300) ? [held(.complete)] : []), by: version)
        case .lateStop:
            addLateStops(version, &chance, before: chance.happens(perMille: 600) ? [held(first(&chance))] : [])
            aim = Aim(place: chance.pick([.anywhere, .pins, .history]), number: chance.within(1...25))
        case .sweep:
            aim = Aim(place: chance.pick([.pins, .staging, .history, .running]), number: chance.within(1...10))
            let ending = chance.pick([RunEnding.complete, .cap, .killed(chance.within(10...40)), .stopped])
            add([plan(ending), held(first(&chance))], by: version)
            if ending == .stopped { others.append(.stop(loop: "alpha", at: 0)) }
            if chance.happens(perMille: 300) { others.append(.held(.reader(at: 0))) }
        case .clear:
            clears = true
            aim = Aim(place: chance.pick([.clearing, .running]), isChange: false, number: chance.within(1...12))
            addLateStops(version, &chance, before: chance.happens(perMille: 300) ? [held(.complete)] : [])
        case .clearKilled:
            clears = true
            let place = chance.pick([Aim.Place.clearing, .clearing, .anywhere])
            lives.append(
                AgentLife(
                    killAim: Aim(place: place, number: chance.within(1...(place == .clearing ? 6 : 40))),
                    downtime: chance.pick([0, 1, 500, 5000])
                )
            )
            var next = plan(.complete)
            next.pause = chance.pick([1, 30, 1500])
            add([plan(.complete), next], by: version)
        case .powerLoss:
            aim = Aim(place: chance.pick([.anywhere, .history, .staging]), number: chance.within(1...30))
            others.append(.held(.powerLoss(at: 0)))
            add([plan(first(&chance))], by: version)
        case .killed:
            lives.append(
                AgentLife(
                    killAim: Aim(place: .anywhere, number: chance.within(1...40)),
                    downtime: chance.pick([0, 1, 20, 5000])
                )
            )
            add([plan(first(&chance)), plan(.complete)].prefix(chance.pick([1, 1, 2])), by: version)
        case .oneShot:
            aim = Aim(place: .anywhere, isChange: chance.happens(perMille: 500), number: chance.within(1...40))
            others.append(.held(.archive(at: 0)))
            add([plan(first(&chance)), held(.complete)].prefix(chance.pick([1, 1, 2])), by: version)
        case .failingDisk:
            addFailures(&chance, places: [nil, .pins, .staging, .history], first: chance.within(1...40))
            add([plan(first(&chance)), plan(.complete)].prefix(chance.pick([1, 1, 2])), by: version)
        case .prune:
            keepsLast = 1
            hasMirror = chance.happens(perMille: 100)
            aim = Aim(place: .history, isChange: false, number: chance.within(1...120))
            others.append(.held(chance.pick([.pin(at: 0), .pin(at: 0), .archive(at: 0), .clean(at: 0)])))
            let pause = chance.pick([0, 1100])
            add([plan(.complete), RunPlan(states: 1, hasActions: false, ending: .complete, pause: pause)], by: version)
        case .liveMirror:
            hasMirror = true
            lag = 0
            var run = plan(chance.pick([.complete, .killed(chance.within(10...40))]), states: 2)
            if chance.happens(perMille: 700) {
                // Something is still to be written when the disk is well again.
                run = RunPlan(states: 1, ending: .cap, hasCapHandler: true, pause: 0)
                addFailures(&chance, places: [.mirror], first: chance.within(15...60))
                add([run], by: .b)
            } else {
                lives.append(AgentLife(killAim: Aim(place: .mirror, number: chance.within(1...30)), downtime: 1))
                add([run], by: version)
            }
        case .overflow:
            queueLimit = chance.within(1...3)
            add([plan(first(&chance)), plan(.complete)].prefix(chance.pick([1, 1, 2])), by: version)
        }
    }

    private mutating func add(_ runs: some Collection<RunPlan>, by version: ExecutorVersion) {
        loops.append(Loop(name: "alpha", version: version, runs: Array(runs)))
    }

    private func plan(_ ending: RunEnding, states: Int = 1) -> RunPlan {
        RunPlan(states: states, hasActions: false, ending: ending, pause: 0)
    }

    private func held(_ ending: RunEnding) -> RunPlan {
        var plan = plan(ending)
        plan.isHeld = true
        return plan
    }

    private func first(_ chance: inout Chance) -> RunEnding {
        chance.pick([.complete, .complete, .complete, .cap, .killed(chance.within(1...40))])
    }

    /// A run that is stopped as it ends by itself, once or twice, and what comes after it.
    private mutating func addLateStops(_ version: ExecutorVersion, _ chance: inout Chance, before next: [RunPlan]) {
        var stopped = plan(chance.pick([.complete, .complete, .stopped]))
        let count = stopped.ending == .stopped ? 1 : chance.within(1...2)
        if stopped.ending != .stopped { stopped.lateStops = count }
        add([stopped] + next, by: version)
        for _ in 0..<count { others.append(.stop(loop: "alpha", at: 0, isHeld: true)) }
    }

    private mutating func addFailures(_ chance: inout Chance, places: [Aim.Place?], first: Int) {
        // EIO, ENOSPC, EACCES, EDQUOT, EROFS
        lives.append(
            AgentLife(
                faults: first...(first + chance.pick([0, 0, 1, 5, 40])),
                faultPlace: chance.pick(places),
                faultCode: chance.pick([5, 28, 13, 122, 30])
            )
        )
    }
}

extension Simulation {
    /// A smaller scenario that breaks the same promise, with what happened in it.
    ///
    /// Whatever can be left out is left out, one thing after the other, as long as the same promise is broken.
    package static func shrink(seed: UInt64) -> Result {
        var scenario = Scenario(seed: seed)
        let first = run(scenario)
        guard let broken = first.violations.first.map(kind) else { return run(scenario, isTracing: true) }
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for smaller in scenario.smaller {
                guard run(smaller).violations.first.map(kind) == broken else { continue }
                scenario = smaller
                isSmaller = true
                break
            }
        }
        return run(scenario, isTracing: true)
    }

    /// What a violation is about, without names and numbers.
    private static func kind(_ violation: String) -> Substring {
        violation.prefix { $0 != ":" }
    }
}

extension Scenario {
    /// The scenarios with one thing less.
    var smaller: [Scenario] {
        var all: [Scenario] = []
        func add(_ change: (inout Scenario) -> Void) {
            var copy = self
            change(&copy)
            all.append(copy)
        }
        for index in loops.indices {
            if loops.count > 1 { add { $0.loops.remove(at: index) } }
            for run in loops[index].runs.indices {
                if loops[index].runs.count > 1 { add { $0.loops[index].runs.remove(at: run) } }
                if loops[index].runs[run].states > 1 { add { $0.loops[index].runs[run].states = 1 } }
                if loops[index].runs[run].isHeld { add { $0.loops[index].runs[run].isHeld = false } }
                if loops[index].runs[run].ending != .complete { add { $0.loops[index].runs[run].ending = .complete } }
            }
        }
        for index in others.indices { add { $0.others.remove(at: index) } }
        for index in lives.indices { add { $0.lives.remove(at: index) } }
        if hasMirror { add { $0.hasMirror = false } }
        if clears { add { $0.clears = false } }
        if keepsLast != nil { add { $0.keepsLast = nil } }
        if queueLimit < 16_384 { add { $0.queueLimit = 16_384 } }
        if aim != nil { add { $0.aim = nil } }
        if preemption > 0 { add { $0.preemption = 0 } }
        return all
    }
}

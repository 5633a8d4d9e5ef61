/// How version A and looprun end a run: by what they say, and without a copy into the history.
extension SimulatedExecutor {
    /// - Parameter cutShort: what is still said when a second Ctrl-C ends it.
    func endingWithoutCopy(_ run: SimulatedRun, _ plan: RunPlan, cutShort: [Step] = []) -> [Step] {
        let last = "s\(plan.states)"
        var steps: [Step]
        switch plan.ending {
        case .complete, .killed:
            steps = event("loop_complete", ", \"terminated_by\": \"terminal\"")
            steps += save("completed", current: last) + save("completed", current: last)
        case .cap:
            steps = event("loop_complete", ", \"terminated_by\": \"max_iterations\"")
            steps += save("running", current: last) + save("interrupted", current: last)
        case .stopped:
            steps = event("loop_complete", ", \"terminated_by\": \"signal\"")
            steps += save("running", current: last) + save("interrupted", current: last)
        case .handoff:
            steps = event("handoff_detected", ", \"state\": \"\(last)\"") + save("awaiting_continuation", current: last)
        case .cutShort:
            steps = [
                Step(name: "cut short") {
                    run.wasCutShort = true; return .done
                }
            ]
            steps += cutShort
        }
        return steps + unlink([".lock", ".pid"]) + [exit(after: run)]
    }
}

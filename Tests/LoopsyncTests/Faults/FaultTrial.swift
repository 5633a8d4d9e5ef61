import TestSupport

/// One command and how it ends when nobody disturbs it, to compare with how it ends when somebody does.
struct FaultTrial {
    private let scene: FaultStage.Scene
    private let stage: FaultStage
    private let command: [String]
    private let log: String
    private let before: Standing
    private let after: Standing
    /// The calls that may fail.
    let points: [FaultPoint]

    /// Runs the command undisturbed.
    init(_ scene: FaultStage.Scene, on stage: FaultStage) throws {
        self.scene = scene
        self.stage = stage
        command = try stage.command(scene)
        log = stage.lab.directory.path("strace")
        try stage.restore(scene)
        before = Standing(of: stage.lab)
        let (done, points) = try FaultInjector.points(
            of: command,
            environment: stage.environment,
            place: stage.lab.directory.path,
            log: log
        )
        self.points = points
        after = Standing(of: stage.lab)
        guard done.succeeded, !points.isEmpty, before.differences(to: after).count > 1, before.running == after.running
        else { throw TestSupportError("the undisturbed \(scene.rawValue): \(done)") }
        var histories = [stage.lab.history]
        // The others do not mend what a stranger spoilt in the mirror.
        if [.firstMirror, .mirror].contains(scene) { histories.append("\(stage.lab.mirror)/.history") }
        let damage = Self.damage(below: histories)
        guard damage.isEmpty else { throw TestSupportError("the undisturbed \(scene.rawValue): \(damage)") }
    }

    /// Lets one call go wrong, looks at what is there, runs the command again and looks once more.
    ///
    /// - Returns: everything that is not as it has to be.
    func problems(of fault: Fault, at point: FaultPoint) throws -> [String] {
        try stage.restore(scene)
        let (done, hit) = try FaultInjector.run(command, environment: stage.environment, fault, at: point, log: log)
        let middle = Standing(of: stage.lab)
        var problems = middle.brokenRuns(before: before, after: after)
        if middle.running != before.running { problems.append(".running was touched") }
        guard let hit else { return problems + ["it never came to that call"] }
        problems += self.problems(of: done, fault)
        if done.succeeded {
            // Only a cache may be missing then, and what is left over goes with the next run.
            problems += middle.differences(to: after).filter { difference in
                !["left over: ", "missing: .loops/.loopsync/"].contains { difference.hasPrefix($0) }
            }
        }
        let again = try Subprocess.run(command, in: "/", environment: stage.environment)
        if !again.succeeded { problems.append("again: \(again)") }
        problems += Standing(of: stage.lab).differences(to: after).map { "again: \($0)" }
        if !problems.isEmpty { problems += ["hit: \(hit)", "said: \(done)"] }
        return problems
    }

    /// Whether it ended in a way that is documented, and said why.
    private func problems(of done: Subprocess.Finished, _ fault: Fault) -> [String] {
        if fault == .killed {
            return done.termination == .killed(signal: 9) ? [] : ["killed, but \(done.termination)"]
        }
        guard case .exited(let status) = done.termination else { return ["crashed: \(done.termination)"] }
        guard status != 0 else { return [] }
        guard let words = fault.words else { return ["a call that a signal interrupts is made again: \(status)"] }
        var problems: [String] = []
        if !scene.statuses.contains(status) { problems.append("status \(status)") }
        if !(done.output + done.errorOutput).contains(words) { problems.append("it does not say why") }
        return problems
    }

    /// What coreutils says of every run.
    private static func damage(below histories: [String]) -> [String] {
        histories.flatMap { history in
            HistoryAudit.archives(in: history).compactMap { archive in
                let check = try? Subprocess.run(
                    ["/usr/bin/sha256sum", "-c", "--quiet", "--strict", "SHA256SUMS"],
                    in: "\(history)/\(archive.place)"
                )
                return check?.succeeded == true ? nil : "\(archive.place): \(check?.description ?? "not checked")"
            }
        }
    }
}

extension FaultStage.Scene {
    /// How the command may end by its documentation when something fails.
    fileprivate var statuses: Set<Int32> {
        // Nothing done, or not all; no loops directory that could be opened; no configuration that could be read.
        let all: Set<Int32> = [1, 3, 10, 78]
        switch self {
        case .archive, .prune: return all
        case .firstMirror, .mirror: return all.union([4])
        }
    }
}

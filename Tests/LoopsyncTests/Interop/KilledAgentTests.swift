import Glibc
import TestSupport
import Testing

extension InteropLoadTests {
    /// kill -9 of the agent at any moment: nothing missing, nothing differing, nothing twice.
    @Suite(.serialized)
    struct KilledAgentTests {
        /// How long runs and kills go on; `LOOPSYNC_KILL_SECONDS=60` for the full length.
        private static let seconds =
            getenv("LOOPSYNC_KILL_SECONDS").flatMap { Int(String(cString: $0)) } ?? 20

        /// What the random moments come from; `LOOPSYNC_SEED` repeats a failure, as far as real time can be repeated.
        private static let seed =
            getenv("LOOPSYNC_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 1...(.max))

        private static let loop = [
            "busy": """
            initial: a
            states:
              a: {action: "for i in 1 2 3 4 5 6; do echo line $i; sleep 0.05; done", capture: x, on_yes: b}
              b: {action: "sleep 0.1; echo ho", on_yes: done}
              done: {terminal: true}
            """
        ]

        @Test(arguments: Executor.allCases)
        func `an agent killed at random moments`(_ executor: Executor) throws {
            print("agent killed at moments of LOOPSYNC_SEED=\(Self.seed)")
            var random = SplitMix(seed: Self.seed)
            let stage = try Stage(executor, Self.loop)
            let clock = ContinuousClock()
            let end = clock.now + .seconds(Self.seconds)
            var nextRun = clock.now
            var nextKill = clock.now + .milliseconds(Int.random(in: 50...1500, using: &random))
            var current: Subprocess?
            var (starts, kills) = (0, 0)
            // On a busy machine it takes as long as it takes.
            var isOver: Bool { clock.now >= end && starts > Self.seconds / 4 && kills > Self.seconds / 2 }
            while !isOver || current != nil {
                if let run = current, let ended = run.poll() {
                    try #require(ended == .exited(0), "\(run.output)\(run.errorOutput)")
                    current = nil
                }
                if current == nil, clock.now >= nextRun, !isOver {
                    starts += 1
                    current = try stage.lab.start("run", "busy", "-q")
                    // More than a second apart, since the executor itself loses runs of one second while no agent is there.
                    nextRun = clock.now + .milliseconds(Int.random(in: 1150...1600, using: &random))
                }
                if clock.now >= nextKill {
                    try stage.agent?.kill9()
                    pause(milliseconds: Int32.random(in: 0...300, using: &random))
                    try stage.agent?.restart(waiting: false)
                    kills += 1
                    nextKill = clock.now + .milliseconds(Int.random(in: 20...1500, using: &random))
                }
                pause(milliseconds: 5)
            }
            #expect(stage.recorded().count == starts)
            stage.expectArchived(within: .seconds(30))
            try stage.expectReadable("busy")
            try stage.expectNextRun("busy")
            stage.expectArchived()
        }
    }
}

import LoopModel
import TestSupport
import Testing

extension LifeTests {
    /// The loops in `Config/examples`, as a user starts them.
    @Suite(.serialized)
    struct ExampleTests {
        private static let names = ["until-green", "watch-metric", "nightly-report"]

        private func project() throws -> LoopLab {
            let lab = try LoopLab(.a)
            for name in Self.names {
                let yaml = try #require(Disk.read("\(PackageDirectory.path)/Config/examples/\(name).yaml"))
                try Disk.write(yaml, to: "\(lab.loops)/\(name).yaml")
            }
            try Disk.write(
                "n=$(cat n 2>/dev/null || echo 0); echo $((n + 1)) >n; echo \"try $n\"; [ $n -ge $1 ] || exit 2\n",
                to: "\(lab.project)/test.sh"
            )
            try Disk.write(
                "n=$(cat queue); echo $n; [ $n -le $1 ] || echo $((n - 1)) >queue\n",
                to: "\(lab.project)/measure.sh"
            )
            try Disk.write("5\n", to: "\(lab.project)/queue")
            return lab
        }

        @Test func `the tests that run here are all the examples`() {
            let found = Disk.names(in: "\(PackageDirectory.path)/Config/examples")
            #expect(found == Self.names.map { "\($0).yaml" }.sorted())
        }

        @Test(arguments: names)
        func `an example is valid, for both executors`(_ name: String) throws {
            let lab = try project()
            for runner in [Runner.looprun, .a] {
                let done = try lab.run(runner, ["validate", name])
                #expect(done.succeeded, "\(done)")
            }
        }

        @Test(arguments: [Runner.looprun, .a])
        func `tests run until they pass, or five repairs did not help`(_ runner: Runner) throws {
            let lab = try project()
            let green = try lab.run(
                runner,
                ["run", "until-green", "bash test.sh 2", "--context", "repair=echo mended"]
            )
            #expect(green.succeeded, "\(green)")
            #expect(lab.state("until-green")?["current_state"] == "green")
            #expect(lab.events("until-green").count { $0.contains(#""line": "mended""#) } == 2)
            let red = try lab.run(runner, ["run", "until-green", "bash test.sh 99", "--context", "repair=echo mended"])
            #expect(red.termination == .exited(1), "\(red)")
            #expect(lab.state("until-green")?["current_state"] == "red")
            #expect(lab.events("until-green").count { $0.contains(#""line": "mended""#) } == 5)
        }

        @Test(arguments: [Runner.looprun, .a])
        func `a number is watched until it converges, or stands still`(_ runner: Runner) throws {
            let lab = try project()
            let reached = try lab.run(runner, ["run", "watch-metric", "bash measure.sh 0", "--delay", "0.01"])
            #expect(reached.succeeded, "\(reached)")
            #expect(lab.events("watch-metric").count { $0.contains(#""verdict": "progress""#) } == 5)
            try Disk.write("5\n", to: "\(lab.project)/queue")
            let stuck = try lab.run(runner, ["run", "watch-metric", "bash measure.sh 3", "--delay", "0.01"])
            #expect(stuck.termination == .exited(1), "\(stuck)")
            #expect(lab.state("watch-metric")?["current_state"] == "stuck")
            try Disk.write("none\n", to: "\(lab.project)/queue")
            _ = try lab.run(runner, ["run", "watch-metric", "cat queue", "--delay", "0.01"])
            #expect(lab.state("watch-metric")?["current_state"] == "broken")
        }

        @Test(arguments: [Runner.looprun, .a])
        func `a nightly report says what was committed and whether the tests pass`(_ runner: Runner) throws {
            let lab = try project()
            let git = ["/usr/bin/git", "commit", "-q", "--allow-empty", "-m", "It's \"quoted\" `here` $HOME"]
            #expect(try Subprocess.run(git, in: lab.project, environment: lab.environment).succeeded)
            for (tries, sentence) in [("1", "The tests pass."), ("99", "could not be repaired")] {
                try Disk.remove("\(lab.project)/n")
                let done = try lab.run(
                    runner,
                    ["run", "nightly-report", "--context", "test=bash test.sh \(tries)", "--context", "repair=true"]
                )
                #expect(done.succeeded, "\(done)")
                let report = try #require(Disk.text("\(lab.project)/nightly-report.md"))
                #expect(report.contains(sentence) && report.contains("It's \"quoted\" `here` $HOME"), "\(report)")
            }
        }
    }
}

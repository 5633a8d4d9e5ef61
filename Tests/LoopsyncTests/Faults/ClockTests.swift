import Glibc
import TestSupport
import Testing

extension FaultTests {
    /// The wall clock set back and forward, under the agent and between commands.
    @Suite(.serialized, .enabled(if: FakeClock.isAvailable, "needs clang"))
    struct ClockTests {
        private let place: TemporaryDirectory
        private let clock: FakeClock
        private let now = Int(time(nil))

        init() throws {
            place = try TemporaryDirectory()
            clock = try FakeClock(in: place)
            for name in ["app/.loops/.running", "Sync"] { try Disk.makeDirectories(place.path(name)) }
        }

        private var loops: String { place.path("app/.loops") }
        private var history: String { "\(loops)/.history" }
        private var mirror: String { place.path("Sync/\(HostName.current)/app") }

        private func agent(_ settings: String, mirroring: Bool = false) throws -> AgentProcess {
            try Disk.write("version: 1\n" + settings, to: place.path("config.yaml"))
            return try AgentProcess(
                watching: [loops],
                sync: mirroring ? place.path("Sync") : nil,
                configuration: place.path("config.yaml"),
                in: place.path,
                under: clock.wrapper
            )
        }

        private func loopsync(_ arguments: String...) throws -> CommandRun {
            try CommandRun(arguments, in: place.path("app"), environment: clock.environment)
        }

        /// Thirty runs, one a day, the last one yesterday.
        private func fill() throws -> [SyntheticRun] {
            let runs = (1...30).map { SyntheticRun(loop: "fix", start: now - $0 * 86_400) }
            for run in runs { try run.write(toHistory: history) }
            return runs
        }

        private func isArchived(_ run: SyntheticRun, below directory: String) -> Bool {
            Disk.read("\(directory)/\(run.place)/events.jsonl") == run.events
                && Disk.read("\(directory)/\(run.place)/state.json") == run.state
        }

        private func missing(_ runs: [SyntheticRun]) -> [String] {
            runs.filter { !isArchived($0, below: history) }.map(\.place)
        }

        private static let policy = "retention: {max_age: 60d, keep_min: 3, min_age: 0s, time_zone: Etc/UTC}\n"

        @Test func `under the agent nothing is pruned by a clock that jumped, and archiving goes on`() throws {
            let runs = try fill()
            let agent = try agent("archive: {settle: 100ms}\n" + Self.policy)
            var all = runs
            func archive(_ loop: String) throws {
                let run = SyntheticRun(loop: loop, start: now)
                try run.write(toRunning: "\(loops)/.running")
                #expect(eventually { isArchived(run, below: history) }, "\(agent.errorOutput)")
                all.append(run)
            }
            try archive("now")
            try clock.set(days: 365)
            try archive("ahead")
            #expect(
                eventually { agent.errorOutput.contains("refused to remove") },
                "\(agent.errorOutput)"
            )
            #expect(agent.errorOutput.contains("loopsync prune --force"), "\(agent.errorOutput)")
            #expect(
                try eventually(every: 100) {
                    let status = try loopsync("status")
                    return status.status == 3 && status.output.contains("loopsync prune --force")
                },
                "\(agent.errorOutput)"
            )
            try clock.set(days: -365)
            try archive("back")
            try clock.set(days: 0)
            try archive("again")
            #expect(try eventually { try loopsync("status").status == 0 }, "\(agent.errorOutput)")
            #expect(missing(all) == [], "\(agent.errorOutput)")
            #expect(try agent.terminate() == .exited(0))
        }

        @Test func `between commands nothing is pruned by a clock that jumped, and archiving goes on`() throws {
            let runs = try fill()
            try Disk.write("version: 1\n" + Self.policy, to: place.path("app/loopsync.yaml"))
            #expect(try loopsync("prune").status == 0)
            var all = runs
            for (number, days) in [365, -365, 365, 0].enumerated() {
                try clock.set(days: days)
                let run = SyntheticRun(loop: "new-\(number)", start: now + number)
                try run.write(toRunning: "\(loops)/.running")
                all.append(run)
                let archive = try loopsync("archive")
                #expect(archive.status == 0 && archive.output.contains("new-\(number)"), "\(days) days: \(archive)")
                let prune = try loopsync("prune")
                #expect(prune.status == (days > 0 ? 5 : 0), "\(days) days: \(prune)")
                if days > 0 { #expect(prune.errorOutput.contains("loopsync prune --force"), "\(prune)") }
                #expect(missing(all) == [], "\(days) days")
            }
        }

        @Test func `what was just pruned is not deleted for good by a clock that jumped ahead`() throws {
            let runs = try fill()
            let old = SyntheticRun(loop: "fix", start: now - 100 * 86_400)
            try old.write(toHistory: history)
            try Disk.write("version: 1\n" + Self.policy, to: place.path("app/loopsync.yaml"))
            #expect(try loopsync("prune").status == 0)
            #expect(missing(runs + [old]) == [old.place])
            try clock.set(days: 20)
            let prune = try loopsync("prune")
            #expect(prune.status == 0 && !prune.errorOutput.contains("deleted"), "\(prune)")
            try clock.set(days: 0)
            let restore = try loopsync("restore", "fix@latest")
            #expect(restore.status == 0, "\(restore)")
            #expect(missing(runs + [old]) == [])
        }

        @Test func `a mirror that is away when the clock is set back is found again as soon as it is there`() throws {
            let agent = try agent("", mirroring: true)
            #expect(eventually { Disk.exists("\(mirror)/.loopsync-mirror") }, "\(agent.errorOutput)")
            try Disk.move(place.path("Sync"), to: place.path("away"))
            let run = SyntheticRun(loop: "fix", start: now)
            try run.write(toRunning: "\(loops)/.running")
            #expect(eventually { isArchived(run, below: history) })
            #expect(eventually { agent.errorOutput.contains("mirror suspended") }, "\(agent.errorOutput)")
            try clock.set(days: -2)
            try Disk.move(place.path("away"), to: place.path("Sync"))
            let isThere = eventually(within: .seconds(60), every: 50) { isArchived(run, below: "\(mirror)/.history") }
            #expect(isThere, "\(agent.errorOutput)")
            #expect(eventually { agent.errorOutput.contains("the mirror is back") }, "\(agent.errorOutput)")
        }

        @Test func `what executors archived before the clock was set back gets its sums all the same`() throws {
            let runs = try fill()
            try clock.set(days: -2)
            #expect(try loopsync("archive").status == 0)
            #expect(runs.filter { !Disk.exists("\(history)/\($0.place)/SHA256SUMS") }.map(\.place) == [])
        }
    }
}

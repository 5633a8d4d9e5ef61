import Glibc
import TestSupport
import Testing

extension FaultTests {
    /// The disk of the mirror under a running agent: it fills, cannot be written to, goes, is another one.
    @Suite(.serialized, .enabled(if: MountNamespace.isAllowed, "needs mounts, as root or in a user namespace"))
    struct DiskTests {
        private let disks: MountNamespace
        private let stage: Stage
        private let agent: AgentProcess
        private let disk: String

        init() throws {
            let disks = try MountNamespace()
            self.disks = disks
            let mounted = disks.wrapper
            // The sync directory is where a disk is mounted before the agent starts.
            stage = try Stage(
                .a,
                [
                    "plain": """
                    initial: a
                    states:
                      a: {action: "echo one", on_yes: b}
                      b: {action: "echo two", on_yes: done}
                      done: {terminal: true}
                    """
                ],
                under: mounted,
                preparing: { lab in
                    try disks.change("mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "right", lab.sync)
                }
            )
            agent = try #require(stage.agent)
            disk = stage.lab.sync
        }

        private var mirror: String { disks.path(stage.lab.mirror) }

        private func runs(_ what: Comment) throws {
            #expect(try stage.lab.run("run", "plain", "-q").succeeded, what)
        }

        /// What can be seen in the mirror and is no run of the history as it is there, be it under another name.
        private func brokenRuns() -> [String] {
            let history = HistoryAudit.archives(in: stage.lab.history)
            return HistoryAudit.archives(in: "\(mirror)/.history").filter { copy in
                !history.contains { $0.files == copy.files }
            }.map(\.place)
        }

        private func expectCaughtUp(within limit: Duration, sourceLocation: SourceLocation = #_sourceLocation) throws {
            _ = eventually(within: limit, every: 100) { isCaughtUp }
            #expect(isCaughtUp, "\(agent.errorOutput)", sourceLocation: sourceLocation)
            _ = try eventually { try stage.lab.loopsync("status").succeeded }
            let status = try stage.lab.loopsync("status")
            #expect(status.succeeded, "\(status)", sourceLocation: sourceLocation)
        }

        private var isCaughtUp: Bool {
            let history = TreeSnapshot(of: stage.lab.history)
            return !history.entries.isEmpty && history == TreeSnapshot(of: "\(mirror)/.history")
                && TreeSnapshot(of: "\(mirror)/.running").files.allSatisfy { name in
                    Disk.read("\(mirror)/.running/\(name)") == Disk.read("\(stage.lab.running)/\(name)")
                }
        }

        /// Expects `status` to say what is wrong; it follows the log within a second or so.
        private func expectStatus(_ words: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
            var status = try stage.lab.loopsync("status")
            _ = try eventually(every: 100) {
                status = try stage.lab.loopsync("status")
                return status.output.contains(words)
            }
            #expect(
                status.termination == .exited(3) && status.output.contains(words),
                "\(status)",
                sourceLocation: sourceLocation
            )
        }

        @Test func `a disk that fills up keeps only the mirror waiting, and room lets it catch up`() throws {
            try runs("before")
            #expect(eventually { isCaughtUp }, "\(agent.errorOutput)")
            let text = String(repeating: "x", count: 1000)
            let bulk = (0..<40).map { SyntheticRun(loop: "bulk-\($0)", states: 10, output: text) }
            for run in bulk { try run.write(toRunning: stage.lab.running) }
            let isArchived = eventually(within: .seconds(60), every: 50) {
                bulk.allSatisfy { Disk.read("\(stage.lab.history)/\($0.place)/events.jsonl") == $0.events }
            }
            #expect(isArchived, "\(agent.errorOutput)")
            try runs("while the disk is full")
            let words = String(cString: strerror(ENOSPC))
            #expect(eventually { agent.errorOutput.contains(words) }, "\(agent.errorOutput)")
            #expect(brokenRuns() == [])
            try expectStatus(words)
            try disks.change("mount", "-o", "remount,size=50m", disk)
            try expectCaughtUp(within: .seconds(90))
        }

        @Test func `a disk that cannot be written to keeps only the mirror waiting`() throws {
            try runs("before")
            #expect(eventually { isCaughtUp }, "\(agent.errorOutput)")
            try disks.change("mount", "-o", "remount,ro", disk)
            try runs("while the disk is read-only")
            stage.recorder.catchUp()
            let words = String(cString: strerror(EROFS))
            #expect(eventually { agent.errorOutput.contains(words) }, "\(agent.errorOutput)")
            #expect(eventually { TreeSnapshot(of: stage.lab.history).files.count { $0.hasSuffix("SUMS") } == 2 })
            #expect(brokenRuns() == [])
            try expectStatus(words)
            try disks.change("mount", "-o", "remount,rw", disk)
            try expectCaughtUp(within: .seconds(90))
        }

        @Test func `a disk that goes is waited for, and neither its mount point nor another disk is filled`() throws {
            let right = stage.lab.directory.path("right")
            let wrong = stage.lab.directory.path("wrong")
            for directory in [right, wrong] { try Disk.makeDirectories(directory) }
            try runs("before")
            #expect(eventually { isCaughtUp }, "\(agent.errorOutput)")
            // Its second name keeps the disk's content while it is away from the first.
            try disks.change("mount", "--bind", disk, right)
            try disks.change("umount", disk)
            try runs("while nothing is mounted")
            try expectSuspended(as: "is empty, and the mirror was there")
            #expect(Disk.names(in: disks.path(disk)) == [])

            try disks.change("mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "wrong", disk)
            try Disk.write("not ours", to: disks.path("\(disk)/other"))
            try runs("while another disk is there")
            try expectSuspended(as: "no marker")
            #expect(Disk.names(in: disks.path(disk)) == ["other"])

            try disks.change("umount", disk)
            try disks.change("mount", "--bind", right, disk)
            try expectCaughtUp(within: .seconds(60))
            #expect(agent.errorOutput.contains("the mirror is back and catches up"))
            #expect(Disk.names(in: disks.path(wrong)) == [])
            #expect(Disk.names(in: disk) == [], "below the mount point")
        }

        /// Expects agent and one-shot to say that nothing is written there, and what to type.
        private func expectSuspended(as reason: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
            let status = try eventually("a suspended mirror", within: .seconds(60)) { () -> Subprocess.Finished? in
                let status = try stage.lab.loopsync("status")
                return status.output.contains(reason) ? status : nil
            }
            #expect(status.termination == .exited(3), "\(status)", sourceLocation: sourceLocation)
            #expect(agent.errorOutput.contains("loopsync mirror --adopt"), sourceLocation: sourceLocation)
            let once = try disks.run([
                try BuiltProduct.loopsync(), "mirror", "--loops", stage.lab.loops, "--sync", disk,
            ])
            #expect(once.termination == .exited(4), "\(once)", sourceLocation: sourceLocation)
            #expect(once.errorOutput.contains(reason), "\(once)", sourceLocation: sourceLocation)
            #expect(once.errorOutput.contains("loopsync mirror --adopt"), sourceLocation: sourceLocation)
            #expect(agent.process.isRunning, sourceLocation: sourceLocation)
        }
    }
}

import Glibc
import LoopModel
import TestSupport
import Testing

extension HostileTests {
    /// FIFOs, sockets and devices where files and directories are expected: opened, they would block for ever.
    ///
    /// What stands in `.running` in the place of a state or of events is tried by `BadInputTests`.
    @Suite
    struct BlockingFileTests {
        private let place: HostilePlace
        private let run = SyntheticRun(loop: "demo", start: 1_790_000_000)
        private let new = SyntheticRun(loop: "new", start: 1_791_000_000)

        private enum Kind: CaseIterable {
            case fifo, socket, endlessLink, terminal, device

            func make(at path: String) -> Int32 {
                switch self {
                case .fifo: mkfifo(path, 0o600)
                case .socket: mknod(path, S_IFSOCK | 0o600, 0)
                case .endlessLink: symlink(path, path)
                case .terminal: symlink("/dev/tty", path)
                // The one that never ends, where this user may make one.
                case .device: mknod(path, S_IFCHR | 0o600, 1 << 8 | 5)
                }
            }
        }

        init() throws {
            place = try HostilePlace()
            try place.write(run)
            #expect(try place.loopsync("archive").status == 0)
            #expect(try place.loopsync("mirror").status == 0)
        }

        private static let verbs = [
            ["archive"], ["mirror"], ["verify", "--repair"], ["status"], ["prune", "-n"],
            ["restore", "--list", "--from", "mirror"],
        ]

        /// Puts a FIFO at a path, and with `LOOPSYNC_EXHAUSTIVE=1` each kind, and lets every verb meet it.
        private func expectNobodyWaits(at path: String, isFatal: Bool = false) throws {
            for (number, name) in Kind.allCases.enumerated() where Sampling.isExhaustive || name == .fifo {
                try Disk.remove(path)
                guard name.make(at: path) == 0 else { continue }
                var next = new
                next.start += number * 60
                try next.write(toRunning: place.running)
                for verb in Self.verbs {
                    // `CommandRun` waits for a minute at most, and throws then.
                    let run = try CommandRun(verb + ["--sync", place.sync], in: place.project)
                    #expect([0, 1, 3, 4, 6].contains(run.status), "\(name) at \(path), \(verb): \(run)")
                }
                if !isFatal {
                    #expect(
                        Disk.read("\(place.history)/\(next.place)/events.jsonl") == next.events,
                        "\(name) at \(path)"
                    )
                }
            }
        }

        @Test(arguments: [
            ".running/.acquire.lock", ".running/demo.lock", ".running/demo.pid", ".running/new.log",
            ".running/new.meta-eval.jsonl", ".running/sub",
        ])
        func `in .running`(_ path: String) throws {
            try expectNobodyWaits(at: "\(place.loops)/\(path)")
        }

        @Test(arguments: Kind.allCases)
        private func `a lock that no executor can have made keeps no archive from being brought up to date`(
            _ kind: Kind
        ) throws {
            guard kind.make(at: "\(place.running)/.acquire.lock") == 0 else { return }
            let more = try #require(run.eventLines.last) + "\n"
            try Disk.append(more, to: "\(place.running)/demo-\(run.start).events.jsonl")
            let archive = try place.loopsync("archive")
            #expect(archive.status == 0, "\(archive)")
            #expect(Disk.read("\(place.history)/\(run.place)/events.jsonl") == run.events + Array(more.utf8))
        }

        @Test func `in the history`() throws {
            for file in ["events.jsonl", "state.json", "SHA256SUMS", ".keep", "other.log"] {
                try expectNobodyWaits(at: "\(place.history)/\(run.place)/\(file)")
            }
            try expectNobodyWaits(at: "\(place.history)/\(run.place)")
            try expectNobodyWaits(at: "\(place.history)/demo")
        }

        @Test func `in the mirror`() throws {
            let copy = "\(place.mirror)/.history/\(run.place)"
            for path in ["\(copy)/events.jsonl", "\(copy)/SHA256SUMS", copy, "\(place.mirror)/.history/demo"] {
                try expectNobodyWaits(at: path)
            }
            for name in [".loopsync-tmp", ".conflicts", ".loopsync-trash", ".running"] {
                try expectNobodyWaits(at: "\(place.mirror)/\(name)")
            }
            for path in ["\(place.mirror)/.history", "\(place.mirror)/.loopsync-mirror", place.mirror] {
                try expectNobodyWaits(at: path)
            }
        }

        @Test func `among loopsync's own files`() throws {
            for name in ["mirror.json", "status.json", "pruned.jsonl", "status.json.tmp", "trash", "clearing"] {
                try expectNobodyWaits(at: "\(place.own)/\(name)")
            }
            for name in ["lock", "mirror.lock", "pins", "staging", ".gitignore"] {
                try expectNobodyWaits(at: "\(place.own)/\(name)", isFatal: true)
                try Disk.remove("\(place.own)/\(name)")
            }
        }

        @Test func `as configuration`() throws {
            let path = "\(place.project)/loopsync.yaml"
            // A link to itself counts as none, as everywhere.
            for name in Kind.allCases where name != .endlessLink {
                try Disk.remove(path)
                guard name.make(at: path) == 0 else { continue }
                let check = try CommandRun(["config", "check"], in: place.project)
                #expect(check.status == 78, "\(name): \(check)")
                let agent = try Subprocess.run(
                    [try BuiltProduct.loopsync(), "--watch", place.loops, "--sync", place.sync],
                    in: place.project,
                    environment: ["PATH": "/usr/bin:/bin", "HOME": place.directory.path("home")]
                )
                #expect(agent.termination == .exited(78), "\(name): \(agent)")
            }
        }

        @Test func `an agent beside all of them goes on`() throws {
            for (index, path) in [
                "\(place.running)/.acquire.lock", "\(place.running)/x.pid", "\(place.history)/demo/2026-01-01T000000",
                "\(place.history)/fifo", "\(place.mirror)/.history/fifo", "\(place.mirror)/.history/demo/fifo",
                "\(place.mirror)/.conflicts", "\(place.own)/trash",
            ].enumerated() {
                try Disk.remove(path)
                try #require(Kind.allCases[index % 2].make(at: path) == 0)
            }
            let agent = try place.agent()
            try new.write(toRunning: place.running)
            let isMirrored = eventually(within: .seconds(60), every: 50) {
                Disk.read("\(place.mirror)/.history/\(new.place)/events.jsonl") == new.events
            }
            #expect(isMirrored, "\(agent.errorOutput)")
            #expect(try agent.terminate() == .exited(0))
        }
    }
}

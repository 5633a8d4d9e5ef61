import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

extension HostileTests {
    /// Who may read what loopsync writes, whatever the umask of the process.
    @Suite
    struct ModeTests {
        private let place: HostilePlace

        init() throws {
            place = try HostilePlace()
            try #require(chmod(place.loops, 0o750) == 0)
        }

        /// Entries below a directory for which the closure has a complaint.
        private func complaints(_ root: String, _ complaint: (_ path: String, _ mode: UInt32) -> Bool) -> [String] {
            TreeSnapshot(of: root).entries.keys.sorted().compactMap { path in
                guard let mode = Disk.status("\(root)/\(path)")?.mode, complaint(path, mode) else { return nil }
                return "\(path) \(String(mode, radix: 8))"
            }
        }

        @Test(arguments: ["0000", "0022", "0077"])
        func `own files are the owner's alone, and copies are as closed as their sources`(_ umask: String) throws {
            let config = try place.policy()
            let modes: [UInt32] = [0o600, 0o640, 0o604, 0o400]
            let runs = modes.indices.map { SyntheticRun(loop: "demo", start: 1_790_000_000 + $0 * 86_400) }
            for (run, mode) in zip(runs, modes) {
                for (kind, bytes) in [("events.jsonl", run.events), ("state.json", run.state)] {
                    let path = "\(place.running)/\(run.loop)-\(run.start).\(kind)"
                    try Disk.write(bytes, to: path)
                    try #require(chmod(path, mode) == 0)
                }
            }
            let agent = try place.agent(under: ["/bin/sh", "-c", "umask \(umask); exec \"$@\"", "sh"])
            let live = SyntheticRun(loop: "live", start: 1_793_000_000)
            let path = "\(place.running)/live.events.jsonl"
            try Disk.write(live.eventLines[0] + "\n", to: path)
            try Disk.write(live.state(entered: 1), to: "\(place.running)/live.state.json")
            let mirrored = "\(place.mirror)/.running/live.events.jsonl"
            #expect(eventually(within: .seconds(60)) { Disk.exists(mirrored) }, "\(agent.errorOutput)")
            // What is closed while it grows is closed in the mirror with the next line at the latest.
            #expect(Disk.status(mirrored)?.mode == 0o644)
            try #require(chmod(path, 0o600) == 0)
            try Disk.append(live.eventLines[1] + "\n", to: path)
            #expect(eventually { Disk.status(mirrored)?.mode == 0o600 }, "\(agent.errorOutput)")
            let areWhole = eventually(within: .seconds(60), every: 50) {
                runs.allSatisfy { Disk.exists("\(place.mirror)/.history/\($0.place)/SHA256SUMS") }
            }
            #expect(areWhole, "\(agent.errorOutput)")
            try agent.terminate()
            try Disk.append("edited", to: "\(place.mirror)/.history/\(runs[0].place)/events.jsonl")
            #expect(try place.loopsync("mirror", umask: umask).status == 0)
            #expect(try place.loopsync("pin", "demo@-2", umask: umask).status == 0)
            // Out of `.running`, so that the policy may take them.
            for name in Disk.names(in: place.running) where name.hasPrefix("demo") {
                try Disk.remove("\(place.running)/\(name)")
            }
            #expect(try place.loopsync("prune", config: config, umask: umask).status == 0)

            for (run, mode) in zip(runs, modes) {
                let trash = "\(place.own)/trash"
                let places =
                    [place.history, "\(place.mirror)/.history"] + Disk.names(in: trash).map { "\(trash)/\($0)" }
                for file in ["events.jsonl", "state.json", "SHA256SUMS"] {
                    let found = places.compactMap { Disk.status("\($0)/\(run.place)/\(file)")?.mode }
                    #expect(found.count == 2, "\(run.place)")
                    #expect(found.allSatisfy { $0 & ~(mode | 0o600) == 0 }, "\(run.place)/\(file): \(found)")
                }
            }
            let own = complaints(place.own) { path, mode in
                // Pins are the executor's own files, and what is in the trash is a run.
                !path.hasPrefix("pins/") && !path.hasPrefix("trash/") && mode & 0o077 != 0
            }
            #expect(own == [])
            #expect(Disk.status(place.own)?.mode == 0o700)
            #expect(complaints(place.history) { _, mode in mode & 0o022 != 0 } == [])
            #expect(
                complaints(place.sync) { path, mode in
                    let isRun =
                        path.contains("/.history/") || path.contains("/.running/") || path.contains("/.conflicts/")
                    return mode & (isRun ? 0o022 : 0o077) != 0
                } == []
            )
        }
    }
}

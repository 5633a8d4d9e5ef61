import LoopModel
import LoopStore
import SyncCore

/// Looks at what stands beside a run: its logs, its tokens and the processes that own it.
extension RunningReader {
    func lookAtSiblings(of stem: Stem, at now: Moment) {
        var signature: [RunningFile: [Int64]] = [:]
        for kind in [RunningFile.log, .metaEvaluation] {
            guard let name = kind.name(for: stem), let directory = try? directory(stem.directories),
                let status = try? directory.status(of: name), status.kind == .file
            else { continue }
            signature[kind] = [status.size, status.modified, Int64(bitPattern: status.identity.inode)]
        }
        tracker.siblingsSeen(signature, stem: stem, at: now)
    }

    /// Looks whether the owner lives that was seen before; only when it does not, at all of it again.
    ///
    /// `.pid` and `.lock` are watched, so that only a process that died without touching them is to be found out.
    func checkOwner(of stem: Stem, at now: Moment) {
        guard !tracker.isOwnerUnchanged(of: stem, start: processes.start(of:)) else { return }
        lookAtOwner(of: stem, at: now)
    }

    /// Looks at `.pid`, `.lock` and the processes that they and the state name.
    func lookAtOwner(of stem: Stem, at now: Moment) {
        let boot = processes.sinceBoot()
        func written(_ modified: Int64) -> Int64 { boot - (now.wall.microseconds - modified / 1000) / 1000 }
        var tokens: [OwnerEvidence.Token] = []
        for kind in [RunningFile.pid, .lock] {
            guard let name = kind.name(for: stem), let directory = try? directory(stem.directories),
                let file = try? directory.openFile(name, for: .reading), let status = try? file.status()
            else { continue }
            let bytes = (try? file.contents(limit: 1 << 16)) ?? []
            // Whoever made it and wrote nothing for so long was killed in between.
            if bytes.isEmpty, boot - written(status.modified) > Self.tokenPatience { continue }
            let pid = kind == .pid ? Self.pid(decimal: bytes) : Self.pid(lock: bytes)
            tokens.append(OwnerEvidence.Token(pid: pid, written: written(status.modified)))
        }
        let run = tracker.runs(of: stem).last
        let statePid = run?.state.flatMap { state in
            state.facts.pid.map { OwnerEvidence.Token(pid: $0, written: written(state.modified)) }
        }
        var found: [Int32: OwnerEvidence.Process] = [:]
        for pid in tracker.pids(of: stem).union(tokens.compactMap(\.pid)) {
            found[pid] = processes.process(pid).map {
                OwnerEvidence.Process(started: $0.started, mayBeExecutor: $0.mayBeExecutor)
            }
        }
        tracker.owner(of: stem, tokens: tokens, statePid: statePid, processes: found)
    }

    /// How long a token may stay empty, in milliseconds.
    private static let tokenPatience: Int64 = 60_000

    static func pid(decimal bytes: [UInt8]) -> Int32? {
        Int32(String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self))
    }

    static func pid(lock bytes: [UInt8]) -> Int32? {
        guard case .object(let object) = try? JSONValue(parsing: bytes), case .number(let number) = object["pid"] else {
            return nil
        }
        return number.integer.flatMap { Int32(exactly: $0) }
    }
}

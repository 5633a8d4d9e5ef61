import LoopModel

/// All runs as they truly were, to compare with what the agent made of them.
final class Ledger {
    private(set) var runs: [SimulatedRun] = []

    func append(_ run: SimulatedRun) { runs.append(run) }

    /// An executor is about to unlink a file that nobody but the agent may still have.
    func goes(_ file: Inode, isState: Bool, in world: World) {
        guard let run = file.owner else { return }
        if !run.wasSwept, world.isUnderWay(run) { run.wasSwept = true }
        guard file.links == 1, !(file.opens > 0 && world.isAgentSteady), !world.isPromised || world.hasFaults else {
            return
        }
        if isState { run.wasStateUnseen = true } else { run.wasUnseen = true }
    }

    /// An executor is about to write over the archive that has these events.
    func overwritten(_ events: [UInt8]) {
        for run in runs where run.kept == events { run.kept = nil }
        for run in runs where run.hasBegun && run.events == events { run.wasOverwritten = true }
    }

    // MARK: What an executor reads out of files

    func startedAt(inState bytes: [UInt8]) -> String? { value("started_at", in: bytes) }
    func loop(inState bytes: [UInt8]) -> String? { value("loop_name", in: bytes) }

    func pid(inLock text: String) -> Int32? {
        guard let start = text.range(ofText: "\"pid\": ") else { return nil }
        return Int32(text[start...].prefix { $0.isNumber })
    }

    private func value(_ key: String, in bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let start = text.range(ofText: "\"\(key)\": \"") else { return nil }
        return String(text[start...].prefix { $0 != "\"" })
    }
}

extension String {
    /// Where a text ends that occurs in this one.
    func range(ofText text: String) -> Index? {
        let all = Array(utf8)
        let wanted = Array(text.utf8)
        guard all.count >= wanted.count else { return nil }
        for start in 0...(all.count - wanted.count) where all[start..<(start + wanted.count)].elementsEqual(wanted) {
            return utf8.index(utf8.startIndex, offsetBy: start + wanted.count)
        }
        return nil
    }
}

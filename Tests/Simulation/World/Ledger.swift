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

    func startedAt(inState bytes: [UInt8]) -> String? { value(after: "\"started_at\": \"", in: bytes) }
    func loop(inState bytes: [UInt8]) -> String? { value(after: "\"loop_name\": \"", in: bytes) }

    func pid(inLock bytes: [UInt8]) -> Int32? {
        bytes.end(of: "\"pid\": ").flatMap { start in
            Int32(String(decoding: bytes[start...].prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self))
        }
    }

    private func value(after key: StaticString, in bytes: [UInt8]) -> String? {
        bytes.end(of: key).map { String(decoding: bytes[$0...].prefix { $0 != 0x22 }, as: UTF8.self) }
    }
}

extension [UInt8] {
    /// Where a text ends that occurs in these bytes.
    func end(of text: StaticString, from start: Int = 0) -> Int? {
        withUnsafeBufferPointer { all in
            let count = text.utf8CodeUnitCount
            var place = start
            while place + count <= all.count {
                var length = 0
                while length < count, all[place + length] == text.utf8Start[length] { length += 1 }
                if length == count { return place + count }
                place += 1
            }
            return nil
        }
    }

    func contains(_ text: StaticString) -> Bool { end(of: text) != nil }

    /// Whether a text occurs in these bytes.
    func contains(text: String) -> Bool {
        let wanted = Array(text.utf8)
        return withUnsafeBufferPointer { all in
            var place = 0
            while place + wanted.count <= all.count {
                var length = 0
                while length < wanted.count, all[place + length] == wanted[length] { length += 1 }
                if length == wanted.count { return true }
                place += 1
            }
            return false
        }
    }
}

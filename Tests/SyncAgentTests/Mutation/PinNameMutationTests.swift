import LoopModel
import SyncCore
import TestSupport
import Testing

@testable import SyncAgent

/// Names in `.loopsync/pins`, damaged or made of any stem.
@Suite struct PinNameMutationTests {
    @Test func `a name that is read as a pin begins with what its pin is looked for by`() throws {
        let run = try MutationRun(
            "SyncAgentTests/Corpus/pins.txt",
            words: ["events-", "state-", "-", "%", "%2f", "%2e%2e", "%00", "+1", "0", "FF", "%2F", "/", "%4"],
            brackets: [("0", ""), ("%ff", ""), ("x%2f", "")],
            bounded: 4000
        )
        var read = 0
        let failure = run.firstFailure { bytes in
            guard let name = FileName(bytes), let pin = PinStore.parse(name) else { return nil }
            read += 1
            guard pin.name == name else { return "the name of \(pin.name)" }
            let prefix = PinStore.prefix(pin.kind, pin.identity)
            guard name.bytes.starts(with: prefix.utf8) else { return "looked for as \(prefix)" }
            return PinStore.name(pin.kind, pin.identity, pin.stem).bytes.count <= 255 ? nil : "a name that is too long"
        }
        #expect(failure == nil)
        #expect(read > 0)
    }

    @Test func `any stem has a name of its own, from which kind and identity come back, and the stem where it fits`()
        throws
    {
        let run = try MutationRun(
            "LoopModelTests/Corpus/names.txt",
            words: ["/", "-", "%", "%2f", "\0", "\u{1B}", "é"],
            brackets: [("x", ""), ("é", ""), ("a/", "")],
            bounded: 3000
        )
        let identity = FileIdentity(device: .max, inode: .max, birth: .min)
        var seen: [FileName: Stem] = [:]
        let failure = run.firstFailure { bytes in
            let names = bytes.split(separator: UInt8(ascii: "/")).compactMap { FileName($0) }
            guard let base = names.last else { return nil }
            let stem = Stem(directories: names.dropLast(), base: base)
            for kind in [RunningFile.events, .state] {
                let name = PinStore.name(kind, identity, stem)
                guard let pin = PinStore.parse(name), pin.kind == kind, pin.identity == identity else {
                    return "\(name)"
                }
                guard pin.stem != stem else { continue }
                // Of a long stem the beginning is left.
                guard name.bytes.count > 190, name.bytes.starts(with: PinStore.name(kind, identity, pin.stem).bytes)
                else { return "\(stem) became \(pin.stem)" }
            }
            // The identity tells cut names apart; those that are whole are distinct by themselves.
            let name = PinStore.name(.events, identity, stem)
            guard let other = seen.updateValue(stem, forKey: name), other != stem else { return nil }
            return name.bytes.count > 190 ? nil : "\(name) is also of \(other)"
        }
        #expect(failure == nil)
    }

    @Test func `a file below .running is what its name says, and has that name again`() throws {
        let run = try MutationRun(
            "LoopModelTests/Corpus/names.txt",
            words: RunningFile.allCases.map(\.suffix) + ["/", "."],
            brackets: [("x", ""), ("", ".lock")],
            bounded: 2000
        )
        let failure = run.firstFailure { bytes in
            for tail in [""] + RunningFile.allCases.map(\.suffix) {
                guard let name = FileName(bytes + tail.utf8) else { continue }
                if let (kind, base) = RunningFile.parse(name) {
                    guard kind.name(for: Stem(base: base)) == name else { return "\(name) of \(base)" }
                }
                if let (stem, kind) = LiveStem.parse(name, below: []) {
                    guard stem.name(of: kind) == name else { return "\(name) of \(stem)" }
                }
            }
            return nil
        }
        #expect(failure == nil)
    }
}

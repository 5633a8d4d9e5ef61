import LoopModel
import LoopStore
import SyncCore
import Synchronization

/// Keeps the bytes of runs alive that their executor unlinks: a hard link to every events file and every state file.
///
/// Pinning happens on the watching thread, before anything that could wait; the other methods are the tracker's.
final class PinStore: Sendable {
    /// One pinned file.
    struct Pin: Hashable, Sendable {
        var kind: RunningFile
        var identity: FileIdentity
        var stem: Stem
        var name: FileName
    }

    /// Where a pinned file's bytes are.
    enum PinnedSource {
        case linked(any Directory, FileName)
        case held(any File)
    }

    private let loops: LoopsDirectory
    private let shared = Mutex(Shared())

    private struct Shared {
        var directory: (any Directory)?
        /// Files that could not be linked (another file system, no more links, no permission): held open instead, since
        /// an unlinked file stays readable as long as somebody has it open.
        var held: [FileIdentity: any File] = [:]
        /// What was pinned and not looked at yet: its name may have gone to the next file by now.
        var fresh: [Stem: [Pin]] = [:]
        /// What this process knows to be pinned; others pin too.
        var known: Set<FileIdentity> = []
        /// Stems that are too long for a pin's name.
        var longStems: [FileIdentity: Stem] = [:]
    }

    init(loops: LoopsDirectory) {
        self.loops = loops
    }

    /// How a pin went.
    enum Outcome: Equatable {
        case pinned, known, gone
        case held(PosixError)
        case failed(PosixError)
    }

    /// Links a file that just appeared.
    ///
    /// - Parameters:
    ///   - kind: events or state.
    ///   - name: its name in `directory`.
    func pin(_ kind: RunningFile, _ stem: Stem, named name: FileName, in directory: any Directory) -> Outcome {
        do {
            guard let status = try directory.status(of: name), status.kind == .file else { return .gone }
            let pinned = Self.name(kind, status.identity, stem)
            if Self.escape(stem).count > Self.longestStem {
                shared.withLock { $0.longStems[status.identity] = stem }
            }
            do {
                let pins = try pinsDirectory()
                try directory.link(name, into: pins, as: pinned)
                // Between the look and the link the name may have gone to the next file: the pin is named after what it is.
                guard !Defect.pinnedUnseen.isMade, let actual = try pins.status(of: pinned),
                    actual.identity != status.identity
                else {
                    note(kind, stem, status.identity)
                    return .pinned
                }
                try pins.rename(pinned, into: pins, as: Self.name(kind, actual.identity, stem), .replacing)
                // Where that pin was there already both names are one file, and a rename does nothing.
                try pins.unlink(pinned)
                note(kind, stem, actual.identity)
                return .pinned
            } catch  where error.code == .exists {
                // By this process before, or by `loopsync archive` beside it: then nobody here has looked at the file yet.
                if !shared.withLock({ $0.known.contains(status.identity) }) { note(kind, stem, status.identity) }
                return .known
            } catch  where error.code == .noEntry {
                // Either the file is gone already or our own directory is; the latter is made again and tried once more.
                shared.withLock { $0.directory = nil }
                guard try directory.status(of: name)?.identity == status.identity else { return .gone }
                try directory.link(name, into: try pinsDirectory(), as: pinned)
                note(kind, stem, status.identity)
                return .pinned
            } catch {
                guard let file = try directory.openFile(name, for: .reading) else { return .gone }
                let identity = try file.status().identity
                shared.withLock { $0.held[identity] = file }
                note(kind, stem, identity)
                return .held(error)
            }
        } catch {
            return error.code == .noEntry ? .gone : .failed(error)
        }
    }

    private func note(_ kind: RunningFile, _ stem: Stem, _ identity: FileIdentity) {
        let pin = Pin(kind: kind, identity: identity, stem: stem, name: Self.name(kind, identity, stem))
        shared.withLock { shared in
            shared.known.insert(identity)
            shared.fresh[stem, default: []].append(pin)
        }
    }

    /// What was pinned for a stem since the last call, oldest first.
    func takeFresh(_ kind: RunningFile, of stem: Stem) -> [Pin] {
        shared.withLock { shared in
            guard let all = shared.fresh.removeValue(forKey: stem) else { return [] }
            let rest = all.filter { $0.kind != kind }
            if !rest.isEmpty { shared.fresh[stem] = rest }
            return all.filter { $0.kind == kind }
        }
    }

    /// All pins on the disk; a name that is not ours is left alone.
    func all() throws(PosixError) -> [Pin] {
        let stems = shared.withLock(\.longStems)
        let pins = try pinsDirectory()
        var found: [Pin] = []
        for entry in try pins.entries() {
            guard var pin = Self.parse(entry.name) else { continue }
            pin.stem = stems[pin.identity] ?? pin.stem
            if let pin = try renamed(pin, in: pins) { found.append(pin) }
        }
        return found
    }

    /// Names a pin after what it is, where a kill came between its link and that.
    ///
    /// The watching thread may be in just that place: whoever comes second finds the name gone, and the file has its right
    /// name all the same.
    ///
    /// - Returns: nil where it has gone.
    private func renamed(_ pin: Pin, in pins: any Directory) throws(PosixError) -> Pin? {
        guard let actual = try pins.status(of: pin.name)?.identity else { return nil }
        guard actual != pin.identity else { return pin }
        let name = Self.name(pin.kind, actual, pin.stem)
        do {
            try pins.rename(pin.name, into: pins, as: name, .replacing)
        } catch  where error.code == .noEntry {
            // The watching thread was quicker, and says itself that it pinned.
            return nil
        }
        // Where that pin was there already both names are one file, and a rename does nothing.
        try pins.unlink(pin.name)
        return Pin(kind: pin.kind, identity: actual, stem: pin.stem, name: name)
    }

    /// Names a file's pin after the stem that the file was renamed to.
    func renamed(_ kind: RunningFile, _ identity: FileIdentity, from old: Stem, to new: Stem) {
        let name = Self.name(kind, identity, old)
        let newName = Self.name(kind, identity, new)
        // Long stems are cut, and then both may be the same. A pin that keeps its old name is found by what else it says.
        guard name != newName, let pins = try? pinsDirectory(), (try? pins.status(of: name)) != nil else { return }
        do throws(PosixError) {
            try pins.rename(name, into: pins, as: newName, .replacing)
            // The watching thread has mostly linked it by its new name: then both names are one file, and a rename does
            // nothing.
            try pins.unlink(name)
        } catch {
            return
        }
    }

    /// The pins that tell of each file its newest name, after the others were taken away: an agent was killed between the
    /// look at a renamed file and the removal of the pin by its old name.
    ///
    /// A run is set aside to a stem that begins with the one that it had, so that the longest is the newest.
    func withoutOldNames(_ all: [Pin]) -> [Pin] {
        var newest: [FileIdentity: Pin] = [:]
        for pin in all where newest[pin.identity].map({ $0.stem < pin.stem }) ?? true { newest[pin.identity] = pin }
        for pin in all {
            // Both are links to one file.
            guard let kept = newest[pin.identity], kept.name != pin.name, let pins = try? pinsDirectory() else {
                continue
            }
            _ = try? pins.unlink(pin.name)
        }
        return all.filter { newest[$0.identity] == $0 }
    }

    /// The file behind a pin, open for reading, whatever became of its name; nil where it is another one's.
    func open(_ pin: Pin) throws(PosixError) -> (any File)? {
        if let held = shared.withLock({ $0.held[pin.identity] }) { return held }
        guard let file = try pinsDirectory().openFile(pin.name, for: .reading),
            try file.status().identity == pin.identity
        else { return nil }
        return file
    }

    /// Where the bytes of a file can be read, whatever became of its name.
    func source(_ kind: RunningFile, _ identity: FileIdentity, _ stem: Stem) throws(PosixError) -> PinnedSource? {
        if let held = shared.withLock({ $0.held[identity] }) { return .held(held) }
        let pins = try pinsDirectory()
        guard let name = try stored(kind, identity, stem, in: pins), try pins.status(of: name)?.identity == identity
        else { return nil }
        return .linked(pins, name)
    }

    /// The name of a file's pin as it stands there.
    ///
    /// Of a long stem the name holds the beginning, perhaps with half an escape at its end, so that the stem that a new
    /// process reads out of it has another name. Kind and identity are always whole.
    private func stored(_ kind: RunningFile, _ identity: FileIdentity, _ stem: Stem, in pins: any Directory)
        throws(PosixError) -> FileName?
    {
        let name = Self.name(kind, identity, stem)
        guard try pins.status(of: name) == nil else { return name }
        return try pins.entries().first { $0.name.bytes.starts(with: Self.prefix(kind, identity).utf8) }?.name
    }

    /// Takes the pins of these files away.
    func remove(_ identities: [FileIdentity], of stem: Stem) {
        guard !identities.isEmpty else { return }
        shared.withLock { shared in
            for identity in identities {
                shared.held[identity] = nil
                shared.known.remove(identity)
                shared.longStems[identity] = nil
            }
        }
        // A pin that stays by accident is found again at the next start, when its run is whole in the history.
        guard let pins = try? pinsDirectory() else { return }
        for identity in identities {
            let kinds = [RunningFile.events, .state]
            let isRemoved = kinds.map { (try? pins.unlink(Self.name($0, identity, stem))) ?? false }
            guard !isRemoved.contains(true) else { continue }
            for kind in kinds {
                if let name = try? stored(kind, identity, stem, in: pins) { _ = try? pins.unlink(name) }
            }
        }
    }

    private func pinsDirectory() throws(PosixError) -> any Directory {
        if let known = shared.withLock({ $0.directory }) { return known }
        let opened = try loops.own(.pins)
        shared.withLock { $0.directory = opened }
        return opened
    }

    // MARK: Names

    /// `KIND-DEVICE-INODE-BIRTH-STEM`, numbers in hexadecimal, the stem escaped; what does not fit of it is cut.
    static func name(_ kind: RunningFile, _ identity: FileIdentity, _ stem: Stem) -> FileName {
        // The same cut for every kind and number, so that a run's pins stay together.
        let bytes = Array(prefix(kind, identity).utf8) + escape(stem).prefix(longestStem)
        return FileName(bytes) ?? FileName(literal: "events-0-0-0-")
    }

    /// What a pin's name begins with: kind and identity, always whole.
    static func prefix(_ kind: RunningFile, _ identity: FileIdentity) -> String {
        let letter = kind == .events ? "events" : "state"
        let numbers = [identity.device, identity.inode, UInt64(bitPattern: identity.birth)].map {
            String($0, radix: 16)
        }
        return "\(letter)-\(numbers.joined(separator: "-"))-"
    }

    static func parse(_ name: FileName) -> Pin? {
        let parts = name.bytes.split(separator: UInt8(ascii: "-"), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5 else { return nil }
        let kind: RunningFile
        switch String(decoding: parts[0], as: UTF8.self) {
        case "events": kind = .events
        case "state": kind = .state
        default: return nil
        }
        guard let device = UInt64(String(decoding: parts[1], as: UTF8.self), radix: 16),
            let inode = UInt64(String(decoding: parts[2], as: UTF8.self), radix: 16),
            let birth = UInt64(String(decoding: parts[3], as: UTF8.self), radix: 16),
            let stem = unescape(parts[4])
        else { return nil }
        let identity = FileIdentity(device: device, inode: inode, birth: Int64(bitPattern: birth))
        // Numbers in another spelling are somebody else's name.
        guard name.bytes.starts(with: prefix(kind, identity).utf8) else { return nil }
        return Pin(kind: kind, identity: identity, stem: stem, name: name)
    }

    /// So many bytes of an escaped stem fit behind the numbers.
    private static let longestStem = 190

    /// What an escaped stem says as it is.
    private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)

    private static func escape(_ stem: Stem) -> [UInt8] {
        let path = (stem.directories + [stem.base]).map(\.bytes).joined(separator: [UInt8(ascii: "/")])
        return path.flatMap { byte in
            plain.contains(byte)
                ? [byte] : Array(("%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8)
        }
    }

    private static func unescape(_ text: ArraySlice<UInt8>) -> Stem? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            // What was cut off an escape says nothing.
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                break
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        let names = bytes.split(separator: UInt8(ascii: "/")).compactMap { FileName($0) }
        guard let base = names.last else { return nil }
        return Stem(directories: names.dropLast(), base: base)
    }
}

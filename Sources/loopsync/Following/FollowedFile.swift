import LoopModel
import LoopStore
import SyncCore

/// One events file that is read as it grows.
///
/// It is held open: an executor's next run, or whoever archives, may take its name away at any moment.
final class FollowedFile {
    let identity: FileIdentity
    private let file: any File
    private var offset: Int64 = 0
    private var rest: [UInt8] = []
    private var isOverlong = false

    /// The loop, once a line told it.
    private(set) var loop: JSONString?
    /// The bytes of the first unnested `loop_start`: which run it is.
    private(set) var start: [UInt8]?
    /// Whether the run's last word so far is its end.
    private(set) var hasEnded = false
    /// How many rounds ago the file lost its name, or grew last where it is a copy; nil while an executor may append.
    var idleRounds: Int?
    /// Whether it is an archive's and not an executor's own.
    let isArchive: Bool

    /// A longer line is passed over.
    private static let longest = 1 << 26

    init(_ file: any File, isArchive: Bool = false) throws(PosixError) {
        self.file = file
        self.isArchive = isArchive
        idleRounds = isArchive ? 0 : nil
        identity = try file.status().identity
    }

    /// Learns from its beginning which run it is, without taking any line.
    func peek() throws(PosixError) {
        let bytes = try file.read(at: 0, count: 1 << 16)
        for line in bytes.split(separator: UInt8(ascii: "\n")).prefix(20) where start == nil { learn(from: line) }
        hasEnded = false
    }

    /// Passes over what is there now.
    func skipToEnd() throws(PosixError) {
        offset = try file.status().size
        // The rest of a line that is being written is nobody's.
        isOverlong = offset > 0 ? try file.read(at: offset - 1, count: 1) != [UInt8(ascii: "\n")] : false
    }

    /// Reads what was appended since the last time.
    ///
    /// - Parameters:
    ///   - isLast: the file does not grow any more, so that a last line without its newline is one where it is whole.
    ///   - take: gets each line without its newline.
    func read(isLast: Bool = false, _ take: (ArraySlice<UInt8>) -> Void) throws(PosixError) {
        guard try file.status().size > offset else {
            if isLast { finish(take) }
            return
        }
        while true {
            let bytes = try file.read(at: offset, count: 1 << 18)
            guard !bytes.isEmpty else { break }
            if isArchive { idleRounds = 0 }
            offset += Int64(bytes.count)
            consume(bytes, take)
        }
        if isLast { finish(take) }
    }

    private func consume(_ bytes: [UInt8], _ take: (ArraySlice<UInt8>) -> Void) {
        var from = 0
        while let end = Newline.first(in: bytes[from...]) {
            if !isOverlong { whole(rest.isEmpty ? bytes[from..<end] : rest[...] + bytes[from..<end], take) }
            rest = []
            isOverlong = false
            from = end + 1
        }
        rest += bytes[from...]
        if rest.count > Self.longest {
            rest = []
            isOverlong = true
        }
    }

    private func finish(_ take: (ArraySlice<UInt8>) -> Void) {
        let line = rest
        rest = []
        if LoopEvent(line: line) != nil { whole(line[...], take) }
    }

    private func whole(_ line: ArraySlice<UInt8>, _ take: (ArraySlice<UInt8>) -> Void) {
        learn(from: line)
        take(line)
    }

    /// Notes what a line tells of the run as a whole; most lines tell nothing and are not taken apart.
    private func learn(from line: ArraySlice<UInt8>) {
        let name = LoopEvent.writtenName(of: line).map { String(decoding: $0, as: UTF8.self) }
        if let name, loop != nil, !Self.telling.contains(name) {
            hasEnded = hasEnded && Self.afterwards.contains(name)
            return
        }
        guard let event = LoopEvent(line: line), event.isUnnested else { return }
        loop = loop ?? event.loop
        switch event.name?.string ?? "" {
        case "loop_start":
            if start == nil { start = Array(line) }
            hasEnded = false
        case "loop_complete", "handoff_detected": hasEnded = true
        case let other: hasEnded = hasEnded && Self.afterwards.contains(other)
        }
    }

    private static let telling: Set<String> = ["loop_start", "loop_complete", "handoff_detected"]
    private static let afterwards: Set<String> = ["handoff_spawned", "ab_summary"]
}

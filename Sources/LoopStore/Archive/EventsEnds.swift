package import LoopModel

/// Reads the two ends of an events file in bounded memory, whatever its size and whatever its lines.
package enum EventsEnds {
    /// The longest line that is taken as a line, in bytes; a longer one is skipped.
    package static let longestLine = 1 << 20
    /// How far into a file its first `loop_start` is looked for; executors write it as the first or second line.
    static let headLimit: Int64 = 1 << 23
    /// How far from its end the last event is looked for.
    static let tailLimit = 1 << 22
    private static let pieceSize = 1 << 16
    /// A run is resumed by people.
    private static let mostSegments = 1000

    /// The first unnested `loop_start`: its bytes without the newline, and the event.
    ///
    /// - Returns: nil where there is none, or none within the limits.
    package static func firstLoopStart(in file: any File) throws(PosixError) -> (line: [UInt8], event: LoopEvent)? {
        try loopStarts(in: file, limit: headLimit, most: 1).first
    }

    /// The unnested `loop_start` events, one for each segment of the run.
    static func segments(in file: any File) throws(PosixError) -> [LoopEvent] {
        try loopStarts(in: file, limit: .max, most: mostSegments).map(\.event)
    }

    private static func loopStarts(in file: any File, limit: Int64, most: Int) throws(PosixError)
        -> [(line: [UInt8], event: LoopEvent)]
    {
        var found: [(line: [UInt8], event: LoopEvent)] = []
        try forEachLine(in: file, limit: limit) { line in
            if let event = loopStart(line) { found.append((Array(line), event)) }
            return found.count < most
        }
        return found
    }

    /// Reads a file line by line, in pieces.
    ///
    /// - Parameters:
    ///   - limit: how far.
    ///   - body: takes a line without its newline, also a last one that has none; says whether to go on.
    private static func forEachLine(
        in file: any File,
        limit: Int64,
        _ body: (ArraySlice<UInt8>) -> Bool
    ) throws(PosixError) {
        var offset: Int64 = 0
        // The beginning of a line whose end is in a later piece.
        var line: [UInt8] = []
        var isTooLong = false
        while offset < limit {
            let piece = try file.read(at: offset, count: pieceSize)
            offset += Int64(piece.count)
            var rest = piece[...]
            while let end = Newline.first(in: rest) {
                if !isTooLong {
                    if line.isEmpty {
                        if !body(rest[..<end]) { return }
                    } else {
                        line += rest[..<end]
                        if !body(line[...]) { return }
                    }
                }
                rest = rest[(end + 1)...]
                line.removeAll(keepingCapacity: true)
                isTooLong = false
            }
            if !isTooLong { line += rest }
            if line.count > longestLine {
                line = []
                isTooLong = true
            }
            if piece.count < pieceSize { break }
        }
        // The last line may be seen, or left behind, without its newline.
        if !isTooLong, offset <= limit { _ = body(line[...]) }
    }

    private static func loopStart(_ line: ArraySlice<UInt8>) -> LoopEvent? {
        guard line.count <= longestLine, LoopEvent.writtenName(of: line).map(isLoopStart) ?? true,
            let event = LoopEvent(line: line), let name = event.name
        else { return nil }
        return isLoopStart(name.bytes[...]) && event.isUnnested ? event : nil
    }

    private static func isLoopStart(_ name: ArraySlice<UInt8>) -> Bool {
        name.elementsEqual("loop_start".utf8)
    }

    /// The time in each state, by the whole file; lines that are too long are skipped.
    static func shares(in file: any File) throws(PosixError) -> [JSONString: StateClock.Share] {
        var clock = StateClock()
        try forEachLine(in: file, limit: .max) { line in
            clock.take(line)
            return true
        }
        return clock.finished()
    }

    /// The time of the last event that has one; torn and binary lines are passed over.
    package static func lastTime(in file: any File) throws(PosixError) -> Timestamp? {
        try lastTime(size: file.status().size) { (offset, count) throws(PosixError) in
            try file.read(at: offset, count: count)
        }
    }

    /// The same of so many bytes, whoever reads them.
    static func lastTime<Failure>(size: Int64, read: (Int64, Int) throws(Failure) -> [UInt8]) throws(Failure)
        -> Timestamp?
    {
        var length = min(size, Int64(pieceSize))
        while length > 0 {
            let tail = try read(size - length, Int(length))
            var end = tail.endIndex
            while end > tail.startIndex {
                let newline = Newline.last(in: tail[..<end])
                // What stands before the first newline is a whole line only at the beginning of the file.
                guard newline != nil || length == size else { break }
                let line = tail[(newline.map { $0 + 1 } ?? tail.startIndex)..<end]
                if let text = LoopEvent(line: line)?.timestamp, let time = Timestamp(iso: text) { return time }
                end = newline ?? tail.startIndex
            }
            if length == size || length >= tailLimit { return nil }
            length = min(size, length * 8, Int64(tailLimit))
        }
        return nil
    }
}

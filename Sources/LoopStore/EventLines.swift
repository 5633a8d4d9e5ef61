package import LoopModel

/// Reads and extends events files: one JSON object per line.
package enum EventLines {
    /// A longer line is left out like a malformed one, in bytes, so that memory stays bounded.
    package static let longestLine = 64 << 20

    /// All events in their order; empty where there is no file.
    ///
    /// Torn lines, lines that are no JSON and JSON that is no object are left out, as a reader of a live run has to.
    ///
    /// - Parameter longest: the longest line that is taken, in bytes.
    package static func events(of name: FileName, in directory: any Directory, longest: Int = longestLine)
        throws(PosixError) -> [LoopEvent]
    {
        guard let file = try directory.openFile(name, for: .reading) else { return [] }
        var events: [LoopEvent] = []
        try forEachLine(of: file, longest: longest) { line in
            if let event = LoopEvent(line: line) { events.append(event) }
        }
        return events
    }

    /// Lines end where Python's text files end them: at a newline, a carriage return or both.
    private static func forEachLine(of file: any File, longest: Int, _ body: (ArraySlice<UInt8>) -> Void)
        throws(PosixError)
    {
        var rest: [UInt8] = []
        var offset: Int64 = 0
        var isSkipping = false
        while true {
            let chunk = try file.read(at: offset, count: 1 << 20)
            offset += Int64(chunk.count)
            var start = chunk.startIndex
            while let end = chunk[start...].firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
            {
                if !isSkipping, rest.count + (end - start) <= longest {
                    body(rest.isEmpty ? chunk[start..<end] : rest[...] + chunk[start..<end])
                }
                rest.removeAll()
                isSkipping = false
                start = end + 1
            }
            if !isSkipping { rest += chunk[start...] }
            if rest.count > longest {
                rest = []
                isSkipping = true
            }
            guard !chunk.isEmpty else { break }
        }
        if !rest.isEmpty { body(rest[...]) }
    }

    /// Appends one line by one write.
    ///
    /// A last line without its newline, which a killed executor leaves, is ended first: the new line would be lost with
    /// it otherwise.
    package static func append(_ line: [UInt8], to name: FileName, in directory: any Directory) throws(PosixError) {
        let file = try openForAppending(name, in: directory)
        let size = try file.status().size
        var bytes: [UInt8] = []
        if size > 0, try file.read(at: size - 1, count: 1) != [UInt8(ascii: "\n")] { bytes.append(UInt8(ascii: "\n")) }
        bytes += line
        bytes.append(UInt8(ascii: "\n"))
        try file.write(bytes, at: size)
        try file.close()
    }

    static func openForAppending(_ name: FileName, in directory: any Directory) throws(PosixError) -> any File {
        if let file = try directory.openFile(name, for: .appending) { return file }
        do {
            try directory.createFile(name, mode: 0o666).close()
        } catch  where error.code == .exists {
            // Another process was quicker.
        }
        if let file = try directory.openFile(name, for: .appending) { return file }
        throw PosixError(call: "open", path: "\(directory.path)/\(name)", code: .noEntry)
    }
}

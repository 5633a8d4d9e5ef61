import LoopModel

/// Appends lines to a file of this program, and makes them durable together.
struct LineWriter {
    private let directory: any Directory
    private let name: FileName
    /// A file of more bytes than these is not copied, where it has a second name.
    private let limit: Int
    private var file: (any File)?
    /// Whether the file's own name is new.
    private var isNew = false
    /// How many bytes the file has, as far as this writer knows.
    private(set) var size: Int64 = 0

    init(_ name: FileName, in directory: any Directory, limit: Int) {
        self.directory = directory
        self.name = name
        self.limit = limit
    }

    /// Writes one line.
    ///
    /// - Parameter line: ends with its newline.
    mutating func write(_ line: [UInt8]) throws(PosixError) {
        var bytes = line
        if file == nil { try open(&bytes) }
        do {
            try file?.write(bytes, at: size)
        } catch {
            // Part of the line may stand there: the next one looks at the end again.
            file = nil
            throw error
        }
        size += Int64(bytes.count)
    }

    /// Makes durable what was written.
    ///
    /// - Returns: whether anything was.
    mutating func sync() throws(PosixError) -> Bool {
        guard let file else { return false }
        self.file = nil
        try file.sync()
        if isNew { try directory.sync() }
        isNew = false
        return true
    }

    private mutating func open(_ bytes: inout [UInt8]) throws(PosixError) {
        guard let found = try directory.openFile(name, for: .writing) else {
            file = try directory.createFile(name, mode: 0o600)
            size = 0
            isNew = true
            return
        }
        let status = try found.status()
        size = status.size
        // After a torn line a new one begins.
        if size > 0, try found.read(at: size - 1, count: 1) != [UInt8(ascii: "\n")] { bytes.insert(0x0A, at: 0) }
        guard status.links > 1 else {
            file = found
            return
        }
        // A second name of somebody's own file, which is not ours to write to.
        try directory.replaceFile(name, with: found.contents(limit: limit))
        file = try directory.openFile(name, for: .writing)
    }
}

public import LoopModel

extension StatePersistence {
    /// Opens the files for a run that writes to them often.
    ///
    /// - Parameter isDurable: whether each event and each state is on the disk (fsync) before the next thing happens.
    /// - Throws: ENOENT where `initialize` was not called.
    public func writer(isDurable: Bool = false) throws(PosixError) -> RunWriter {
        RunWriter(self, in: try existingRunning(for: stateName), isDurable: isDurable)
    }
}

/// Writes one run's events and states, with the directory and the events file kept open.
///
/// What it writes is what `append` and `save` of `StatePersistence` write, at a fraction of their calls. It follows its
/// directory when that is renamed; an events file that somebody removes is begun anew under its name, as in the
/// specification.
public struct RunWriter: Sendable {
    private let persistence: StatePersistence
    private let running: any Directory
    private let isDurable: Bool
    private var events: Events?
    /// The permissions that a state has; nil until the first one was written.
    private var mode: UInt32?
    private var temporaries: UInt32

    /// The open events file, and how long it was after the last line that was written here.
    private struct Events {
        let file: any File
        var size: Int64
    }

    init(_ persistence: StatePersistence, in running: any Directory, isDurable: Bool) {
        self.persistence = persistence
        self.running = running
        self.isDurable = isDurable
        temporaries = UInt32(truncatingIfNeeded: persistence.clock().microseconds)
    }

    /// Appends an event as one line by one write; a torn last line that somebody left is ended first.
    public mutating func append(_ event: LoopEvent) throws(PosixError) {
        var line = event.line()
        line.append(UInt8(ascii: "\n"))
        var (file, size, isOurs) = try openEvents()
        if size > 0, !isOurs, try file.read(at: size - 1, count: 1) != [UInt8(ascii: "\n")] {
            line.insert(UInt8(ascii: "\n"), at: 0)
        }
        // Should this fail half-way, the size tells the next append that there is a torn line.
        try file.write(line, at: size)
        size += Int64(line.count)
        events = Events(file: file, size: size)
        if isDurable { try file.sync() }
    }

    /// The events file, its size, and whether its end is a line that was written here.
    private mutating func openEvents() throws(PosixError) -> (any File, Int64, Bool) {
        if let events {
            let status = try events.file.status()
            if status.links > 0 { return (events.file, status.size, status.size == events.size) }
        }
        let file = try EventLines.openForAppending(persistence.eventsName, in: running)
        if isDurable { try running.sync() }
        return (file, try file.status().size, false)
    }

    /// Saves a state and tells the time of it, as `StatePersistence.save`: by another name and a rename.
    public mutating func save(_ state: inout LoopState) throws(PosixError) {
        state.updatedAt = persistence.clock().iso
        let (temporary, file) = try createTemporary()
        do {
            try file.write(state.serialized(), at: 0)
            try keepMode(of: file)
            if isDurable { try file.sync() }
            try file.close()
            try running.rename(temporary, into: running, as: persistence.stateName, .replacing)
            if isDurable { try running.sync() }
        } catch {
            _ = try? running.unlink(temporary)
            throw error
        }
    }

    /// Gives the first state the permissions of the one it replaces, and every later one those of the first.
    private mutating func keepMode(of file: any File) throws(PosixError) {
        let new = try file.status()
        if mode == nil {
            let old = try running.status(of: persistence.stateName)
            mode = old?.kind == .file ? old?.mode : new.mode
        }
        if let mode, mode != new.mode { try file.setAttributes(mode: mode, modified: new.modified) }
    }

    /// Creates a file under the kind of name that B's executor uses for it, which other readers leave alone.
    private mutating func createTemporary() throws(PosixError) -> (FileName, any File) {
        while true {
            temporaries &+= 1
            let digits = String(temporaries, radix: 16)
            let padded = String(repeating: "0", count: 8 - digits.utf8.count) + digits
            guard let name = FileName("tmp\(padded).tmp") else { continue }
            do {
                return (name, try running.createFile(name, mode: 0o666))
            } catch  where error.code == .exists {
                // Another process had the same number.
            }
        }
    }
}

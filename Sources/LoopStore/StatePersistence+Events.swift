public import LoopModel

extension StatePersistence {
    /// Appends an event as one line.
    ///
    /// Unlike in the specification, a torn last line is ended first, so that the event is not lost with it.
    ///
    /// - Throws: ENOENT where `initialize` was not called.
    public func append(_ event: LoopEvent) throws(PosixError) {
        try EventLines.append(event.line(), to: eventsName, in: existingRunning(for: eventsName))
    }

    /// Reads all events; empty where there is no file.
    ///
    /// Malformed lines are left out, and unlike in the specification also lines that are no objects, while undecodable
    /// bytes cost only the line that they are in.
    public func events() throws(PosixError) -> [LoopEvent] {
        guard let running = try running() else { return [] }
        return try EventLines.events(of: eventsName, in: running)
    }

    /// Removes the events file, where there is one.
    public func clearEvents() throws(PosixError) {
        try running()?.unlink(eventsName)
    }
}

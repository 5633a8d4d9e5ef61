public import LoopModel

extension StatePersistence {
    /// Saves a state and tells the time of it: `updatedAt` is set to now, also for the caller.
    ///
    /// The file is the old or the new one, never between: it is written under another name and renamed, which the
    /// specification's truncate-and-write is not. It is not fsynced. A link in its place is replaced, not followed.
    ///
    /// - Throws: ENOENT where `initialize` was not called.
    public func save(_ state: inout LoopState) throws(PosixError) {
        var writer = try writer()
        try writer.save(&state)
    }

    /// Loads the state.
    ///
    /// - Returns: nil where there is no file, and where its content is no state; then `warn` is told the file and the
    ///   reason, with the key where one is missing. The specification says nothing about a file that is not JSON and
    ///   fails on JSON that is no object.
    /// - Throws: what the system says of a file that it does not give.
    public func load() throws(PosixError) -> LoopState? {
        do {
            return try requireState()
        } catch {
            switch error {
            case .missing: return nil
            case .unreadable:
                warn(error)
                return nil
            case .system(let error): throw error
            }
        }
    }

    /// Loads the state, where the caller cannot go on without one.
    ///
    /// - Throws: why there is none, with file and key.
    public func requireState() throws(StateFileError) -> LoopState {
        let directory: (any Directory)?
        do {
            directory = try running()
        } catch {
            throw .system(error)
        }
        if let state = try directory.flatMap({ directory throws(StateFileError) in
            try StateFile.read(stateName, in: directory)
        }) {
            return state
        }
        throw .missing(path: stateFile)
    }

    /// Removes the state file, where there is one.
    public func clearState() throws(PosixError) {
        try running()?.unlink(stateName)
    }
}

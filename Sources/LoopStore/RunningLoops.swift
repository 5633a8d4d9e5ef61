public import LoopModel

/// What lies below `.loops/.running`.
public enum RunningLoops {
    /// The state of every loop that has one, in the order of the file names.
    ///
    /// What holds no state is left out, as the specification does for malformed JSON and missing keys; unlike there,
    /// JSON that is no object, undecodable bytes and directories or links of that name do not fail the list either.
    ///
    /// - Parameters:
    ///   - loopsDirectory: the path of the loops directory.
    ///   - warn: takes each file that was left out, with the reason.
    /// - Throws: what the system says of a directory that it does not list.
    public static func list(
        in loopsDirectory: String = ".loops",
        warn: StateFile.WarningHandler = { _ in }
    ) throws(PosixError) -> [LoopState] {
        guard let running = try LoopsDirectory.open(path: loopsDirectory)?.running() else { return [] }
        let suffix = Array(RunningName.stateSuffix.utf8)
        let names = try running.entries().map(\.name).filter { $0.bytes.suffix(suffix.count) == suffix[...] }
        var states: [LoopState] = []
        for name in names.sorted() {
            do {
                if let state = try StateFile.read(name, in: running) { states.append(state) }
            } catch {
                warn(error)
            }
        }
        return states
    }
}

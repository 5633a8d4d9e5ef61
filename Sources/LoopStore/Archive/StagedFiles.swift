import LoopModel

/// The files of a directory that waits for its name in the history, held open.
///
/// Whoever cleans up below `.loopsync` at that moment (`git clean`, for one) takes names; what is open stays.
struct StagedFiles {
    private let directory: any Directory
    private let files: [(name: FileName, file: any File)]

    /// - Throws: `SourceChanged` where one of them is gone already, so that the directory must not be published.
    init(_ names: some Sequence<FileName>, in directory: any Directory) throws {
        var files: [(name: FileName, file: any File)] = []
        for name in names {
            guard let file = try directory.openFile(name, for: .reading) else {
                throw SourceChanged(path: "\(directory.path)/\(name)")
            }
            files.append((name, file))
        }
        self.directory = directory
        self.files = files
    }

    /// Writes again what was taken before the directory got its name.
    ///
    /// RACE: who removes below an open directory (`rm -r`) may go on in this one after the look, until it has seen all
    /// entries that it read. `git clean` goes by paths, which lead nowhere by then. A kill of this process between the rename
    /// and this call, in the moment of such a cleaning, leaves the run in parts too. `verify` tells of both, and the next
    /// archive takes what is missing from `.running` or a pin, where it still is.
    func putBack() throws {
        var isWhole = true
        for (name, file) in files where try directory.status(of: name) == nil {
            _ = try OpenedContent([.open(file)]).copy(into: directory, as: name, isDurable: true)
            isWhole = false
        }
        if !isWhole { try directory.sync() }
    }
}

import LoopModel
package import LoopStore
package import RunCatalogue

/// `.loopsync/catalogue.sqlite`: opened where it is sound, made anew where it is not.
package enum CatalogueFile {
    private static let name = FileName(literal: "catalogue.sqlite")
    /// What SQLite keeps beside it.
    private static let companions = [
        FileName(literal: "catalogue.sqlite-wal"), FileName(literal: "catalogue.sqlite-shm"),
    ]

    /// Opens the catalogue of a loops directory, unless `LOOPSYNC_CATALOGUE=off` says to do without.
    ///
    /// - Parameters:
    ///   - isMakingPlace: whether `.loopsync` is made where it is missing. Who only looks makes none.
    ///   - tell: hears why it is built again, or not used.
    /// - Returns: nil where there can be none: then everything is done without.
    package static func open(
        _ loops: LoopsDirectory,
        isMakingPlace: Bool = false,
        tell: @escaping @Sendable (String) -> Void
    ) -> Catalogue? {
        guard Environment.value("LOOPSYNC_CATALOGUE") != "off" else { return nil }
        do throws(PosixError) {
            let own = isMakingPlace ? try loops.own() : try loops.root.subdirectory(.own)
            // SQLite knows paths alone: this one leads to the directory that is open, whatever became of its name. A
            // simulated disk has none, and so no catalogue.
            guard let own = own as? PosixDirectory else { return nil }
            let path = "/proc/self/fd/\(own.rawDescriptor)/\(name)"
            // The second look is at what was just made.
            for _ in 0..<2 {
                switch try look(own, path, tell) {
                case .open(let catalogue): return catalogue
                case .none: return nil
                case .worthless(let status, let why):
                    guard try replace(status, in: own) else { return nil }
                    if let why { tell("the catalogue \(own.path)/\(name) is built again: \(why)") }
                }
            }
        } catch {
            tell("\(error): the catalogue is not used, the files are read instead")
        }
        return nil
    }

    /// Deletes the catalogue, so that the next one who opens it builds it again.
    ///
    /// - Returns: false where another process is about to do the same.
    package static func delete(_ loops: LoopsDirectory) throws(PosixError) -> Bool {
        guard let own = try loops.root.subdirectory(.own) else { return true }
        return try replace(own.status(of: name), in: own)
    }

    /// The file's status; nil where there is none.
    static func status(_ loops: LoopsDirectory) throws(PosixError) -> FileStatus? {
        try loops.root.subdirectory(.own)?.status(of: name)
    }

    private enum Sight {
        case open(Catalogue)
        case none
        case worthless(FileStatus?, String?)
    }

    private static func look(
        _ own: PosixDirectory,
        _ path: String,
        _ tell: @escaping @Sendable (String) -> Void
    ) throws(PosixError) -> Sight {
        guard let status = try own.status(of: name) else { return .worthless(nil, nil) }
        // A link, or a second name of somebody's own file, is not ours to write to.
        guard status.kind == .file, status.links == 1 else { return .worthless(status, "it is no file of its own") }
        do {
            let catalogue = try Catalogue(path: path, way: own, tell: tell)
            // Where another process has put a new file there meanwhile, this one is nobody's any more.
            return try own.status(of: name)?.identity == status.identity ? .open(catalogue) : .none
        } catch let error as CatalogueError {
            switch error {
            case .worthless(let why): return .worthless(status, why)
            case .unavailable(let why):
                tell("the catalogue \(own.path)/\(name) is not used, the files are read instead: \(why)")
                return .none
            }
        } catch {
            throw error as? PosixError ?? PosixError(call: "open", path: "\(own.path)/\(name)", code: .inputOutput)
        }
    }

    /// Puts an empty file in the place of one that is worth nothing.
    ///
    /// - Returns: false where another process does, or did.
    private static func replace(_ old: FileStatus?, in own: any Directory) throws(PosixError) -> Bool {
        guard let lock = try own.tryLock(.exclusive) else { return false }
        defer { withExtendedLifetime(lock) {} }
        guard try own.status(of: name)?.identity == old?.identity else { return true }
        // First the file, by which others see that theirs is nobody's; then what SQLite would take for the new one's.
        try own.unlink(name)
        for companion in companions { try own.unlink(companion) }
        try own.createFile(name, mode: 0o600).close()
        return true
    }
}

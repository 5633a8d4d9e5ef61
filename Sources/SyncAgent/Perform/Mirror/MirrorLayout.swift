package import LoopModel
import LoopStore

/// The names in a mirror that are not a loops directory's own.
extension FileName {
    package static let mirrorMarker = FileName(literal: ".loopsync-mirror")
    package static let mirrorScratch = FileName(literal: ".loopsync-tmp")
    package static let mirrorConflicts = FileName(literal: ".conflicts")
    package static let mirrorTrash = FileName(literal: ".loopsync-trash")
    /// In `.loops/.loopsync/`: what is remembered of the mirror.
    static let mirrorMemory = FileName(literal: "mirror.json")

    /// The name with a tail, cut so that it stays a file name.
    func appending(_ tail: String) -> FileName {
        FileName(bytes.prefix(255 - tail.utf8.count) + Array(tail.utf8)) ?? self
    }
}

extension Directory {
    /// Opens a directory by its path below this one; nil where a part is missing.
    func descend(_ path: some Sequence<FileName>) throws(PosixError) -> (any Directory)? {
        var directory: any Directory = self
        for name in path {
            guard let next = try directory.subdirectory(name) else { return nil }
            directory = next
        }
        return directory
    }

    /// Opens a directory by its path below this one, making what is missing durably.
    func ensure(_ path: some Sequence<FileName>, mode: UInt32? = nil) throws(PosixError) -> any Directory {
        var directory: any Directory = self
        for name in path {
            if let next = try directory.subdirectory(name) {
                directory = next
            } else {
                let next = try directory.ensureDirectory(name, mode: mode)
                try directory.sync()
                directory = next
            }
        }
        return directory
    }
}

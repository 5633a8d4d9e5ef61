import LoopModel
import LoopStore
import SyncCore

extension LiveEventsFile {
    /// Begins to copy the source from its first byte, to replace whatever has the destination's name.
    func start(
        _ source: any File,
        _ status: FileStatus,
        _ root: any Directory,
        _ includingTornLine: Bool
    ) throws(PosixError) -> Progress {
        try? destination?.close()
        destination = nil
        let scratch = try site.scratch.open(in: root)
        let name = site.freshName()
        let file = try scratch.createFile(name, mode: 0o600)
        copy = Copy(source: status.identity, file: file, name: name, scratch: scratch, offset: 0)
        return try goOn(source, status, root, includingTornLine)
    }

    /// Copies the next pieces, and publishes the copy when it has caught up.
    func goOn(
        _ source: any File,
        _ status: FileStatus,
        _ root: any Directory,
        _ includingTornLine: Bool
    ) throws(PosixError) -> Progress {
        guard var copy else { return .unchanged }
        do {
            let end =
                try includingTornLine
                ? status.size : source.endOfLines(after: copy.offset, upTo: status.size) ?? copy.offset
            for _ in 0..<Self.piecesPerCall where copy.offset < end {
                let bytes = try source.read(at: copy.offset, count: Int(min(Int64(Self.piece), end - copy.offset)))
                guard !bytes.isEmpty else { break }
                try copy.file.write(bytes, at: copy.offset)
                copy.offset += Int64(bytes.count)
            }
            self.copy = copy
            if copy.offset < end { return .more }
            try publish(copy, source, status, root)
            return .wrote(copy.offset)
        } catch {
            discard(copy)
            tail = nil
            throw error
        }
    }

    private func publish(
        _ copy: Copy,
        _ source: any File,
        _ status: FileStatus,
        _ root: any Directory
    ) throws(PosixError) {
        try copy.file.setAttributesIfPossible(mode: status.mode, modified: status.modified)
        let directory = try site.directory(of: stem, in: root, making: true)
        let line = try source.firstLine(limit: 1 << 16)
        try site.makeWay(for: name, stem, in: directory, root, seal: tail?.seal, firstLine: line)
        try copy.scratch.rename(copy.name, into: directory, as: name, .replacing)
        destination = copy.file
        let start = max(0, copy.offset - Self.remembered)
        tail = Tail(
            source: status.identity,
            offset: copy.offset,
            searched: copy.offset,
            memory: try copy.file.read(at: start, count: Int(copy.offset - start)),
            seal: Seal(try copy.file.status()),
            mode: status.mode
        )
        self.copy = nil
    }

    func discard(_ copy: Copy) {
        self.copy = nil
        try? copy.file.close()
        _ = try? copy.scratch.unlink(copy.name)
    }

    /// Removes the destination, since its source is gone.
    func remove(in root: any Directory) throws(PosixError) {
        let seal = tail?.seal
        forget()
        guard let directory = try site.directory(of: stem, in: root) else { return }
        try site.makeWay(for: name, stem, in: directory, root, seal: seal, firstLine: nil)
        try directory.unlink(name)
    }
}

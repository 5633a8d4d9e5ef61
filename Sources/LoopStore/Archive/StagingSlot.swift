package import LoopModel

/// One place in the staging area.
package struct StagingSlot: Sendable {
    package let parent: any Directory
    package let name: FileName
    package let directory: any Directory
    /// The history that the slot is for.
    let history: any Directory
    /// Whether it lies inside the history.
    let isInside: Bool

    /// Says for which run's directory a slot has taken in what is no file: a person's directory, a link.
    private static let home = FileName(literal: "home")

    /// Removes it with all that is in it, but for what belongs to a run and cannot be given back to it.
    ///
    /// What cannot be removed is left for the next agent's start.
    package func remove() {
        _ = try? Self.clear(name, in: parent, for: history)
        // Fails while another slot is there, which is as it should be.
        if isInside { _ = try? history.removeDirectory(.own) }
    }

    /// Writes down whose directory is about to come in here, so that a process that dies does not take along what
    /// stands nowhere else.
    func noteHome(_ place: RunPlace) throws(PosixError) {
        guard try directory.status(of: Self.home) == nil else { return }
        let file = try directory.createFile(Self.home, mode: 0o600)
        try file.write(Array(place.components.map(\.bytes).joined(separator: [UInt8(ascii: "/")])), at: 0)
        try file.sync()
        try file.close()
        try directory.sync()
    }

    /// Removes a slot, after whatever is no file in it went back to its run.
    ///
    /// - Returns: false where the run has gone; the slot stays then.
    @discardableResult
    static func clear(_ name: FileName, in parent: any Directory, for history: (any Directory)?) throws(PosixError)
        -> Bool
    {
        if try parent.status(of: name)?.kind == .directory, let slot = try parent.subdirectory(name),
            let bytes = try slot.contents(of: home, limit: 1 << 12)
        {
            for entry in try slot.entries() where entry.kind == .directory {
                guard let retired = try slot.subdirectory(entry.name) else { continue }
                let others = try retired.entries().filter { $0.kind != .file }
                if others.isEmpty { continue }
                guard let history, let place = RunPlace(homeBytes: bytes),
                    let run = try HistoryScan.directory(of: place, in: history)
                else { return false }
                for other in others { try retired.move(other.name, into: run) }
                try run.sync()
            }
        }
        try parent.removeTree(name)
        return true
    }
}

extension RunPlace {
    fileprivate init?(homeBytes bytes: [UInt8]) {
        let names = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { FileName($0) }
        switch (names.count, names.first ?? nil, names.last ?? nil) {
        case (1, let run?, _): self.init(flat: run)
        case (2, let loop?, let run?): self.init(loop: loop, run: run)
        default: return nil
        }
    }
}

extension Directory {
    /// Moves an entry, under a free name where its own is taken there; nothing where it has gone.
    func move(_ name: FileName, into target: any Directory) throws(PosixError) {
        var number = 0
        while let free = number == 0 ? name : Beside.name(name, number) {
            do throws(PosixError) {
                return try rename(name, into: target, as: free, .notReplacing)
            } catch  where error.code == .exists || error.code == .notEmpty {
                number += 1
            } catch  where error.code == .noEntry {
                return
            }
        }
        throw PosixError(call: "rename", path: "\(path)/\(name)", code: .nameTooLong)
    }
}

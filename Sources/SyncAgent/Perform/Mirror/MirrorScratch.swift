import LoopModel
package import LoopStore

/// Where in a mirror files and runs are put together before one rename publishes them.
///
/// Each process has a directory of its own there, named by machine, process and a word that no other process of that
/// number has, so that what a dead one left is known for what it is: worthless.
package struct MirrorScratch: Sendable {
    private let name: FileName
    private let machine: String
    private let process: Int32
    private let session: String

    /// What tells this process from an earlier one of its number; in a container that is often the same.
    package static let thisSession = String(ThisMachine.randomIdentifier().prefix(8))

    /// The scratch directory of one process.
    package init(machine: String, process: Int32, session: String = MirrorScratch.thisSession) {
        self.machine = machine.isEmpty ? "local" : String(machine.prefix(8))
        self.process = process
        self.session = session
        name = FileName("\(self.machine)-\(process)-\(session)") ?? FileName(literal: "local")
    }

    /// Opens this process's scratch directory in a mirror, making it where it is missing.
    package func open(in root: any Directory) throws(PosixError) -> any Directory {
        if let there = try root.descend([.mirrorScratch, name]) { return there }
        return try root.ensureDirectory(.mirrorScratch, mode: 0o700).ensureDirectory(name, mode: 0o700)
    }

    /// Discards what dead processes left.
    ///
    /// - Parameters:
    ///   - now: another machine's leftovers go after a day, since nobody can ask whether its process lives.
    package func discardLeftovers(
        in root: any Directory,
        now: Int64,
        isAlive: (Int32) -> Bool
    ) throws(PosixError) {
        guard let scratch = try root.subdirectory(.mirrorScratch) else { return }
        for entry in try scratch.entries() {
            let text = String(decoding: entry.name.bytes, as: UTF8.self)
            let parts = text.split(separator: "-")
            if parts.count == 3, parts[0] == machine, let owner = Int32(parts[1]) {
                guard owner == process ? parts[2] != session : !isAlive(owner) else { continue }
            } else {
                guard let status = try scratch.status(of: entry.name) else { continue }
                guard now - status.modified > 86_400_000_000_000 else { continue }
            }
            try scratch.removeTree(entry.name)
        }
    }
}

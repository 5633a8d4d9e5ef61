import LoopModel
import LoopStore

/// The calls of an executor on its loops directory, by path and one at a time, without the agent's caution.
final class ExecutorFiles {
    let disk: SimulatedDisk
    let loops: Inode

    init(disk: SimulatedDisk, loops: Inode) {
        self.disk = disk
        self.loops = loops
    }

    func name(_ stem: String, _ suffix: String) -> FileName {
        FileName(stem + suffix) ?? FileName(literal: "invalid")
    }

    func name(_ text: String) -> FileName { name(text, "") }

    var running: Inode? { loops.entries[.running] }
    var history: Inode? { loops.entries[.history] }

    func existing(_ directory: Inode?, _ path: String) throws(PosixError) -> Inode {
        guard let directory else { throw PosixError(call: "open", path: path, code: .noEntry) }
        return directory
    }

    @discardableResult
    func makeDirectory(_ name: FileName, in parent: Inode) -> Inode {
        if let there = parent.entries[name] { return there }
        let made = disk.make(.directory, mode: 0o755)
        disk.add(made, to: parent, as: name)
        return made
    }

    /// Opens for writing and empties: the first half of a write in place.
    func truncate(_ name: FileName, in directory: Inode, mode: UInt32 = 0o644) throws(PosixError) -> Inode {
        guard directory.links > 0 else {
            throw PosixError(call: "open", path: "\(name)", code: .noEntry)
        }
        if let there = directory.entries[name] {
            there.isOurs = false
            disk.truncate(there, to: 0, knownAs: (directory, name))
            return there
        }
        let made = disk.make(.file, mode: mode)
        disk.add(made, to: directory, as: name)
        return made
    }

    func write(_ bytes: [UInt8], to file: Inode, named name: FileName, in directory: Inode) {
        disk.write(bytes, to: file, at: 0, knownAs: (directory, name))
    }

    /// Opens for appending, making the file where it is missing, and writes once.
    func append(_ bytes: [UInt8], to text: String, of run: SimulatedRun) throws(PosixError) {
        let directory = try existing(running, ".running")
        let name = name(text)
        let file = if let there = directory.entries[name] { there } else { try truncate(name, in: directory) }
        file.owner = run
        disk.write(bytes, to: file, at: file.bytes.count, knownAs: (directory, name))
    }

    func unlink(_ text: String) {
        guard let running else { return }
        disk.remove(name(text), from: running)
    }

    /// Whether anything tells the process of a run, alive or dead.
    func hasToken(_ stem: String) -> Bool {
        [".pid", ".lock"].contains { running?.entries[name(stem, $0)] != nil }
    }

    // MARK: The lock

    /// Takes the flock on `.acquire.lock` for a process; false while another has it.
    func lock(_ process: SimulatedProcess) throws(PosixError) -> Bool {
        let directory = try existing(running, ".running")
        let name = FileName(literal: ".acquire.lock")
        let file = if let there = directory.entries[name] { there } else { try truncate(name, in: directory) }
        let me = ObjectIdentifier(process)
        guard file.exclusiveHolder == nil || file.exclusiveHolder == me else { return false }
        file.exclusiveHolder = me
        return true
    }

    func unlock(_ process: SimulatedProcess) {
        guard let file = running?.entries[FileName(literal: ".acquire.lock")],
            file.exclusiveHolder == ObjectIdentifier(process)
        else { return }
        file.exclusiveHolder = nil
    }
}

import LoopModel
import LoopStore

/// What one process does with the simulated disk, call by call.
protocol SimulatedCaller: AnyObject {
    var disk: SimulatedDisk { get }
    /// Comes before each call: others may act first, and the call may be refused.
    func will(_ call: SimulatedCall) throws(PosixError)
    /// Comes after each call that changed something.
    func did(_ call: SimulatedCall)
    /// The process took a lock, which ends with it.
    func took(_ lock: Inode)
    /// Lets time pass.
    func rest(milliseconds: Int32)
}

/// Where a file or directory was opened, spelled out only for somebody who reads it.
indirect enum SimulatedPath: CustomStringConvertible {
    case top(String)
    case below(SimulatedPath, FileName)

    var description: String {
        switch self {
        case .top(let path): path
        case .below(let directory, let name): "\(directory)/\(name)"
        }
    }
}

/// One call of a process.
struct SimulatedCall {
    enum Name: String {
        case readdir, fstat, stat, open, mkdir, create, link, rename, unlink, rmdir, fsync, syncfs, flock, statfs
        case read, write, truncate, chmod
    }

    var name: Name
    var directory: Inode?
    var path: SimulatedPath
    /// The entry it is about, where it is about one.
    var entry: FileName?
    var target: (directory: Inode, name: FileName)?
    var file: Inode?
    /// What had the name to which something was moved.
    var replaced: Inode?
    /// Whether it changes anything.
    var isChange: Bool
}

/// An open directory of the simulated disk.
final class SimulatedDirectory: Directory, @unchecked Sendable {  // confined to the simulation's thread
    let caller: any SimulatedCaller
    let inode: Inode
    private let place: SimulatedPath
    private var isLockHolder = false

    init(_ caller: any SimulatedCaller, _ inode: Inode, _ place: SimulatedPath) {
        self.caller = caller
        self.inode = inode
        self.place = place
        caller.disk.opened(inode)
    }

    deinit {
        caller.disk.closed(inode)
        guard isLockHolder else { return }
        if inode.exclusiveHolder == ObjectIdentifier(self) { inode.exclusiveHolder = nil }
        inode.sharedHolders.remove(ObjectIdentifier(self))
    }

    private var disk: SimulatedDisk { caller.disk }
    var path: String { "\(place)" }

    private func look(_ call: SimulatedCall.Name, _ name: FileName? = nil) throws(PosixError) {
        try caller.will(SimulatedCall(name: call, directory: inode, path: place, entry: name, isChange: false))
    }

    private func change(
        _ call: SimulatedCall.Name,
        _ name: FileName? = nil,
        target: (Inode, FileName)? = nil,
        file: Inode? = nil,
        _ body: () throws(PosixError) -> Void
    ) throws(PosixError) {
        var call = SimulatedCall(
            name: call,
            directory: inode,
            path: place,
            entry: name,
            target: target,
            file: file,
            isChange: true
        )
        try caller.will(call)
        call.replaced = target.flatMap { $0.0.entries[$0.1] }
        try body()
        caller.did(call)
    }

    private func failure(_ call: String, _ name: FileName, _ code: PosixError.Code) -> PosixError {
        PosixError(call: call, path: "\(path)/\(name)", code: code)
    }

    private func isWritable(_ call: String, _ directory: Inode, _ name: FileName) throws(PosixError) {
        // A directory that was removed takes nothing in.
        if directory.links == 0 { throw failure(call, name, .noEntry) }
    }

    func entries() throws(PosixError) -> [DirectoryEntry] {
        try look(.readdir)
        inode.listed = disk.now
        if Defect.pinsIgnored.isMade, path.hasSuffix("pins") { return [] }
        if Defect.leftoversKept.isMade, path.hasSuffix("staging") { return [] }
        return inode.sortedEntries.map { DirectoryEntry(name: $0.name, kind: $0.inode.kind) }
    }

    func status() throws(PosixError) -> FileStatus {
        try look(.fstat)
        return disk.status(inode)
    }

    func status(of name: FileName) throws(PosixError) -> FileStatus? {
        try look(.stat, name)
        return inode.entries[name].map(disk.status)
    }

    func subdirectory(_ name: FileName, followingLink: Bool) throws(PosixError) -> (any Directory)? {
        try look(.open, name)
        guard let found = inode.entries[name] else { return nil }
        guard found.isDirectory else { throw failure("open", name, .notDirectory) }
        return SimulatedDirectory(caller, found, .below(place, name))
    }

    func makeDirectory(_ name: FileName, mode: UInt32) throws(PosixError) -> Bool {
        if inode.entries[name] != nil {
            try look(.mkdir, name)
            return inode.entries[name] == nil ? try makeDirectory(name, mode: mode) : false
        }
        var isMade = false
        try change(.mkdir, name) { () throws(PosixError) in
            try isWritable("mkdir", inode, name)
            guard inode.entries[name] == nil else { return }
            let made = disk.make(.directory, mode: mode)
            made.isOurs = true
            disk.add(made, to: inode, as: name)
            isMade = true
        }
        return isMade
    }

    func openFile(_ name: FileName, for access: FileAccess) throws(PosixError) -> (any File)? {
        try look(.open, name)
        guard let found = inode.entries[name] else { return nil }
        guard found.kind == .file else { throw failure("open", name, .isDirectory) }
        return SimulatedFile(caller, found, place: (inode, name), .below(place, name), access)
    }

    func createFile(_ name: FileName, mode: UInt32) throws(PosixError) -> any File {
        var made: SimulatedFile?
        try change(.create, name) { () throws(PosixError) in
            try isWritable("open", inode, name)
            guard inode.entries[name] == nil else { throw failure("open", name, .exists) }
            let file = disk.make(.file, mode: mode)
            file.isOurs = true
            disk.add(file, to: inode, as: name)
            made = SimulatedFile(caller, file, place: (inode, name), .below(place, name), .writing)
        }
        guard let made else { throw failure("open", name, .inputOutput) }
        return made
    }

    func link(_ name: FileName, into target: any Directory, as newName: FileName) throws(PosixError) {
        guard let target = target as? SimulatedDirectory else { throw failure("link", name, .crossDevice) }
        try change(.link, name, target: (target.inode, newName)) { () throws(PosixError) in
            try isWritable("link", target.inode, newName)
            guard let file = inode.entries[name] else { throw failure("link", name, .noEntry) }
            guard target.inode.entries[newName] == nil else { throw failure("link", name, .exists) }
            guard !file.isDirectory else { throw failure("link", name, .notPermitted) }
            disk.add(file, to: target.inode, as: newName)
        }
    }

    func rename(
        _ name: FileName,
        into target: any Directory,
        as newName: FileName,
        _ mode: RenameMode
    ) throws(PosixError) {
        guard let target = target as? SimulatedDirectory else { throw failure("rename", name, .crossDevice) }
        try change(.rename, name, target: (target.inode, newName)) { () throws(PosixError) in
            try isWritable("rename", target.inode, newName)
            guard let moved = inode.entries[name] else { throw failure("rename", name, .noEntry) }
            guard !target.inode.isWithin(moved) else { throw failure("rename", name, .invalid) }
            let there = target.inode.entries[newName]
            switch mode {
            case .exchanging:
                guard there != nil else { throw failure("rename", name, .noEntry) }
                disk.exchange(name, of: inode, with: newName, of: target.inode)
                return
            case .notReplacing where there != nil:
                throw failure("rename", name, .exists)
            case .replacing, .notReplacing:
                break
            }
            if let there, there !== moved {
                if there.isDirectory, !moved.isDirectory { throw failure("rename", name, .isDirectory) }
                if !there.isDirectory, moved.isDirectory { throw failure("rename", name, .notDirectory) }
                if !there.entries.isEmpty { throw failure("rename", name, .notEmpty) }
            }
            disk.move(name, from: inode, to: target.inode, as: newName)
        }
    }

    func unlink(_ name: FileName) throws(PosixError) -> Bool {
        guard inode.entries[name] != nil else {
            try look(.unlink, name)
            return inode.entries[name] == nil ? false : try unlink(name)
        }
        var isGone = false
        try change(.unlink, name, file: inode.entries[name]) { () throws(PosixError) in
            guard let there = inode.entries[name] else { return }
            guard !there.isDirectory else { throw failure("unlink", name, .isDirectory) }
            disk.remove(name, from: inode)
            isGone = true
        }
        return isGone
    }

    func removeDirectory(_ name: FileName) throws(PosixError) -> Bool {
        guard inode.entries[name] != nil else {
            try look(.rmdir, name)
            return false
        }
        var isGone = false
        try change(.rmdir, name) { () throws(PosixError) in
            guard let there = inode.entries[name] else { return }
            guard there.isDirectory else { throw failure("rmdir", name, .notDirectory) }
            guard there.entries.isEmpty else { throw failure("rmdir", name, .notEmpty) }
            disk.remove(name, from: inode)
            isGone = true
        }
        return isGone
    }

    func sync() throws(PosixError) {
        try change(.fsync) { () throws(PosixError) in
            if !Defect.notSynced.isMade, !Defect.directoriesNotSynced.isMade { disk.sync(inode) }
        }
    }

    func syncFileSystem() throws(PosixError) {
        try change(.syncfs) { () throws(PosixError) in
            if !Defect.notSynced.isMade { disk.syncAll() }
        }
    }

    func tryLock(_ mode: LockMode) throws(PosixError) -> (any Directory)? {
        try look(.flock)
        guard inode.exclusiveHolder == nil, mode == .shared || inode.sharedHolders.isEmpty else { return nil }
        let copy = SimulatedDirectory(caller, inode, place)
        copy.isLockHolder = true
        caller.took(inode)
        switch mode {
        case .exclusive: inode.exclusiveHolder = ObjectIdentifier(copy)
        case .shared: inode.sharedHolders.insert(ObjectIdentifier(copy))
        }
        return copy
    }

    func freeBytes() throws(PosixError) -> Int64 {
        try look(.statfs)
        return 1 << 40
    }

    func rest(milliseconds: Int32) { caller.rest(milliseconds: milliseconds) }
}

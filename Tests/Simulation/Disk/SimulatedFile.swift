import LoopModel
import LoopStore

/// An open file of the simulated disk.
final class SimulatedFile: File, @unchecked Sendable {  // confined to the simulation's thread
    private let caller: any SimulatedCaller
    let inode: Inode
    /// The name by which it was opened, under which inotify tells of it.
    private let place: (directory: Inode, name: FileName)
    private let opened: SimulatedPath
    private let access: FileAccess
    private var isClosed = false

    init(
        _ caller: any SimulatedCaller,
        _ inode: Inode,
        place: (Inode, FileName),
        _ opened: SimulatedPath,
        _ access: FileAccess
    ) {
        self.caller = caller
        self.inode = inode
        self.place = place
        self.opened = opened
        self.access = access
        caller.disk.opened(inode)
    }

    deinit { release() }

    var path: String { "\(opened)" }

    private func release() {
        guard !isClosed else { return }
        isClosed = true
        if inode.exclusiveHolder == ObjectIdentifier(self) { inode.exclusiveHolder = nil }
        caller.disk.closed(inode)
    }

    private func look(_ call: SimulatedCall.Name) throws(PosixError) {
        guard !isClosed else { throw failure("\(call.rawValue)", .badDescriptor) }
        try caller.will(SimulatedCall(name: call, path: opened, file: inode, isChange: false))
    }

    private func change(_ call: SimulatedCall.Name, _ body: () throws(PosixError) -> Void) throws(PosixError) {
        guard !isClosed else { throw failure("\(call.rawValue)", .badDescriptor) }
        let call = SimulatedCall(
            name: call,
            directory: place.directory,
            path: opened,
            entry: place.name,
            file: inode,
            isChange: true
        )
        try caller.will(call)
        try body()
        caller.did(call)
    }

    private func failure(_ call: String, _ code: PosixError.Code) -> PosixError {
        PosixError(call: call, path: path, code: code)
    }

    func status() throws(PosixError) -> FileStatus {
        try look(.fstat)
        return caller.disk.status(inode)
    }

    func read(at offset: Int64, count: Int) throws(PosixError) -> [UInt8] {
        try look(.read)
        if offset == 0, count >= inode.bytes.count { inode.isRead = true }
        guard offset < inode.bytes.count else { return [] }
        return Array(inode.bytes[Int(offset)...].prefix(count))
    }

    func write(_ bytes: some Collection<UInt8>, at offset: Int64) throws(PosixError) {
        guard access != .reading else { throw failure("write", .badDescriptor) }
        let bytes = Array(bytes)
        // A large or unlucky write comes in two pieces, with a moment between in which the process may die.
        let half = bytes.count / 2
        for piece in [bytes[..<half], bytes[half...]] where !piece.isEmpty {
            try change(.write) { () throws(PosixError) in
                let start = access == .appending ? inode.bytes.count : Int(offset) + piece.startIndex
                caller.disk.write(Array(piece), to: inode, at: start, knownAs: place)
            }
        }
    }

    func truncate(to size: Int64) throws(PosixError) {
        try change(.truncate) { () throws(PosixError) in
            caller.disk.truncate(inode, to: Int(size), knownAs: place)
        }
    }

    func setAttributes(mode: UInt32, modified: Int64) throws(PosixError) {
        try change(.chmod) { () throws(PosixError) in
            inode.mode = mode
            inode.modified = modified
            inode.changed = caller.disk.stamp
        }
    }

    func sync() throws(PosixError) {
        try change(.fsync) { () throws(PosixError) in
            if !Defect.notSynced.isMade { caller.disk.sync(inode) }
        }
    }

    func tryLock() throws(PosixError) -> Bool {
        try look(.flock)
        if let holder = inode.exclusiveHolder { return holder == ObjectIdentifier(self) }
        inode.exclusiveHolder = ObjectIdentifier(self)
        caller.took(inode)
        return true
    }

    func close() throws(PosixError) {
        guard !isClosed else { throw failure("close", .badDescriptor) }
        release()
    }
}

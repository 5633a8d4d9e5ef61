import LoopModel
package import LoopStore
package import SyncCore

/// What the mirror asks of the world besides files: the simulation gives its own answers.
package struct MirrorEnvironment: Sendable {
    /// Opens the sync directory by the path that a person gave; nil where there is none.
    package var open: @Sendable (String) throws(PosixError) -> (any Directory)?
    /// The file system of an open directory, for messages.
    package var fileSystem: @Sendable (any Directory, FileStatus) -> FileSystemSeen
    /// A new random id.
    package var makeID: @Sendable () -> String
    /// This process's number.
    package var process: Int32
    /// Whether a process of this machine lives.
    package var isAlive: @Sendable (Int32) -> Bool
    /// How long to wait for another one who makes the mirror, in seconds.
    package var patience = 5.0

    /// An environment out of its parts.
    package init(
        open: @escaping @Sendable (String) throws(PosixError) -> (any Directory)?,
        fileSystem: @escaping @Sendable (any Directory, FileStatus) -> FileSystemSeen,
        makeID: @escaping @Sendable () -> String,
        process: Int32,
        isAlive: @escaping @Sendable (Int32) -> Bool
    ) {
        self.open = open
        self.fileSystem = fileSystem
        self.makeID = makeID
        self.process = process
        self.isAlive = isAlive
    }

    /// The real system.
    package static func system(process: Int32) -> MirrorEnvironment {
        MirrorEnvironment(
            open: { (path) throws(PosixError) -> (any Directory)? in try PosixDirectory.open(path: path) },
            fileSystem: { directory, status in
                FileSystemSeen(
                    device: status.identity.device,
                    type: FileSystemKind.name(of: directory),
                    mountPoint: FileSystemKind.mountPoint(device: status.identity.device, path: directory.path)
                )
            },
            makeID: ThisMachine.randomIdentifier,
            process: process,
            isAlive: ThisMachine.isAlive
        )
    }
}

extension MirrorOwner {
    /// This machine and user as the owner of a `.loops`.
    ///
    /// - Parameter loopsPath: its absolute path without links, so that it is the same however it was typed.
    package static func current(loopsPath: String) -> MirrorOwner {
        MirrorOwner(
            machine: ThisMachine.identifier(),
            host: ThisMachine.hostName(),
            user: ThisMachine.userName(),
            loopsPath: loopsPath
        )
    }
}

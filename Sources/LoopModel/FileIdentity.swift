/// What tells one file from the next one that gets its inode number.
///
/// Executors unlink and create within milliseconds and file systems hand out a free inode number at once, so that the
/// number alone names a place, not a file.
public struct FileIdentity: Hashable, Sendable {
    /// The device number of the file system.
    public var device: UInt64
    /// The inode number.
    public var inode: UInt64
    /// When the inode came to be, in nanoseconds since the epoch; 0 where the file system keeps no birth time.
    public var birth: Int64

    /// Names a file by device, inode and birth time.
    public init(device: UInt64, inode: UInt64, birth: Int64) {
        self.device = device
        self.inode = inode
        self.birth = birth
    }
}

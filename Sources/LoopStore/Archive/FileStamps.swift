package import LoopModel

/// What is remembered of a directory and its files, to tell by a stat of each that nothing changed.
///
/// A change of content sets a file's change time, which no program can choose, and a change of the list the directory's.
/// The bytes: for the directory its device, inode, times of modification and change; then for each file its inode, size,
/// bytes on the disk and both times; each a little-endian number of 64 bits.
package struct FileStamps: Hashable, Sendable {
    package let bytes: [UInt8]
    /// How many of them are the directory's.
    package static let directoryLength = 32
    /// How many of them are a file's.
    private static let fileLength = 40
    /// The last change of all, in nanoseconds since the epoch.
    package let lastChange: Int64

    /// - Parameters:
    ///   - directory: the directory's status.
    ///   - files: those of its entries, in an order that is kept.
    package init(_ directory: FileStatus, _ files: some Sequence<FileStatus>) {
        var numbers = [
            Int64(bitPattern: directory.identity.device), Int64(bitPattern: directory.identity.inode),
            directory.modified, directory.changed,
        ]
        var last = max(directory.modified, directory.changed)
        for file in files {
            numbers += [Int64(bitPattern: file.identity.inode), file.size, file.allocated, file.modified, file.changed]
            last = max(last, file.changed)
        }
        bytes = numbers.withUnsafeBytes { Array($0) }
        lastChange = last
    }

    /// Looks at a directory and at entries that it had.
    ///
    /// - Parameters:
    ///   - path: the way to it, component by component.
    ///   - names: the entries.
    /// - Returns: nil where one of them is not there any more.
    package static func now(of path: [FileName], _ names: [FileName], in history: any Directory) throws(PosixError)
        -> FileStamps?
    {
        let found = try history.statuses(below: path, names)
        guard let directory = found[0], directory.kind == .directory else { return nil }
        let files = found.dropFirst().compactMap(\.self)
        return files.count == names.count ? FileStamps(directory, files) : nil
    }

    /// The bytes of fewer entries than these.
    ///
    /// - Parameters:
    ///   - bytes: those of a directory with some entries.
    ///   - names: of all entries, in their order.
    ///   - kept: some of the names, in the same order.
    package static func bytes(_ bytes: [UInt8], of names: [FileName], keeping kept: [FileName]) -> [UInt8] {
        guard kept.count < names.count else { return bytes }
        var some = Array(bytes.prefix(directoryLength))
        var left = kept[...]
        for (number, name) in names.enumerated() where name == left.first {
            left = left.dropFirst()
            some += bytes.dropFirst(directoryLength + number * fileLength).prefix(fileLength)
        }
        return some
    }

    /// Whether a change after these were taken would show, as far as the file system's clock is fine enough.
    ///
    /// Times of files tick every few milliseconds, those of some file systems every two seconds: two changes of one tick
    /// look like one. A time without a fraction is taken for a coarse one, and one in the future proves nothing.
    ///
    /// - Parameters:
    ///   - now: when they were taken, in nanoseconds since the epoch.
    ///   - quiet: for how long nothing must have changed besides.
    package func areSettled(at now: Int64, quiet: Int64 = 0) -> Bool {
        let tick: Int64 = lastChange % 1_000_000_000 == 0 ? 3_000_000_000 : 100_000_000
        return now &- lastChange > max(tick, quiet)
    }
}

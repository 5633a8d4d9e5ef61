import Glibc
import LoopModel
import LoopStore

/// What happens to files that nobody should touch.
extension Disk {
    /// Flips one bit of a file where it stands, counted from the first byte's lowest.
    package static func flip(bit: Int, of path: String) throws {
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { throw TestSupportError("open \(path): \(errnoText())") }
        defer { close(file) }
        var byte: UInt8 = 0
        guard pread(file, &byte, 1, bit / 8) == 1 else { throw TestSupportError("\(path) has no bit \(bit)") }
        byte ^= 1 << (bit % 8)
        guard pwrite(file, &byte, 1, bit / 8) == 1 else { throw TestSupportError("write \(path): \(errnoText())") }
    }

    /// Cuts a file.
    package static func cut(_ path: String, to size: Int) throws {
        guard truncate(path, size) == 0 else { throw TestSupportError("truncate \(path): \(errnoText())") }
    }

    /// Lets two entries change places.
    package static func swap(_ one: String, _ other: String) throws {
        let (left, right) = (try Entry(one), try Entry(other))
        try left.directory.rename(left.name, into: right.directory, as: right.name, .exchanging)
    }

    private struct Entry {
        let directory: PosixDirectory
        let name: FileName

        init(_ path: String) throws {
            guard let cut = path.lastIndex(of: "/"), let name = FileName(String(path[path.index(after: cut)...])),
                let directory = try PosixDirectory.open(path: String(path[..<cut]))
            else { throw TestSupportError("\(path) is no path to an entry") }
            self.name = name
            self.directory = directory
        }
    }
}

/// How many cases of an exhaustive test a run takes: one of each so many, or all with `LOOPSYNC_EXHAUSTIVE=1`.
package enum Sampling {
    /// Whether every case is to be tried.
    package static let isExhaustive = getenv("LOOPSYNC_EXHAUSTIVE").map { String(cString: $0) == "1" } ?? false

    /// The cases of `0..<count` that this run tries; a step without a factor of eight meets every bit of a byte.
    package static func cases(_ count: Int, every step: Int) -> StrideTo<Int> {
        stride(from: 0, to: count, by: isExhaustive ? 1 : step)
    }
}

import CLinuxShims
import Glibc
import LoopModel

/// A regular file of the real file system.
package final class PosixFile: File {
    package let path: String
    let descriptor: Descriptor

    init(_ descriptor: Descriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    package func status() throws(PosixError) -> FileStatus {
        var answer = loopsync_status()
        guard retrying({ loopsync_statx(descriptor.raw, "", &answer) }) == 0 else { throw .last("fstat", path) }
        return FileStatus(answer)
    }

    package func read(at offset: Int64, count: Int) throws(PosixError) -> [UInt8] {
        var failure: PosixError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let place = buffer.baseAddress?.advanced(by: filled)
                let got = retrying { pread(descriptor.raw, place, count - filled, Int(offset) + filled) }
                if got < 0 { failure = .last("read", path) }
                guard got > 0 else { return }
                filled += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    package func write(_ bytes: some Collection<UInt8>, at offset: Int64) throws(PosixError) {
        if let done = bytes.withContiguousStorageIfAvailable({ write($0, at: offset) }) {
            if let done { throw done }
        } else if let failure = Array(bytes).withUnsafeBufferPointer({ write($0, at: offset) }) {
            throw failure
        }
    }

    private func write(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int64) -> PosixError? {
        var written = 0
        while written < bytes.count {
            let count = retrying {
                pwrite(
                    descriptor.raw,
                    bytes.baseAddress?.advanced(by: written),
                    bytes.count - written,
                    Int(offset) + written
                )
            }
            if count < 0 { return .last("write", path) }
            written += count
        }
        return nil
    }

    package func truncate(to size: Int64) throws(PosixError) {
        guard retrying({ ftruncate(descriptor.raw, Int(size)) }) == 0 else { throw .last("ftruncate", path) }
    }

    package func setAttributes(mode: UInt32, modified: Int64) throws(PosixError) {
        let seconds = modified.flooredQuotient(1_000_000_000)
        let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(modified &- seconds &* 1_000_000_000))
        // The time first: it is kept also where the mode is refused.
        guard retrying({ futimens(descriptor.raw, [time, time]) }) == 0 else { throw .last("futimens", path) }
        guard retrying({ fchmod(descriptor.raw, mode_t(mode & 0o7777)) }) == 0 else { throw .last("fchmod", path) }
    }

    package func clone(_ other: any File) throws(PosixError) -> Bool {
        guard let other = other as? PosixFile else { return false }
        if retrying({ loopsync_clone(descriptor.raw, other.descriptor.raw) }) == 0 { return true }
        // Of the many ways to say that this file system, or this pair of files, cannot, none is an obstacle to a copy.
        guard errno == ENOSPC || errno == EDQUOT || errno == EIO else { return false }
        throw .last("ioctl", path)
    }

    package func sync() throws(PosixError) {
        guard retrying({ fsync(descriptor.raw) }) == 0 else { throw .last("fsync", path) }
    }

    package func tryLock() throws(PosixError) -> Bool {
        if retrying({ flock(descriptor.raw, LOCK_EX | LOCK_NB) }) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw .last("flock", path)
    }

    package func close() throws(PosixError) {
        try descriptor.close(path: path)
    }
}

extension Int64 {
    /// Division that rounds down, for times before the epoch.
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }
}

extension FileStatus {
    init(_ answer: loopsync_status) {
        let kind: FileKind =
            switch answer.mode & UInt32(S_IFMT) {
            case UInt32(S_IFREG): .file
            case UInt32(S_IFDIR): .directory
            case UInt32(S_IFLNK): .link
            default: .other
            }
        self.init(
            identity: FileIdentity(device: answer.device, inode: answer.inode, birth: answer.birth),
            kind: kind,
            size: answer.size,
            allocated: answer.blocks * 512,
            modified: answer.modified,
            changed: answer.changed,
            links: answer.links,
            mode: answer.mode & 0o7777
        )
    }
}

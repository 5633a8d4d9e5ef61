import CLinuxShims
import LoopModel

/// Names the file system that a directory lies on, for people.
package enum FileSystemKind {
    /// The numbers of statfs(2), from linux/magic.h and the kernel's own headers, with the names that mount(8) uses.
    private static let names: [Int64: String] = [
        0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs", 0x0102_1994: "tmpfs", 0x794C_7630: "overlay",
        0x6969: "nfs", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb2", 0x6573_5546: "fuse", 0x4D44: "vfat",
        0x2011_BAB0: "exfat", 0x5346_544E: "ntfs", 0x7366_746E: "ntfs3", 0x2FC1_2FC1: "zfs", 0xF2F5_2010: "f2fs",
        0x0102_1997: "9p", 0x6A65_6A63: "virtiofs", 0x00C3_6400: "ceph", 0x7371_7368: "squashfs",
        0xCA45_1A4E: "bcachefs",
        0x8584_58F6: "ramfs", 0x482B: "hfsplus", 0xF15F: "ecryptfs",
    ]

    /// The type's name; "unknown" where it cannot be told, and "simulated" where there is no system to ask.
    package static func name(of directory: any Directory) -> String {
        guard let directory = directory as? PosixDirectory else { return "simulated" }
        let number = loopsync_file_system_type(directory.rawDescriptor)
        return number < 0 ? "unknown" : names[number] ?? "type 0x" + String(number, radix: 16)
    }

    /// Where the file system with this device number is mounted, from `/proc/self/mountinfo`; nil where it is not told.
    ///
    /// - Parameter path: of several mounts of one file system the longest one that leads to this absolute path is taken.
    package static func mountPoint(device: UInt64, path: String) -> String? {
        guard let proc = try? PosixDirectory.open(path: "/proc/self"),
            let bytes = try? proc.contents(of: FileName(literal: "mountinfo"), limit: 1 << 22)
        else { return nil }
        return mountPoint(device: device, path: path, mountInfo: String(decoding: bytes, as: UTF8.self))
    }

    static func mountPoint(device: UInt64, path: String, mountInfo: String) -> String? {
        var best: String?
        for line in mountInfo.split(separator: "\n") {
            // "36 35 98:0 /root /mount/point options ...", proc_pid_mountinfo(5); a space in a path is \040.
            let fields = line.split(separator: " ", maxSplits: 5)
            guard fields.count == 6 else { continue }
            let numbers = fields[2].split(separator: ":").compactMap { UInt64($0) }
            guard numbers.count == 2, makedev(numbers[0], numbers[1]) == device else { continue }
            let mount = unescaped(fields[4])
            let leads = mount == "/" || path == mount || path.hasPrefix(mount + "/")
            if leads, mount.utf8.count >= best?.utf8.count ?? 0 { best = mount }
        }
        return best
    }

    /// As the macro of sys/sysmacros.h.
    private static func makedev(_ major: UInt64, _ minor: UInt64) -> UInt64 {
        (major & 0xFFF) << 8 | (major & ~0xFFF) << 32 | (minor & 0xFF) | (minor & ~0xFF) << 12
    }

    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

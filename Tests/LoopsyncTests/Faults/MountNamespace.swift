import Glibc
import TestSupport

/// Mounts that only the programs in it see, and that end with it however the test ends.
final class MountNamespace {
    private let holder: Subprocess
    private let entering: [String]

    /// Whether this machine lets a process have mounts of its own, as root or in a user's namespace.
    static let isAllowed = flags != nil

    /// Whether file systems in images can be mounted too, which takes root itself.
    static let takesImages = isAllowed(["-m"]) && access("/dev/loop-control", R_OK | W_OK) == 0

    private static let flags: [String]? = [["-Ur", "-m"], ["-m"]].first(where: isAllowed)

    private static func isAllowed(_ flags: [String]) -> Bool {
        let mount = ["/bin/sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt && mount -o remount,size=2m /mnt"]
        return (try? Subprocess.run(["/usr/bin/unshare"] + flags + mount).succeeded) ?? false
    }

    /// - Parameter forImages: whether file systems in images are to be mounted.
    init(forImages: Bool = false) throws {
        guard let flags = forImages ? ["-m"] : Self.flags else {
            throw TestSupportError("no mounts are allowed here")
        }
        let holder = try Subprocess(
            ["/usr/bin/unshare"] + flags + ["/bin/sh", "-c", "echo ready; exec sleep 3600"]
        )
        self.holder = holder
        guard eventually({ holder.output.contains("ready") }) else { throw TestSupportError(holder.errorOutput) }
        let user = flags.contains("-Ur") ? ["-U", "--preserve-credentials"] : []
        entering = ["/usr/bin/nsenter", "-t", "\(holder.pid)", "-m"] + user + ["--"]
    }

    /// What has to stand before a command so that it runs here.
    var wrapper: [String] { entering }

    /// A path as the programs in here see it.
    func path(_ path: String) -> String { "/proc/\(holder.pid)/root\(path)" }

    /// Runs a command in here, to its end.
    func run(_ command: [String]) throws -> Subprocess.Finished {
        try Subprocess.run(entering + command)
    }

    /// Runs `mount` or `umount`, for as long as something still holds what is mounted.
    func change(_ command: String...) throws {
        var last: Subprocess.Finished?
        let isDone = try eventually(every: 100) {
            last = try run(["/usr/bin/env"] + command)
            return last?.succeeded == true
        }
        guard isDone else { throw TestSupportError("\(command): \(last?.description ?? "")") }
    }
}

import TestSupport

/// Mounts that only the programs in it see, and that end with it however the test ends.
final class MountNamespace {
    private let holder: Subprocess
    private let entering: [String]

    /// Whether this machine lets a process have mounts of its own, as root or in a user's namespace.
    static let isAllowed = flags != nil

    private static let flags: [String]? = [["-Ur", "-m"], ["-m"]].first { flags in
        let mount = ["/bin/sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt && mount -o remount,size=2m /mnt"]
        return (try? Subprocess.run(["/usr/bin/unshare"] + flags + mount).succeeded) ?? false
    }

    init() throws {
        guard let flags = Self.flags else { throw TestSupportError("no mounts are allowed here") }
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

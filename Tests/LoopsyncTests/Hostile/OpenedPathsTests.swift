import Glibc
import TestSupport
import Testing

extension HostileTests {
    /// What the running binary asks of the kernel, by `strace`: names below its directories are single components of
    /// open directories, and no link there is followed but the three that may be links.
    @Suite(.enabled(if: Tracer.isAllowed, "needs strace and the right to trace"))
    struct OpenedPathsTests {
        private let place: HostilePlace
        private let run = SyntheticRun(loop: "demo", start: 1_790_000_000)

        init() throws {
            place = try HostilePlace()
            for index in 0..<4 {
                try place.write(SyntheticRun(loop: "demo", start: 1_780_000_000 + index * 86_400))
            }
            #expect(try place.loopsync("archive").status == 0)
            try place.leaveRunning()
            try run.write(toRunning: place.running)
            try run.write(toRunning: "\(place.running)/sub")
        }

        /// Every call of one trace that reaches below the loops or the sync directory in another way.
        private func offences(_ trace: String) throws -> [String] {
            let lines = try #require(Disk.text(trace)).split(separator: "\n")
            #expect(lines.count > 50, "calls of the program")
            return lines.filter { Call($0)?.isAllowed(roots: [place.loops, place.sync]) == false }.prefix(20).map(
                String.init
            )
        }

        @Test func `verbs`() throws {
            let config = try place.policy()
            let verbs = [
                ["archive"], ["mirror"], ["verify", "--repair"], ["status"], ["history"],
                ["history", "--grep", "x"], ["show", "demo@latest"], ["events", "demo"], ["stats"], ["report"],
                ["prune", "--config", config],
                ["restore", "demo/2026-05-28T202640"], ["restore", "--from", "mirror", "demo/2026-05-28T202640"],
                ["pin", "demo@latest"], ["prune", "--empty-trash", "--config", config], ["archive", "--clear"],
            ]
            var calls = 0
            for (number, verb) in verbs.enumerated() {
                let trace = place.directory.path("trace-\(number)")
                let run = try CommandRun(
                    verb + ["--sync", place.sync],
                    in: place.project,
                    under: Tracer.command(to: trace)
                )
                #expect(run.status != -1, "\(verb): \(run)")
                let offences = try offences(trace)
                #expect(offences.isEmpty, "\(verb): \(offences.joined(separator: "\n"))")
                calls += Disk.text(trace)?.split(separator: "\n").count ?? 0
            }
            #expect(calls > 1000)
        }

        @Test func `the agent`() throws {
            let trace = place.directory.path("trace")
            let agent = try place.agent(under: Tracer.command(to: trace))
            let live = SyntheticRun(loop: "live", start: 1_793_000_000)
            try live.write(toRunning: place.running)
            try Disk.makeDirectories("\(place.running)/later")
            try live.write(toRunning: "\(place.running)/later")
            let isMirrored = eventually(within: .seconds(60), every: 50) {
                Disk.read("\(place.mirror)/.history/\(live.place)/events.jsonl") == live.events
                    && Disk.exists("\(place.mirror)/.running/later/live.events.jsonl")
            }
            #expect(isMirrored, "\(agent.errorOutput)")
            // The tracer is the leader; the agent, its child, ends at the signal and the tracer with it.
            agent.process.signalGroup(SIGTERM)
            try agent.process.wait(within: .seconds(60))
            let offences = try offences(trace)
            #expect(offences.isEmpty, "\(offences.joined(separator: "\n"))")
        }
    }
}

/// `strace` as a wrapper.
private enum Tracer {
    private static let calls =
        "openat,open,openat2,creat,mkdirat,mkdir,unlinkat,unlink,rmdir,renameat2,renameat,rename,linkat,link,symlinkat,"
        + "symlink,newfstatat,statx,stat,lstat,fchmodat,chmod,utimensat,truncate,inotify_add_watch,readlinkat,readlink,"
        + "name_to_handle_at,access,faccessat,faccessat2,chdir"

    static func command(to file: String) -> [String] {
        ["/usr/bin/strace", "-f", "-qq", "-y", "-s", "8192", "-o", file, "-e", "trace=\(calls)"]
    }

    static let isAllowed =
        (try? Subprocess.run(["/usr/bin/strace", "-qq", "-e", "trace=openat", "/bin/true"]).succeeded) ?? false
}

/// One call as `strace -y` prints it: `123 openat(5</dir>, "name", O_RDONLY|O_NOFOLLOW) = 7</dir/name>`.
private struct Call {
    let name: Substring
    let text: Substring
    /// The quoted arguments, with the directory before each; nil for the working directory or none.
    let paths: [(directory: Substring?, path: Substring)]

    init?(_ line: Substring) {
        let rest = line.drop { $0.isNumber || $0 == " " }
        guard let open = rest.firstIndex(of: "("), !rest.hasPrefix("---"), !rest.hasPrefix("+++") else { return nil }
        name = rest[..<open]
        text = rest
        var paths: [(Substring?, Substring)] = []
        var start = rest.index(after: open)
        while let quote = rest[start...].firstIndex(of: "\""),
            let end = rest[rest.index(after: quote)...].firstIndex(of: "\"")
        {
            let before = rest[start..<quote]
            let directory = before.lastIndex(of: "<").flatMap { left in
                before[left...].firstIndex(of: ">").map { before[before.index(after: left)..<$0] }
            }
            paths.append((before.contains("AT_FDCWD") ? nil : directory, rest[rest.index(after: quote)..<end]))
            start = rest.index(after: end)
        }
        self.paths = paths
    }

    /// Whether this call stays where it should, as far as it is about these directories.
    func isAllowed(roots: [String]) -> Bool {
        // A bare path may name a root itself, which a person gave; an open directory may be asked for one name in it.
        for (directory, path) in paths {
            guard let directory else {
                // The library spells a directory that it watches in several ways: `.loops/`, `.loops/./`.
                var path = path
                while path.hasSuffix("/") || path.hasSuffix("/.") { path = path.dropLast() }
                let isBelow = roots.contains { path.hasPrefix($0 + "/") || path.contains(".loops/") }
                if isBelow { return false }
                continue
            }
            guard roots.contains(where: { directory == $0 || directory.hasPrefix($0 + "/") }) else { continue }
            if path == ".." || path.contains("/"), !isLook(at: path) { return false }
            if !followsNothing(path, in: directory, roots: roots) { return false }
        }
        return true
    }

    /// Whether a call only compares what a stat of some file below says with what it said before: it opens and changes
    /// nothing, and what it finds behind a link is another file than the one that was seen.
    private func isLook(at path: Substring) -> Bool {
        name == "statx" && text.contains("AT_SYMLINK_NOFOLLOW") && !path.split(separator: "/").contains("..")
    }

    private func followsNothing(_ path: Substring, in directory: Substring, roots: [String]) -> Bool {
        switch name {
        case "openat", "openat2", "open", "creat":
            if text.contains("O_NOFOLLOW") || text.contains("RESOLVE_NO_SYMLINKS") || text.contains("O_EXCL") {
                return true
            }
            // The directory itself once more; and the two names in `.loops` that may be links, as it may itself.
            return path == "." || (directory == roots[0] && (path == ".running" || path == ".history"))
        case "newfstatat", "statx", "fchmodat", "utimensat":
            return path.isEmpty || text.contains("AT_SYMLINK_NOFOLLOW")
        case "linkat": return !text.contains("AT_SYMLINK_FOLLOW")
        case "mkdirat", "unlinkat", "renameat2", "renameat", "symlinkat", "readlinkat", "faccessat", "faccessat2":
            return true
        // Whatever else takes a path takes it from the working directory, and may follow links.
        default: return false
        }
    }
}

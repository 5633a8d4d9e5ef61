import Glibc
import LoopModel
import LoopStore

/// The directories on the way to a root, each with the name in it that comes next.
struct WayToRoot {
    /// One directory of the way.
    struct Step: Equatable {
        var directory: String
        var next: String
    }

    private let path: String
    /// The directory above the root first, the farthest last.
    let steps: [Step]

    init(_ path: String) {
        self.path = path
        steps = Self.steps(to: path)
    }

    /// The last name on the way; two where the root is a link, whose target has a name of its own elsewhere.
    var lastSteps: [Step] {
        var last = Array(steps.prefix(1))
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let target = realpath(path, nil) {
            defer { free(target) }
            if let step = String(validatingCString: target).flatMap({ Self.steps(to: $0).first }) { last.append(step) }
        }
        return last
    }

    /// What is at each of the paths now, the root's own among them; nil where nothing is.
    var identities: [FileIdentity?] {
        ([path] + steps.map(\.directory)).map(Self.identity(of:))
    }

    /// What is at a path now.
    static func identity(of path: String) -> FileIdentity? {
        try? PosixDirectory.open(path: path)?.status().identity
    }

    private static func steps(to path: String) -> [Step] {
        var names = path.split(separator: "/", omittingEmptySubsequences: true)
        let start = path.hasPrefix("/") ? "/" : ""
        var steps: [Step] = []
        while let next = names.popLast() {
            let directory = start + names.joined(separator: "/")
            steps.append(Step(directory: directory.isEmpty ? "." : directory, next: String(next)))
        }
        return steps
    }
}

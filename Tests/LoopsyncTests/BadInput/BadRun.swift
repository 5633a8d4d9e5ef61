import Glibc
import TestSupport

/// A run that no executor should have left behind.
struct BadRun: Sendable, CustomStringConvertible {
    /// What stands where a file of the run is expected.
    enum Content: Sendable {
        case none
        case bytes([UInt8])
        /// So many zero bytes, which take no room here.
        case zeros(Int)
        case link(to: String)
        case fifo
        case socket
        case directory
    }

    /// What the agent has to make of it.
    enum Outcome: Sendable {
        /// A run in the history that has these events, and the state's bytes where they can be read.
        case archived
        /// Nothing to archive, but a word about it.
        case reported
    }

    /// What is wrong, for people.
    let description: String
    /// The file name before `.state.json`, as bytes.
    var stem: [UInt8]
    var state: Content
    var events: Content
    var outcome = Outcome.archived
    /// Whether a person has to be told: not of a name or a value that is odd but handled like any other.
    var isRemarkable = true

    /// Starts from a good run.
    init(
        _ description: String,
        _ stem: String,
        state: Content? = nil,
        events: Content? = nil,
        outcome: Outcome = .archived
    ) {
        self.init(description, bytes: Array(stem.utf8), loop: stem, state: state, events: events, outcome: outcome)
    }

    /// Starts from a good run of a loop whose files have another name.
    init(
        _ description: String,
        bytes stem: [UInt8],
        loop: String,
        state: Content? = nil,
        events: Content? = nil,
        outcome: Outcome = .archived
    ) {
        let run = SyntheticRun(loop: loop)
        self.description = description
        self.stem = stem
        self.state = state ?? .bytes(run.state)
        self.events = events ?? .bytes(run.events)
        self.outcome = outcome
    }

    /// The same without a word about it.
    var unremarkable: BadRun {
        var run = self
        run.isRemarkable = false
        return run
    }

    /// Writes it into a `.running`.
    func write(to running: String) throws {
        try put(events, at: Array("\(running)/".utf8) + stem + Array(".events.jsonl".utf8))
        try put(state, at: Array("\(running)/".utf8) + stem + Array(".state.json".utf8))
    }

    private func put(_ content: Content, at path: [UInt8]) throws {
        let path = path.map { CChar(bitPattern: $0) } + [0]
        let answer: Int32 =
            switch content {
            case .none: 0
            case .bytes(let bytes):
                create(path) { file in Int32(clamping: bytes.count - Glibc.write(file, bytes, bytes.count)) }
            case .zeros(let size): create(path) { file in ftruncate(file, size) }
            case .link(let target): symlink(target, path)
            case .fifo: mkfifo(path, 0o644)
            case .socket: mknod(path, S_IFSOCK | 0o644, 0)
            case .directory: mkdir(path, 0o755)
            }
        guard answer == 0 else { throw TestSupportError("\(self): \(String(cString: strerror(errno)))") }
    }

    private func create(_ path: [CChar], _ fill: (Int32) -> Int32) -> Int32 {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else { return -1 }
        defer { close(file) }
        return fill(file)
    }
}

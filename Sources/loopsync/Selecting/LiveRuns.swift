import LoopModel
import LoopStore
import SyncCore

/// One stem of `.running`.
///
/// Reading changes nothing, unlike the executor's own `status`.
struct LiveRun: Equatable {
    let stem: Stem
    /// nil where there is no state, or one that does not parse.
    let state: LoopState?
    /// Whether the state is there but unreadable.
    let isUnreadable: Bool
    /// The executor's process; nil where none lives.
    let process: Int32?

    /// Reads every stem, in sub-directories too.
    ///
    /// - Parameter processes: says which processes live.
    static func all(in loops: LoopsDirectory, processes: any ProcessTable) throws(PosixError) -> [LiveRun] {
        guard let running = try loops.running() else { return [] }
        var runs: [LiveRun] = []
        try collect(running, below: [], processes, into: &runs)
        return runs.sorted { $0.stem < $1.stem }
    }

    /// Executors make one level per `/` of a loop's name; deeper is nobody's.
    private static let deepest = 8

    private static func collect(
        _ directory: any Directory,
        below directories: [FileName],
        _ processes: any ProcessTable,
        into runs: inout [LiveRun]
    ) throws(PosixError) {
        var files: [FileName: Set<RunningFile>] = [:]
        for entry in try directory.entries() {
            if entry.kind == .directory, directories.count < deepest {
                guard let below = try directory.subdirectory(entry.name) else { continue }
                try collect(below, below: directories + [entry.name], processes, into: &runs)
            } else if entry.kind == .file, let (kind, base) = RunningFile.parse(entry.name) {
                files[base, default: []].insert(kind)
            }
        }
        for (base, kinds) in files where !kinds.isDisjoint(with: [.state, .events, .pid]) {
            let stem = Stem(directories: directories, base: base)
            let bytes = kinds.contains(.state) ? contents(.state, of: stem, in: directory) : nil
            let state = bytes.flatMap { try? LoopState(parsing: $0) }
            runs.append(
                LiveRun(
                    stem: stem,
                    state: state,
                    isUnreadable: kinds.contains(.state) && state == nil,
                    process: owner(of: stem, state, in: directory, processes)
                )
            )
        }
    }

    private static func contents(_ kind: RunningFile, of stem: Stem, in directory: any Directory) -> [UInt8]? {
        guard let name = kind.name(for: stem) else { return nil }
        return try? directory.contents(of: name, limit: 1 << 26)
    }

    /// Any of `.pid`, `.lock` and the state may name the process, and any of them may lie.
    private static func owner(
        of stem: Stem,
        _ state: LoopState?,
        in directory: any Directory,
        _ processes: any ProcessTable
    ) -> Int32? {
        var named: [Int?] = []
        if let text = contents(.pid, of: stem, in: directory) {
            named.append(Int(String(decoding: text, as: UTF8.self).filter { !$0.isWhitespace }))
        }
        if let text = contents(.lock, of: stem, in: directory), let lock = try? JSONValue(parsing: text) {
            named.append(lock.objectValue?["pid"]?.integerValue)
        }
        named.append(state?.pid)
        return named.compactMap { $0 }.compactMap { Int32(exactly: $0) }.first { pid in
            pid > 0 && processes.process(pid)?.mayBeExecutor == true
        }
    }
}

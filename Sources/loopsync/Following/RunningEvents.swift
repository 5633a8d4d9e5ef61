import LoopModel
import LoopStore
import SyncCore

/// Finds the events files below `.running` as they come and go.
struct RunningEvents {
    /// A file that came.
    struct Arrival {
        let stem: Stem
        let file: any File
        let modified: Int64
    }

    private var directories: [any Directory] = []
    private var glance = DirectoryGlance()
    /// What has a name now.
    private(set) var named: Set<FileIdentity> = []

    /// Executors make one level per `/` of a loop's name; deeper is nobody's.
    private static let deepest = 8

    /// Looks again, where anything may have changed.
    ///
    /// - Returns: the files that were not there at the last look, oldest first.
    mutating func arrivals(in loops: LoopsDirectory, now: Timestamp) throws(PosixError) -> [Arrival] {
        let root = try loops.running()
        var statuses: [FileStatus] = []
        for directory in [root].compactMap(\.self) + directories { statuses.append(try directory.status()) }
        guard glance.isNews(statuses, now: now.microseconds.multipliedClamped(by: 1000)) else { return [] }
        directories = []
        let before = named
        named = []
        var arrivals: [Arrival] = []
        if let root { try look(into: root, below: [], before, &arrivals) }
        return arrivals.sorted { $0.modified < $1.modified }
    }

    private mutating func look(
        into directory: any Directory,
        below path: [FileName],
        _ before: Set<FileIdentity>,
        _ arrivals: inout [Arrival]
    ) throws(PosixError) {
        for entry in try directory.entries() {
            if entry.kind == .directory, path.count < Self.deepest {
                guard let below = try directory.subdirectory(entry.name) else { continue }
                directories.append(below)
                try look(into: below, below: path + [entry.name], before, &arrivals)
                continue
            }
            guard entry.kind == .file, let (kind, base) = RunningFile.parse(entry.name), kind == .events,
                let status = try directory.status(of: entry.name), status.kind == .file
            else { continue }
            if before.contains(status.identity) {
                named.insert(status.identity)
                continue
            }
            // The name may belong to the next file by now; what cannot be read is not followed.
            guard let file = try? directory.openFile(entry.name, for: .reading), let opened = try? file.status() else {
                continue
            }
            named.insert(opened.identity)
            arrivals.append(
                Arrival(stem: Stem(directories: path, base: base), file: file, modified: opened.modified)
            )
        }
    }
}

extension Int64 {
    fileprivate func multipliedClamped(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}

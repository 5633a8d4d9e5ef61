import LoopModel

/// A removed run in the trash.
package struct TrashEntry: Sendable, Hashable {
    /// What was noted when it was removed; put together from its place where the note is gone.
    package var record: PruneRecord
    /// Which of the two trashes it lies in.
    package var area: TrashArea
    /// The date's, the loop's and the run's directory.
    let path: [FileName]

    /// The path below the trash, printable.
    package var description: String {
        path.map(\.description).joined(separator: "/")
    }
}

/// Where removed runs lie.
///
/// That is `.loopsync/trash`. A history that is a link to another file system has its own, since nothing can be renamed
/// from one file system to another: `.loopsync/trash` inside the history, which executors list under no loop.
package enum TrashArea: Sendable, Hashable, CaseIterable {
    case besideHistory, insideHistory
}

/// The names inside a trash.
enum TrashName {
    /// The notes beside the runs of a loop and a day, one line each; no run has this name in the trash.
    static let notes = FileName(literal: "pruned.jsonl")
    /// A longer list of notes is not read; its runs are understood by themselves.
    static let notesLimit = 128 << 20
    /// What earlier versions put behind a run's name for a note of its own.
    static let note = ".pruned.json"
    /// A run's directory that is being deleted; it is no run any more.
    static let deleting = ".deleting"

    /// The day of a removal in UTC.
    static func date(of time: Timestamp) -> FileName? {
        FileName(time.iso.bytes.prefix(10))
    }

    /// When the day begins that a date directory names; nil for any other name.
    static func start(of date: FileName) -> Timestamp? {
        Timestamp(iso: JSONString(fileSystemBytes: date.bytes + Array("T00:00:00".utf8)))
    }

    /// A name for a run that leaves room for what is put behind it.
    static func entry(for run: FileName, number: Int) -> FileName? {
        let base = run.bytes.count > 220 ? PathSafeName.component(for: JSONString(fileSystemBytes: run.bytes)) : run
        return number == 1 ? base : FileName(base.bytes + Array(".\(number)".utf8))
    }

    static func appending(_ suffix: String, to name: FileName) -> FileName? {
        FileName(name.bytes + Array(suffix.utf8))
    }
}

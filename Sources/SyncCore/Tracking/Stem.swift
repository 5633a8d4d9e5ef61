package import LoopModel

/// What the files of one run in `.running` have in common: their path below it without the suffix.
///
/// In version A a stem is the loop's name, in B name and local start second; B makes sub-directories for names with `/`.
/// A stem never yields the loop's name (executor protocol, section 1.1).
package struct Stem: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The directories below `.running`.
    package var directories: [FileName]
    /// The file names' common beginning.
    package var base: FileName

    package init(directories: [FileName] = [], base: FileName) {
        self.directories = directories
        self.base = base
    }

    package var description: String {
        directories.isEmpty
            ? base.description : (directories + [base]).map(\.description).joined(separator: "/")
    }

    package static func < (left: Stem, right: Stem) -> Bool {
        (left.directories + [left.base]).lexicographicallyPrecedes(right.directories + [right.base])
    }
}

/// What a file below `.running` is, by its name.
package enum RunningFile: Hashable, Sendable, CaseIterable {
    case state, events, pid, lock, log, metaEvaluation

    package var suffix: String {
        switch self {
        case .state: ".state.json"
        case .events: ".events.jsonl"
        case .pid: ".pid"
        case .lock: ".lock"
        case .log: ".log"
        case .metaEvaluation: ".meta-eval.jsonl"
        }
    }

    /// The name that such a file has in the run's archive; nil for those that are not archived.
    package var archivedName: FileName? {
        switch self {
        case .state: FileName(literal: "state.json")
        case .events: FileName(literal: "events.jsonl")
        case .log: FileName(literal: "run.log")
        case .metaEvaluation: FileName(literal: "meta-eval.jsonl")
        case .pid, .lock: nil
        }
    }

    /// Tells a name apart; nil for temporary files, markers and whatever else lies there.
    package static func parse(_ name: FileName) -> (kind: RunningFile, base: FileName)? {
        for kind in allCases {
            if let base = name.dropping(suffix: kind.suffix) { return (kind, base) }
        }
        return nil
    }

    /// Whether a name is that of a run's file with nothing before its suffix that could name anything: `...state.json`.
    package static func isNameless(_ name: FileName) -> Bool {
        parse(name) == nil && [state, events].contains { name.hasSuffix($0.suffix) || name.description == $0.suffix }
    }

    /// The file's name for a stem; nil where it would be too long to exist.
    package func name(for stem: Stem) -> FileName? {
        FileName(stem.base.bytes + Array(suffix.utf8))
    }
}

/// A point in time by both clocks: the wall's, which people set, and the one that only goes forward.
package struct Moment: Hashable, Sendable {
    package var wall: Timestamp
    /// Milliseconds of a clock that never goes back.
    package var steady: Int64

    package init(wall: Timestamp, steady: Int64) {
        self.wall = wall
        self.steady = steady
    }
}

package import LoopModel

/// One `.loops` directory and the places in it that loopsync reads and owns.
///
/// `.loops`, `.running` and `.history` may be links (some people keep them on another disk); nothing below them may.
package struct LoopsDirectory: Sendable {
    /// `.loops` itself.
    package let root: any Directory

    /// Takes an open directory as `.loops`.
    package init(root: any Directory) {
        self.root = root
    }

    /// Opens `.loops` on the real file system; nil where there is none.
    package static func open(path: String) throws(PosixError) -> LoopsDirectory? {
        try PosixDirectory.open(path: path).map(LoopsDirectory.init(root:))
    }

    /// Whether a path is that of a project, whose `.loops` is meant, rather than of a loops directory.
    package static func isProject(path: String) -> Bool {
        do {
            guard let given = try open(path: path) else { return false }
            return try given.root.status(of: FileName(literal: ".loops"))?.kind == .directory
                && given.running() == nil && given.history() == nil
        } catch {
            // What is wrong with it is told by who uses it.
            return false
        }
    }

    /// Where the executor works; nil where it has not worked yet.
    package func running() throws(PosixError) -> (any Directory)? {
        try root.subdirectory(.running, followingLink: true)
    }

    /// Where archived runs stand; nil where there are none yet.
    package func history() throws(PosixError) -> (any Directory)? {
        try root.subdirectory(.history, followingLink: true)
    }

    /// Where archived runs stand, made where it is missing.
    package func ensureHistory() throws(PosixError) -> any Directory {
        try root.ensureDirectory(.history, followingLink: true)
    }

    /// loopsync's own directory, made where it is missing, with a `.gitignore` that keeps it out of the project.
    package func own() throws(PosixError) -> any Directory {
        let own = try root.ensureDirectory(.own, mode: 0o700)
        try ignore(own)
        return own
    }

    private func ignore(_ own: any Directory) throws(PosixError) {
        let status = try own.status(of: .gitignore)
        let file: any File
        do throws(PosixError) {
            if status == nil {
                file = try own.createFile(.gitignore, mode: 0o600)
            } else if let status, status.kind == .file, status.size == 0, status.links == 1,
                let empty = try own.openFile(.gitignore, for: .writing)
            {
                // A process was killed, or the disk was full, before it had written anything.
                file = empty
            } else {
                return
            }
        } catch  where error.code == .exists {
            // Another process was quicker.
            return
        }
        try file.write([UInt8(ascii: "*"), UInt8(ascii: "\n")], at: 0)
    }

    /// A part of loopsync's own directory, made where it is missing.
    package func own(_ part: OwnPart) throws(PosixError) -> any Directory {
        try own().ensureDirectory(part.name, mode: 0o700)
    }
}

/// The directories below `.loops/.loopsync`.
package enum OwnPart: Sendable, CaseIterable {
    /// Hard links to what executors write, so that their unlink cannot take the bytes away.
    case pins
    /// Runs being assembled; whatever a dead process left here is worthless.
    case staging
    /// Files of finished runs on their way out of `.running`.
    case clearing
    /// Removed runs, kept for `retention.trash_for`.
    case trash

    package var name: FileName {
        switch self {
        case .pins: FileName(literal: "pins")
        case .staging: FileName(literal: "staging")
        case .clearing: FileName(literal: "clearing")
        case .trash: FileName(literal: "trash")
        }
    }
}

extension FileName {
    package static let running = FileName(literal: ".running")
    package static let history = FileName(literal: ".history")
    package static let own = FileName(literal: ".loopsync")
    package static let gitignore = FileName(literal: ".gitignore")
    package static let state = FileName(literal: "state.json")
    package static let events = FileName(literal: "events.jsonl")
    package static let sums = FileName(literal: "SHA256SUMS")
    package static let lastGoodState = FileName(literal: "state.last-good.json")
    package static let lock = FileName(literal: "lock")
    package static let keep = FileName(literal: ".keep")

    /// Whether executors take a file of this name for a loop, wherever below `.loops` it lies, as version B does.
    package var isLoopDefinition: Bool { hasSuffix(".yaml") || hasSuffix(".yml") }
}

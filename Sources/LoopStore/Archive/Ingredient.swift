import LoopModel

/// A file of a run directory to be: where its bytes come from, opened only when they are needed.
final class Ingredient {
    private let contents: [SourceContent]
    /// Whether it is the very file that already stands in the run's directory.
    let isInPlace: Bool
    private var opened: OpenedContent?
    private var known: StateChoice.Facts?

    init(_ contents: [SourceContent], isInPlace: Bool = false) {
        self.contents = contents
        self.isInPlace = isInPlace
    }

    /// The same bytes for another name, under which they do not stand yet.
    var underOtherName: Ingredient { Ingredient(contents) }

    func open() throws -> OpenedContent {
        if let opened { return opened }
        let opened = try OpenedContent(contents)
        self.opened = opened
        return opened
    }

    /// Reads it as a state.
    func facts() throws -> StateChoice.Facts {
        if let known { return known }
        let content = try open()
        let bytes = try content.contents(limit: HistoryScan.stateLimit)
        let facts = StateChoice.Facts(
            state: bytes.flatMap { try? LoopState(parsing: $0) },
            modified: content.modified
        )
        known = facts
        return facts
    }

    func relation(to other: Ingredient) throws -> ContentRelation {
        try .between(open(), other.open())
    }

    func checkUnchanged() throws {
        try opened?.checkUnchanged()
    }

    /// Gives the first file another name, which no correct archive does.
    func link(into directory: any Directory, as name: FileName) throws -> Checksum {
        guard case .file(let source, let old, _)? = contents.first else {
            return try copy(into: directory, as: name, isDurable: true)
        }
        try source.link(old, into: directory, as: name)
        return try open().checksum()
    }

    /// Copies it, and closes what was open.
    func copy(into directory: any Directory, as name: FileName, isDurable: Bool) throws -> Checksum {
        let checksum = try open().copy(into: directory, as: name, isDurable: isDurable)
        opened = nil
        return checksum
    }
}

package import LoopModel

/// Where below the sync directory a mirror stands, as the configuration writes it: `{host}/{project}`.
package struct NamespaceTemplate: Hashable, Sendable, CustomStringConvertible {
    /// The text as it was written.
    package let description: String
    private let components: [[Piece]]

    private enum Piece: Hashable, Sendable {
        case text(String)
        case host, project, user
    }

    /// The template of a configuration that has none.
    package static let standard = NamespaceTemplate(description: "{host}/{project}", components: [[.host], [.project]])

    private init(description: String, components: [[Piece]]) {
        self.description = description
        self.components = components
    }

    /// Reads a template.
    ///
    /// - Throws: `NamespaceError` for anything that is no relative path of plain, visible components.
    package init(_ text: String) throws(NamespaceError) {
        guard !text.isEmpty else { throw .empty }
        // By bytes: an accent behind a dot or a slash makes another character of it for Swift, and none for the system.
        guard text.utf8.first != UInt8(ascii: "/") else { throw .absolute }
        var components: [[Piece]] = []
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            let part = Substring(part)
            guard !part.isEmpty else { throw .emptyComponent }
            // Hidden names are the mirror's own (`.history`, `.running`), and a mirror in a mirror would be read as a run.
            guard part.utf8.first != UInt8(ascii: ".") else { throw .hiddenComponent(String(part)) }
            components.append(try Self.pieces(of: part))
        }
        self.init(description: text, components: components)
    }

    private static func pieces(of part: Substring) throws(NamespaceError) -> [Piece] {
        var pieces: [Piece] = []
        var rest = part
        while let character = rest.first {
            if character == "}" { throw .unbalancedBrace }
            guard character == "{" else {
                let text = rest.prefix { $0 != "{" && $0 != "}" }
                pieces.append(.text(String(text)))
                rest = rest[text.endIndex...]
                continue
            }
            guard let end = rest.firstIndex(of: "}") else { throw .unbalancedBrace }
            let name = rest[rest.index(after: rest.startIndex)..<end]
            switch name {
            case "host": pieces.append(.host)
            case "project": pieces.append(.project)
            case "user": pieces.append(.user)
            default: throw .unknownPlaceholder(String(name))
            }
            rest = rest[rest.index(after: end)...]
        }
        return pieces
    }

    /// The path below the sync directory for one `.loops`.
    ///
    /// Whatever the host or the project is called, each component is a plain, visible file name of at most 200 bytes.
    package func expanded(for owner: MirrorOwner) -> [FileName] {
        components.map { pieces in
            let text = pieces.map { piece in
                switch piece {
                case .text(let text): text
                case .host: owner.host
                case .project: owner.project
                case .user: owner.user
                }
            }.joined()
            // A leading dot is written as an executor's name never would be, so that nothing collides with `.history`.
            let visible =
                text.utf8.first == UInt8(ascii: ".") ? "%2E" + String(Substring(text.utf8.dropFirst())) : text
            return PathSafeName.component(for: JSONString(visible))
        }
    }

    /// The path to try next when another project holds the first one.
    ///
    /// - Parameter attempt: 0 is the plain path; then 4, 8 and 16 hex digits of a hash are added, at first of the path
    ///   alone, so that a person can tell which; two machines of one name need the machine in it as well.
    package func candidate(_ attempt: Int, for owner: MirrorOwner) -> [FileName] {
        var path = expanded(for: owner)
        guard attempt > 0, let last = path.popLast() else { return path }
        let text = attempt == 1 ? owner.loopsPath : owner.loopsPath + "\n" + owner.machine
        let hash = PathSafeName.fnv1a64(text.utf8)
        let digits = String(hash, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.count) + digits
        let bytes = last.bytes + Array("-".utf8) + padded.utf8.prefix(attempt == 1 ? 4 : attempt == 2 ? 8 : 16)
        return path + [FileName(bytes) ?? last]
    }

    /// How many candidates there are.
    package static let candidates = 4
}

/// Why a namespace cannot be used; the text completes "a namespace ".
package enum NamespaceError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty, absolute, emptyComponent, unbalancedBrace
    case hiddenComponent(String)
    case unknownPlaceholder(String)

    package var description: String {
        switch self {
        case .empty: "is not empty; the default is {host}/{project}"
        case .absolute: "is a path below the sync directory, so it does not begin with /"
        case .emptyComponent: "is a path below the sync directory, without empty parts between slashes"
        case .unbalancedBrace: "knows {host}, {project} and {user}; here a brace lacks its partner"
        case .hiddenComponent(let part):
            "is a path below the sync directory, without parts that begin with a dot, such as \(part)"
        case .unknownPlaceholder(let name): "knows {host}, {project} and {user}, not {\(name)}"
        }
    }
}

import LoopModel
import LoopStore

/// All that lies below a directory, to compare before and after.
package struct TreeSnapshot: Hashable, Sendable, CustomStringConvertible {
    /// What an entry is.
    package enum Entry: Hashable, Sendable {
        case file([UInt8])
        case directory
        case link
        case other
    }

    /// Entries by their path relative to the directory, made printable.
    package private(set) var entries: [String: Entry] = [:]

    /// Reads a tree; an absent directory is an empty tree.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - skipping: names that are left out wherever they stand, with all below them.
    package init(of path: String, skipping: Set<String> = []) {
        if let directory = try? PosixDirectory.open(path: path) { add(directory, prefix: "", skipping) }
    }

    private mutating func add(_ directory: any Directory, prefix: String, _ skipping: Set<String>) {
        for entry in (try? directory.entries()) ?? [] where !skipping.contains(entry.name.description) {
            let name = prefix + entry.name.description
            switch entry.kind {
            case .file: entries[name] = .file((try? directory.contents(of: entry.name, limit: 1 << 31)) ?? [])
            case .link: entries[name] = .link
            case .other: entries[name] = .other
            case .directory:
                entries[name] = .directory
                if let below = try? directory.subdirectory(entry.name) { add(below, prefix: name + "/", skipping) }
            }
        }
    }

    /// The paths of all regular files, sorted.
    package var files: [String] {
        entries.filter { if case .file = $0.value { true } else { false } }.keys.sorted()
    }

    /// A file's bytes; nil where it is none.
    package subscript(_ path: String) -> [UInt8]? {
        if case .file(let bytes) = entries[path] { bytes } else { nil }
    }

    /// One line per entry that differs, for a message.
    package func differences(to other: TreeSnapshot) -> [String] {
        Set(entries.keys).union(other.entries.keys).sorted().compactMap { path in
            switch (entries[path], other.entries[path]) {
            case (let one, let two) where one == two: nil
            case (.some, nil): "gone: \(path)"
            case (nil, .some): "new: \(path)"
            case (.some, .some): "changed: \(path)"
            case (nil, nil): nil
            }
        }
    }

    /// The tree as a list of paths with sizes.
    package var description: String {
        entries.sorted { $0.key < $1.key }.map { path, entry in
            if case .file(let bytes) = entry { "\(path) (\(bytes.count))" } else { "\(path) [\(entry)]" }
        }.joined(separator: "\n")
    }
}

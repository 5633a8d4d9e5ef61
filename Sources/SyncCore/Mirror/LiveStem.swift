package import LoopModel

/// The name that the files of one live run share, as a path below `.running`.
package struct LiveStem: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The path's components; the last one is what stands before `.events.jsonl` and `.state.json`.
    package let components: [FileName]

    /// Takes a path below `.running`.
    ///
    /// - Returns: nil for no component, or for one so long that no file can be named after it.
    package init?(_ components: [FileName]) {
        guard let last = components.last, FileName(last.bytes + LiveFileKind.events.suffix.utf8) != nil else {
            return nil
        }
        self.components = components
    }

    /// Takes apart the name of a state or events file.
    package static func parse(_ name: FileName, below directory: [FileName]) -> (stem: LiveStem, kind: LiveFileKind)? {
        for kind in LiveFileKind.allCases {
            if let last = name.dropping(suffix: kind.suffix), let stem = LiveStem(directory + [last]) {
                return (stem, kind)
            }
        }
        return nil
    }

    /// The name of one of the files.
    package func name(of kind: LiveFileKind) -> FileName {
        let last = components[components.count - 1]
        return FileName(last.bytes + kind.suffix.utf8) ?? last
    }

    /// The path for people.
    package var description: String {
        components.map(\.description).joined(separator: "/")
    }

    /// Orders by the path's bytes.
    package static func < (left: LiveStem, right: LiveStem) -> Bool {
        left.components.lexicographicallyPrecedes(right.components)
    }
}

/// The files of a live run that are mirrored while it lives; its logs come with the archive.
package enum LiveFileKind: Hashable, Sendable, CaseIterable {
    case events, state

    /// What follows the stem.
    package var suffix: String {
        switch self {
        case .events: ".events.jsonl"
        case .state: ".state.json"
        }
    }
}

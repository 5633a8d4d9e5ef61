package import LoopModel

/// The `mirror:` part of the configuration.
package struct MirrorSettings: Hashable, Sendable {
    /// The sync directory; nil mirrors nowhere.
    package var to: String?
    /// Where below the sync directory the mirror stands.
    package var namespace: NamespaceTemplate
    /// Whether runs are mirrored while they run.
    package var live: Bool
    /// At least this long between two writes of one live file; zero writes at once.
    package var liveInterval: Duration
    /// Which loops are mirrored.
    package var filter: LoopFilter
    /// What happens in the mirror to a run that was pruned here.
    package var deletions: MirrorDeletions

    /// The defaults, but for what is given.
    package init(
        to: String? = nil,
        namespace: NamespaceTemplate = .standard,
        live: Bool = true,
        liveInterval: Duration = .zero,
        filter: LoopFilter = .all,
        deletions: MirrorDeletions = .keep
    ) {
        self.to = to
        self.namespace = namespace
        self.live = live
        self.liveInterval = liveInterval
        self.filter = filter
        self.deletions = deletions
    }
}

/// What happens in the mirror to a run that was pruned here.
package enum MirrorDeletions: String, Hashable, Sendable, CaseIterable {
    /// It stays.
    case keep
    /// It goes into the mirror's trash, when this agent pruned it and recorded that.
    case follow
}

/// Which loops take part: some `include` pattern fits and no `exclude` pattern does.
package struct LoopFilter: Hashable, Sendable {
    /// Names or globs.
    package var include: [Glob]
    /// Names or globs.
    package var exclude: [Glob]

    /// A filter by names and globs.
    package init(include: [Glob], exclude: [Glob]) {
        self.include = include
        self.exclude = exclude
    }

    /// All loops.
    package static let all = LoopFilter(include: [Glob("*")], exclude: [])

    /// Whether every loop fits, so that nobody needs to read a run to learn its loop.
    package var isAll: Bool {
        exclude.isEmpty && include.contains { $0.pattern == "*" }
    }

    /// Whether a loop takes part.
    package func includes(_ loop: JSONString) -> Bool {
        include.contains { $0.matches(loop) } && !exclude.contains { $0.matches(loop) }
    }
}

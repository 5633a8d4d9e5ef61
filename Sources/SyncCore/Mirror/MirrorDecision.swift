package import LoopModel

/// What is seen at the path of the sync directory.
package enum SyncView: Hashable, Sendable {
    case missing
    /// It cannot be opened; the system's words, and whether it is this user whom it refuses.
    case unreachable(String, isDenied: Bool = false)
    case directory(fileSystem: FileSystemSeen, isEmpty: Bool, places: [SeenPlace])
}

/// One directory below the sync directory that may be the mirror.
package struct SeenPlace: Hashable, Sendable {
    /// The path below the sync directory.
    package var namespace: [FileName]
    package var content: Content

    /// What stands there.
    package enum Content: Hashable, Sendable {
        /// Nothing, or a directory without any entry.
        case nothing
        /// A directory that holds something, but no marker. A mirror's own `.history` or `.running` shows that it was one.
        case withoutMarker(looksLikeMirror: Bool)
        case marker(MirrorMarker)
        /// There is a marker, and it makes no sense.
        case unreadableMarker(String)
        /// The system does not let it be read; its words, and whether it is this user whom it refuses.
        case inaccessible(String, isDenied: Bool)
        /// A directory further up is itself a mirror.
        case insideMirror([FileName])
    }

    /// Describes a place.
    package init(namespace: [FileName], content: Content) {
        self.namespace = namespace
        self.content = content
    }
}

/// What to do about the sync directory: use it, make the mirror, or leave everything alone.
package enum MirrorDecision: Hashable, Sendable {
    case open([FileName], MirrorMarker)
    /// Make a marker there, and the mirror with it.
    case create([FileName], isFirstUse: Bool)
    case suspended(MirrorSuspension)

    /// Decides from what is remembered and what is seen.
    ///
    /// - Parameters:
    ///   - view: holds the remembered place when there is one, else the template's candidates in order; and when none of
    ///     them is ours, every further place with a marker of ours that a search found.
    ///   - isAdopting: a person said that what is there now is the mirror.
    package static func decide(
        owner: MirrorOwner,
        syncPath: String,
        remembered: RememberedMirror?,
        candidates: [[FileName]],
        view: SyncView,
        isAdopting: Bool
    ) -> MirrorDecision {
        func suspended(_ reason: MirrorSuspension.Reason, on fileSystem: FileSystemSeen? = nil) -> MirrorDecision {
            .suspended(MirrorSuspension(syncPath: syncPath, reason: reason, remembered: remembered, isOn: fileSystem))
        }
        switch view {
        case .missing: return suspended(.missing)
        case .unreachable(let why, let isDenied): return suspended(.unreachable(why, isDenied: isDenied))
        case .directory(let fileSystem, let isEmpty, let places):
            let ours = places.compactMap { place -> ([FileName], MirrorMarker)? in
                guard case .marker(let marker) = place.content,
                    marker.belongs(to: owner, rememberedID: remembered?.id)
                else { return nil }
                return (place.namespace, marker)
            }
            // Where the remembered place, or the first candidate, is ours, copies of it elsewhere do not matter.
            let preferred = remembered.map { [$0.namespace] } ?? candidates
            for namespace in preferred {
                if let (_, marker) = ours.first(where: { $0.0 == namespace }) { return .open(namespace, marker) }
            }
            if let (namespace, marker) = ours.first {
                guard ours.count > 1, !isAdopting else { return .open(namespace, marker) }
                return suspended(.ambiguous(ours.map(\.0)), on: fileSystem)
            }
            let wanted = places.filter { preferred.contains($0.namespace) }
            if let remembered {
                let content = wanted.first?.content ?? .nothing
                if isAdopting, content.canBeAdopted { return .create(remembered.namespace, isFirstUse: false) }
                return suspended(reason(content, remembered.namespace, isEmpty: isEmpty), on: fileSystem)
            }
            return firstUse(wanted, by: owner, isAdopting: isAdopting).map { .create($0, isFirstUse: true) }
                ?? suspended(
                    wanted.first.map { reason($0.content, $0.namespace, isEmpty: false) } ?? .emptied,
                    on: fileSystem
                )
        }
    }

    /// The first candidate that nobody holds; nil where something there may be this mirror, but nothing proves it.
    private static func firstUse(_ places: [SeenPlace], by owner: MirrorOwner, isAdopting: Bool) -> [FileName]? {
        if isAdopting, let first = places.first, first.content.canBeAdopted { return first.namespace }
        for place in places {
            switch place.content {
            case .nothing: return place.namespace
            case .marker(let marker) where marker.machine.isEmpty && marker.isNamed(as: owner): return nil
            case .marker, .withoutMarker(looksLikeMirror: false): continue
            case .withoutMarker(looksLikeMirror: true), .unreadableMarker, .inaccessible, .insideMirror: return nil
            }
        }
        return nil
    }

    private static func reason(
        _ content: SeenPlace.Content,
        _ namespace: [FileName],
        isEmpty: Bool
    ) -> MirrorSuspension.Reason {
        switch content {
        case .nothing: isEmpty ? .emptied : .markerGone(namespace)
        case .withoutMarker: .markerGone(namespace)
        case .marker(let marker): .anothers(namespace, marker)
        case .unreadableMarker(let why): .markerUnreadable(namespace, why)
        case .inaccessible(let why, let isDenied): .inaccessible(namespace, why, isDenied: isDenied)
        case .insideMirror(let outer): .insideMirror(namespace, outer)
        }
    }
}

extension SeenPlace.Content {
    /// Whether `--adopt` may put our marker there.
    var canBeAdopted: Bool {
        switch self {
        case .nothing, .withoutMarker, .marker, .unreadableMarker: true
        case .inaccessible, .insideMirror: false
        }
    }
}

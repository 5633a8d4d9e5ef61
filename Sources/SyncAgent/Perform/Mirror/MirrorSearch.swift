import LoopModel
import LoopStore
import SyncCore

/// Looks at a sync directory for the mirror of one owner, and changes nothing.
struct MirrorSearch {
    let syncPath: String
    /// Where the mirror would be made, in the order in which it is tried.
    let candidates: [[FileName]]
    let owner: MirrorOwner
    let environment: MirrorEnvironment

    /// What is at the sync directory's path and where the mirror may be below it.
    func look(_ remembered: RememberedMirror?) -> (SyncView, (any Directory)?) {
        do {
            guard let sync = try environment.open(syncPath) else { return (.missing, nil) }
            let status = try sync.status()
            let isEmpty = try sync.entries().allSatisfy { $0.name == FileName(literal: "lost+found") }
            var places: [SeenPlace] = []
            for namespace in remembered.map({ [$0.namespace] }) ?? candidates {
                places.append(SeenPlace(namespace: namespace, content: content(of: namespace, in: sync)))
            }
            let found = places.contains { place in
                guard case .marker(let marker) = place.content else { return false }
                return marker.belongs(to: owner, rememberedID: remembered?.id)
            }
            if !found {
                let tried = Set(places.map(\.namespace))
                places += search(sync, remembered).filter { !tried.contains($0.namespace) }
            }
            let fileSystem = environment.fileSystem(sync, status)
            return (.directory(fileSystem: fileSystem, isEmpty: isEmpty, places: places), sync)
        } catch {
            return (.unreachable("\(error)", isDenied: error.isDenied), nil)
        }
    }

    private func content(of namespace: [FileName], in sync: any Directory) -> SeenPlace.Content {
        do {
            var directory = sync
            for (depth, name) in namespace.enumerated() {
                if depth > 0, try directory.status(of: .mirrorMarker) != nil {
                    return .insideMirror(Array(namespace.prefix(depth)))
                }
                guard let next = try directory.subdirectory(name) else { return .nothing }
                directory = next
            }
            if let bytes = try directory.contents(of: .mirrorMarker, limit: 1 << 16) {
                return MirrorMarker(parsing: bytes).map(SeenPlace.Content.marker) ?? .unreadableMarker("it is damaged")
            }
            let names = try directory.entries().map(\.name).filter { $0 != .mirrorScratch }
            guard !names.isEmpty else { return .nothing }
            return .withoutMarker(looksLikeMirror: names.contains(.history) || names.contains(.running))
        } catch  where error.code == .notDirectory || error.code == .symbolicLink {
            return .withoutMarker(looksLikeMirror: false)
        } catch {
            return .inaccessible("\(error)", isDenied: error.isDenied)
        }
    }

    /// Searches the sync directory for markers of ours that are not where they should be.
    ///
    /// The memory was lost, or somebody renamed a directory. It is bounded, since a sync directory may hold a person's
    /// whole life.
    private func search(_ sync: any Directory, _ remembered: RememberedMirror?) -> [SeenPlace] {
        var found: [SeenPlace] = []
        var visited = 0
        var level: [([FileName], any Directory)] = [([], sync)]
        for _ in 0..<4 {
            var next: [([FileName], any Directory)] = []
            for (path, directory) in level {
                guard let entries = try? directory.entries() else { continue }
                for entry in entries.sorted(by: { $0.name < $1.name })
                where entry.kind == .directory && entry.name.bytes.first != UInt8(ascii: ".") {
                    guard visited < 2_000, let below = try? directory.subdirectory(entry.name) else { continue }
                    visited += 1
                    guard let bytes = try? below.contents(of: .mirrorMarker, limit: 1 << 16) else {
                        next.append((path + [entry.name], below))
                        continue
                    }
                    guard let marker = MirrorMarker(parsing: bytes),
                        marker.belongs(to: owner, rememberedID: remembered?.id)
                    else { continue }
                    found.append(SeenPlace(namespace: path + [entry.name], content: .marker(marker)))
                }
            }
            level = next
        }
        return found
    }
}

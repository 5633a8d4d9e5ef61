import LoopModel

/// Which runs of the history selectors can mean, by the names of their directories alone; pure.
///
/// A large history need not be read then to show one run of it.
enum NamedPlaces {
    /// - Parameters:
    ///   - selectors: as typed.
    ///   - places: all runs of the history.
    /// - Returns: all that can be meant, and perhaps others; nil where the names do not tell.
    static func candidates(for selectors: [String], among places: [RunPlace]) -> [RunPlace]? {
        var found: Set<RunPlace> = []
        for text in selectors {
            if let place = places.first(where: { $0.description == text }) {
                found.insert(place)
                continue
            }
            let meant: [RunPlace]
            switch RunSelector(text) {
            case .prefix(let beginning)?: meant = places.filter { $0.shownID.hasPrefix(beginning) }
            case .exact(_, let id)?: meant = places.filter { $0.shownID == id }
            case .recent(let loop, let number)?: meant = newest(number, of: loop, places)
            case nil: return nil
            }
            guard !meant.isEmpty else { return nil }
            found.formUnion(meant)
        }
        return found.sorted()
    }

    /// The newest runs of a loop, with those that began in the same second as the last of them.
    private static func newest(_ number: Int, of loop: String, _ places: [RunPlace]) -> [RunPlace] {
        let names = [PathSafeName.component(for: JSONString(loop)), FileName(loop)]
        let runs = places.filter { place in
            switch place.layout {
            case .nested: names.contains(place.components[0])
            case .flat: names.contains(RunPlace.parts(ofFlat: place.runName)?.loop)
            }
        }.sorted { $1.start.lexicographicallyPrecedes($0.start) }
        guard runs.count >= number else { return [] }
        let last = runs[number - 1].start
        return runs.filter { !$0.start.lexicographicallyPrecedes(last) }
    }
}

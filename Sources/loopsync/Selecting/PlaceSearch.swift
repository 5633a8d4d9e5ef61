/// Finds what a person named in the directory at hand, else in the one other watched directory that has it.
enum PlaceSearch {
    /// Finds what one selector means.
    ///
    /// - Parameters:
    ///   - selector: as typed.
    ///   - places: those that are looked at, the one at hand first.
    ///   - name: what to call a find where several directories have one.
    ///   - look: finds it in one directory; throws a `Failure` with `isNotFound` where it is not there.
    /// - Throws: a `Failure` that names what was not found, or all directories that have it.
    static func find<Found>(
        _ selector: String,
        in places: [LoopsPlace],
        called name: (Found) -> String,
        _ look: (LoopsPlace) throws -> Found
    ) throws -> (place: LoopsPlace, found: Found) {
        var failure: Failure?
        var finds: [(place: LoopsPlace, found: Found)] = []
        for place in places {
            do {
                let found = try look(place)
                // What is at hand is meant, whatever others have of that name.
                if !place.isConfigured { return (place, found) }
                finds.append((place, found))
            } catch let other as Failure where other.isNotFound {
                failure = failure ?? other
            }
        }
        if finds.count > 1 {
            let names = finds.map { "  --loops \($0.place.path): \(name($0.found))" }.joined(separator: "\n")
            throw Failure(.failed, "'\(selector)' could be a run of any of \(finds.count) directories:\n\(names)")
        }
        guard let only = finds.first else { throw failure ?? Failure(.failed, "no run '\(selector)'") }
        return only
    }

    /// Finds what each selector means, before anything is done with the first.
    ///
    /// - Returns: a group for each directory, in the order in which the selectors come to it.
    static func groups<Found>(
        _ selectors: [String],
        in places: [LoopsPlace],
        called name: (Found) -> String,
        _ look: (String, LoopsPlace) throws -> Found
    ) throws -> [(place: LoopsPlace, found: [Found])] {
        var groups: [(place: LoopsPlace, found: [Found])] = []
        for selector in selectors {
            let (place, found) = try find(selector, in: places, called: name) { try look(selector, $0) }
            if let index = groups.firstIndex(where: { $0.place.path == place.path }) {
                groups[index].found.append(found)
            } else {
                groups.append((place, [found]))
            }
        }
        return groups
    }
}

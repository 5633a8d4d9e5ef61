package import LoopModel
package import LoopStore

/// The first look of a check: which runs are sound beyond doubt, found on all cores and without any lock.
///
/// Bytes that are as their sums say are sound, whoever works beside. Anything else is for a second look, at one run after the
/// other and under the history's lock.
package enum SoundRuns {
    /// What is beyond doubt about a run.
    package struct Answer: Sendable, Hashable {
        /// Whether it is sound in the history.
        package var isSound: Bool
        /// Whether the mirror has just the same, sound too.
        package var isMirrorSound: Bool
    }

    /// Reads every file of some runs.
    ///
    /// - Parameter copies: the mirror's history; nil for none.
    /// - Returns: an answer for each place.
    package static func look(at places: [RunPlace], in history: any Directory, copies: (any Directory)?) -> [Answer] {
        Parallel.map(places) { place in
            guard let here = sums(of: place, in: history) else { return Answer(isSound: false, isMirrorSound: false) }
            let there = copies.flatMap { sums(of: place, in: $0) }
            return Answer(isSound: true, isMirrorSound: there == here)
        }
    }

    /// A run's sums, where each of its files is as they say and there is nothing else.
    private static func sums(of place: RunPlace, in history: any Directory) -> SumsFile? {
        guard let directory = try? HistoryScan.directory(of: place, in: history),
            case .success(let sums)? = try? SumsFile.stored(in: directory),
            let damage = try? sums.damage(in: directory), damage.isEmpty
        else { return nil }
        return sums
    }
}

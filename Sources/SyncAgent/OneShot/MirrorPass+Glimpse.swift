package import LoopModel
package import LoopStore
import SyncCore

extension MirrorPass {
    /// How the mirror stands, found without making or changing anything there.
    package struct Glimpse {
        package var sight: MirrorSight
        /// Archived runs that no directory in the mirror has the name of; all of them before the first use.
        package var lacking: [RunPlace]
    }

    /// The sync directory.
    package var to: String? { mirror.settings.to }

    /// Whether the settings want a loop's runs in the mirror.
    package func covers(_ loop: JSONString) -> Bool { mirror.covers(loop) }

    /// Looks at the mirror, and compares names alone: no run is read, so that this is cheap with a large history.
    ///
    /// - Parameter listed: the places of all archived runs, where they were listed just now.
    package func glimpse(listed: [RunPlace]? = nil) throws(PosixError) -> Glimpse {
        let (sight, root) = mirror.glimpse()
        switch sight {
        case .suspended: return Glimpse(sight: sight, lacking: [])
        case .made, .unmade: break
        }
        guard let history = try loops.history() else { return Glimpse(sight: sight, lacking: []) }
        var held: Set<RunPlace> = []
        if let copies = try root?.subdirectory(.history) { held = Set(try HistoryScan.places(in: copies)) }
        let places = if let listed { listed } else { try HistoryScan.places(in: history) }
        return Glimpse(sight: sight, lacking: places.filter { !held.contains($0) })
    }
}

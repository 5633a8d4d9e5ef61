import LoopModel
package import LoopStore

/// Tells whether a run is in the history, by the line that begins its events.
///
/// It is asked only about a live file in the mirror that nobody knows, as after a start, so that looking costs little
/// over time: the run's own second first, then the rest of its loop.
package struct ArchivedStarts: Sendable {
    private let loops: LoopsDirectory

    /// Looks in the history of one loops directory.
    package init(in loops: LoopsDirectory) {
        self.loops = loops
    }

    /// Whether some run of the history begins so; false also where nobody can tell.
    ///
    /// - Parameter line: a `loop_start` without its newline.
    package func contains(_ line: [UInt8]) -> Bool {
        guard let event = LoopEvent(line: line), let loop = event.loop, let history = try? loops.history(),
            let places = try? HistoryScan.places(in: history)
        else { return false }
        let name = PathSafeName.component(for: loop)
        let second = event.timestamp.map { RunID(startedAt: $0).text.bytes } ?? []
        let near = places.filter { $0.runName.bytes.starts(with: second) }
        let ofLoop = places.filter { place in
            place.layout == .nested
                ? place.components[0] == name : place.runName.bytes.suffix(name.bytes.count).elementsEqual(name.bytes)
        }
        for place in near + ofLoop {
            guard let directory = try? HistoryScan.directory(of: place, in: history) else { continue }
            if (try? HistoryScan.identity(of: directory)) == .loopStart(line) { return true }
        }
        return false
    }
}

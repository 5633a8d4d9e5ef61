package import LoopModel

/// The directories in which one run may stand, by the rules of DESIGN 4.
package struct RunNames: Sendable {
    package let loop: JSONString
    package let runID: RunID
    package let layout: HistoryLayout
    /// The loop's directory name, which stands for the loop here: a hostile name may have a megabyte.
    private let loopName: JSONString
    private let runName: FileName

    package init(loop: JSONString, runID: RunID, layout: HistoryLayout) {
        self.loop = loop
        self.runID = runID
        self.layout = layout
        loopName = JSONString(fileSystemBytes: PathSafeName.component(for: loop).bytes)
        runName = PathSafeName.component(for: runID)
    }

    private init(_ other: RunNames, layout: HistoryLayout) {
        loop = other.loop
        runID = other.runID
        self.layout = layout
        loopName = other.loopName
        runName = other.runName
    }

    /// Where the run's executor archives it.
    package var canonical: RunPlace {
        .canonical(loop: loopName, run: runID, layout: layout)
    }

    /// The same run in the other layout.
    package var inOtherLayout: RunNames {
        RunNames(self, layout: layout == .nested ? .flat : .nested)
    }

    /// Where an executor with a flat history puts a loop whose name has a slash: one level deeper than it reads itself.
    package var deeper: RunPlace? {
        guard let bytes = loop.fileSystemBytes else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, let inner = FileName(parts[1]),
            let outer = FileName(runID.text.bytes + [UInt8(ascii: "-")] + parts[0])
        else { return nil }
        return RunPlace(loop: outer, run: inner)
    }

    /// The n-th name, from 1 on, for a run whose canonical name belongs to another run of the same second.
    ///
    /// Nested: `<run_id>-2`, `-3`. Flat: the n-th earlier second, since readers would take `<run_id>-2-<loop>` for a
    /// loop named "2-<loop>". The readers of both versions accept these.
    package func aside(_ number: Int64) -> (place: RunPlace, runID: RunID)? {
        switch layout {
        case .nested:
            guard let run = FileName(runName.bytes + Array("-\(number + 1)".utf8))
            else { return nil }
            return (RunPlace(loop: PathSafeName.component(for: loopName), run: run), runID)
        case .flat:
            guard let start = runID.second else { return numbered(number) }
            let earlier = RunID(startedAt: start.adding(seconds: -number))
            return (.canonical(loop: loopName, run: earlier, layout: .flat), earlier)
        }
    }

    /// For an id that is no time, which no reader takes apart anyway.
    private func numbered(_ number: Int64) -> (place: RunPlace, runID: RunID)? {
        let other = RunID(JSONString(fileSystemBytes: runName.bytes.prefix(150) + Array(".\(number + 1)".utf8)))
        return (.canonical(loop: loopName, run: other, layout: .flat), other)
    }
}

extension RunID {
    /// The second that an id of the usual form names: `2026-01-31T235959`.
    package var second: Timestamp? {
        let bytes = text.bytes
        guard bytes.count == 17, let name = FileName(bytes + Array("-x".utf8)), RunPlace.parts(ofFlat: name) != nil
        else { return nil }
        let colon = [UInt8(ascii: ":")]
        return Timestamp(iso: JSONString(fileSystemBytes: bytes[..<13] + colon + bytes[13..<15] + colon + bytes[15...]))
    }
}

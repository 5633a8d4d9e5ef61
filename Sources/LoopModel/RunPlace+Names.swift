extension RunPlace {
    /// Where the executor archives a run: the one place that it overwrites without looking.
    public static func canonical(loop: JSONString, run: RunID, layout: HistoryLayout) -> RunPlace {
        let loopName = PathSafeName.component(for: loop)
        let runName = PathSafeName.component(for: run)
        switch layout {
        case .nested:
            return RunPlace(loop: loopName, run: runName)
        case .flat:
            let joined = FileName(runName.bytes + [UInt8(ascii: "-")] + loopName.bytes)
            // Too long only for an id that is no time: that run has a short form too.
            let short = PathSafeName.component(
                for: JSONString(fileSystemBytes: runName.bytes + [0x2D] + loopName.bytes)
            )
            return RunPlace(flat: joined ?? short)
        }
    }

    /// Takes a flat name apart: `2026-01-31T235959-LOOP`, by the pattern `^\d{4}-\d{2}-\d{2}T\d{6}-(.+)$` of B's readers.
    ///
    /// The loop is only what the name says: the state holds the true one.
    ///
    /// - Returns: nil for a name of another form.
    public static func parts(ofFlat name: FileName) -> (run: RunID, loop: FileName)? {
        let pattern = Array("dddd-dd-ddTdddddd-".utf8)
        guard name.bytes.count > pattern.count else { return nil }
        for (byte, expected) in zip(name.bytes, pattern) {
            let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            guard expected == UInt8(ascii: "d") ? isDigit : byte == expected else { return nil }
        }
        guard let loop = FileName(name.bytes.dropFirst(pattern.count)) else { return nil }
        return (RunID(JSONString(unchecked: Array(name.bytes.prefix(pattern.count - 1)))), loop)
    }
}

import LoopModel

/// What an action asks of the executor by a line of its output.
enum OutputSignal: Hashable {
    /// `CONTEXT_HANDOFF:` with what the next session is to go on with.
    case handoff(JSONString)
    /// `FATAL_ERROR:` with the reason.
    case error(String)
    /// `LOOP_STOP:`.
    case stop

    /// The signal in an action's output: the first of the three kinds that is there at all, wherever it stands.
    static func first(in output: String) -> OutputSignal? {
        var output = output
        return output.withUTF8 { bytes in
            if let payload = payload(of: "CONTEXT_HANDOFF:", in: bytes) { return .handoff(JSONString(payload)) }
            if let payload = payload(of: "FATAL_ERROR:", in: bytes) { return .error(payload) }
            return find("LOOP_STOP:", in: bytes[...]) == nil ? nil : .stop
        }
    }

    /// The rest of the line behind a marker, or of the first line after it that is not empty, without white space at its
    /// ends; nil where the marker is missing or nothing at all stands behind it.
    private static func payload(of marker: StaticString, in output: UnsafeBufferPointer<UInt8>) -> String? {
        var place = output[...]
        while let end = find(marker, in: place) {
            place = output[end...]
            let rest = String(decoding: place, as: UTF8.self).unicodeScalars
            let text = rest.drop(while: PythonText.isSpace)
            if !text.isEmpty { return String(Substring(text.prefix { $0 != "\n" }.pythonStripped)) }
            // White space on the marker's own line can be given back as the rest of a line.
            if rest.contains(where: { $0 != "\n" }) { return "" }
        }
        return nil
    }

    /// Where the first occurrence of a marker ends.
    private static func find(_ marker: StaticString, in output: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        marker.withUTF8Buffer { marker in
            var place = output.startIndex
            while place + marker.count <= output.endIndex {
                if output[place] == marker[0], output[place..<(place + marker.count)].elementsEqual(marker) {
                    return place + marker.count
                }
                place += 1
            }
            return nil
        }
    }
}

/// Takes a stream of bytes apart into lines, as Python's text files do: `\n`, `\r` and `\r\n` end a line.
struct LineSplitter {
    /// Everything so far, with `\n` for every end of a line.
    private(set) var text: [UInt8] = []
    private var start = 0
    private var endsInReturn = false

    /// Takes the next bytes, and hands over each line that is complete by them, without its end.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ line: (ArraySlice<UInt8>) throws -> Void) rethrows {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n") where endsInReturn:
                // The line has ended with the return before it, which came at once and not with the next bytes.
                endsInReturn = false
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                endsInReturn = byte == UInt8(ascii: "\r")
                try line(text[start...])
                text.append(UInt8(ascii: "\n"))
                start = text.count
            default:
                endsInReturn = false
                text.append(byte)
            }
        }
    }

    /// Hands over what stands behind the last end of a line, where there is anything.
    mutating func finish(_ line: (ArraySlice<UInt8>) throws -> Void) rethrows {
        guard start < text.count else { return }
        try line(text[start...])
        start = text.count
    }
}

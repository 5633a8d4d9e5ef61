package import LoopModel

/// A directory's `SHA256SUMS`, in the format that coreutils' `sha256sum` writes and `sha256sum -c` checks.
///
/// A line is the digest, a space, a space or `*`, and the name. Where a backslash stands before the digest, the name
/// is escaped: `\\`, `\n` and `\r` for a backslash, a newline and a carriage return.
package struct SumsFile: Hashable, Sendable {
    /// The digests by file.
    package var checksums: [FileName: Checksum]

    /// The largest file that is read, in bytes: room for some hundred thousand files.
    package static let limit = 1 << 25

    package init(_ checksums: [FileName: Checksum]) {
        self.checksums = checksums
    }

    /// Reads a whole file; unlike `sha256sum -c`, nothing in it is skipped.
    package init(parsing bytes: some Sequence<UInt8>) throws(SumsFileError) {
        checksums = [:]
        var lines = Array(bytes).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // Every run has a file, so that an empty list is one that was cut, not one of nothing.
        guard lines.count > 1 || lines.first?.isEmpty == false else { throw SumsFileError(line: 1, .empty) }
        guard lines.popLast()?.isEmpty == true else { throw SumsFileError(line: lines.count + 1, .unterminated) }
        for (index, line) in lines.enumerated() {
            do throws(SumsFileError.Reason) {
                let (name, checksum) = try Self.parse(line)
                guard checksums.updateValue(checksum, forKey: name) == nil else { throw .repeated }
            } catch {
                throw SumsFileError(line: index + 1, error)
            }
        }
    }

    private static func parse(_ line: ArraySlice<UInt8>) throws(SumsFileError.Reason) -> (FileName, Checksum) {
        let isEscaped = line.first == UInt8(ascii: "\\")
        let line = isEscaped ? line.dropFirst() : line
        guard let checksum = Checksum(hexadecimal: line.prefix(64)) else { throw .digest }
        let rest = line.dropFirst(64)
        guard rest.first == UInt8(ascii: " "), let kind = rest.dropFirst().first,
            kind == UInt8(ascii: " ") || kind == UInt8(ascii: "*")
        else { throw .separator }
        let written = rest.dropFirst(2)
        guard let bytes = isEscaped ? unescape(written) : Array(written), let name = FileName(bytes) else {
            throw .name
        }
        return (name, checksum)
    }

    /// The file's content, sorted by name.
    package func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, checksum) in checksums.sorted(by: { $0.key < $1.key }) {
            let escaped = Self.escape(name.bytes)
            if escaped != name.bytes { bytes.append(UInt8(ascii: "\\")) }
            bytes += checksum.hexadecimal
            bytes += [UInt8(ascii: " "), UInt8(ascii: " ")]
            bytes += escaped
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    private static let escapes: [(plain: UInt8, letter: UInt8)] = [
        (UInt8(ascii: "\\"), UInt8(ascii: "\\")), (UInt8(ascii: "\n"), UInt8(ascii: "n")),
        (UInt8(ascii: "\r"), UInt8(ascii: "r")),
    ]

    private static func escape(_ name: [UInt8]) -> [UInt8] {
        name.flatMap { byte in
            escapes.first { $0.plain == byte }.map { [UInt8(ascii: "\\"), $0.letter] } ?? [byte]
        }
    }

    private static func unescape(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        var plain: [UInt8] = []
        var rest = name
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                plain.append(byte)
                continue
            }
            guard let letter = rest.popFirst(), let escape = escapes.first(where: { $0.letter == letter }) else {
                return nil
            }
            plain.append(escape.plain)
        }
        return plain
    }
}

/// Why bytes are no `SHA256SUMS`.
package struct SumsFileError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, Error, Hashable, Sendable {
        case unterminated = "the last line has no end: the file was cut"
        case empty = "there is none: the file was cut"
        case digest = "no SHA-256 digest of 64 hexadecimal digits"
        case separator = "no two characters (space, then space or asterisk) between digest and name"
        case name = "no name of a file in the same directory"
        case repeated = "a name that stands there twice"
        case missing = "missing, though the mirror's copy has one"
        case noFile = "no regular file"
        case tooLarge = "too large to be one"
        case unreadable = "cannot be read (input/output error)"
    }

    /// The line's number, from 1 on; 0 where it is about the file.
    package let line: Int
    package let reason: Reason

    package init(line: Int, _ reason: Reason) {
        self.line = line
        self.reason = reason
    }

    package var description: String {
        line == 0 ? "SHA256SUMS: \(reason.rawValue)" : "SHA256SUMS line \(line): \(reason.rawValue)"
    }
}

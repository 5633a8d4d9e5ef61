import Glibc

/// Tries a property on many variations of sound inputs.
///
/// A test run tries a bounded number. In the environment:
///
///     LOOPSYNC_MUTATIONS=200000     so many variations for each property
///     LOOPSYNC_MUTATION=4711        only the variation of that number, to look into a failure
///     LOOPSYNC_MUTATION_TRACE=FILE  keep in FILE the variation that is being tried: what is there after a crash caused it
package struct MutationRun: Sendable {
    /// Makes the variations.
    package let mutator: Mutator
    private let numbers: Range<UInt64>

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - corpus: a directory below `Tests` with an input in each file; or one file with an input in each line.
    ///   - words: as for `Mutator`.
    ///   - brackets: as for `Mutator`.
    ///   - bounded: how many variations are tried where the environment says nothing.
    package init(
        _ corpus: String,
        words: [String],
        brackets: [(String, String)] = [("[", "]"), (#"{"a":"#, "}")],
        bounded: Int
    ) throws {
        mutator = Mutator(corpus: try Self.inputs(corpus), words: words, brackets: brackets)
        if let only = Self.setting("LOOPSYNC_MUTATION") {
            numbers = only..<(only + 1)
        } else {
            numbers = 0..<(Self.setting("LOOPSYNC_MUTATIONS") ?? UInt64(bounded))
        }
    }

    private static func setting(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }

    /// The inputs of a corpus, in the order of their names.
    package static func inputs(_ corpus: String) throws -> [[UInt8]] {
        let path = "\(PackageDirectory.path)/Tests/\(corpus)"
        let inputs =
            Disk.isDirectory(path)
            ? Disk.names(in: path).compactMap { Disk.read("\(path)/\($0)") }
            : (Disk.read(path) ?? []).split(separator: UInt8(ascii: "\n")).map(Array.init)
        guard !inputs.isEmpty else { throw TestSupportError("no input in \(path)") }
        return inputs
    }

    /// All variations with their numbers.
    package var variations: some Sequence<(number: UInt64, bytes: [UInt8])> {
        numbers.lazy.map { ($0, mutator.variation($0)) }
    }

    /// Tries a property on each variation.
    ///
    /// - Parameter property: what is wrong with a variation; nil where nothing is.
    /// - Returns: the first failure with the number and the bytes to find it again, the bytes as a Swift literal; nil
    ///   where all is well.
    package func firstFailure(_ property: ([UInt8]) throws -> String?) rethrows -> String? {
        let trace = getenv("LOOPSYNC_MUTATION_TRACE").map { String(cString: $0) }
        for (number, bytes) in variations {
            if let trace { try? Disk.write(bytes, to: trace) }
            if let wrong = try property(bytes) { return Self.describe(number, bytes, wrong) }
        }
        return nil
    }

    /// A failure for people.
    package static func describe(_ number: UInt64, _ bytes: [UInt8], _ wrong: String) -> String {
        "variation \(number): \(wrong)\n\(literal(bytes))"
    }

    private static func literal(_ bytes: [UInt8]) -> String {
        let text = bytes.prefix(4000).map { byte in
            switch byte {
            case 0x20...0x7E where byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\""):
                String(UnicodeScalar(byte))
            default: "\\x" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }
        }.joined()
        return "\"\(text)\"" + (bytes.count > 4000 ? "… (\(bytes.count) bytes)" : "")
    }
}

import Glibc

/// What `output_contains` looks for: a regular expression of Python's `re`, without flags but those that it has itself.
///
/// What Python does not take for an expression is searched as it is written. Expressions are searched by the standard
/// library's `Regex` after a translation; where Python and it differ still:
///
/// - A look-behind that does not stand at the beginning of the whole expression or of one of its alternatives, a
///   conditional group, `\N{…}`, and `\b` together with a reference to a group are not supported; the verdict is `error`.
/// - A range of characters whose ends have another form in Unicode's NFC (`[\u2000-\u2001]`) is not supported either.
/// - `(?m)` with a `^` that does not stand at the beginning also finds it after `\r`, `\u{85}` and the like.
/// - Which letters are the same without regard to case is said by another version of Unicode.
///
/// `Regex` needs about ten times as long as Python, and as Python it may go back without end: 200 ms for a megabyte
/// without a match is usual, and seconds for `a.*b.*c`.
struct OutputPattern: Sendable {
    /// Why a pattern cannot be searched for.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private enum Form {
        case text([UInt8])
        case expression(SharedRegex, WordMarks?)
        case failure(Failure)
    }

    private let form: Form

    /// Translates a pattern.
    init(_ pattern: String) {
        let bytes = Array(pattern.utf8)
        guard bytes.contains(where: Self.special.contains) else {
            form = .text(bytes)
            return
        }
        switch PatternTranslator.translate(pattern) {
        case .failure(.invalid):
            form = .text(bytes)
        case .failure(.unsupported(let reason)):
            form = .failure(Failure(description: "Pattern not supported: \(reason)"))
        case .success(let translated):
            do {
                form = .expression(SharedRegex(try Regex(translated.text)), translated.marks)
            } catch {
                form = .failure(Failure(description: "Pattern not supported: \(error)"))
            }
        }
    }

    private static let special = Set("\\.^$*+?{}[]|()".utf8)

    /// Whether a text has it somewhere.
    func isFound(in output: String) -> Result<Bool, Failure> {
        switch form {
        case .text(let bytes):
            var output = output
            return .success(output.withUTF8 { contains($0, bytes) })
        case .expression(let shared, let marks):
            return Result { try shared.regex.firstMatch(in: marks?.mark(output) ?? output) != nil }
                .mapError { Failure(description: "Pattern not supported: \($0)") }
        case .failure(let failure):
            return .failure(failure)
        }
    }

    private func contains(_ text: UnsafeBufferPointer<UInt8>, _ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard let base = text.baseAddress, text.count >= part.count else { return false }
        var place = 0
        while place <= text.count - part.count {
            guard let found = memchr(base + place, Int32(first), text.count - part.count - place + 1) else {
                return false
            }
            if memcmp(found, part, part.count) == 0 { return true }
            place = UnsafeRawPointer(found) - UnsafeRawPointer(base) + 1
        }
        return false
    }
}

/// An expression that several threads may search with.
private final class SharedRegex: @unchecked Sendable {  // made of text alone, so without code that could share anything
    let regex: Regex<AnyRegexOutput>

    init(_ regex: Regex<AnyRegexOutput>) {
        self.regex = regex.matchingSemantics(.unicodeScalar)
    }
}

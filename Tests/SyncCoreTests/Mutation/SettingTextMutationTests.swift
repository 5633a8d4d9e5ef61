import Glibc
import LoopModel
import SyncCore
import TestSupport
import Testing

/// Damaged words of the configuration: patterns, namespaces, lengths of time and sizes.
@Suite struct SettingTextMutationTests {
    @Test func `a pattern covers what fnmatch says it covers`() throws {
        let run = try MutationRun(
            "SyncCoreTests/Corpus/globs.txt",
            words: ["*", "?", "[", "]", "[!", "[^", "-", "\\", "a", "b", "[a-c]", "**", "[]", "[!]"],
            brackets: [("*", "a"), ("[", "]")],
            bounded: 4000
        )
        let names = ["", "a", "b", "ab", "]", "[", "-", "!", "^", "\\", "*", "a*b\\", "abab", "xaab", "[a", "nightly-"]
        let failure = run.firstFailure { bytes in
            // Of other characters fnmatch knows what the locale knows, and of classes such as [:alpha:] more than we do.
            let pattern = String(decoding: bytes.prefix(40).map { Self.plain.contains($0) ? $0 : 0x61 }, as: UTF8.self)
            let glob = Glob(pattern)
            for name in names {
                // Two more ways of fnmatch: a pattern that ends in a lone backslash, and a class that is never closed,
                // match nothing there; here both stand for themselves.
                guard Self.isWhole(pattern) else { continue }
                let theirs = fnmatch(pattern, name, 0) == 0
                if glob.matches(name) != theirs { return "\(pattern) and \(name): fnmatch says \(theirs)" }
            }
            return glob.matches(JSONString(pattern)) == glob.matches(pattern) ? nil : "another answer for the same name"
        }
        #expect(failure == nil)
    }

    private static let plain = Set("abcxyz*?[]!^-\\n".utf8)

    /// Whether a pattern has neither a backslash at its end nor a class that is never closed.
    private static func isWhole(_ pattern: String) -> Bool {
        var rest = pattern.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.popFirst() == nil { return false }
            guard byte == UInt8(ascii: "[") else { continue }
            if rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^") { rest.removeFirst() }
            var isFirst = true
            while true {
                guard let inner = rest.popFirst() else { return false }
                if inner == UInt8(ascii: "]"), !isFirst { break }
                if inner == UInt8(ascii: "\\"), rest.popFirst() == nil { return false }
                isFirst = false
            }
        }
        return true
    }

    @Test func `every component of a namespace is a visible name, whatever host, user and project are called`() throws {
        let run = try MutationRun(
            "SyncCoreTests/Corpus/namespaces.txt",
            words: ["{host}", "{project}", "{user}", "{", "}", "/", ".", "..", "\u{301}", "%", "\0", "\n"],
            brackets: [("{", "}"), ("x", "")],
            bounded: 3000
        )
        let names = ["ada", ".\u{301}x", "..", "a/b", "", "\u{301}", String(repeating: "é", count: 300)]
        let failure = run.firstFailure { bytes in
            guard let template = try? NamespaceTemplate(String(decoding: bytes, as: UTF8.self)) else { return nil }
            for name in names {
                let owner = MirrorOwner(machine: "m", host: name, user: name, loopsPath: "/home/\(name)/.loops")
                for attempt in 0..<NamespaceTemplate.candidates {
                    let path = template.candidate(attempt, for: owner)
                    guard !path.isEmpty,
                        path.allSatisfy({ $0.bytes.first != UInt8(ascii: ".") && FileName($0.bytes) != nil })
                    else { return "\(path) for \(name)" }
                }
            }
            return nil
        }
        #expect(failure == nil)
    }

    @Test func `a length of time or a size that is read is written so that it is read again`() throws {
        let run = try MutationRun(
            "SyncCoreTests/Corpus/quantities.txt",
            words: ["ms", "y", "K", "\u{212A}", "\u{0663}", "\u{FF11}", "-", "+", ".", "e3", " ", "0x"],
            brackets: [("9", "0"), ("1", "K")],
            bounded: 6000
        )
        let failure = run.firstFailure { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            if let length = DurationText.parse(text) {
                guard DurationText.parse(DurationText.format(length)) == length else {
                    return DurationText.format(length)
                }
                guard length >= .zero, bytes.allSatisfy({ $0 < 0x80 }) else { return "read as \(length)" }
            }
            if let size = SizeText.parse(text) {
                guard SizeText.parse(SizeText.exact(size)) == size else { return SizeText.exact(size) }
                guard size >= 0, bytes.allSatisfy({ $0 < 0x80 }) else { return "read as \(size)" }
                guard SizeText.rounded(size).utf8.count < 8 else { return SizeText.rounded(size) }
            }
            return nil
        }
        #expect(failure == nil)
    }

    @Test func `a thousand years are the longest time, and the largest size is what fits`() {
        #expect(DurationText.parse("1000y") != nil)
        #expect(DurationText.parse("31536000000001ms") == nil)
        #expect(DurationText.parse("31536000000000ms") == DurationText.parse("1000y"))
        #expect(SizeText.parse("8191P") != nil)
        #expect(SizeText.parse("8192P") == nil)
        #expect(SizeText.parse("9223372036854775807") == .max)
        #expect(SizeText.parse("9223372036854775808") == nil)
    }
}

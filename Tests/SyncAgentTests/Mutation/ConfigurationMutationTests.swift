import LoopModel
import SyncCore
import TestSupport
import Testing
import YAMLReading

@testable import SyncAgent

/// Damaged configuration files: each is accepted, or refused at a place inside it, in words that a terminal can show.
@Suite struct ConfigurationMutationTests {
    private static let words =
        ConfigurationFile.topLevel + ArchiveSettings.keys + RetentionPolicy.keys + [
            ": ", "- ", "\n  ", "\n", "\r\n", "\r", "\t", "#", "&a ", "*a", "!!str ", "!%1B[31m ", "? ", "|\n", ">-\n",
            "---\n",
            "...\n", "%YAML 1.2\n", "\"\\e[31m\"", "\"\\u202e\"", "'", "\"", "{", "}", "[", "]", ",", "~", "null",
            "never",
            "all", "{host}", "\u{85}", "\u{2028}", "\u{2029}", "\u{B}", "\u{FEFF}", "\u{1B}[2J", "\u{E000}", "é",
            "<<: ",
        ]

    @Test func `a file is accepted, or refused at a place inside it that a person can look at`() throws {
        let run = try MutationRun(
            "SyncAgentTests/Corpus/config",
            words: Self.words,
            brackets: [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")],
            bounded: 2500
        )
        var accepted = 0
        let failure = run.firstFailure { bytes in
            let result = Result { () throws(ConfigurationError) in try parse(bytes, origin: .project) }
            switch result {
            case .success(let (configuration, notices)):
                accepted += 1
                if !configuration.watch.isEmpty || !configuration.hooks.commands.isEmpty {
                    return "trusts a project's file"
                }
                return notices.lazy.compactMap(Self.wrong(text:)).first
            case .failure(let error):
                return error.problems.isEmpty ? "refused without a reason" : Self.wrong(error, in: bytes)
            }
        }
        #expect(failure == nil)
        #expect(accepted > 0)
    }

    private static func wrong(_ error: ConfigurationError, in bytes: [UInt8]) -> String? {
        let lines = lines(of: bytes)
        for problem in error.problems {
            guard 1...lines.count ~= problem.line else {
                return "line \(problem.line) of \(lines.count): \(problem.message)"
            }
            guard 1...(lines[problem.line - 1] + 1) ~= problem.column else {
                return
                    "column \(problem.column) of \(lines[problem.line - 1]) in line \(problem.line): \(problem.message)"
            }
            if let wrong = ([problem.message] + problem.excerpt).lazy.compactMap(wrong(text:)).first { return wrong }
        }
        return nil
    }

    /// The lengths of the lines as YAML counts them, in characters.
    private static func lines(of bytes: [UInt8]) -> [Int] {
        let text = String(
            decoding: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...],
            as: UTF8.self
        )
        return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(\.unicodeScalars.count)
    }

    private static func wrong(text: String) -> String? {
        let hostile = text.unicodeScalars.first { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
        return hostile.map { "prints U+\(String($0.value, radix: 16)): \(text)" }
    }

    @Test func `a file of just the limit is read and one of a byte more is refused`() throws {
        let start = Array("version: 1\n#".utf8)
        let most = start + [UInt8](repeating: 0x78, count: ConfigurationFile.limits.size - start.count)
        #expect(try parse(most).notices == [])
        #expect { try parse(most + [0x78]) } throws: { "\($0)".contains("larger than 256 KiB") }
    }

    @Test(arguments: [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")])
    func `a file that nests to its last byte is refused and stops nobody`(open: String, close: String) {
        for count in [100, 900, 1100, 20_000, ConfigurationFile.limits.size / open.utf8.count / 2] {
            let text = "log: " + String(repeating: open, count: count) + String(repeating: close, count: count)
            #expect(throws: ConfigurationError.self) { try parse("\n" + text) }
            #expect(throws: ConfigurationError.self) { try parse(String(repeating: open, count: count)) }
        }
    }
}

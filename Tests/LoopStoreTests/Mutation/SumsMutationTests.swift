import LoopModel
import LoopStore
import TestSupport
import Testing

/// Damaged `SHA256SUMS`.
@Suite struct SumsMutationTests {
    private static let words = [
        "  ", " *", "\\", "\\n", "\\r", "\\\\", "/", "..", "\n", "\r\n", "#", "SHA256 (a) = ", "\0",
        String(repeating: "0", count: 64), "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
    ]

    private func run(bounded: Int) throws -> MutationRun {
        try MutationRun("LoopStoreTests/Corpus/sums", words: Self.words, brackets: [("0", "a")], bounded: bounded)
    }

    @Test func `sums that are read are written so that they are read again, and a mistake has its line`() throws {
        let failure = try run(bounded: 3000).firstFailure { bytes in
            let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
            do throws(SumsFileError) {
                let sums = try SumsFile(parsing: bytes)
                guard !sums.checksums.isEmpty else { return "sums of nothing" }
                let written = sums.serialized()
                guard let again = try? SumsFile(parsing: written) else { return "written and then refused" }
                guard again == sums else { return "written and read again are other sums" }
                return again.serialized() == written ? nil : "written twice is another text"
            } catch {
                return 1...lines ~= error.line ? nil : "a mistake in line \(error.line) of \(lines)"
            }
        }
        #expect(failure == nil)
    }

    /// Where our check finds nothing wrong, coreutils' finds nothing wrong, and the reverse for all that ours can read.
    ///
    /// Sums that ours refuses may be read there: comments and empty lines, names with a slash, a last line without its end.
    @Test func `what is sound for us is sound for sha256sum, and what is damaged is damaged`() throws {
        let temporary = try TemporaryDirectory()
        let contents = ["a": "a", "b": "b", "c": "c", "new\nline": "b", "back\\slash": "c", " blank ": "a"]
        for (name, content) in contents { try Disk.write(content, to: temporary.path(name)) }
        let directory = try temporary.open()
        let run = try run(bounded: 300)
        var checked = 0
        for (number, bytes) in run.variations {
            guard let sums = try? SumsFile(parsing: bytes) else { continue }
            // That a file is not listed at all, coreutils does not look for.
            let isSound = try sums.damage(in: directory).allSatisfy { $0.kind == .extra }
            try Disk.write(bytes, to: temporary.path("SHA256SUMS"))
            let theirs = try Subprocess.run(
                ["/usr/bin/sha256sum", "-c", "--strict", "--status", "SHA256SUMS"],
                in: temporary.path
            )
            checked += 1
            guard theirs.succeeded == isSound else {
                Issue.record("\(MutationRun.describe(number, bytes, "ours: \(isSound), sha256sum: \(theirs)"))")
                return
            }
        }
        #expect(checked > 0)
    }

    @Test func `any names at all are written so that they are read again`() throws {
        let run = try MutationRun("LoopModelTests/Corpus/names.txt", words: Self.words, bounded: 2000)
        let failure = run.firstFailure { bytes in
            let names = [bytes[...], bytes.prefix(20), bytes.suffix(20)].compactMap { FileName($0) }
            guard !names.isEmpty else { return nil }
            let sums = SumsFile(Dictionary(names.map { ($0, Checksum(of: $0.bytes)) }) { one, _ in one })
            return (try? SumsFile(parsing: sums.serialized())) == sums ? nil : "\(names)"
        }
        #expect(failure == nil)
    }
}

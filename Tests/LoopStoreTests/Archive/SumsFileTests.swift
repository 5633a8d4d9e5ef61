import LoopModel
import LoopStore
import TestSupport
import Testing

@Suite("SHA256SUMS")
struct SumsFileTests {
    private func names(_ texts: [String]) -> [FileName] { texts.compactMap { FileName($0) } }

    @Test func `sha256sum checks what we write and writes what we read, names of any kind included`() throws {
        try TemporaryDirectory.with { temporary in
            let directory = try temporary.open()
            var all = names(["a", "state.json", " b ", "back\\slash", "new\nline", "*star", "\\n", "ünï"])
            all.append(try #require(FileName([0xFF, 0xFE, 0x20])))
            for name in all {
                let file = try directory.createFile(name, mode: 0o644)
                try file.write(name.bytes + name.bytes, at: 0)
            }
            let sums = try SumsFile.computed(for: directory)
            #expect(Set(sums.checksums.keys) == Set(all))
            try Disk.write(sums.serialized(), to: temporary.path("SHA256SUMS"))
            let check = try Subprocess.run(
                ["/usr/bin/sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"],
                in: temporary.path
            )
            #expect(check.succeeded, "\(check)")

            let made = try Subprocess.run(
                ["/bin/sh", "-c", "sha256sum -- [!S]* > ../$$.sums; mv ../$$.sums SHA256SUMS"],
                in: temporary.path
            )
            #expect(made.succeeded, "\(made)")
            #expect(try SumsFile(parsing: #require(Disk.read(temporary.path("SHA256SUMS")))) == sums)
            #expect(try sums.damage(in: directory) == [])
        }
    }

    @Test func `serialised sums are sorted by bytes and parse to the same`() throws {
        let sums = SumsFile(
            Dictionary(uniqueKeysWithValues: names(["b", "B", "a\\", "é"]).map { ($0, Checksum(of: $0.bytes)) })
        )
        let bytes = sums.serialized()
        #expect(try SumsFile(parsing: bytes) == sums)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.suffix(2) }
        #expect(lines == [" B", "\\\\", " b", " é"])
    }

    private static let digest = String(repeating: "ab", count: 32)

    @Test(arguments: [
        ("\(digest)  a", SumsFileError.Reason.unterminated, 1),
        ("\(digest)  a\n\(digest.dropLast())  b\n", .digest, 2),
        ("g\(digest.dropFirst())  a\n", .digest, 1),
        ("\(digest) a\n", .separator, 1),
        ("\(digest)\ta\n", .separator, 1),
        ("\(digest)  ../a\n", .name, 1),
        ("\(digest)  ..\n", .name, 1),
        ("\(digest)  \n", .name, 1),
        ("\\\(digest)  a\\x\n", .name, 1),
        ("\\\(digest)  a\\\n", .name, 1),
        ("\(digest)  a\n\n", .digest, 2),
        ("\(digest)  a\n\(digest) *a\n", .repeated, 2),
        ("", .empty, 1), ("\n", .digest, 1),
    ])
    func `a line that is none is an error with its number`(text: String, reason: SumsFileError.Reason, line: Int) {
        #expect(throws: SumsFileError(line: line, reason)) { try SumsFile(parsing: text.utf8) }
    }

    @Test func `missing, changed and extra files are told apart, and what is no file does not count`() throws {
        try TemporaryDirectory.with { temporary in
            for name in ["same", "changed", "missing"] { try Disk.write(name, to: temporary.path(name)) }
            let directory = try temporary.open()
            let sums = try SumsFile.computed(for: directory)
            try Disk.write("changes", to: temporary.path("changed"))
            try Disk.remove(temporary.path("missing"))
            try Disk.write("", to: temporary.path("extra"))
            try Disk.write("", to: temporary.path(".keep"))
            try Disk.makeDirectories(temporary.path("directory"))
            #expect(
                try sums.damage(in: directory).map(\.description)
                    == ["changed: changed", "extra: not in SHA256SUMS", "missing: missing"]
            )
        }
    }
}

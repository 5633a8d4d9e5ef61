import LoopModel
import TestSupport
import Testing

@testable import LoopEngine

/// Damaged files of loops: each is taken, or refused at a place inside it, in words that a terminal can show.
@Suite struct DamagedLoopTests {
    private static let words = [
        ": ", "- ", "\n", "  ", "\t", "#", "&a ", "*a", "!!str ", "? ", "|\n", ">-\n", "---\n", "...\n", "\"", "'", "{",
        "}", "[", "]", ",", "~", "<<: ",
        "*a: 1", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{1B}[2J", "é", "\0", "${", "type: ", "on_yes: ",
        "- &a [*a, *a]\n", "\"\\e[31m\"", "\u{E000}",
    ]

    @Test func `a file is taken, or refused at a place inside it that a person can look at`() throws {
        var generator = LoopGenerator(seed: 0x71)
        var random = SplitMix(seed: 0x72)
        var taken = 0
        for _ in 0..<3000 {
            var bytes = Array(generator.loop().utf8)
            for _ in 0..<(1 + random.below(3)) {
                let start = random.below(bytes.count + 1)
                let end = min(bytes.count, start + random.pick([0, 0, 1, 4, 40]))
                let word = random.below(10) > 0 ? Array(random.pick(Self.words).utf8) : [UInt8(random.below(256))]
                bytes.replaceSubrange(start..<end, with: word)
            }
            let problems: [DefinitionProblem]
            do throws(LoopDefinitionError) {
                problems = try LoopDefinition.parse(bytes, file: "l.yaml").warnings
                taken += 1
            } catch {
                problems = error.problems
                #expect(problems.contains { $0.severity == .error }, "\(String(decoding: bytes, as: UTF8.self))")
            }
            let lines = String(decoding: bytes, as: UTF8.self).split(
                omittingEmptySubsequences: false,
                whereSeparator: \.isNewline
            ).count
            for problem in problems {
                #expect(0...lines ~= problem.line, "\(problem)")
                let isPrintable = ([problem.message] + problem.excerpt).allSatisfy { text in
                    PrintableText.escapingControls(in: text) == text && !text.contains("\n")
                }
                #expect(isPrintable, "\(problem)")
            }
        }
        #expect(taken > 50)
    }

    @Test func `what is nested deeper than anybody writes it is taken or refused, on a thread of the pool too`() async {
        let rest = "name: l\ninitial: a\nstates: {a: {terminal: true}}\n"
        for depth in [400, 600, 950, 20_000] {
            let flow = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let block = String(repeating: "- ", count: depth) + "x"
            for value in ["context: {k: \(flow)}", "context:\n  k:\n    \(block)"] {
                let isTaken = await Task.detached {
                    (try? LoopDefinition.parse(Array("\(rest)\(value)\n".utf8), file: "l.yaml")) != nil
                }.value
                #expect(isTaken == (depth == 400), "\(depth)")
            }
        }
    }

    @Test func `what cannot be read says which call failed, and what is missing where it was looked for`() throws {
        let directory = try TemporaryDirectory()
        func failure(_ name: String) -> LoopDefinitionError? {
            do throws(LoopDefinitionError) {
                _ = try LoopDefinition.load(name, in: directory.path)
                return nil
            } catch {
                return error
            }
        }
        #expect(failure("none")?.kind == .notFound)
        #expect(
            failure("none")?.description.contains("\(directory.path)/none.fsm.yaml, \(directory.path)/none.yaml")
                == true
        )
        #expect(failure("")?.kind == .notFound)
        let loop = "name: one\ninitial: a\nstates: {a: {loop: two, on_yes: b}, b: {terminal: true}}\n"
        try Disk.write(loop, to: directory.path("one.yaml"))
        let (read, warnings) = try LoopDefinition.load("one", in: directory.path)
        #expect(read["a"]?.loop == "two")
        #expect(warnings.map(\.key) == ["states.a.loop"])
        try Disk.write("- no loop\n", to: directory.path("two.fsm.yaml"))
        #expect(failure("two")?.kind == .invalid)
        #expect(try LoopDefinition.load("one", in: directory.path).warnings.isEmpty)
        try Disk.write("a: [", to: directory.path("three.yaml"))
        #expect(failure("three")?.kind == .malformed)
        #expect(try LoopDefinition.load(directory.path("one.yaml"), in: "/").loop.name == "one")
        #expect(failure("/dev/null")?.kind == .unreadable)
    }
}

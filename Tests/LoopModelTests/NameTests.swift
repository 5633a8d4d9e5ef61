import LoopModel
import Testing

@Suite struct NameTests {
    @Test(
        arguments: [
            ("2026-01-31T23:59:59.123456+00:00", "2026-01-31T235959"),
            ("2026-01-31T23:59:59+00:00", "2026-01-31T235959"),
            ("", ""), (":.+", ""), ("é:é.é+ééééééééééééééééééé", "ééééééééééééééééé"), ("/etc/passwd", "/etc/passwd"),
        ] as [(JSONString, RunID)]
    )
    func `a run id is the start without punctuation, 17 characters of it`(startedAt: JSONString, id: RunID) {
        #expect(RunID(startedAt: startedAt) == id)
    }

    @Test(arguments: [
        "fix-types", "a b", "naïve", "..x", ".hidden", "new\nline", "100%", String(repeating: "x", count: 200),
    ])
    func `a plain name of a loop stays as it is`(name: String) {
        #expect(PathSafeName.component(for: JSONString(name)).bytes == Array(name.utf8))
    }

    @Test(arguments: [
        ("we/ird", "we%2Fird"), ("..", "%2E%2E"), (".", "%2E"), ("", "%"), ("/etc", "%2Fetc"), ("a\0b", "a%00b"),
        ("../../x%", "..%2F..%2Fx%25"),
    ])
    func `a name that leads elsewhere is percent-encoded`(name: String, component: String) {
        #expect(PathSafeName.component(for: JSONString(name)).bytes == Array(component.utf8))
    }

    @Test func `long names are cut, stay apart and hold no half escape`() throws {
        let slashes = String(repeating: "/", count: 1_000_000)
        let names = [String(repeating: "x", count: 201), String(repeating: "x", count: 202), slashes, slashes + "x"]
            .map { PathSafeName.component(for: JSONString($0)) }
        #expect(Set(names).count == 4)
        for name in names {
            #expect(name.bytes.count <= PathSafeName.longest)
            let tail = try #require(name.bytes.split(separator: UInt8(ascii: "-")).last)
            #expect(tail.count == 16)
        }
        #expect(names[2].description.hasPrefix("%2F%2F"))
        #expect(names[2].description.dropLast(17).hasSuffix("%2F"))
    }

    @Test func `a byte that is no UTF-8 is that byte in the name and other lone surrogates are encoded`() {
        #expect(PathSafeName.component(for: JSONString(fileSystemBytes: [0x61, 0xFF])).bytes == [0x61, 0xFF])
        let lone = JSONString(wtf8: [0x61, 0xED, 0xA0, 0x80])
        #expect(lone.map { PathSafeName.component(for: $0).bytes } == Array("a%ED%A0%80".utf8))
    }

    @Test func `a run's place is where the executor archives it, and inside the history whatever it is called`() throws
    {
        let run = RunID(startedAt: "2026-01-31T23:59:59.1+00:00")
        #expect(RunPlace.canonical(loop: "fix", run: run, layout: .nested).description == "fix/2026-01-31T235959")
        #expect(RunPlace.canonical(loop: "fix", run: run, layout: .flat).description == "2026-01-31T235959-fix")
        #expect(RunPlace.canonical(loop: "../x", run: "..", layout: .nested).description == "..%2Fx/%2E%2E")
        let long = JSONString(String(repeating: "x", count: 200))
        let place = RunPlace.canonical(loop: long, run: RunID(long), layout: .flat)
        #expect(place.runName.bytes.count <= 255)
    }

    @Test func `places are in the order of their paths' components`() throws {
        let names = try ["a", "a-b", "ab", "b"].map { try #require(FileName($0)) }
        let places =
            names.map { RunPlace(flat: $0) } + names.flatMap { loop in names.map { RunPlace(loop: loop, run: $0) } }
        for left in places {
            for right in places {
                #expect(
                    (left < right) == left.components.lexicographicallyPrecedes(right.components),
                    "\(left) \(right)"
                )
            }
        }
    }

    @Test func `a flat name comes apart into run and loop`() throws {
        let name = try #require(FileName("2026-01-31T235959-my-loop"))
        let parts = try #require(RunPlace.parts(ofFlat: name))
        #expect(parts.run == "2026-01-31T235959")
        #expect(parts.loop.description == "my-loop")
        for other in [
            "2026-01-31T235959", "2026-01-31T235959-", "2026-01-31T235959.6-x", "count", "x2026-01-31T235959-x",
        ] {
            let name = try #require(FileName(other))
            #expect(RunPlace.parts(ofFlat: name) == nil)
        }
    }
}

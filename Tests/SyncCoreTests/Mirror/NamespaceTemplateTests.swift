import LoopModel
import SyncCore
import Testing

@Suite struct NamespaceTemplateTests {
    private let owner = MirrorOwner(machine: "m", host: "box", user: "ann", loopsPath: "/home/ann/app/.loops")

    private func path(_ template: String, _ owner: MirrorOwner? = nil) throws -> [String] {
        try NamespaceTemplate(template).expanded(for: owner ?? self.owner).map(\.description)
    }

    @Test(arguments: [
        ("{host}/{project}", ["box", "app"]), ("{user}@{host}", ["ann@box"]),
        ("loops/{project}-x", ["loops", "app-x"]),
    ])
    func `a template is expanded component by component`(_ template: String, _ expected: [String]) throws {
        #expect(try path(template) == expected)
    }

    @Test(arguments: [
        ("", NamespaceError.empty), ("/a", .absolute), ("a//b", .emptyComponent), ("a/", .emptyComponent),
        ("../x", .hiddenComponent("..")), ("a/./b", .hiddenComponent(".")), (".history", .hiddenComponent(".history")),
        (".\u{301}x", .hiddenComponent(".\u{301}x")), ("/\u{301}x", .absolute),
        ("{hots}", .unknownPlaceholder("hots")), ("{host", .unbalancedBrace), ("a}", .unbalancedBrace),
        ("{}", .unknownPlaceholder("")),
    ])
    func `what is no path of plain visible parts is refused`(_ template: String, _ expected: NamespaceError) {
        #expect(throws: expected) { _ = try NamespaceTemplate(template) }
    }

    @Test func `no host and no project leads out of the sync directory or into a mirror's own names`() throws {
        for name in ["..", ".", ".history", "a/b", "", String(repeating: "x", count: 500), "tab\there"] {
            var owner = owner
            owner.host = name
            for component in try NamespaceTemplate("{host}/{user}").expanded(for: owner) {
                #expect(component.bytes.first != UInt8(ascii: "."))
                #expect(component.bytes.count <= 200)
            }
        }
    }

    @Test func `the candidates are distinct, and each is the same every time`() throws {
        let candidates = (0..<NamespaceTemplate.candidates).map { NamespaceTemplate.standard.candidate($0, for: owner) }
        #expect(Set(candidates).count == candidates.count)
        #expect(candidates.map { $0[1].bytes.count } == [3, 8, 12, 20])
        #expect(candidates[1] == NamespaceTemplate.standard.candidate(1, for: owner))
        var other = owner
        other.loopsPath = "/home/bob/app/.loops"
        #expect(NamespaceTemplate.standard.candidate(1, for: other) != candidates[1])
    }
}

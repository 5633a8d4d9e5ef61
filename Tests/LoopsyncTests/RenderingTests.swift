import Testing

@testable import loopsync

@Suite
struct RenderingTests {
    private let table = Table(
        columns: [
            .init(title: "RUN", isFlexible: true), .init(title: "SIZE", isRightAligned: true), .init(title: "STATUS"),
        ],
        rows: [
            ["2026-11-23T201500", "4.0K", .init("completed", .good)],
            ["2026-11-24T080000", "12.5M", .init("failed", .bad)],
        ]
    )

    @Test func `a terminal gets a header and aligned columns`() {
        #expect(
            table.rendered(for: Terminal(width: 80, hasColor: false)) == """
                RUN                 SIZE  STATUS
                2026-11-23T201500   4.0K  completed
                2026-11-24T080000  12.5M  failed

                """
        )
    }

    @Test func `flexible columns give way on a narrow terminal`() {
        #expect(
            table.rendered(for: Terminal(width: 30, hasColor: false)) == """
                RUN            SIZE  STATUS
                2026-11-23T…   4.0K  completed
                2026-11-24T…  12.5M  failed

                """
        )
    }

    @Test func `a pipe gets tab-separated values, whole and without a header`() {
        #expect(
            table.rendered(for: Terminal(width: nil, hasColor: false))
                == "2026-11-23T201500\t4.0K\tcompleted\n2026-11-24T080000\t12.5M\tfailed\n"
        )
    }

    @Test func `colours surround the word and not its padding`() {
        let line = table.rendered(for: Terminal(width: 80, hasColor: true)).split(separator: "\n")[1]
        #expect(line == "2026-11-23T201500   4.0K  \u{1B}[32mcompleted\u{1B}[0m")
    }

    @Test func `no row prints nothing`() {
        #expect(Table(columns: table.columns).rendered(for: Terminal(width: 80, hasColor: true)) == "")
    }

    @Test(arguments: [
        (Duration.milliseconds(0), "0ms"), (.milliseconds(999), "999ms"), (.seconds(59), "59s"),
        (.seconds(192), "3m12s"),
        (.seconds(180), "3m"), (.seconds(3600), "1h"), (.seconds(3605), "1h"), (.seconds(187_200), "2d4h"),
        (.seconds(-5), "-5s"),
    ])
    func `durations show their two largest units`(span: Duration, text: String) {
        #expect(Amount.duration(span) == text)
    }

    @Test func `of several exit statuses the gravest counts`() {
        #expect(ExitStatus.worst(of: []) == .done)
        #expect(ExitStatus.worst(of: [.partly, .done]) == .partly)
        #expect(ExitStatus.worst(of: [.partly, .failed, .mirrorUnavailable]) == .mirrorUnavailable)
        #expect(ExitStatus.worst(of: [.mirrorUnavailable, .refused]) == .refused)
        #expect(ExitStatus.worst(of: [.refused, .damage]) == .damage)
        #expect(ExitStatus.worst(of: [.damage, .configuration]) == .configuration)
    }

    @Test func `the exit statuses are frozen`() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 3, 4, 5, 6, 10, 11, 64, 78])
    }
}

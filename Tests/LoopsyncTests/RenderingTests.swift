import LoopModel
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

    @Test func `no line is wider than the terminal, however narrow that is`() {
        var table = Table(columns: [
            .init(title: "RUN"), .init(title: "LOOP", isFlexible: true), .init(title: "STATUS"),
            .init(title: "ENDED", isDispensable: true), .init(title: "日本", isRightAligned: true),
            .init(title: "WHY", isProse: true),
        ])
        table.rows = [
            [
                "2026-11-23T201500", "a-loop-with-a-long-name", "completed", "2026-11-23 20:18:12", "日本語です",
                "no rule keeps it (within 2d passed, last 2 reached)",
            ]
        ]
        for width in 1...150 {
            let lines = table.rendered(for: Terminal(width: width, hasColor: false)).split(separator: "\n")
            #expect(lines.allSatisfy { $0.columns <= width }, "\(width)")
        }
    }

    @Test func `reasons go on below, and none of their words is lost`() {
        let table = Table(
            columns: [.init(title: "RUN"), .init(title: "WHY", isProse: true)],
            rows: [
                ["2026-11-23T201500", .init("no rule keeps it (last 2 reached)", .dim)], ["2026-11-24T080000", "held"],
            ]
        )
        #expect(
            table.rendered(for: Terminal(width: 44, hasColor: false)) == """
                RUN                WHY
                2026-11-23T201500  no rule keeps it (last 2
                                   reached)
                2026-11-24T080000  held

                """
        )
    }

    @Test func `plain status parts its lines at words and cuts nothing`() {
        let text = StatusReport.nothing(
            of: "/home/a/code/app/.loops",
            obstacle: "open /home/a/code/app/.loops: Permission denied: the status cannot be told",
            now: Timestamp(seconds: 0)
        ).text(for: Terminal(width: 44, hasColor: false))
        #expect(
            text == """
                ● /home/a/code/app/.loops
                              open /home/a/code/app/.loops:
                              Permission denied: the status
                              cannot be told

                """
        )
    }

    @Test func `projects are called by their own names, and by more where they share one`() {
        let paths = [".loops", "/code/node/app/.loops", "/code/other/app/.loops", "/code/site/.loops", "/data/loops"]
        let names = ProjectNames.distinct(paths) { $0 == ".loops" ? "/home/a/here/.loops" : $0 }
        #expect(paths.map { names[$0] } == ["here", "node/app", "other/app", "site", "loops"])
        #expect(
            ProjectNames.distinct(["/app/.loops", "/x/app/.loops"]) == ["/app/.loops": "app", "/x/app/.loops": "x/app"]
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

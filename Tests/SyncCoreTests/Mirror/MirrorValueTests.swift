import LoopModel
import SyncCore
import Testing

@Suite struct MirrorValueTests {
    private let now = Timestamp(seconds: 1_790_000_000)

    @Test func `a pacer spaces writes, each file by itself, and forgives a clock that was set back`() {
        var pacer = LivePacer<String>(interval: .seconds(10))
        #expect(pacer.wait(for: "a", now: now) == nil)
        pacer.wrote("a", now: now)
        #expect(pacer.wait(for: "a", now: now + .seconds(4)) == now + .seconds(10))
        #expect(pacer.wait(for: "b", now: now + .seconds(4)) == nil)
        #expect(pacer.wait(for: "a", now: now + .seconds(10)) == nil)
        #expect(pacer.wait(for: "a", now: now - .seconds(3600)) == nil)
    }

    @Test func `a backoff doubles to a minute and ends with the first success`() {
        var backoff = MirrorBackoff()
        #expect(backoff.wait(now: now) == nil)
        let waits = (0..<9).map { _ in backoff.failed(now: now) - now }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
        #expect(backoff.wait(now: now + .seconds(59)) == now + .seconds(60))
        #expect(backoff.wait(now: now + .seconds(60)) == nil)
        #expect(backoff.wait(now: now - .seconds(7200)) == nil)
        backoff.succeeded()
        let again = backoff.failed(now: now)
        #expect(again == now + .seconds(1))
    }

    @Test(arguments: [
        ("events.sync-conflict-20260101-120000-ABCDEFG.jsonl", true),
        ("state (conflicted copy 2026-01-01).json", true), ("state (bob's conflicted copy 2026-01-01).json", true),
        ("state_conflict-20260101-120000.json", true), ("state.Conflict.json", true),
        ("2026-01-31T235959-conflict", false), ("state.json", false), ("resolve-conflicts", false),
    ])
    func `the conflict copies of sync clients are told from loops with such names`(_ name: String, _ expected: Bool)
        throws
    {
        #expect(ConflictCopy.isOne(try #require(FileName(name))) == expected)
    }

    @Test(arguments: [
        (
            #"{"a": 1, "status": "x", "updated_at": "1"}"#,
            #"{"status": "y", "updated_at": "2", "a": 1, "reconciled_at": "2"}"#, true
        ),
        (#"{"a": 1}"#, #"{"a": 1, "reconciled_at": "2"}"#, true), (#"{"a": 1}"#, #"{"a": 2}"#, false),
        (#"{"a": 1}"#, #"{"a": 1, "b": 2}"#, false), (#"{"a": 1}"#, #"[1]"#, false), (#"{"a": 1}"#, "", false),
    ])
    func `a reader's flip changes three keys and no other`(_ ours: String, _ found: String, _ expected: Bool) {
        #expect(ReaderFlip.isAll(between: Array(ours.utf8), and: Array(found.utf8)) == expected)
    }

    @Test func `a marker is read as it was written, and nothing else is one`() {
        let marker = MirrorMarker(id: "7f", machine: "m", host: "box", loopsPath: "/a \"b\"/.loops", created: "2026")
        #expect(MirrorMarker(parsing: marker.serialized()) == marker)
        for text in ["", "{}", "[]", #"{"id": "", "loops": "x"}"#, #"{"id": 1, "loops": "x"}"#] {
            #expect(MirrorMarker(parsing: Array(text.utf8)) == nil)
        }
        for length in 0..<(marker.serialized().count - 1) {
            #expect(MirrorMarker(parsing: Array(marker.serialized().prefix(length))) == nil)
        }
    }

    @Test func `the memory is read as it was written, and what is damaged in it is left out`() throws {
        let mirror = RememberedMirror(
            syncPath: "/mnt/x",
            namespace: [try #require(FileName([0x61, 0xFF])), FileName(literal: "app")],
            id: "7f",
            created: "2026",
            loopsPath: "/a/.loops",
            machine: "m",
            fileSystem: FileSystemSeen(device: 77, type: "ext4", mountPoint: "/mnt")
        )
        #expect(RememberedMirror.parse(RememberedMirror.serialize([mirror, mirror])) == [mirror, mirror])
        let damaged = #"{"mirrors": [{"sync": "/x", "id": "1", "namespace": ["..", "a"]}, 5, {"sync": "/x"}]}"#
        #expect(RememberedMirror.parse(Array(damaged.utf8)).isEmpty)
        #expect(RememberedMirror.parse([]).isEmpty)
    }

    @Test func `a stem is taken from a file's name and gives it back`() throws {
        let directory = [FileName(literal: "sub")]
        let parsed = try #require(LiveStem.parse(FileName(literal: "x.yaml-1.events.jsonl"), below: directory))
        #expect(parsed.stem.description == "sub/x.yaml-1")
        #expect(parsed.kind == .events)
        #expect(parsed.stem.name(of: .state) == FileName(literal: "x.yaml-1.state.json"))
        for name in [".events.jsonl", "x.lock", "events.jsonl", "x.state.json.tmp"] {
            #expect(LiveStem.parse(try #require(FileName(name)), below: []) == nil)
        }
    }

    @Test func `what this user may not read is never to be adopted`() throws {
        let namespace = [FileName(literal: "host"), FileName(literal: "app")]
        let owner = MirrorOwner(machine: "m", host: "box", user: "a", loopsPath: "/a/.loops")
        let place = SeenPlace(namespace: namespace, content: .inaccessible("open x: Permission denied", isDenied: true))
        let fileSystem = FileSystemSeen(device: 1, type: "ext4", mountPoint: "/mnt")
        let views: [SyncView] = [
            .unreachable("open /mnt/x: Permission denied", isDenied: true),
            .directory(fileSystem: fileSystem, isEmpty: false, places: [place]),
        ]
        let remembered = RememberedMirror(
            syncPath: "/mnt/x",
            namespace: namespace,
            id: "7f",
            created: "",
            loopsPath: "",
            machine: "",
            fileSystem: fileSystem
        )
        for view in views {
            for (before, isAdopting) in [(nil, false), (remembered, false), (remembered, true), (nil, true)] {
                let decision = MirrorDecision.decide(
                    owner: owner,
                    syncPath: "/mnt/x",
                    remembered: before,
                    candidates: [namespace],
                    view: view,
                    isAdopting: isAdopting
                )
                guard case .suspended(let suspension) = decision else {
                    Issue.record("\(decision)")
                    continue
                }
                #expect(suspension.description.contains("Permission denied"))
                #expect(suspension.advice.contains("lacks the permission"))
                #expect(!suspension.advice.contains("--adopt"))
            }
        }
    }

    @Test func `every suspension says what is wrong, that nothing was touched, and what to do`() throws {
        let namespace = [FileName(literal: "host"), FileName(literal: "app")]
        let marker = MirrorMarker(id: "1", machine: "m", host: "box", loopsPath: "/b/.loops", created: "")
        let remembered = RememberedMirror(
            syncPath: "/mnt/x",
            namespace: namespace,
            id: "7f",
            created: "",
            loopsPath: "",
            machine: "",
            fileSystem: FileSystemSeen(device: 1, type: "ext4", mountPoint: "/mnt")
        )
        let reasons: [MirrorSuspension.Reason] = [
            .missing, .unreachable("why"), .emptied, .markerGone(namespace), .markerUnreadable(namespace, "why"),
            .unreachable("why", isDenied: true), .inaccessible(namespace, "why", isDenied: true),
            .inaccessible(namespace, "why", isDenied: false),
            .anothers(namespace, marker), .ambiguous([namespace, [namespace[0]]]),
            .insideMirror(namespace, [namespace[0]]),
            .notWritable("why"),
        ]
        for reason in reasons {
            for before in [nil, remembered] {
                let text = MirrorSuspension(syncPath: "/mnt/x", reason: reason, remembered: before, isOn: nil)
                    .description
                #expect(text.hasPrefix("mirror suspended: ") && text.contains("/mnt/x"))
                #expect(text.contains("Nothing was written or removed there."))
                #expect(text.contains("ext4 mounted at /mnt") == (before != nil))
                #expect(text.hasSuffix(".") || text.hasSuffix("--adopt") || text.hasSuffix("'"))
            }
        }
    }
}

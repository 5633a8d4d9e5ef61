import LoopModel
import SyncCore
import Testing
import YAMLReading

@testable import SyncAgent

@Suite struct ConfigurationFileTests {
    @Test func `the example file says nothing but the defaults`() throws {
        let (configuration, notices) = try parse(try exampleFile())
        #expect(configuration == Configuration())
        #expect(notices.isEmpty)
    }

    @Test func `the example file is valid with every example on`() throws {
        let text = try exampleFile().replacing("#: ", with: "")
        let (configuration, notices) = try parse(text)
        #expect(notices == [])
        #expect(configuration.watch == ["/home/ada/src/app/.loops", "/home/ada/src/site/.loops"])
        #expect(configuration.mirror.to == "/home/ada/Sync/loops")
        let retention = configuration.retention.retention
        #expect(retention.keep.last == .exactly(50))
        #expect(retention.keep.within == .seconds(14 * 86_400))
        #expect(
            retention.keep.periods == [
                .hourly: .exactly(24), .daily: .exactly(30), .weekly: .exactly(12), .monthly: .all,
                .yearly: .exactly(5),
            ]
        )
        #expect(retention.maxAge == .seconds(730 * 86_400))
        #expect(retention.maxRuns == 5000)
        #expect(configuration.retention.maxTotalSize == 20 << 30)
        #expect(configuration.retention.minFreeSpace == 2 << 30)
        #expect(
            retention.statuses == [
                .failed: KeepRules(last: .exactly(100), within: .seconds(60 * 86_400)),
                .timedOut: KeepRules(last: .exactly(20)),
            ]
        )
        #expect(configuration.retention.overrides.map(\.match.pattern) == ["nightly-*", "scratch"])
        #expect(configuration.retention.retention(of: "scratch").maxAge == .seconds(7 * 86_400))
        #expect(configuration.hooks.commands[.archive] == ["/usr/local/bin/on-archive"])
        #expect(configuration.hooks.commands.count == 4)
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "version: 1\n", "retention:\n", "\u{FEFF}version: 1\n"])
    func `a file that says nothing means the defaults`(text: String) throws {
        #expect(try parse(text).0 == Configuration())
    }

    @Test func `a project's file runs no command and chooses no directory`() throws {
        let text = "watch: [/tmp/x]\nhooks:\n  on_archive: [rm]\nlog:\n  level: debug\n"
        let (configuration, notices) = try parse(text, origin: .project)
        #expect(configuration.watch.isEmpty && configuration.hooks.commands.isEmpty)
        #expect(configuration.log.level == .debug)
        #expect(
            notices == [
                "loopsync.yaml: watch is ignored: it is read from --config or your own file only",
                "loopsync.yaml: hooks are ignored: they are read from --config or your own file only",
            ]
        )
        for origin in [ConfigurationOrigin.option, .environment, .user] {
            #expect(try parse(text, origin: origin).0.hooks.commands == [.archive: ["rm"]])
        }
    }

    @Test func `relative paths count from the file and a tilde is the home`() throws {
        let (configuration, _) = try parse("watch: [app/.loops, ~/x, /y]\nmirror: {to: ../sync}\n")
        #expect(configuration.watch == ["/project/app/.loops", "/home/ada/x", "/y"])
        #expect(configuration.mirror.to == "/project/../sync")
    }

    @Test func `never and all lift what they can`() throws {
        let (configuration, _) = try parse(
            """
            archive: {abandoned_after: never, clear_after: 15m, layout: flat}
            retention: {trash_for: never, max_age: never, max_runs: all, keep_min: all}
            """
        )
        #expect(configuration.archive.abandonedAfter == nil)
        #expect(configuration.archive.clearAfter == .seconds(900))
        #expect(configuration.archive.layout == .flat)
        #expect(configuration.retention.trashFor == nil)
        #expect(configuration.retention.keepMin == .all)
        #expect(configuration.retention.keepsEverything)
    }
}

func parse(_ text: String, origin: ConfigurationOrigin = .user) throws(ConfigurationError)
    -> (Configuration, notices: [String])
{
    try parse(Array(text.utf8), origin: origin)
}

func parse(_ bytes: [UInt8], origin: ConfigurationOrigin = .user) throws(ConfigurationError)
    -> (Configuration, notices: [String])
{
    try ConfigurationFile(
        name: "loopsync.yaml",
        origin: origin,
        directory: "/project",
        home: "/home/ada",
        isTimeZone: { $0 == "Europe/Rome" }
    ).parse(bytes)
}

import Glibc
import SyncCore
import TestSupport
import Testing
import YAMLReading

@testable import SyncAgent

@Suite struct ConfigurationLoaderTests {
    private func load(
        _ options: ConfigurationLoader.Options,
        _ environment: [String: String] = [:]
    ) throws(ConfigurationError) -> ConfigurationLoader.Loaded {
        try ConfigurationLoader(options) { environment[$0] }.load()
    }

    @Test func `the command line wins over the environment and that over the file`() throws {
        try TemporaryDirectory.with { directory in
            try Disk.write("mirror: {to: /file}\nlog: {level: error, format: json}\n", to: directory.path("c.yaml"))
            let config = directory.path("c.yaml")
            let variables = ["LOOPSYNC_SYNC": "/environment", "LOOPSYNC_LOG_LEVEL": "debug"]
            #expect(try load(.init(config: config)).configuration.mirror.to == "/file")
            #expect(try load(.init(config: config), variables).configuration.mirror.to == "/environment")
            let all = try load(.init(config: config, sync: "/option"), variables)
            #expect(all.configuration.mirror.to == "/option")
            #expect(all.configuration.log.level == .debug && all.configuration.log.format == .json)
            #expect(throws: ConfigurationError.self) { try load(.init(), ["LOOPSYNC_LOG_LEVEL": "loud"]) }
        }
    }

    @Test func `a sync directory is the same one however it is written, and while its disk is away`() throws {
        try TemporaryDirectory.with { directory in
            try Disk.makeDirectories(directory.path("mnt/disk/S"))
            try Disk.makeDirectories(directory.path("home"))
            #expect(symlink("../mnt/disk", directory.path("home/Sync")) == 0)
            let expected = ConfigurationLoader.resolve(directory.path("mnt/disk/S"))
            let spellings = ["mnt/disk/S", "mnt/disk//S/", "mnt/./disk/S/.", "mnt/other/../disk/S", "home/Sync/S"]
            for isThere in [true, false] {
                if !isThere { try Disk.remove(directory.path("mnt/disk")) }
                for text in spellings {
                    try Disk.write("mirror: {to: \(directory.path(text))}\n", to: directory.path("c.yaml"))
                    let config = directory.path("c.yaml")
                    #expect(try load(.init(config: config)).configuration.mirror.to == expected)
                    #expect(try load(.init(sync: directory.path(text))).configuration.mirror.to == expected)
                    let variables = ["LOOPSYNC_SYNC": directory.path(text)]
                    #expect(try load(.init(), variables).configuration.mirror.to == expected)
                }
            }
        }
    }

    @Test func `a file beside the one watched directory is found, also through a link`() throws {
        try TemporaryDirectory.with { directory in
            try Disk.makeDirectories(directory.path("p/.loops"))
            try Disk.write("retention: {keep_last: 7}\n", to: directory.path("p/loopsync.yaml"))
            let loaded = try load(.init(watch: [directory.path("p/./.loops/")]))
            #expect(loaded.configuration.retention.retention.keep.last == .exactly(7))
            #expect(loaded.configuration.watch == [directory.path("p/.loops")])
            #expect(loaded.file?.origin == .project)
        }
    }

    @Test func `a file that cannot be read says so and is no reason to wait`() throws {
        try TemporaryDirectory.with { directory in
            for (path, reason) in [("missing", "No such file"), (".", "no regular file")] {
                let error = #expect(throws: ConfigurationError.self) {
                    try load(.init(config: directory.path(path)))
                }
                #expect(error?.description.contains(reason) == true)
            }
        }
    }

    @Test func `a sync directory that does not exist yet is still known to be inside`() throws {
        try TemporaryDirectory.with { directory in
            try Disk.makeDirectories(directory.path("p/.loops"))
            let error = #expect(throws: ConfigurationError.self) {
                try load(.init(watch: [directory.path("p/.loops")], sync: directory.path("p/.loops/not/yet")))
            }
            #expect(error?.description.contains("inside the watched directory") == true)
        }
    }

    @Test func `a named zone knows its summer`() throws {
        let zone = try #require(ZoneOffset.named("Europe/Rome"))
        #expect(zone.offset(1_784_548_800) == 7200)
        #expect(zone.offset(1_795_521_600) == 3600)
        #expect(ZoneOffset.named("Europe/Rom") == nil)
        #expect(ZoneOffset.named("system") != nil)
    }
}

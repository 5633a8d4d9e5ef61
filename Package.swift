// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "loopsync",
    products: [
        .library(name: "LoopModel", targets: ["LoopModel"]),
        .library(name: "LoopStore", targets: ["LoopStore"]),
        .library(name: "LoopEngine", targets: ["LoopEngine"]),
        .executable(name: "loopsync", targets: ["loopsync"]),
        .executable(name: "looprun", targets: ["looprun"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C: one-line wrappers of calls that the toolchain's Glibc module hides, libinotifytools, and nettle for SHA-256.
        .target(name: "CLinuxShims"),
        .systemLibrary(name: "CInotifyTools", providers: [.apt(["libinotifytools0-dev"])]),
        .systemLibrary(name: "CNettle", providers: [.apt(["nettle-dev"])]),

        // What the files say; no input or output.
        .target(name: "LoopModel"),
        // Reads and writes them safely; the only layer that calls the operating system for files.
        .target(
            name: "LoopStore",
            dependencies: ["LoopModel", "CLinuxShims", "CNettle"]
        ),
        // YAML nodes with their places, and words about what is wrong with them; no input or output.
        .target(name: "YAMLReading", dependencies: ["LoopModel", .product(name: "Yams", package: "Yams")]),
        // What both programs do with a command line and the standard streams.
        .target(name: "CommandLineKit", dependencies: ["LoopModel", "YAMLReading"]),
        // Every decision of the agent, pure.
        .target(name: "SyncCore", dependencies: ["LoopModel"]),
        // What the files say, kept in SQLite so that nothing is read twice; a cache, never the only holder of anything.
        .target(
            name: "RunCatalogue",
            dependencies: [
                "LoopModel", "SyncCore", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        // The shell: watch, perform, configure.
        .target(
            name: "SyncAgent",
            dependencies: [
                "LoopModel", "LoopStore", "SyncCore", "RunCatalogue", "YAMLReading", "CLinuxShims", "CInotifyTools",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        // Commands, rendering, exit codes.
        .executableTarget(
            name: "loopsync",
            dependencies: [
                "LoopModel", "LoopStore", "SyncCore", "SyncAgent", "YAMLReading", "CommandLineKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        // The executor itself: definitions, the machine, actions; it only writes files.
        .target(
            name: "LoopEngine",
            dependencies: [
                "LoopModel", "LoopStore", "YAMLReading", "CLinuxShims", .product(name: "Yams", package: "Yams"),
            ]
        ),
        // Its commands.
        .executableTarget(
            name: "looprun",
            dependencies: [
                "LoopModel", "LoopStore", "LoopEngine", "CommandLineKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        .target(name: "TestSupport", dependencies: ["LoopModel", "LoopStore", "SyncCore"], path: "Tests/TestSupport"),
        // The agent on a machine of its own, whose disk, clocks and processes are simulated.
        .target(
            name: "Simulation",
            dependencies: [
                "LoopModel", "LoopStore", "SyncCore", "SyncAgent", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Simulation"
        ),
        .executableTarget(name: "simulate", dependencies: ["Simulation"], path: "Tests/Simulate"),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "TestSupport", "looprun"]),
        .testTarget(name: "LoopModelTests", dependencies: ["LoopModel", "TestSupport"], exclude: ["Corpus"]),
        .testTarget(
            name: "LoopStoreTests",
            dependencies: ["LoopModel", "LoopStore", "TestSupport"],
            exclude: ["Corpus"]
        ),
        .testTarget(
            name: "SpecificationTests",
            dependencies: ["LoopModel", "LoopStore", "TestSupport"],
            exclude: ["Python"]
        ),
        .testTarget(
            name: "SyncCoreTests",
            dependencies: ["LoopModel", "SyncCore", "TestSupport"],
            exclude: ["Corpus"]
        ),
        .testTarget(
            name: "SyncAgentTests",
            dependencies: [
                "LoopModel", "LoopStore", "SyncCore", "SyncAgent", "YAMLReading", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Corpus"]
        ),
        .testTarget(
            name: "RunCatalogueTests",
            dependencies: [
                "LoopModel", "LoopStore", "SyncCore", "SyncAgent", "RunCatalogue", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "LoopsyncTests",
            dependencies: [
                "LoopModel", "LoopStore", "CommandLineKit", "TestSupport", "loopsync",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .testTarget(
            name: "LoopEngineTests",
            dependencies: ["LoopModel", "LoopStore", "LoopEngine", "TestSupport"],
            exclude: ["Python"]
        ),
        .testTarget(
            name: "LooprunTests",
            dependencies: ["LoopModel", "LoopStore", "TestSupport", "looprun", "loopsync"]
        ),
    ]
)

for target in package.targets where target.type != .system {
    guard target.name != "CLinuxShims" else { continue }
    var settings = target.swiftSettings ?? []
    settings += [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .treatAllWarnings(as: .error),
    ]
    // Mistakes that the simulation makes on purpose; no other build has them.
    if Context.environment["LOOPSYNC_DEFECTS"] != nil { settings.append(.define("LOOPSYNC_DEFECTS")) }
    target.swiftSettings = settings
}

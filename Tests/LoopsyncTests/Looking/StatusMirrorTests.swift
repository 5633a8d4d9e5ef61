import LoopModel
import TestSupport
import Testing

@testable import loopsync

/// What `status` tells of the mirror while no agent does.
@Suite
struct StatusMirrorTests {
    private let project: ArchivedProject
    private var sync: String { project.place.path("sync") }

    init() throws {
        project = try ArchivedProject()
        try Disk.makeDirectories(project.place.path("sync"))
        try Disk.makeDirectories(project.loops(".running"))
        try SyntheticRun(loop: "fix").write(toRunning: project.loops(".running"))
        #expect(try project.run("archive").status == 0)
        try project.configure("mirror:\n  to: \(project.place.path("sync"))\n")
    }

    private func document() throws -> JSONObject {
        try #require(try JSONValue(parsing: project.run("status", "--json").output.utf8).objectValue)
    }

    @Test func `a mirror that was used and is gone is degraded, with the next command to type`() throws {
        #expect(try project.run("archive").status == 0)
        let sound = try project.run("status")
        #expect(sound.status == 0)
        #expect(sound.output.contains("  mirror      \(sync)\n              has every archived run\n"))

        try Disk.move(sync, to: project.place.path("elsewhere"))
        let run = try project.run("status")
        #expect(run.status == 3)
        #expect(run.output.contains("\(sync) does not exist. If its disk is not mounted"))
        #expect(run.output.contains("loopsync mirror --adopt"))
        let told = try document()
        #expect(told["degraded"] == true)
        #expect(told["mirror"]?.objectValue?["used"] == true)
        #expect(told["mirror"]?.objectValue?["suspended"]?.stringValue?.string.contains("does not exist") == true)

        try Disk.makeDirectories(sync)
        #expect(try project.run("status").status == 3)
    }

    @Test func `runs that the mirror lacks are counted, and nothing is made there`() throws {
        let before = try document()
        #expect(before["mirror"]?.objectValue?["used"] == false)
        #expect(before["mirror_lag"]?.objectValue?["runs"]?.integerValue == 1)
        #expect(before["degraded"] == false)
        #expect(Disk.names(in: sync).isEmpty)

        #expect(try project.run("archive").status == 0)
        #expect(try document()["mirror_lag"]?.objectValue?["runs"]?.integerValue == 0)
        try ToldRun.archive(in: project, second: 1000)
        let after = try document()
        #expect(after["mirror_lag"]?.objectValue?["runs"]?.integerValue == 1)
        #expect(after["mirror_lag"]?.objectValue?["bytes"]?.integerValue ?? 0 > 0)
        #expect(try project.run("status").output.contains("1 run to come"))
    }

    @Test func `a sync directory that was never there is told and is no alarm`() throws {
        try project.configure("mirror:\n  to: \(project.place.path("later"))\n")
        let run = try project.run("status")
        #expect(run.status == 0)
        #expect(run.output.contains("mkdir -p"))
    }

    @Test func `so many runs that they are only counted have no size`() {
        let mirror = StatusMirror(to: "/sync", state: .ready)
        let lag = StatusOutlook.Lag(runs: 1000, bytes: nil)
        #expect(
            StatusLines.mirror(mirror, lag, now: Timestamp(seconds: 0)) == ["1000 runs to come: loopsync archive"]
        )
    }
}

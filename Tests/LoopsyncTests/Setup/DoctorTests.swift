import Glibc
import LoopModel
import TestSupport
import Testing

/// `doctor` through the real program, beside real executors.
@Suite
struct DoctorTests {
    /// Makes a file look as if nobody had touched it for an hour.
    private func age(_ path: String) {
        var times = [timeval(tv_sec: time(nil) - 3600, tv_usec: 0), timeval(tv_sec: time(nil) - 3600, tv_usec: 0)]
        #expect(utimes(path, &times) == 0)
    }

    @Test func `a directory in order has no finding, and doctor changes nothing`() throws {
        let project = try ArchivedProject()
        try project.archive("fix/2025-11-23T201500", loop: "fix", second: 0, status: "completed")
        let before = TreeSnapshot(of: project.path)
        let doctor = try project.run("doctor")
        #expect(doctor.status == 0, "\(doctor.output)")
        #expect(doctor.output.contains("OK    history        1 run\n"))
        #expect(!doctor.output.contains("FAIL") && !doctor.output.contains("WARN"), "\(doctor.output)")
        #expect(TreeSnapshot(of: project.path) == before)
        #expect(try project.run("doctor", "-q").output == "")
    }

    @Test(arguments: [
        (Executor.b, "old.state.json", "null", "holds JSON that is no object"),
        (.b, "old.state.json", "[1]", "holds JSON that is no object"),
        (.a, "old.lock", "[]", "holds JSON that is no object"),
        (
            .b, "old.lock", #"{"loop_name": "x", "scope": ["."], "pid": null, "started_at": "x"}"#,
            "names a process that is no number"
        ),
        (
            .a, ".old.lock", #"{"loop_name": "x", "scope": ["."], "pid": "x", "started_at": "x"}"#,
            "names a process that is no number"
        ),
    ])
    func `a file that stops an executor is found, and in quarantine stops it no more`(
        executor: Executor,
        name: String,
        text: String,
        why: String
    ) throws {
        let lab = try LoopLab(executor)
        try lab.define(
            "ok",
            "initial: a\nstates:\n  a: {action: 'true', on_success: d, on_failure: d}\n  d: {terminal: true}"
        )
        try Disk.makeDirectories(lab.running)
        let file = "\(lab.running)/\(name)"
        try Disk.write(text, to: file)
        // What is young may be half written.
        #expect(try !lab.loopsync("doctor").output.contains(name))
        age(file)
        #expect(try !lab.run("run", "ok").succeeded)
        age(file)
        let found = try lab.loopsync("doctor")
        #expect(found.termination == .exited(3))
        #expect(found.output.contains("FAIL  .running       \(name) \(why): "), "\(found.output)")
        #expect(Disk.text(file) == text)
        let moved = try lab.loopsync("doctor", "--quarantine")
        #expect(moved.termination == .exited(0), "\(moved)")
        #expect(!Disk.exists(file))
        let quarantine = "\(lab.loops)/.loopsync/quarantine"
        #expect(Disk.names(in: quarantine).map { Disk.text("\(quarantine)/\($0)") } == [text])
        let ran = try lab.run("run", "ok")
        #expect(ran.succeeded, "\(ran)")
    }

    @Test func `of a live run nothing is moved, whatever its state looks like`() throws {
        let lab = try LoopLab(.a)
        try lab.define(
            "long",
            "initial: a\nstates:\n  a: {action: 'sleep 600', on_success: d, on_failure: d}\n  d: {terminal: true}"
        )
        let run = try lab.start("run", "long")
        defer { run.signalGroup(SIGKILL) }
        #expect(eventually { Disk.exists("\(lab.running)/long.state.json") && Disk.exists("\(lab.running)/long.pid") })
        try Disk.write("null", to: "\(lab.running)/long.state.json")
        age("\(lab.running)/long.state.json")
        let doctor = try lab.loopsync("doctor", "--quarantine")
        #expect(Disk.exists("\(lab.running)/long.state.json"), "\(doctor)")
        #expect(doctor.output.contains("FAIL  agent          a run is live and no agent watches it\n"))
    }

    @Test func `stale pids, a bad configuration, a missing sync directory and runs of tomorrow are told with the fix`()
        throws
    {
        let project = try ArchivedProject()
        try project.archive("fix/2095-11-23T201500", loop: "fix", second: 70 * 365 * 86_400, status: "completed")
        try Disk.makeDirectories(project.loops(".running"))
        try Disk.write("999999999", to: project.loops(".running/fix.pid"))
        age(project.loops(".running/fix.pid"))
        let doctor = try project.run("doctor", "--sync", "../nowhere")
        #expect(doctor.status == 3)
        #expect(doctor.output.contains("WARN  stale pid      fix.pid names process 999999999, which is dead"))
        #expect(doctor.output.contains("WARN  clock          1 run ended in the future"))
        #expect(doctor.output.contains("FAIL  mirror         \(project.place.path)/nowhere does not exist\n"))
        try project.configure("retention: {keep_lsat: 1}\n")
        let bad = try project.run("doctor", "--json")
        #expect(bad.status == 3)
        let findings = try JSONValue(parsing: Array(bad.output.utf8)).objectValue?["findings"]?.arrayValue
        #expect(findings?.first?.objectValue?["level"] == "fail")
        #expect(findings?.first?.objectValue?["subject"] == "configuration")
        let told = try project.run("doctor").output.split(separator: "\n").filter { $0.contains("configuration  ") }
        #expect(told.count == 1)
        #expect(told.first?.contains("loopsync.yaml:2:13: unknown key \"keep_lsat\"") == true)
        #expect(told.first?.contains("^") == false)
    }

    @Test func `names of files reach the terminal escaped`() throws {
        let project = try ArchivedProject()
        try Disk.makeDirectories(project.loops(".running"))
        let file = project.loops(".running/\u{1B}[31m.state.json")
        try Disk.write("null", to: file)
        age(file)
        let doctor = try project.run("doctor")
        #expect(doctor.output.contains("\\x1b[31m.state.json"))
        #expect(!doctor.output.contains("\u{1B}"))
    }

    @Test func `what a killed loopsync left is told while no agent is there`() throws {
        let project = try ArchivedProject()
        try Disk.makeDirectories(project.loops(".loopsync/staging/x"))
        let doctor = try project.run("doctor")
        #expect(doctor.output.contains("WARN  leftovers      .loopsync/staging/ (1): a loopsync was killed\n"))
    }
}

import LoopModel
import TestSupport
import Testing

/// `verify` through the real program.
@Suite
struct VerifyCommandTests {
    private let project: ArchivedProject
    private var run: String { project.loops(".history/count/2025-11-23T201500") }

    init() throws {
        project = try ArchivedProject()
        try project.archive("count/2025-11-23T201500", loop: "count", second: 0, status: "completed")
        try project.archive("other/2025-11-24T201500", loop: "other", second: 86400, status: "completed")
        for run in ["count/2025-11-23T201500", "other/2025-11-24T201500"] {
            let sums = try Subprocess.run(
                ["/bin/sh", "-c", "sha256sum events.jsonl state.json >SHA256SUMS"],
                in: project.loops(".history/\(run)")
            )
            try #require(sums.succeeded)
        }
    }

    @Test func `sound runs are counted and not listed`() throws {
        let verify = try project.run("verify")
        #expect(verify.status == 0)
        #expect(verify.output == "")
        #expect(verify.errorOutput == "2 runs: 2 sound\n")
    }

    @Test func `a changed byte is damage, ends with 6, and names the file`() throws {
        var bytes = try #require(Disk.read("\(run)/events.jsonl"))
        bytes[3] ^= 1
        try Disk.write(bytes, to: "\(run)/events.jsonl")
        let verify = try project.run("verify")
        #expect(verify.status == 6)
        #expect(verify.output.hasPrefix("2025-11-23T201500\tcount\tdamaged\tevents.jsonl"))
        #expect(verify.errorOutput.hasPrefix("2 runs: 1 sound, 1 damaged\n"))
        #expect(verify.errorOutput.contains("loopsync verify --repair"))
        #expect(try project.run("verify", "other@latest").status == 0)
    }

    @Test func `a run that an executor extended is adopted, and its sums are right again`() throws {
        try Disk.append(
            #"{"event": "loop_resume", "ts": "2025-11-23T21:00:00+00:00", "loop": "count"}"# + "\n",
            to: "\(run)/events.jsonl"
        )
        let verify = try project.run("verify")
        #expect(verify.status == 0)
        #expect(verify.output == "2025-11-23T201500\tcount\tadopted\tevents.jsonl: grown by whole lines\n")
        let check = try Subprocess.run(["/usr/bin/sha256sum", "-c", "SHA256SUMS"], in: run)
        #expect(check.succeeded)
    }

    @Test func `a lost file comes back from .running, where its bytes are`() throws {
        try Disk.makeDirectories(project.loops(".running"))
        let events = try #require(Disk.read("\(run)/events.jsonl"))
        let state = try #require(Disk.read("\(run)/state.json"))
        try Disk.write(events, to: project.loops(".running/count.events.jsonl"))
        try Disk.write(state, to: project.loops(".running/count.state.json"))
        try Disk.remove("\(run)/events.jsonl")
        #expect(try project.run("verify").status == 6)
        #expect(try project.run("verify", "--repair").status == 0)
        #expect(Disk.read("\(run)/events.jsonl") == events)
        #expect(try project.run("verify").errorOutput == "2 runs: 2 sound\n")
    }

    @Test func `as JSON every run has its verdict`() throws {
        try Disk.remove("\(run)/state.json")
        let verify = try project.run("verify", "--json")
        #expect(verify.status == 6)
        let runs = try JSONValue(parsing: Array(verify.output.utf8)).objectValue?["runs"]?.arrayValue
        let verdicts = runs?.compactMap { $0.objectValue?["verdict"]?.stringValue?.string }
        #expect(verdicts == ["sound", "damaged"])
    }
}

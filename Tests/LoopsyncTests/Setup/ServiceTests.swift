import Glibc
import LoopModel
import TestSupport
import Testing

/// `service` through the real program, with a service manager that only writes down what it is asked.
@Suite
struct ServiceTests {
    private let place: TemporaryDirectory

    init() throws {
        place = try TemporaryDirectory()
        try Disk.makeDirectories(place.path("bin"))
        try Disk.makeDirectories(place.path("app/.loops"))
    }

    private var unit: String { place.path(".config/systemd/user/loopsync.service") }
    private var asked: String { Disk.text(place.path("asked")) ?? "" }

    /// Puts a systemctl on the PATH.
    private func provide(_ script: String) throws {
        try Disk.write(
            "#!/bin/sh\necho \"$*\" >>'\(place.path("asked"))'\n\(script)\n",
            to: place.path("bin/systemctl")
        )
        #expect(chmod(place.path("bin/systemctl"), 0o755) == 0)
    }

    private func run(_ arguments: String...) throws -> CommandRun {
        try CommandRun(
            arguments,
            in: place.path("app"),
            environment: ["HOME": place.path, "PATH": "\(place.path("bin")):/usr/bin:/bin"]
        )
    }

    @Test func `the unit of the package is the one that the program writes`() throws {
        let run = try run("service", "install", "--no-start")
        #expect(run.status == 0, "\(run.errorOutput)")
        let written = try #require(Disk.text(unit)).split(separator: "\n").map(String.init)
        let kept = try #require(Disk.text("\(PackageDirectory.path)/Config/loopsync.service")).split(separator: "\n")
        #expect(
            written.filter { !$0.hasPrefix("ExecStart=") }
                == kept.map(String.init).filter { !$0.hasPrefix("ExecStart=") }
        )
        #expect(kept.contains("ExecStart=%h/.local/bin/loopsync --config %h/.config/loopsync/config.yaml"))
        #expect(asked == "")
    }

    @Test func `installing enables and starts, removing undoes that, and an edited unit is left alone`() throws {
        try provide("exit 0")
        let early = try run("service", "install")
        #expect(early.status == 78)
        #expect(early.errorOutput.contains("loopsync config init --user"))
        #expect(!Disk.exists(unit))
        #expect(try run("config", "init", "--user").status == 0)
        #expect(try run("service", "install").status == 0)
        #expect(
            asked
                == "--user show-environment\n--user daemon-reload\n--user enable loopsync.service\n--user restart loopsync.service\n"
        )
        let doctor = try run("doctor")
        #expect(
            doctor.output.contains("OK    unit           \(unit) starts \(try BuiltProduct.loopsync())"),
            "\(doctor.output)"
        )
        try Disk.append("# mine\n", to: unit)
        let refused = try run("service", "install")
        #expect(refused.status == 1 && refused.errorOutput.contains("was edited and is left alone"))
        #expect(try run("service", "install", "--force").status == 0)
        #expect(Disk.text(unit)?.contains("# mine") == false)
        #expect(try run("service", "remove").status == 0)
        #expect(!Disk.exists(unit))
        #expect(asked.hasSuffix("--user disable --now loopsync.service\n--user daemon-reload\n"))
    }

    @Test func `status tells what the manager says, and ends with 3 unless it is active`() throws {
        try provide("case $2 in is-enabled) echo enabled ;; is-active) echo active ;; esac")
        #expect(try run("service", "install", "--no-start").status == 0)
        let active = try run("service", "status")
        #expect(active.status == 0)
        #expect(active.output.contains("enabled  enabled\nactive   active\n"))
        try provide("echo inactive; exit 3")
        let inactive = try run("service", "status", "--json")
        #expect(inactive.status == 3)
        let answer = try JSONValue(parsing: Array(inactive.output.utf8)).objectValue
        #expect(answer?["active"] == "inactive")
        #expect(answer?["unit"] == .string(JSONString(unit)))
    }

    @Test func `where no systemd runs it says what to do instead`() throws {
        try provide("echo 'Failed to connect to bus' >&2; exit 1")
        #expect(try run("config", "init", "--user").status == 0)
        let install = try run("service", "install")
        #expect(install.status == 1)
        let line = "@reboot ~/.local/bin/loopsync --config ~/.config/loopsync/config.yaml --background"
        #expect(install.errorOutput.contains(line))
    }

    @Test func `a unit whose program has gone is found by doctor`() throws {
        #expect(try run("service", "install", "--no-start").status == 0)
        let text = try #require(Disk.text(unit))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.hasPrefix("ExecStart=") ? "ExecStart=\"%h/a b/100%%\" --config x" : String($0)
        }
        try Disk.write(lines.joined(separator: "\n"), to: unit)
        let doctor = try run("doctor")
        #expect(doctor.status == 3)
        #expect(
            doctor.output.contains("FAIL  unit           \(unit) starts \(place.path("a b/100%")): No such file"),
            "\(doctor.output)"
        )
    }
}

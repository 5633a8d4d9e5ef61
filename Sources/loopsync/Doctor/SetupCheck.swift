import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import YAMLReading

/// The configuration, the agent, the mirror and the unit.
struct SetupCheck {
    let place: LoopsPlace
    let global: GlobalOptions
    let isWatched: Bool
    let agent: AgentStatus?
    let hasLiveRun: Bool

    func findings() -> [Finding] {
        var findings: [Finding] = []
        let loaded: ConfigurationLoader.Loaded?
        do throws(ConfigurationError) {
            loaded = try Settings.loader(global, watched: [place.path]).load()
        } catch {
            loaded = nil
            findings += error.lines.map {
                .fail("configuration", $0, fix: "loopsync config check shows every place at once")
            }
        }
        if let loaded {
            findings.append(.ok("configuration", loaded.file?.path ?? "built-in defaults"))
            findings += loaded.notices.map { .warn("configuration", $0, fix: "loopsync config show tells what holds") }
        }
        findings += agentFindings
        if let loaded { findings += mirror(loaded) }
        findings += unit
        return findings
    }

    private var agentFindings: [Finding] {
        guard isWatched else {
            guard hasLiveRun else { return [.ok("agent", "none watches, and no run is live")] }
            return [
                .fail(
                    "agent",
                    "a run is live and no agent watches it",
                    fix: "loopsync --watch \(place.path), or loopsync service install"
                )
            ]
        }
        guard let agent else { return [.ok("agent", "an agent watches")] }
        var findings: [Finding] = []
        if agent.version == Version.text {
            findings.append(.ok("agent", "loopsync \(agent.version) watches, pid \(agent.process)"))
        } else {
            findings.append(
                .warn(
                    "agent",
                    "loopsync \(agent.version) watches (pid \(agent.process)), and this is \(Version.text)",
                    fix: "restart the agent: systemctl --user restart loopsync, or loopsync stop and start it again"
                )
            )
        }
        if let problem = agent.configurationProblem {
            findings.append(
                .fail("agent", "it did not take the changed configuration: \(problem)", fix: "loopsync config check")
            )
        }
        return findings + agent.problems.map { .warn("agent", $0.text, fix: "loopsync status tells since when") }
    }

    private func mirror(_ loaded: ConfigurationLoader.Loaded) -> [Finding] {
        guard let pass = place.mirrorPass(loaded) else { return [.ok("mirror", "none is set")] }
        let path = loaded.configuration.mirror.to ?? "the sync directory"
        switch pass.look() {
        case .suspended(let suspension): return [.fail("mirror", suspension.summary, fix: suspension.advice)]
        case .unmade: return [.ok("mirror", "\(path) is there; nothing was mirrored yet")] + room(path)
        case .made: return [.ok("mirror", "\(path) has this directory's marker")] + room(path)
        }
    }

    private func room(_ path: String) -> [Finding] {
        guard let directory = (try? PosixDirectory.open(path: path)) ?? nil,
            let finding = try? StorageCheck.room("mirror's room", directory)
        else { return [] }
        return [finding]
    }

    private var unit: [Finding] {
        let file = UnitFile()
        guard let path = file.path, let text = UnitFile.read(path) else {
            return [.ok("unit", "no user unit is installed")]
        }
        guard let program = UnitFile.program(in: text) else {
            return [.fail("unit", "\(path) starts no program", fix: "loopsync service install --force")]
        }
        guard access(program, X_OK) == 0 else {
            return [
                .fail(
                    "unit",
                    "\(path) starts \(program): \(String(cString: strerror(errno)))",
                    fix: "loopsync service install --force"
                )
            ]
        }
        guard text == UnitFile.text(program: UnitFile.written(program)) else {
            return [
                .warn(
                    "unit",
                    "\(path) differs from the unit of this version",
                    fix: "if you did not edit it: loopsync service install --force"
                )
            ]
        }
        return [.ok("unit", "\(path) starts \(program)")]
    }
}

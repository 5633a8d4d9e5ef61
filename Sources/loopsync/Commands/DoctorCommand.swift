import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent

/// `loopsync doctor`: everything that can be wrong with a set-up.
struct DoctorCommand: Verb {
    static let configuration = verb(
        "doctor",
        "[--quarantine]",
        abstract: "Look for everything that can be wrong with a set-up, with the fix.",
        discussion: """
            One line each: OK, WARN or FAIL, and below it what to do. Changes nothing, but
            with --quarantine files of .running that stop every executor, and belong to no
            live run, are moved to .loopsync/quarantine. Ends with 3 where something FAILs.

            JSON: loops, findings (level, subject, text, fix).

            Examples:
              loopsync doctor
              loopsync doctor --quarantine
              loopsync doctor --json | jq '.findings[] | select(.level != "ok")'
            """
    )

    @Flag(help: "Move broken files that stop executors out of their way.")
    var quarantine = false

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        let place = try LoopsPlace.open(global)
        let now = WallClock.now()
        let processes = SystemProcessTable()
        let findings: [Finding]
        do {
            let isWatched = try AgentLock.isHeld(place.loops)
            let agent = (try? StatusFile.read(in: place.loops)) ?? nil
            let live = (try? LiveRun.all(in: place.loops, processes: processes)) ?? []
            let running = RunningCheck(place: place, processes: processes, now: now)
            let moved = quarantine ? try Quarantine(place: place).take(running.broken(), now: now) : []
            findings =
                try SetupCheck(
                    place: place,
                    global: global,
                    isWatched: isWatched,
                    agent: agent,
                    hasLiveRun: live.contains { $0.process != nil }
                ).findings()
                + WatchCheck(place: place, isWatched: isWatched, agent: agent).findings()
                + StorageCheck(place: place).findings()
                + HistoryCheck(place: place, isWatched: isWatched, now: now).findings()
                + moved + running.findings()
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the set-up cannot be looked at")
        }
        if global.json {
            try Output.document(.object(["loops": .string(JSONString(place.path)), "findings": findings.json]))
        } else {
            let shown = global.quiet ? findings.filter { $0.level != .ok } : findings
            try Output.data(shown.text(hasColor: terminal.hasColor))
        }
        return findings.contains { $0.level == .fail } ? .partly : .done
    }
}

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
            One line each: OK, WARN or FAIL, and below it what to do; for the directory
            here and for all that the configuration lists under watch:. Changes nothing,
            but with --quarantine files of .running here that stop every executor, and
            belong to no live run, are moved to .loopsync/quarantine. Ends with 3 where
            something FAILs.

            JSON: loops, findings (level, subject, text, fix). Of several directories an
            array of these, directories.

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
        // What is moved, is moved in the one directory that a person works in.
        let places = quarantine ? [try LoopsPlace.open(global)] : try LoopsPlace.watched(global)
        let findings = try places.map { try look(at: $0) }
        if global.json {
            try Output.documents(
                zip(places, findings).map { place, findings in
                    ["loops": .string(JSONString(place.path)), "findings": findings.json]
                }
            )
        } else {
            let texts = zip(places, findings).map { place, findings in
                let shown = findings.filter { !global.quiet || $0.level != .ok }.text(hasColor: terminal.hasColor)
                guard places.count > 1 else { return shown }
                let path = PrintableText.escapingControls(in: place.path)
                return Tone.strong.applied(to: path, hasColor: terminal.hasColor) + "\n" + shown
            }
            try Output.data(texts.joined(separator: "\n"))
        }
        return findings.joined().contains { $0.level == .fail } ? .partly : .done
    }

    private func look(at place: LoopsPlace) throws -> [Finding] {
        let now = WallClock.now()
        let processes = SystemProcessTable()
        do {
            let isWatched = try AgentLock.isHeld(place.loops)
            let agent = (try? StatusFile.read(in: place.loops)) ?? nil
            let live = (try? LiveRun.all(in: place.loops, processes: processes)) ?? []
            let running = RunningCheck(place: place, processes: processes, now: now)
            let moved = quarantine ? try Quarantine(place: place).take(running.broken(), now: now) : []
            return
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
            throw Failure(.failed, "\(error): the set-up of \(place.path) cannot be looked at")
        }
    }
}

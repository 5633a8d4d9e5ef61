import ArgumentParser
import Glibc
import LoopEngine
import LoopModel
import LoopStore

/// `looprun stop`: ends a run from outside.
struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "End a running loop.",
        discussion: """
            The executor, this one or little-loops, gets SIGTERM and saves the run as
            interrupted; after 10 s it is killed, and the run is saved so from here.

            Examples:
              looprun stop fix-tests
            """
    )

    @Argument(help: ArgumentHelp("The loop, or a run of it as looprun status names it.", valueName: "name"))
    var name: String

    @OptionGroup(title: "Every verb takes") var place: PlaceOptions

    func run() throws {
        let loops = Loops(place.directory)
        let runs = try loops.runs(of: name)
        guard !runs.isEmpty else { throw Failure("looprun: no run of \(name) in \(place.directory)/.running") }
        let live = runs.filter { $0.process != nil || $0.state.status == .running }
        guard !live.isEmpty else {
            let status = runs.map(\.state.status.description).joined(separator: ", ")
            throw Failure("looprun: \(name) is not running (\(status))")
        }
        for run in live { try stop(run) }
    }

    private func stop(_ run: Loops.Run) throws {
        guard let process = run.process else {
            // Nobody runs it: it stays as it is, so that it can be resumed.
            guard let running = try? LoopsDirectory.open(path: place.directory)?.running() else { return }
            try? ExecutorTokens(running: running).removeStale(of: run.stem)
            Output.talk("\(run.stem): its executor has died; looprun resume goes on with it")
            return
        }
        guard kill(process, SIGTERM) == 0 || errno == ESRCH else {
            throw Failure("looprun: kill \(process): \(String(cString: strerror(errno))): \(run.stem) runs on")
        }
        for _ in 0..<200 where ThisMachine.isAlive(process) { pause(milliseconds: 50) }
        if ThisMachine.isAlive(process) {
            kill(process, SIGKILL)
            for _ in 0..<100 where ThisMachine.isAlive(process) { pause(milliseconds: 10) }
            try markInterrupted(run)
            Output.talk("\(run.stem): process \(process) did not end and was killed")
        }
        Output.data("stopped \(run.stem) (process \(process))\n")
    }

    /// Saves for a killed executor what it would have saved; what it managed to say itself stands.
    private func markInterrupted(_ run: Loops.Run) throws {
        let persistence = StatePersistence(
            loopName: JSONString(fileSystemBytes: run.stem.bytes),
            loopsDirectory: place.directory
        )
        do {
            if var state = try persistence.load(), state.status == .running {
                state.status = .interrupted
                try persistence.save(&state)
            }
            if let running = try LoopsDirectory.open(path: place.directory)?.running() {
                try ExecutorTokens(running: running).removeStale(of: run.stem)
            }
        } catch {
            throw Failure("looprun: \(error): \(run.stem) was killed, but its state still says that it runs")
        }
    }
}

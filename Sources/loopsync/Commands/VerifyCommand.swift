import ArgumentParser
import Glibc
import LoopModel
import LoopStore
import SyncAgent

/// `loopsync verify`: compares archived runs with their checksums.
struct VerifyCommand: Verb {
    static let configuration = verb(
        "verify",
        "[RUN ...] [--repair]",
        abstract: "Compare archived runs with their SHA256SUMS.",
        discussion: """
            A run that an executor extended or saved anew while no agent ran, or that
            equals its pin, its files in .running or its mirror, is no damage: its sums
            are written anew. Only what is not sound is printed. Ends with 6 where damage
            was found, or remains.

            Examples:
              loopsync verify
              loopsync verify nightly@latest --repair
            """
    )

    @Argument(help: ArgumentHelp("Archived runs; all by default.", valueName: "run"))
    var selectors: [String] = []

    @Flag(help: "Put files back from a pin, .running or the mirror, where the very same bytes are there.")
    var repair = false

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        let place = try LoopsPlace.open(global)
        let history = try History.read(place)
        let loaded = try Settings.load(global, watched: [place.path])
        let pass = place.mirrorPass(loaded).flatMap { $0.wasUsed ? $0 : nil }
        let suspension = pass?.open()
        if let suspension { talk("loopsync: \(suspension) The runs are checked without it.") }
        let runs = selectors.isEmpty ? history.runs : try history.runs(named: selectors)
        var checks: [RunCheck] = []
        do {
            // loopsync's own directory is made where it is missing, since checking takes the history's lock.
            let alternatives = try RunAlternatives(loops: place.loops, mirror: pass?.history())
            for run in runs { checks.append(try check(run, in: history, place, alternatives)) }
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the runs after \(checks.last?.run.selector ?? "none") were not checked")
        }
        try show(RunCheck.table(checks), json: RunCheck.json(checks, in: place.path))
        for problem in history.unreadable { talk("loopsync: \(problem)") }
        if selectors.isEmpty || checks.allSatisfy({ $0.verdict == .sound }) { talk(RunCheck.total(checks)) }
        return ExitStatus.worst(
            of: checks.map(\.exitStatus) + (history.unreadable.isEmpty ? [] : [.partly])
                + (suspension == nil ? [] : [.mirrorUnavailable])
        )
    }

    /// Each run under the lock by itself, so that a running agent is never held up for longer than one run.
    private func check(_ run: ArchivedRun, in history: History, _ place: LoopsPlace, _ alternatives: RunAlternatives)
        throws -> RunCheck
    {
        let lock = try place.lock()
        defer { withExtendedLifetime(lock) {} }
        guard let directory = history.directory else { return RunCheck(run: run, verdict: nil) }
        let verifier = RunVerifier(loops: place.loops, process: getpid())
        let others = try alternatives.of(run)
        let verdict =
            repair
            ? try verifier.repair(run.place, in: directory, from: others)
            : try verifier.verify(run.place, in: directory, alternatives: others)
        return RunCheck(run: run, verdict: verdict)
    }
}

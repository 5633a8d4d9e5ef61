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
            are written anew. The copies in the mirror are checked too. Only what is not
            sound is printed. Ends with 6 where damage was found, or remains.

            Without RUN it checks one directory; a RUN is found in the others under watch:
            too, and of several directories the JSON is an array, directories.

            Examples:
              loopsync verify
              loopsync verify nightly@latest --repair
            """
    )

    @Argument(help: ArgumentHelp("Archived runs; all by default.", valueName: "run"), completion: .runs)
    var selectors: [String] = []

    @Flag(help: "Put back what a pin, .running, the history or the mirror has whole.")
    var repair = false

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        if selectors.isEmpty {
            let place = try LoopsPlace.open(global)
            let history = try History.read(place, includingEmptied: true)
            return try check([(place, history, history.runs)])
        }
        var histories: [String: History] = [:]
        let groups = try PlaceSearch.groups(selectors, in: LoopsPlace.watched(global), called: \.selector) {
            let history = try histories[$1.path] ?? History.read($1, includingEmptied: true)
            histories[$1.path] = history
            return try history.runs(named: [$0])[0]
        }
        return try check(
            groups.compactMap { place, runs in histories[place.path].map { (place, $0, runs) } }
        )
    }

    /// Checks runs of one directory after the other.
    private func check(_ groups: [(place: LoopsPlace, history: History, runs: [ArchivedRun])]) throws -> ExitStatus {
        var statuses: [ExitStatus] = []
        var documents: [JSONValue] = []
        for (place, history, runs) in groups {
            let (checks, status) = try check(runs, of: history, in: place)
            statuses.append(status)
            documents.append(RunCheck.json(checks, in: place.path))
            if !global.json { try Output.data(RunCheck.table(checks).rendered(for: terminal)) }
            if selectors.isEmpty || checks.allSatisfy(\.isSound) { talk(RunCheck.total(checks)) }
            advise(checks)
        }
        if global.json { try Output.documents(documents) }
        return .worst(of: statuses)
    }

    private func check(_ runs: [ArchivedRun], of history: History, in place: LoopsPlace) throws
        -> ([RunCheck], ExitStatus)
    {
        let loaded = try Settings.load(global, watched: [place.path])
        let pass = place.mirrorPass(loaded).flatMap { $0.wasUsed ? $0 : nil }
        let suspension = pass?.open()
        if let suspension { talk("loopsync: \(suspension) The runs are checked without it.") }
        var checks: [RunCheck] = []
        let meter = meter("verified")
        do {
            let copies = try pass?.history()
            // Looked for only where a run is not sound: who may read a history can check it.
            var alternatives: RunAlternatives?
            for start in stride(from: 0, to: runs.count, by: Self.batch) {
                let batch = Array(runs[start..<min(start + Self.batch, runs.count)])
                let answers =
                    history.directory.map { SoundRuns.look(at: batch.map(\.place), in: $0, copies: copies) } ?? []
                for (number, run) in batch.enumerated() {
                    guard answers.indices.contains(number), answers[number].isSound else {
                        let others = try alternatives ?? RunAlternatives(loops: place.loops, mirror: copies)
                        alternatives = others
                        checks.append(try check(run, in: history, place, others))
                        continue
                    }
                    checks.append(RunCheck(run: run, history: .verdict(.sound)))
                    if answers[number].isMirrorSound { checks[checks.count - 1].mirror = .sound(foreign: []) }
                }
                meter.show(checks.count, of: runs.count)
            }
        } catch let error as PosixError {
            let done = checks.last.map { "the runs after \($0.run.selector) were not checked" } ?? "no run was checked"
            throw Failure(.failed, "\(error): \(done)")
        }
        var isMirrorUnread = false
        meter.clear()
        if let verifier = pass?.verifier() { isMirrorUnread = look(with: verifier, at: &checks, place, history) }
        for problem in history.unreadable { talk("loopsync: \(problem)") }
        let status = ExitStatus.worst(
            of: checks.map(\.exitStatus) + (history.unreadable.isEmpty && !isMirrorUnread ? [] : [.partly])
                + (suspension == nil ? [] : [.mirrorUnavailable])
        )
        return (checks, status)
    }

    /// So many runs are read at once.
    private static let batch = 512

    /// Each run under the lock by itself, so that a running agent is never held up for longer than one run.
    private func check(_ run: ArchivedRun, in history: History, _ place: LoopsPlace, _ alternatives: RunAlternatives)
        throws -> RunCheck
    {
        let lock = try place.lock()
        defer { withExtendedLifetime(lock) {} }
        guard let directory = history.directory else { return RunCheck(run: run, history: .gone) }
        let verifier = RunVerifier(loops: place.loops, process: getpid())
        do throws(PosixError) {
            let others = try alternatives.of(run)
            var repairs: [String] = []
            let verdict =
                repair
                ? try verifier.repair(run.place, in: directory, from: others) { repairs.append($0) }
                : try verifier.verify(run.place, in: directory, alternatives: others)
            return RunCheck(run: run, history: verdict.map(RunCheck.Finding.verdict) ?? .gone, repairs: repairs)
        } catch {
            // One run that cannot be looked into leaves the others to be checked.
            return RunCheck(run: run, history: .failed("\(error)"))
        }
    }

    /// Checks the copies in the mirror, which have no other guard: what is pruned here may stand there alone.
    ///
    /// - Returns: whether some could not be looked at.
    private func look(
        with verifier: MirrorVerifier,
        at checks: inout [RunCheck],
        _ place: LoopsPlace,
        _ history: History
    ) -> Bool {
        var notices: [MirrorNotice] = []
        var errors: [PosixError] = []
        if selectors.isEmpty {
            do throws(PosixError) {
                let others = try verifier.others(than: Set(history.runs.map(\.place)))
                let pruned = others.isEmpty ? [] : try PruneLog(place.loops).pruned().map(\.place)
                checks += others.map { run in
                    RunCheck(run: run, history: .onlyMirrored(wasPruned: pruned.contains(run.place)))
                }
            } catch {
                errors.append(error)
            }
        }
        for index in checks.indices where checks[index].mirror == nil {
            let run = checks[index].run.place
            do throws(PosixError) {
                let found = try verifier.check(run)
                checks[index].mirror = found
                guard repair, found.isDamage else { continue }
                let repaired = try verifier.repair(run, notices: &notices)
                checks[index].mirror = repaired
                checks[index].isMirrorRepaired = !repaired.isDamage
            } catch {
                errors.append(error)
            }
        }
        for notice in notices { talk("loopsync: \(notice)") }
        for error in errors { talk("loopsync: \(error): a copy in the mirror was not checked") }
        return !errors.isEmpty
    }

    /// Says what to type next.
    private func advise(_ checks: [RunCheck]) {
        guard checks.contains(where: { $0.exitStatus == .damage }) else { return }
        talk(
            repair
                ? "loopsync: no place has the bytes that these sums tell of, so that nothing there was replaced"
                : "loopsync: loopsync verify --repair puts back what a pin, .running, the history or the mirror has whole"
        )
    }
}

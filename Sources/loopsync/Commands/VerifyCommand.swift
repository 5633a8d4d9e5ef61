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
            guard global.json else { return try check([VerifyTarget(all: place)]) }
            let history = try History.read(place, includingEmptied: true)
            return try check([VerifyTarget(history.runs, of: history, in: place)])
        }
        var histories: [String: History] = [:]
        let groups = try PlaceSearch.groups(selectors, in: LoopsPlace.watched(global), called: \.selector) {
            let history = try histories[$1.path] ?? History.read($1, includingEmptied: true)
            histories[$1.path] = history
            return try history.runs(named: [$0])[0]
        }
        return try check(
            groups.compactMap { place, runs in histories[place.path].map { VerifyTarget(runs, of: $0, in: place) } }
        )
    }

    /// Checks runs of one directory after the other.
    private func check(_ targets: [VerifyTarget]) throws -> ExitStatus {
        var statuses: [ExitStatus] = []
        var documents: [JSONValue] = []
        for target in targets {
            let (checks, sound, status) = try check(target)
            statuses.append(status)
            documents.append(RunCheck.json(checks, in: target.place.path))
            if !global.json { try Output.data(RunCheck.table(checks).rendered(for: terminal)) }
            if selectors.isEmpty || checks.allSatisfy(\.isSound) { talk(RunCheck.total(checks, besides: sound)) }
            advise(checks)
        }
        if global.json { try Output.documents(documents) }
        return .worst(of: statuses)
    }

    private func check(_ given: VerifyTarget) throws -> (checks: [RunCheck], besides: RunCheck.Sound, ExitStatus) {
        var target = given
        let loaded = try Settings.load(global, watched: [target.place.path])
        let pass = target.place.mirrorPass(loaded).flatMap { $0.wasUsed ? $0 : nil }
        let suspension = pass?.open()
        if let suspension { talk("loopsync: \(suspension) The runs are checked without it.") }
        var (checks, sound) = try compare(&target, with: suspension == nil ? pass : nil)
        if selectors.isEmpty { checks.sort { ($0.run.sortingTime, $0.run.place) > ($1.run.sortingTime, $1.run.place) } }
        let isMirrorUnread = pass?.verifier().map { look(with: $0, at: &checks, target) } ?? false
        for problem in target.unreadable { talk("loopsync: \(problem)") }
        let status = ExitStatus.worst(
            of: checks.map(\.exitStatus) + (target.unreadable.isEmpty && !isMirrorUnread ? [] : [.partly])
                + (suspension == nil ? [] : [.mirrorUnavailable])
        )
        return (checks, sound, status)
    }

    /// Compares every run with its sums.
    private func compare(_ target: inout VerifyTarget, with pass: MirrorPass?) throws -> ([RunCheck], RunCheck.Sound) {
        var checks: [RunCheck] = []
        var sound = RunCheck.Sound()
        let meter = meter("verified")
        defer { meter.clear() }
        var done = 0
        do {
            let copies = try pass?.history()
            // Looked for only where a run is not sound: who may read a history can check it.
            var alternatives: RunAlternatives?
            for start in stride(from: 0, to: target.places.count, by: Self.batch) {
                let batch = Array(target.places[start..<min(start + Self.batch, target.places.count)])
                let answers = target.directory.map { SoundRuns.look(at: batch, in: $0, copies: copies) } ?? []
                for (place, answer) in zip(batch, answers) {
                    if !target.isNamed, answer.isSound, answer.isMirrorSound || pass == nil {
                        sound.count(answer)
                    } else if let run = target.run(at: place) {
                        if answer.isSound {
                            let copy: MirrorVerdict? = answer.isMirrorSound ? .sound(foreign: []) : nil
                            checks.append(RunCheck(run: run, history: .verdict(.sound), mirror: copy))
                        } else {
                            let others = try alternatives ?? RunAlternatives(loops: target.place.loops, mirror: copies)
                            alternatives = others
                            checks.append(try check(run, target, others))
                        }
                    }
                    done += 1
                }
                meter.show(done, of: target.places.count)
            }
            return (checks, sound)
        } catch let error as PosixError {
            let extent = "\(done == 0 ? "none" : "only \(done)") of \(Amount.count(target.places.count, "run")) checked"
            throw Failure(.failed, "\(error): \(extent)")
        }
    }

    /// So many runs are read at once.
    private static let batch = 512

    /// Each run under the lock by itself, so that a running agent is never held up for longer than one run.
    private func check(_ run: ArchivedRun, _ target: VerifyTarget, _ alternatives: RunAlternatives) throws -> RunCheck {
        let lock = try target.place.lock()
        defer { withExtendedLifetime(lock) {} }
        guard let directory = target.directory else { return RunCheck(run: run, history: .gone) }
        let verifier = RunVerifier(loops: target.place.loops, process: getpid())
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
        _ target: VerifyTarget
    ) -> Bool {
        var notices: [MirrorNotice] = []
        var errors: [PosixError] = []
        if selectors.isEmpty {
            do throws(PosixError) {
                let others = try verifier.others(than: target.runPlaces)
                let pruned = others.isEmpty ? [] : try PruneLog(target.place.loops).pruned().map(\.place)
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

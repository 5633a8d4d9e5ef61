import LoopModel
import LoopStore
import SyncCore
import YAMLReading

/// All runs of a loops directory, the live ones too, as a person names them.
struct RunCollection {
    /// Newest first; a run that stands in `.running` and in the history stands here once.
    let runs: [FoundRun]
    /// What could not be read, with the reason.
    let unreadable: [String]

    /// Reads history and `.running`.
    static func read(_ place: LoopsPlace, processes: any ProcessTable = SystemProcessTable()) throws -> RunCollection {
        let history = try History.newest(nil, of: place, where: { _ in true })
        return RunCollection(
            runs: try merged(history.found, with: place, processes),
            unreadable: history.unreadable
        )
    }

    /// Finds the runs that selectors mean, reading no more of the history than that takes.
    ///
    /// - Parameter mirrored: runs that stand in the mirror alone, to be counted as those here are.
    /// - Throws: a `Failure` that names what was not found, or all that could be meant.
    static func runs(
        named selectors: [String],
        in place: LoopsPlace,
        besides mirrored: MirroredRuns? = nil,
        processes: any ProcessTable = SystemProcessTable()
    ) throws -> [FoundRun] {
        do {
            if let (history, meant) = try History.meant(by: selectors, in: place, besides: mirrored?.places ?? []) {
                var archived = history.found
                if let mirrored { archived += try mirrored.found { meant.contains($0) } }
                let few = RunCollection(runs: try merged(archived, with: place, processes), unreadable: [])
                if let runs = try? few.runs(named: selectors) { return runs }
            }
        } catch is PosixError {
            // Reading all of it says what is wrong, and with what.
        }
        let all = try read(place, processes: processes)
        guard let mirrored else { return try all.runs(named: selectors) }
        let others = try mirrored.found { _ in true }
        return try RunCollection(runs: (all.runs + others).sorted(by: isNewer), unreadable: []).runs(named: selectors)
    }

    /// Archived runs with those of `.running`; a run that is both stands there once.
    private static func merged(
        _ archived: [FoundRun],
        with place: LoopsPlace,
        _ processes: any ProcessTable
    ) throws -> [FoundRun] {
        var runs = archived
        var places: [Key: Int] = [:]
        for (index, run) in runs.enumerated() { places[Key(run)] = index }
        do {
            let running = try place.loops.running()
            for live in try LiveRun.all(in: place.loops, processes: processes) {
                guard let found = running.flatMap({ FoundRun(live, in: $0) }) else { continue }
                guard let index = places[Key(found)] else {
                    runs.append(found)
                    continue
                }
                // While it goes on, its files in `.running` know more than what was archived.
                if live.process != nil { runs[index] = found }
            }
        } catch {
            throw Failure(.failed, "\(error): the live runs cannot be read")
        }
        return runs.sorted(by: isNewer)
    }

    /// Finds the run that each selector means.
    ///
    /// - Throws: a `Failure` that names what was not found, or all that could be meant.
    func runs(named selectors: [String]) throws -> [FoundRun] {
        let candidates = runs.map {
            RunSelector.Candidate(
                loop: $0.loop.string,
                id: $0.id,
                startedAt: $0.startedAt ?? "",
                path: $0.archive?.place.description ?? ""
            )
        }
        return try RunSelector.choose(selectors, among: candidates, named: "run", listing: "loopsync history")
            .map { runs[$0] }
    }

    /// The runs of loops that one of the patterns names; all for no pattern.
    func runs(of patterns: [Glob]) -> [FoundRun] {
        guard !patterns.isEmpty else { return runs }
        return runs.filter { run in patterns.contains { $0.matches(run.loop) } }
    }

    /// Refuses a pattern that names no loop of any directory, with the one that may be meant.
    static func requireLoops(_ patterns: [Glob], in collections: [RunCollection]) throws {
        if let mistake = mistakes(in: patterns, among: collections).first { throw Failure(.failed, mistake) }
    }

    /// What to say of patterns that name no loop, with the one that may be meant; one line each.
    static func mistakes(in patterns: [Glob], among collections: [RunCollection]) -> [String] {
        let loops = Set(collections.flatMap(\.loops))
        return patterns.filter { glob in !loops.contains { glob.matches($0) } }.map { glob in
            let meant = nearest(to: glob.pattern, among: loops.map(\.string))
            return "no run of a loop '\(glob.pattern)'"
                + (meant.map { ". Did you mean \($0)?" } ?? ". See: loopsync history")
        }
    }

    /// The loops that there are runs of.
    var loops: Set<JSONString> { Set(runs.map(\.loop)) }

    private struct Key: Hashable {
        let loop: JSONString
        let startedAt: JSONString?

        init(_ run: FoundRun) {
            loop = run.loop
            startedAt = run.startedAt
        }
    }

    private static func isNewer(_ left: FoundRun, _ right: FoundRun) -> Bool {
        (left.startedAt ?? "", left.id) > (right.startedAt ?? "", right.id)
    }
}

extension History {
    /// Its runs as those that a person can name.
    fileprivate var found: [FoundRun] {
        directory.map { directory in runs.map { FoundRun($0, in: directory) } } ?? []
    }
}

import LoopModel
import LoopStore
import SyncAgent

/// The archived runs of all directories that a look goes over.
struct Listing {
    /// Newest first.
    let runs: [ListedRun]
    /// What could not be read, with the reason.
    let unreadable: [String]
    /// Why runs may be missing that only a mirror has.
    let absences: [String]

    /// The runs that are wanted.
    ///
    /// - Parameters:
    ///   - limit: at most so many; nil for all.
    ///   - includingMirrors: whether runs are listed that only a mirror still has; where a limit is met without, they are
    ///     not looked for.
    static func newest(
        _ limit: Int?,
        of places: [LoopsPlace],
        _ global: GlobalOptions,
        includingMirrors: Bool,
        where isWanted: (ArchivedRun) -> Bool
    ) throws -> Listing {
        var runs: [ListedRun] = []
        var unreadable: [String] = []
        var absences: [String] = []
        for place in places {
            let mirror = place.usedMirror(global)
            let history = try History.newest(limit, of: place, where: isWanted)
            unreadable += history.unreadable
            if let directory = history.directory {
                let holds = mirror?.sight(of: history.runs.count)
                let site = RunSite(
                    loops: place.path,
                    root: ConfigurationLoader.absolute(place.path),
                    isHere: true,
                    history: directory,
                    isMirrored: { run in holds.map { $0(run) } }
                )
                runs += history.runs.map { ListedRun(run: $0, site: site) }
            }
            // A mirror is as long as the history, and what left that is mostly older than what is there.
            guard includingMirrors, limit.map({ history.runs.count < $0 }) ?? true else { continue }
            do throws(PosixError) {
                guard let mirrored = try MirroredRuns(place, mirror) else {
                    if let absence = mirror?.absence { absences.append(absence) }
                    continue
                }
                let found = mirrored.newest(limit, where: isWanted)
                runs += found.runs
                unreadable += found.unreadable
            } catch {
                unreadable.append("\(error): runs that only the mirror has are not listed")
            }
        }
        // What came from one directory alone is in order.
        if let first = runs.first, !first.site.isHere || runs.contains(where: { $0.site !== first.site }) {
            runs.sort { $0.isNewer(than: $1) }
        }
        return Listing(runs: Array(runs.prefix(limit ?? .max)), unreadable: unreadable, absences: absences)
    }
}

extension ListedRun {
    fileprivate func isNewer(than other: ListedRun) -> Bool {
        (run.sortingTime, run.place) > (other.run.sortingTime, other.run.place)
    }
}

extension LoopsPlace {
    /// The mirror that runs were brought to before; nil where none is known, or the settings are bad.
    func usedMirror(_ global: GlobalOptions) -> MirrorPass? {
        guard let loaded = try? Settings.load(global, watched: [path]), let pass = mirrorPass(loaded), pass.wasUsed
        else { return nil }
        return pass
    }
}

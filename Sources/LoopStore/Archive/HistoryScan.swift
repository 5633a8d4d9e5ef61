package import LoopModel

/// Finds and reads archived runs of both layouts; links and whatever is no run are passed over, never followed.
package enum HistoryScan {
    /// The state of an archived run as its file has it; nil where there is none that parses.
    package static func state(of place: RunPlace, in history: any Directory) throws(PosixError) -> LoopState? {
        guard let directory = try directory(of: place, in: history),
            try directory.status(of: .state)?.kind == .file,
            let bytes = try directory.contents(of: .state, limit: stateLimit)
        else { return nil }
        return try? LoopState(parsing: bytes)
    }

    /// The largest state that is read, in bytes; a larger one counts as unreadable.
    package static let stateLimit = 1 << 26

    /// The places of all directories that are runs by name and kind, sorted.
    ///
    /// Runs with an ordinary name are not opened for that; `read` gives nil for one that holds no run after all. What
    /// cannot be looked into is left out, and the rest is found nevertheless.
    package static func places(in history: any Directory) throws(PosixError) -> [RunPlace] {
        var ignored: [PosixError] = []
        return try places(in: history, unreadable: &ignored)
    }

    /// The same, for a caller that can tell people what is left out.
    ///
    /// - Throws: the history itself cannot be listed.
    package static func places(in history: any Directory, unreadable: inout [PosixError])
        throws(PosixError) -> [RunPlace]
    {
        let listing = try listing(of: history)
        unreadable += listing.unreadable
        return listing.places
    }

    /// The same, with all that was looked into for it.
    ///
    /// - Throws: the history itself cannot be listed.
    package static func listing(of history: any Directory) throws(PosixError) -> HistoryListing {
        var listing = HistoryListing()
        // Each status before the list: what comes in between makes the next one another.
        listing.looked.append(HistoryListing.Looked(path: [], status: try history.status()))
        for entry in try history.entries() where entry.kind == .directory && entry.name != .own {
            do throws(PosixError) {
                // Those of one loop that were found before an error stay found.
                try look(at: entry.name, in: history, &listing)
            } catch {
                listing.unreadable.append(error)
            }
        }
        listing.places.sortByPath()
        return listing
    }

    private static func look(at name: FileName, in history: any Directory, _ listing: inout HistoryListing)
        throws(PosixError)
    {
        let looksFlat = RunPlace.parts(ofFlat: name) != nil
        // Two links are the directory's own name and its dot: nothing below. (btrfs and overlays always say 1.)
        if looksFlat, try history.status(of: name)?.links == 2 { return listing.places.append(RunPlace(flat: name)) }
        guard let directory = try open(name, in: history) else { return }
        listing.looked.append(HistoryListing.Looked(path: [name], status: try directory.status()))
        if try holdsRun(directory) { return listing.places.append(RunPlace(flat: name)) }
        for below in try directory.entries() where below.kind == .directory {
            if hasFormOfRunID(below.name) {
                listing.places.append(RunPlace(loop: name, run: below.name))
                continue
            }
            do throws(PosixError) {
                guard let run = try open(below.name, in: directory) else { continue }
                listing.looked.append(HistoryListing.Looked(path: [name, below.name], status: try run.status()))
                if try holdsRun(run) { listing.places.append(RunPlace(loop: name, run: below.name)) }
            } catch {
                listing.unreadable.append(error)
            }
        }
    }

    /// Opens a run's directory; nil where there is none, or a link or file in its place.
    package static func directory(of place: RunPlace, in history: any Directory) throws(PosixError) -> (any Directory)?
    {
        var directory = history
        for name in place.components {
            guard let below = try open(name, in: directory) else { return nil }
            directory = below
        }
        return directory
    }

    /// Reads a run's directory; nil where it holds no run.
    ///
    /// - Parameter includingEmptied: whether one that has lost state and events, but not the sums of them, is one.
    package static func read(_ place: RunPlace, in history: any Directory, includingEmptied: Bool = false)
        throws(PosixError) -> ArchivedRun?
    {
        guard let directory = try directory(of: place, in: history) else { return nil }
        return try RunReading(of: directory).run(at: place, includingEmptied: includingEmptied)
    }

    /// What makes the run in a directory itself; nil where nothing there tells.
    package static func identity(of directory: any Directory) throws(PosixError) -> RunIdentity? {
        let reading = RunReading(of: directory)
        if let start = try reading.loopStart() { return .loopStart(start.line) }
        return try reading.state().state.map { .state(loop: $0.loopName, startedAt: $0.startedAt) }
    }

    private static func open(_ name: FileName, in directory: any Directory) throws(PosixError) -> (any Directory)? {
        do {
            return try directory.subdirectory(name)
        } catch  where error.code == .symbolicLink || error.code == .notDirectory {
            return nil
        }
    }

    private static func holdsRun(_ directory: any Directory) throws(PosixError) -> Bool {
        for name in [FileName.state, .events] where try directory.status(of: name)?.kind == .file { return true }
        return false
    }

    /// `2026-01-31T235959`, or the same with `-2` and so on behind it.
    private static func hasFormOfRunID(_ name: FileName) -> Bool {
        FileName(name.bytes + Array("-x".utf8)).flatMap(RunPlace.parts(ofFlat:)) != nil
    }
}

import LoopStore
import SyncAgent

extension LoopsPlace {
    /// The loops directories that a look goes over.
    ///
    /// One where `--loops` or `$LOOPSYNC_LOOPS` names it. Else the one here, then all that the configuration lists under
    /// `watch:`, each once.
    ///
    /// - Returns: at least one path; nothing need be there.
    static func watchedPaths(_ global: GlobalOptions) throws -> [String] {
        if let named = named(global) { return [named] }
        let configured = try configuredPaths(global)
        let isHere = ((try? LoopsDirectory.open(path: here)) ?? nil) != nil
        guard isHere || configured.isEmpty else { return configured }
        let own = ConfigurationLoader.resolve(here)
        return [here] + configured.filter { ConfigurationLoader.resolve($0) != own }
    }

    /// Opens those of them that are there.
    ///
    /// - Throws: a `Failure` where none is.
    static func watched(_ global: GlobalOptions) throws -> [LoopsPlace] {
        let paths = try watchedPaths(global)
        var places: [LoopsPlace] = []
        var failures: [Failure] = []
        for path in paths {
            do {
                var place = try open(paths.count == 1 && path == here ? global : global.naming(path))
                place.isConfigured = path != here && path != named(global)
                places.append(place)
            } catch let failure as Failure {
                failures.append(failure)
                // An agent waits for a directory that is not there yet; `status` tells of it.
                if paths.count > 1, isThere(path), !global.quiet { Output.talk("loopsync: \(failure.message)") }
            }
        }
        if places.isEmpty, let failure = failures.first { throw failure }
        return places
    }

    /// Whether something is at a path, be it of use or not.
    private static func isThere(_ path: String) -> Bool {
        do {
            return try LoopsDirectory.open(path: path) != nil
        } catch {
            return true
        }
    }

    private static let here = ".loops"

    private static func named(_ global: GlobalOptions) -> String? {
        global.loops ?? Environment.value("LOOPSYNC_LOOPS")
    }

    /// What the configuration lists under `watch:`.
    private static func configuredPaths(_ global: GlobalOptions) throws -> [String] {
        do {
            return try Settings.load(global, watched: []).configuration.watch
        } catch let failure as Failure {
            guard global.config == nil else { throw failure }
            // What is here can be looked at all the same.
            if !global.quiet { Output.talk("loopsync: \(failure.message)") }
            return []
        }
    }

    /// The other directories that a person may mean, for messages.
    static func hint(_ global: GlobalOptions) -> String {
        guard let paths = try? Settings.load(global, watched: []).configuration.watch, let first = paths.first else {
            return ""
        }
        let more = paths.count > 1 ? ", or another of the \(paths.count) under watch: in the configuration" : ""
        return ", for instance --loops \(first)\(more)"
    }
}

extension GlobalOptions {
    /// The same with `--loops`.
    func naming(_ loops: String) -> GlobalOptions {
        var options = self
        options.loops = loops
        return options
    }
}

import YAMLReading

/// Refuses directories that would feed on each other.
package enum ConfigurationPlaces {
    /// Looks at where directories really are.
    ///
    /// - Parameters:
    ///   - watched: the watched directories as they were given.
    ///   - sync: the sync directory as it was given.
    ///   - resolve: the absolute path without links; of a path that does not exist, the part that does.
    ///   - isProject: whether a path is that of a project, in which a loops directory is.
    /// - Throws: every refusal at once.
    package static func check(
        watched: [String],
        sync: String?,
        resolve: (String) -> String,
        isProject: (String) -> Bool = { _ in false }
    ) throws(ConfigurationError) {
        var problems: [String] = []
        var seen: [String: String] = [:]
        for path in watched {
            let real = resolve(path)
            if let first = seen[real] {
                problems.append(
                    first == path
                        ? "\(path) is watched twice; name it once"
                        : "\(path) and \(first) are the same directory (\(real)); watch it once"
                )
            }
            seen[real] = path
            if isProject(path) {
                problems.append(
                    "\(path) is a project, not its loops directory, so that no run would be seen; watch \(path)/.loops"
                )
            }
        }
        if let sync {
            let target = resolve(sync)
            for (real, path) in seen.sorted(by: { $0.key < $1.key }) {
                if contains(real, target) {
                    problems.append(
                        "the sync directory \(sync) is inside the watched directory \(path), so that the mirror"
                            + " would mirror itself; choose one outside"
                    )
                } else if contains(target, real) {
                    problems.append(
                        "the watched directory \(path) is inside the sync directory \(sync), so that the mirror"
                            + " would mirror itself; choose one elsewhere"
                    )
                }
            }
        }
        guard problems.isEmpty else {
            throw ConfigurationError(file: nil, problems: problems.map { ConfigurationProblem(message: $0) })
        }
    }

    private static func contains(_ outer: String, _ inner: String) -> Bool {
        outer == "/" || inner == outer || inner.hasPrefix(outer + "/")
    }
}

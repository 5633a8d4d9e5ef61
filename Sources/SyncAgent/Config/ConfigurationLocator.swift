/// Finds the one configuration file of a process.
package struct ConfigurationLocator: Sendable {
    /// What `--config` says.
    package var option: String?
    /// The watched directories of the command line, absolute.
    package var watched: [String]
    /// Looks up a variable of the environment; nil where it is not set or empty.
    package var environment: @Sendable (String) -> String?
    /// Whether a file of that path exists.
    package var exists: @Sendable (String) -> Bool

    /// Describes where to look.
    package init(
        option: String?,
        watched: [String],
        environment: @escaping @Sendable (String) -> String?,
        exists: @escaping @Sendable (String) -> Bool
    ) {
        self.option = option
        self.watched = watched
        self.environment = environment
        self.exists = exists
    }

    /// A file that was found.
    package struct Found: Sendable, Hashable {
        package var path: String
        package var origin: ConfigurationOrigin

        /// Names a file.
        package init(path: String, origin: ConfigurationOrigin) {
            self.path = path
            self.origin = origin
        }
    }

    /// The first of: `--config`, `$LOOPSYNC_CONFIG`, `loopsync.yaml` beside the one watched directory, the user's file.
    ///
    /// Only the first two may name a file that does not exist; reading it will say so.
    ///
    /// - Returns: nil where there is none, so that the defaults hold; and what a person should know, one line each.
    package func locate() -> (found: Found?, notices: [String]) {
        if let option { return (Found(path: option, origin: .option), []) }
        if let path = environment("LOOPSYNC_CONFIG") { return (Found(path: path, origin: .environment), []) }
        let beside = watched.map { ConfigurationLocator.beside($0) }.filter(exists)
        if watched.count == 1, let path = beside.first { return (Found(path: path, origin: .project), []) }
        let notices = beside.map { "\($0) is not read: with several watched directories use --config or your own file" }
        if let path = userFile, exists(path) { return (Found(path: path, origin: .user), notices) }
        return (nil, notices)
    }

    /// Where the user's own file is, whether it exists or not; nil without a home.
    package var userFile: String? {
        // A relative XDG_CONFIG_HOME is to be ignored, says its specification.
        if let base = environment("XDG_CONFIG_HOME"), base.hasPrefix("/") { return "\(base)/loopsync/config.yaml" }
        return environment("HOME").map { "\($0)/.config/loopsync/config.yaml" }
    }

    /// The project's file beside a `.loops` directory.
    package static func beside(_ loops: String) -> String {
        let parent = loops.split(separator: "/").dropLast().joined(separator: "/")
        return loops.hasPrefix("/")
            ? (parent.isEmpty ? "" : "/\(parent)") + "/loopsync.yaml"
            : (parent.isEmpty ? "" : "\(parent)/") + "loopsync.yaml"
    }
}

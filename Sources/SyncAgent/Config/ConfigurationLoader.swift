import Glibc
import LoopStore
package import SyncCore
import YAMLReading

/// Finds, reads and checks the configuration of a process: the one place of `Config` that touches files.
package struct ConfigurationLoader: Sendable {
    /// What the command line says; it wins over the environment, which wins over the file.
    package struct Options: Sendable {
        package var config: String?
        package var watch: [String]
        package var sync: String?

        /// Takes the command line's words, empty where it has none.
        package init(config: String? = nil, watch: [String] = [], sync: String? = nil) {
            self.config = config
            self.watch = watch
            self.sync = sync
        }
    }

    /// A configuration that was accepted.
    package struct Loaded: Sendable {
        /// With the command line and the environment applied.
        package var configuration: Configuration
        /// nil where the built-in defaults hold.
        package var file: ConfigurationLocator.Found?
        /// What a person should know, one line each.
        package var notices: [String]
        package var zone: ZoneOffset
    }

    private let options: Options
    private let environment: @Sendable (String) -> String?

    /// Takes the command line and the environment.
    package init(
        _ options: Options,
        environment: @escaping @Sendable (String) -> String? = { Environment.value($0) }
    ) {
        self.options = options
        self.environment = environment
    }

    /// Reads the configuration anew.
    ///
    /// - Throws: everything that is wrong with the file, or with the directories together; exit status 78.
    package func load() throws(ConfigurationError) -> Loaded {
        let locator = ConfigurationLocator(
            option: options.config,
            watched: options.watch.map(ConfigurationLoader.absolute),
            environment: environment,
            exists: { access($0, F_OK) == 0 }
        )
        let (found, located) = locator.locate()
        var configuration = Configuration()
        var notices = located
        if let found {
            let (parsed, more) = try parse(found)
            configuration = parsed
            notices += more
        }
        if !options.watch.isEmpty { configuration.watch = options.watch.map(ConfigurationLoader.absolute) }
        if let sync = options.sync ?? environment("LOOPSYNC_SYNC") {
            configuration.mirror.to = ConfigurationLoader.absolute(sync)
        }
        try applyEnvironment(&configuration.log)
        try ConfigurationPlaces.check(
            watched: configuration.watch,
            sync: configuration.mirror.to,
            resolve: ConfigurationLoader.resolve,
            isProject: LoopsDirectory.isProject
        )
        // However it is written, it is one directory, and what is remembered of it holds.
        configuration.mirror.to = configuration.mirror.to.map(ConfigurationLoader.resolve)
        let zone = ZoneOffset.named(configuration.retention.timeZone) ?? .utc
        return Loaded(configuration: configuration, file: found, notices: notices, zone: zone)
    }

    /// Parses a file that was found, without the command line and the environment: `config check FILE`.
    package func parse(_ found: ConfigurationLocator.Found) throws(ConfigurationError)
        -> (Configuration, notices: [String])
    {
        let bytes = try ConfigurationLoader.read(found.path)
        let path = ConfigurationLoader.absolute(found.path)
        let directory = path.split(separator: "/").dropLast().joined(separator: "/")
        return try ConfigurationFile(
            name: found.path,
            origin: found.origin,
            directory: "/" + directory,
            home: environment("HOME"),
            isTimeZone: { ZoneOffset.named($0) != nil }
        ).parse(bytes)
    }

    /// Where each value of a configuration that was loaded comes from; what the command line watches is left to the caller.
    package func sources(of loaded: Loaded) throws(ConfigurationError) -> ConfigurationSources {
        var sources = ConfigurationSources()
        if let file = loaded.file {
            let bytes = try ConfigurationLoader.read(file.path)
            sources = try ConfigurationSources(file: file.path, bytes: bytes, isTrusted: file.origin.isTrusted)
        }
        if options.sync != nil {
            sources.set("mirror.to", to: .option("--sync"))
        } else if environment("LOOPSYNC_SYNC") != nil {
            sources.set("mirror.to", to: .environment("LOOPSYNC_SYNC"))
        }
        for (key, name) in [("log.level", "LOOPSYNC_LOG_LEVEL"), ("log.format", "LOOPSYNC_LOG_FORMAT")]
        where environment(name) != nil {
            sources.set(key, to: .environment(name))
        }
        return sources
    }

    private func applyEnvironment(_ log: inout LogSettings) throws(ConfigurationError) {
        var problems: [ConfigurationProblem] = []
        func apply<Value: RawRepresentable<String> & CaseIterable>(_ name: String, _ setting: inout Value) {
            guard let text = environment(name) else { return }
            let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
            guard let value = Value(rawValue: text) else {
                problems.append(ConfigurationProblem(message: "$\(name) is \"\(text)\"; expected one of \(words)"))
                return
            }
            setting = value
        }
        apply("LOOPSYNC_LOG_LEVEL", &log.level)
        apply("LOOPSYNC_LOG_FORMAT", &log.format)
        guard problems.isEmpty else { throw ConfigurationError(file: nil, problems: problems) }
    }

    /// Reads a file by its path, following links, as people keep their configuration in other places.
    private static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
        func fail(_ call: String) -> ConfigurationError {
            let message = "cannot read the configuration: \(call): \(String(cString: strerror(errno)))"
            return ConfigurationError(file: path, problems: [ConfigurationProblem(message: message)])
        }
        // Not blocking, or a FIFO would wait for a writer.
        let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard descriptor >= 0 else { throw fail("open") }
        defer { _ = Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fail("fstat") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let problem = ConfigurationProblem(message: "cannot read the configuration: it is no regular file")
            throw ConfigurationError(file: path, problems: [problem])
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        // One byte over the limit is enough to know that it is too large.
        while bytes.count <= ConfigurationFile.limits.size {
            let count = retrying { Glibc.read(descriptor, &buffer, buffer.count) }
            guard count >= 0 else { throw fail("read") }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// The path from the root, without following anything.
    package static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return normalized(path) }
        defer { free(current) }
        return normalized("\(String(cString: current))/\(path)")
    }

    /// Without empty components, `.` and a slash at the end; `..` stays, since it may follow a link.
    private static func normalized(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    /// Where a path really leads; of one that does not exist yet, as far as it does.
    package static func resolve(_ path: String) -> String {
        resolve(absolute(path), links: 40)
    }

    private static func resolve(_ path: String, links: Int) -> String {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        var parts = path.split(separator: "/")
        guard let last = parts.popLast() else { return "/" }
        let parent = resolve("/" + parts.joined(separator: "/"), links: links)
        if last == ".." { return "/" + parent.split(separator: "/").dropLast().joined(separator: "/") }
        let whole = parent == "/" ? "/\(last)" : "\(parent)/\(last)"
        // A link to a disk that is not mounted leads to the same place as when it is.
        guard links > 0, let target = target(ofLink: whole) else { return whole }
        return resolve(normalized(target.hasPrefix("/") ? target : "\(parent)/\(target)"), links: links - 1)
    }

    private static func target(ofLink path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

package import LoopModel
package import SyncCore

/// What the configuration file says, with the built-in default for all it does not say.
package struct Configuration: Sendable, Hashable {
    /// Directories to watch when the command line names none, absolute.
    package var watch: [String]
    package var archive: ArchiveSettings
    package var mirror: MirrorSettings
    package var retention: RetentionPolicy
    package var hooks: HookSettings
    package var log: LogSettings

    /// The built-in defaults: archive, keep everything, mirror nowhere.
    package init() {
        watch = []
        archive = ArchiveSettings()
        mirror = MirrorSettings()
        retention = RetentionPolicy()
        hooks = HookSettings()
        log = LogSettings()
    }
}

/// How runs are archived.
package struct ArchiveSettings: Sendable, Hashable {
    /// nil decides per run, by what its own executor reads.
    package var layout: HistoryLayout?
    /// How long nothing must change where the executor may still hold the run.
    package var settle = Duration.seconds(2)
    /// After how long a run of unknown owner without an end is archived as it is; nil is never.
    package var abandonedAfter: Duration? = .seconds(86_400)
    /// After how long an archived run is cleared from `.running`; nil is never.
    package var clearAfter: Duration?
    package var clearStatuses: Set<RunStatus> = [.completed, .failed, .timedOut]
    /// Patterns of further files of a run's `run_dir`.
    package var runFiles: [String] = []
}

/// Commands to run after the fact.
package struct HookSettings: Sendable, Hashable {
    package var timeout = Duration.seconds(30)
    /// The command with its arguments, per event.
    package var commands: [Event: [String]] = [:]

    /// What a command can be run for.
    package enum Event: String, Sendable, Hashable, CaseIterable {
        case archive = "on_archive"
        case failed = "on_failed"
        case mirrorSuspended = "on_mirror_suspended"
        case unreadable = "on_unreadable"
    }
}

/// What is told, and how.
package struct LogSettings: Sendable, Hashable {
    package var level = Level.info
    package var format = Format.auto

    /// The least important messages that are told.
    package enum Level: String, Sendable, Hashable, CaseIterable {
        case error, warning, info, debug
    }

    /// How messages look.
    package enum Format: String, Sendable, Hashable, CaseIterable {
        case auto, text, json
    }
}

/// Where a configuration comes from, and so how far it is trusted.
package enum ConfigurationOrigin: Sendable, Hashable {
    /// `--config`.
    case option
    /// `$LOOPSYNC_CONFIG`.
    case environment
    /// `loopsync.yaml` beside a watched directory; it may have come with a cloned repository.
    case project
    /// The user's own file.
    case user

    /// Whether what runs commands (`hooks`) or chooses directories (`watch`) is honoured.
    package var isTrusted: Bool {
        switch self {
        case .option, .environment, .user: true
        case .project: false
        }
    }
}

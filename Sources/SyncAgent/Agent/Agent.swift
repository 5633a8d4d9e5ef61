import Glibc
package import Logging
import LoopModel
import LoopStore
import SyncCore

/// The agent: watches loops directories and keeps their runs, until it is told to stop.
///
/// Three threads: one owns libinotifytools and pins; the caller's conducts, that is tracks runs and mirrors live ones;
/// one does what waits for disks. Only values cross between them.
package final class Agent {
    /// How the agent ended.
    package enum End: Sendable, Equatable {
        case stopped
        /// Another agent holds this directory.
        case taken(String)
        /// The system gives no inotify queue; the text names the limit.
        case cannotWatch(String)
    }

    private let roots: [WatchedRoot]
    private let inbox = AgentInbox()
    private let work = WorkQueue(name: "loopsync-disk")
    private var log: Logger
    private let notifier: ServiceNotifier
    private let loader: ConfigurationLoader
    private var loaded: ConfigurationLoader.Loaded
    private let processes: any ProcessTable = SystemProcessTable()
    private var agents: [RootAgent] = []
    private var watching: WatchThread?
    private var histories: [Int: HistoryWork] = [:]
    private var statuses: [StatusKeeper] = []
    private var configurationProblem: String?
    private var nextPing: Int64?
    private var isGreeted: Set<Int> = []
    private var polled: Set<Int> = []
    private var isStatusStale = true

    /// - Parameters:
    ///   - loaded: the configuration to begin with; its `watch` names the loops directories, none of which has to exist.
    ///   - loader: reads the configuration again when that is asked for.
    ///   - log: hears what was done and what is wrong.
    ///   - notifier: the service manager, where there is one.
    package init(
        loaded: ConfigurationLoader.Loaded,
        loader: ConfigurationLoader,
        log: Logger,
        notifier: ServiceNotifier
    ) {
        roots = loaded.configuration.watch.enumerated().map { WatchedRoot(index: $0, path: $1) }
        self.loaded = loaded
        self.loader = loader
        self.log = log
        self.notifier = notifier
    }

    /// A way for other threads to end the agent or to have it read its configuration.
    package struct Remote: Sendable {
        fileprivate let inbox: AgentInbox

        package func stop() { inbox.post(.stop) }
        package func reload() { inbox.post(.reload) }
    }

    package var remote: Remote { Remote(inbox: inbox) }

    /// Works until told to stop.
    package func run() -> End {
        for root in roots {
            guard let loops = try? LoopsDirectory.open(path: root.path) else { continue }
            if (try? AgentLock.isHeld(loops)) == true { return .taken(root.path) }
        }
        guard let control = ControlFile() else {
            return .cannotWatch("memfd_create: \(String(cString: strerror(errno)))")
        }
        agents = roots.map(rootAgent)
        let start = SystemClock.wall()
        statuses = roots.map { StatusKeeper(root: $0, start: start, process: getpid()) }
        let inbox = inbox
        let watching = WatchThread(roots: roots, control: control, configuration: configurationPlace) {
            inbox.post(.watch($0))
        }
        self.watching = watching
        let thread = Thread(name: "loopsync-watch") {
            if !watching.run() { inbox.post(.watchingFailed) }
        }
        let end = conduct()
        notifier.stopping()
        watching.requestStop()
        thread.join()
        work.stop()
        return end
    }

    private var configurationPlace: ConfigurationPlace? {
        loaded.file.flatMap { file in
            let parts = ConfigurationLoader.absolute(file.path).split(separator: "/")
            guard let name = parts.last else { return nil }
            return ConfigurationPlace(directory: "/" + parts.dropLast().joined(separator: "/"), name: Array(name.utf8))
        }
    }

    private func rootAgent(_ root: WatchedRoot) -> RootAgent {
        let inbox = inbox
        let work = work
        let index = root.index
        let hands = RootAgent.Hands(
            archive: { [unowned self] job, keeper in
                let history = histories[index]
                work.submit(isUrgent: true) {
                    let outcome = keeper.archive(job, now: SystemClock.wall())
                    history?.took(outcome)
                    inbox.post(.archived(root: index, job, outcome))
                }
            },
            makeRoom: { [unowned self] job, keeper in
                let history = histories[index]
                work.submit(isUrgent: true) {
                    let outcome = keeper.makeRoom(for: job, now: SystemClock.wall())
                    history?.took(outcome)
                    inbox.post(.madeRoom(root: index, outcome))
                }
            },
            clear: { [processes] run, request, place, keeper in
                work.submit(isUrgent: false) {
                    let clearer = Clearer(loops: keeper.loops, processes: processes)
                    let outcome = keeper.clear(request, archivedAt: place, with: clearer)
                    inbox.post(.cleared(root: index, run, outcome))
                }
            },
            recover: { [processes] keeper in
                work.submit(isUrgent: true) {
                    do throws(PosixError) {
                        try keeper.recover(processes: processes)
                    } catch {
                        inbox.post(.failed(root: index, error.description))
                    }
                }
            },
            watchAgain: { [unowned self] in watching?.lookForWatches() },
            history: { [unowned self] loops in schedule(root, loops) },
            mirror: { [unowned self] loops in liveMirror(root, loops) },
            log: log
        )
        return RootAgent(root: root, settings: settings, processes: processes, hands: hands)
    }

    private var settings: RootAgent.Settings {
        let archive = loaded.configuration.archive
        return RootAgent.Settings(
            tracker: TrackerSettings(
                settle: archive.settle.milliseconds,
                abandonedAfter: archive.abandonedAfter?.milliseconds,
                clearAfter: archive.clearAfter?.milliseconds,
                clearStatuses: archive.clearStatuses
            ),
            layout: archive.layout,
            runFiles: archive.runFiles
        )
    }

    /// Live runs and archived ones are mirrored on different threads, each with a view of the mirror of its own.
    private func liveMirror(_ root: WatchedRoot, _ loops: LoopsDirectory) -> Mirror? {
        guard loaded.configuration.mirror.live else { return nil }
        return Mirror(
            loops: loops,
            settings: loaded.configuration.mirror,
            owner: .current(loopsPath: ConfigurationLoader.resolve(root.path)),
            environment: .system(process: getpid())
        )
    }

    private func schedule(_ root: WatchedRoot, _ loops: LoopsDirectory) -> HistorySchedule {
        let history = HistoryWork(
            loops: loops,
            loopsPath: ConfigurationLoader.resolve(root.path),
            configuration: loaded.configuration,
            zone: loaded.zone,
            process: getpid()
        )
        let inbox = inbox
        let work = work
        let index = root.index
        histories[index] = history
        return HistorySchedule(
            work: history,
            log: log,
            submit: { piece, history in
                work.submit(isUrgent: false) {
                    switch piece {
                    case .mirror:
                        let (report, next) = history.mirror(
                            isWanted: { work.hasUrgentWork },
                            clock: SystemClock.now
                        )
                        inbox.post(.history(root: index, piece, report, next: next))
                    case .prune(let isRefreshing):
                        let report = history.prune(isRefreshing: isRefreshing)
                        inbox.post(.history(root: index, piece, report, next: nil))
                    }
                }
            },
            at: SystemClock.now()
        )
    }

    // MARK: Configuration

    private func reload(at now: Moment) {
        notifier.reloading()
        defer { notifier.ready("watching") }
        do throws(ConfigurationError) {
            var new = try loader.load()
            configurationProblem = nil
            guard new.configuration != loaded.configuration else { return }
            if new.configuration.watch != loaded.configuration.watch {
                log.warning("the watched directories changed in the configuration: restart the agent to follow")
                new.configuration.watch = loaded.configuration.watch
            }
            loaded = new
            configurationProblem = nil
            for notice in new.notices { log.notice("\(notice)") }
            log.notice("configuration read again")
            for agent in agents { agent.use(settings, at: now) }
        } catch {
            configurationProblem = error.description
            log.error("\(error)\nThe settings stay as they were. Check with: loopsync config check")
        }
    }

    // MARK: The conducting thread

    private func conduct() -> End {
        nextPing = notifier.pingInterval.map { _ in SystemClock.steady() }
        while true {
            let messages = inbox.take(until: deadline(at: SystemClock.now()))
            let now = SystemClock.now()
            var touched: [(agent: RootAgent, stem: Stem)] = []
            for message in messages {
                switch message {
                case .stop: return .stopped
                case .watchingFailed:
                    return .cannotWatch(
                        "the system gives this user no more inotify queues (fs.inotify.max_user_instances)"
                    )
                case .reload, .watch(.configuration): reload(at: now)
                case .watch(.changed(let root, let directories, let name)):
                    let agent = agents[root]
                    guard let stem = agent.changed(name, in: directories, at: now),
                        !touched.contains(where: { $0.agent === agent && $0.stem == stem })
                    else { continue }
                    touched.append((agent, stem))
                case .watch(.lost(let root, let reason)): lost(root, reason, at: now)
                case .outcomes: isStatusStale = true
                }
            }
            for (agent, stem) in touched { agent.evaluate(stem, at: now) }
            for outcome in inbox.takeOutcomes() { hear(outcome, at: now) }
            attend(at: now)
        }
    }

    private func deadline(at now: Moment) -> Int64? {
        let times = agents.compactMap { $0.nextDeadline(at: now) } + statuses.compactMap(\.nextDeadline)
        return (times + [nextPing].compactMap { $0 }).min()
    }

    /// Does what is due by time.
    private func attend(at now: Moment) {
        for agent in agents where (agent.nextDeadline(at: now) ?? .max) <= now.steady {
            agent.attend(at: now)
            isStatusStale = true
        }
        if isStatusStale || statuses.contains(where: { ($0.nextDeadline ?? .max) <= now.steady }) {
            isStatusStale = false
            for (agent, status) in zip(agents, statuses) {
                status.update(agent, loaded: loaded, configurationProblem: configurationProblem, at: now)
            }
        }
        guard let interval = notifier.pingInterval, let due = nextPing, due <= now.steady else { return }
        notifier.ping()
        nextPing = now.steady + max(1, interval / 1000)
    }

    private func hear(_ outcome: AgentOutcome, at now: Moment) {
        switch outcome {
        case .archived(let root, let job, let outcome):
            if let line = agents[root].archived(job, outcome, at: now) { log.info("\(line)") }
        case .cleared(let root, let run, let outcome):
            agents[root].cleared(run, outcome, at: now)
        case .madeRoom(let root, let outcome):
            agents[root].madeRoom(outcome)
        case .history(let root, let piece, let report, let next):
            agents[root].history?.hear(piece, report, next: next)
        case .failed(let root, let text):
            log.error("\(roots[root].path): \(text)")
        }
    }

    /// What was known of a directory may be wrong: look at all of it, and say why where people should know.
    private func lost(_ index: Int, _ reason: LossReason, at now: Moment) {
        let root = roots[index]
        let isFirst = isGreeted.insert(index).inserted
        agents[index].lookAtEverything(at: now)
        isStatusStale = true
        switch reason {
        case .overflow:
            statuses[index].overflowed()
            log.warning("\(root.path): the kernel dropped events; everything was looked at again")
        case .ownRemoved:
            log.warning("\(root.path)/.loopsync was removed; it is made again, and the runs are pinned again")
        case .vanished where root.opened == nil:
            log.warning("\(root.path) went away; waiting for it")
        case .appeared where !isFirst && agents[index].isNew:
            log.notice("\(root.path) is there; watching it")
        case .started, .appeared, .vanished: break
        }
        if root.isPolled != polled.contains(index) {
            if root.isPolled { polled.insert(index) } else { polled.remove(index) }
            log.warning(
                root.isPolled
                    ? "\(root.path): no inotify watches are left, so that it is looked at every 2 s. Raise the limit: sysctl fs.inotify.max_user_watches"
                    : "\(root.path): watched by inotify again"
            )
        }
        if isFirst { greet(root) }
    }

    private func greet(_ root: WatchedRoot) {
        let configuration = loaded.configuration
        let watches = "\(root.watches) watch\(root.watches == 1 ? "" : "es")"
        let mirror = configuration.mirror.to.map { "mirror below \($0)" } ?? "no mirror"
        let settings = "\(mirror), retention: \(configuration.retention.description)"
        if root.opened == nil {
            log.info("loopsync \(Version.text) waiting for \(root.path), which does not exist yet, \(settings)")
        } else {
            log.info("loopsync \(Version.text) watching \(root.path) (A and B layouts, \(watches)), \(settings)")
        }
        if isGreeted.count == roots.count {
            notifier.ready("watching \(roots.count == 1 ? root.path : "\(roots.count) directories")")
        }
    }
}

extension Duration {
    /// Whole milliseconds, for the clock that the agent waits by.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}

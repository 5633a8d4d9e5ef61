import Glibc
package import Logging
import LoopModel
import LoopStore
import SyncCore
import YAMLReading

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

    let roots: [WatchedRoot]
    let inbox = AgentInbox()
    private let work = WorkQueue(name: "loopsync-disk")
    var log: Logger
    let notifier: ServiceNotifier
    private let loader: ConfigurationLoader
    var loaded: ConfigurationLoader.Loaded
    private let processes: any ProcessTable = SystemProcessTable()
    private let onReload: (Configuration) -> Void
    let hooks: HookRunner
    var agents: [RootAgent] = []
    private var watching: WatchThread?
    private var histories: [Int: HistoryWork] = [:]
    var statuses: [StatusKeeper] = []
    var configurationProblem: String?
    var nextPing: Int64?
    var isGreeted: Set<Int> = []
    var polled: Set<Int> = []
    var isStatusStale = true

    /// - Parameters:
    ///   - loaded: the configuration to begin with; its `watch` names the loops directories, none of which has to exist.
    ///   - loader: reads the configuration again when that is asked for.
    ///   - log: hears what was done and what is wrong.
    ///   - notifier: the service manager, where there is one.
    ///   - onReload: hears of a changed configuration that was taken.
    package init(
        loaded: ConfigurationLoader.Loaded,
        loader: ConfigurationLoader,
        log: Logger,
        notifier: ServiceNotifier,
        onReload: @escaping (Configuration) -> Void = { _ in }
    ) {
        roots = loaded.configuration.watch.enumerated().map { WatchedRoot(index: $0, path: $1) }
        self.loaded = loaded
        self.loader = loader
        self.log = log
        self.notifier = notifier
        self.onReload = onReload
        hooks = HookRunner(loaded.configuration.hooks) { log.warning("\($0)") }
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
        DescriptorLimit.raise()
        Heap.keepSmall()
        for root in roots {
            guard let loops = try? LoopsDirectory.open(path: root.path) else { continue }
            if Self.isTaken(loops) { return .taken(root.path) }
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
        work.stop(until: SystemClock.steady() + Self.patience)
        hooks.end(within: Self.hookPatience)
        return end
    }

    /// How long work under way may keep the end waiting, in milliseconds; the promise is two seconds for all of it.
    private static let patience: Int64 = 1400
    private static let hookPatience: Int64 = 300

    /// A one-shot may be in an agent's place for a moment.
    private static func isTaken(_ loops: LoopsDirectory) -> Bool {
        for attempt in 0..<20 {
            if attempt > 0 { pause(milliseconds: 50) }
            if (try? AgentLock.isHeld(loops)) != true { return false }
        }
        return true
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
            keeper: { RunKeeper(loops: $0) },
            archive: { [unowned self] job, keeper in
                let history = histories[index]
                work.submit(isUrgent: true) {
                    let outcome = keeper.archive(job, now: SystemClock.wall())
                    let isToMirror = history?.took(outcome) ?? false
                    inbox.post(.archived(root: index, job, outcome, isToMirror: isToMirror))
                }
            },
            makeRoom: { [unowned self] job, keeper in
                let history = histories[index]
                work.submit(isUrgent: true) {
                    let outcome = keeper.makeRoom(for: job, now: SystemClock.wall())
                    history?.madeRoom(outcome)
                    inbox.post(.madeRoom(root: index, job, outcome))
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
                @Sendable func recover() {
                    do throws(PosixError) {
                        if try !keeper.recover(processes: processes) { work.submit(isUrgent: false, recover) }
                    } catch {
                        inbox.post(.failed(root: index, error.description))
                    }
                }
                work.submit(isUrgent: true, recover)
            },
            watchAgain: { [unowned self] in watching?.lookForWatches() },
            history: { [unowned self] loops in schedule(root, loops) },
            mirror: { [unowned self] loops in liveMirror(root, loops) },
            log: log,
            hook: { [hooks] in hooks.post($0) }
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
            keeper: RunKeeper(loops: loops),
            configuration: loaded.configuration,
            zone: loaded.zone,
            owner: .current(loopsPath: ConfigurationLoader.resolve(root.path)),
            environment: .system(process: getpid()),
            catalogue: CatalogueKeeper(loops, isMakingPlace: true) { [log] in log.notice("\(root.path): \($0)") },
            clocks: ClockReading.now
        )
        let inbox = inbox
        let work = work
        let index = root.index
        histories[index]?.end()
        histories[index] = history
        return HistorySchedule(
            work: history,
            log: log,
            isLive: loaded.configuration.mirror.live,
            submit: { piece, history in
                work.submit(isUrgent: false) {
                    switch piece {
                    case .adopt:
                        let (report, next) = history.adopt(
                            isWanted: { work.hasUrgentWork },
                            clock: SystemClock.now
                        )
                        inbox.post(.history(root: index, history, piece, report, next: next))
                    case .mirror:
                        let (report, next) = history.mirror(
                            isWanted: { work.hasUrgentWork },
                            clock: SystemClock.now
                        )
                        inbox.post(.history(root: index, history, piece, report, next: next))
                    case .prune(let isRefreshing):
                        let (report, next) = history.prune(isRefreshing: isRefreshing, clock: SystemClock.now)
                        inbox.post(.history(root: index, history, piece, report, next: next))
                    case .catalogue:
                        let (report, next) = history.refreshCatalogue(
                            isWanted: { work.hasUrgentWork },
                            clock: SystemClock.now
                        )
                        inbox.post(.history(root: index, history, piece, report, next: next))
                    }
                }
            },
            at: SystemClock.now()
        )
    }

    // MARK: Configuration

    func reload(at now: Moment) {
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
            onReload(new.configuration)
            hooks.use(new.configuration.hooks)
            for notice in new.notices { log.notice("\(notice)") }
            log.notice("configuration read again")
            for agent in agents { agent.use(settings, at: now) }
        } catch {
            configurationProblem = error.lines.joined(separator: "; ")
            log.error("\(error)\nThe settings stay as they were. Check with: loopsync config check")
        }
    }
}

extension Duration {
    /// Whole milliseconds, for the clock that the agent waits by.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}

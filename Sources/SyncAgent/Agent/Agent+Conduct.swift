import Logging
import LoopModel
import LoopStore
import SyncCore

/// What the conducting thread does: everything that needs no disk to be waited for.
extension Agent {
    func conduct() -> End {
        nextPing = notifier.pingInterval.map { _ in SystemClock.steady() }
        // Nothing has a time before the directories were looked at.
        var deadline = nextPing
        while true {
            let messages = inbox.take(until: deadline)
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
            deadline = attend(at: now)
        }
    }

    /// Does what is due by time.
    ///
    /// - Returns: when something is due next, in milliseconds of the steady clock; nil for never.
    private func attend(at now: Moment) -> Int64? {
        var next: Int64?
        for agent in agents {
            var due = agent.nextDeadline(at: now)
            if let time = due, time <= now.steady {
                if agent.attend(at: now) { isStatusStale = true }
                due = agent.nextDeadline(at: now)
            }
            next = earlier(next, due)
        }
        if isStatusStale || statuses.contains(where: { ($0.nextDeadline ?? .max) <= now.steady }) {
            isStatusStale = false
            let droppedHooks = hooks.dropped
            for (agent, status) in zip(agents, statuses) {
                status.update(
                    agent,
                    loaded: loaded,
                    configurationProblem: configurationProblem,
                    droppedHooks: droppedHooks,
                    at: now
                )
            }
        }
        for status in statuses { next = earlier(next, status.nextDeadline) }
        if let interval = notifier.pingInterval, let due = nextPing, due <= now.steady {
            notifier.ping()
            nextPing = now.steady + max(1, interval / 1000)
        }
        return earlier(next, nextPing)
    }

    private func hear(_ outcome: AgentOutcome, at now: Moment) {
        switch outcome {
        case .archived(let root, let job, let outcome, let isToMirror):
            if let line = agents[root].archived(job, outcome, isToMirror: isToMirror, at: now) { log.info("\(line)") }
        case .cleared(let root, let run, let outcome):
            agents[root].cleared(run, outcome, at: now)
        case .madeRoom(let root, let job, let outcome):
            agents[root].madeRoom(job, outcome, at: now)
        case .history(let root, let work, let piece, let report, let next):
            agents[root].history(piece, report, of: work, next: next, at: now)
        case .failed(let root, let text):
            log.error("\(roots[root].path): \(text)")
        }
    }

    /// What was known of a directory may be wrong: look at all of it, and say why where people should know.
    private func lost(_ index: Int, _ reason: LossReason, at now: Moment) {
        let root = roots[index]
        let isFirst = isGreeted.insert(index).inserted
        agents[index].lookAtEverything(at: now)
        if reason != .started { agents[index].history?.missed(at: now) }
        isStatusStale = true
        switch reason {
        case .overflow:
            statuses[index].overflowed()
            log.warning("\(root.path): the kernel dropped events; everything was looked at again")
        case .ownRemoved:
            log.warning("\(root.path)/.loopsync was removed; it is made again, and the runs are pinned again")
        case .vanished where root.opened == nil:
            log.warning("\(root.path) went away; waiting for it")
        case .appeared where !isFirst && agents[index].isNew, .vanished where agents[index].isNew:
            log.notice("\(root.path) is there; watching it")
        case .started, .appeared, .vanished, .missed: break
        }
        if root.isPolled != polled.contains(index) {
            if root.isPolled { polled.insert(index) } else { polled.remove(index) }
            log.warning(
                root.obstacle.map {
                    "\(root.path): \($0), so that it is looked at every 2 s. \($0.remedy)"
                } ?? "\(root.path): watched by inotify again"
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

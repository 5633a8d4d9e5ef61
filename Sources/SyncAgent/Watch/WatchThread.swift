import Glibc
import LoopModel
import LoopStore
import SyncCore
import Synchronization

/// Where the configuration file is.
struct ConfigurationPlace: Sendable {
    var directory: String
    var name: [UInt8]
}

/// The thread that owns libinotifytools: it pins what appears and says where to look.
final class WatchThread: Sendable {
    private let roots: [WatchedRoot]
    private let control: ControlFile
    private let stop = Atomic(false)
    private let configuration: ConfigurationPlace?
    private let signal: @Sendable (WatchSignal) -> Void

    /// - Parameters:
    ///   - roots: the loops directories; none of them has to exist.
    ///   - configuration: the configuration file, watched as well.
    ///   - signal: called on the watching thread; must not block.
    init(
        roots: [WatchedRoot],
        control: ControlFile,
        configuration: ConfigurationPlace?,
        signal: @escaping @Sendable (WatchSignal) -> Void
    ) {
        self.roots = roots
        self.control = control
        self.configuration = configuration
        self.signal = signal
    }

    /// Asks the thread to end; `run` returns soon after.
    func requestStop() {
        stop.store(true, ordering: .releasing)
        control.wake()
    }

    /// Asks the thread to try again where it ran out of watches.
    func lookForWatches() {
        control.wake()
    }

    /// Watches until asked to stop.
    ///
    /// - Returns: false where the kernel gives this user no queue.
    func run() -> Bool {
        guard let session = InotifySession() else { return false }
        var watcher = Watcher(session: session, roots: roots, signal: signal)
        guard watcher.watchControl(control.path) else { return false }
        if let configuration { watcher.watchConfiguration(configuration) }
        for root in roots { watcher.attach(root, because: .started) }
        while !stop.load(ordering: .acquiring) { watcher.step() }
        return true
    }
}

/// The state of the watching thread: which watch is on what.
private struct Watcher: ~Copyable {
    private enum Place {
        case control
        case configuration([UInt8])
        /// A directory above a root, and the one name in it that matters: the next on the way.
        case way(WatchedRoot, next: [UInt8], any Directory)
        case loops(WatchedRoot, any Directory)
        case running(WatchedRoot, [FileName], any Directory)

        var root: WatchedRoot? {
            switch self {
            case .control, .configuration: nil
            case .way(let root, _, _), .loops(let root, _), .running(let root, _, _): root
            }
        }

        var directory: (any Directory)? {
            switch self {
            case .control, .configuration: nil
            case .way(_, _, let directory), .loops(_, let directory), .running(_, _, let directory): directory
            }
        }

        /// What leads to the open directory and nowhere else, where somebody else may change what has its name.
        var openedPath: String? {
            guard case .running(_, _, let directory as PosixDirectory) = self else { return nil }
            return "/proc/self/fd/\(directory.rawDescriptor)"
        }

        /// Whether the directory still exists somewhere, so that the kernel still has the watch.
        var exists: Bool {
            directory.map { ((try? $0.status())?.links ?? 0) > 0 } ?? true
        }
    }

    private var session: InotifySession
    private let roots: [WatchedRoot]
    /// One directory may matter in several ways: as the way to two roots, or with a configuration file in it.
    private var places: [Int32: [Place]] = [:]
    /// The watches that the attaching under way has found in use.
    private var visited: Set<Int32> = []
    private let signal: @Sendable (WatchSignal) -> Void

    private static let entries = UInt32(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
    private static let itself = UInt32(IN_DELETE_SELF | IN_MOVE_SELF) | UInt32(IN_ONLYDIR)
    /// MODIFY comes with every write, before the file is closed; CLOSE_WRITE would say the same a second time.
    private static let contents = UInt32(IN_MODIFY)
    private static let configuration = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE)
    /// A second watch of one directory adds to what the first asked for.
    private static let together = UInt32(bitPattern: IN_MASK_ADD)
    private static let deepest = 8

    init(
        session: consuming InotifySession,
        roots: [WatchedRoot],
        signal: @escaping @Sendable (WatchSignal) -> Void
    ) {
        self.session = session
        self.roots = roots
        self.signal = signal
    }

    mutating func watchControl(_ path: String) -> Bool {
        guard let watch = try? session.watch(file: path, mask: UInt32(IN_ATTRIB)) else { return false }
        places[watch] = [.control]
        return true
    }

    mutating func watchConfiguration(_ place: ConfigurationPlace) {
        guard let watch = try? session.watch(place.directory, mask: Self.configuration | Self.together) else { return }
        places[watch, default: []].append(.configuration(place.name))
    }

    /// Takes the next event.
    mutating func step() {
        guard let event = session.next() else { return }
        if event.isOverflow { return overflow() }
        guard let all = places[event.watch] else { return }
        if event.has(IN_IGNORED) {
            // The directory is gone, and the kernel's watch with it.
            places[event.watch] = nil
            return
        }
        for place in all {
            switch place {
            case .control: for root in roots where root.isPolled { attach(root, because: .appeared) }
            case .configuration(let name):
                // The directory may be the one above a root, of which more is told.
                if event.name == name, event.mask & Self.configuration != 0 { signal(.configuration) }
            case .way(let root, let next, _): wayChanged(root, next, event)
            case .loops(let root, _): loopsChanged(root, event)
            case .running(let root, let directories, let directory): runningChanged(root, directories, directory, event)
            }
        }
    }

    // MARK: Attaching

    /// Watches a root, or the way to it, and whatever is below; watches that are there already stay as they are.
    mutating func attach(_ root: WatchedRoot, because reason: LossReason) {
        root.obstacle = nil
        // What changes on the way meanwhile makes another round.
        for _ in 0..<100 {
            visited = []
            if watchAsItStands(root) { break }
        }
        for (watch, all) in places where !visited.contains(watch) {
            guard let place = all.first(where: { $0.root === root }) else { continue }
            let others = all.filter { $0.root !== root }
            places[watch] = others.isEmpty ? nil : others
            // RACE: a directory that goes between the question and the removal makes the library write a line to
            // standard error; nothing else comes of it.
            if others.isEmpty, place.exists { session.remove(watch) }
        }
        root.watches = visited.count
        signal(.lost(root: root.index, reason))
    }

    /// Watches the way to a root, then the root, then what is in it, so that whatever changes in between is seen by one
    /// of them.
    ///
    /// The directory above is watched also where the root exists: the kernel tells of the end of a directory that is
    /// held open, or that is somebody's working directory, only in the directory that had its name.
    ///
    /// - Returns: false where something on the way is another by now.
    private mutating func watchAsItStands(_ root: WatchedRoot) -> Bool {
        let way = WayToRoot(root.path)
        let before = way.identities
        guard let loops = watchRoot(root, way) else {
            root.opened = nil
            // What is above may go too before the root is made anew. Only the nearest of them has to be watched: of a
            // directory that is farther the user may have no right to read anything.
            for step in way.steps.dropFirst() { watchStep(step, root, isNeeded: visited.isEmpty) }
            return way.identities == before
        }
        if let known = root.opened, (try? known.loops.root.status().identity) != (try? loops.root.status().identity) {
            root.opened = nil
        }
        if root.opened == nil { root.opened = WatchedRoot.Opened(loops: loops) }
        watchRunning(root, loops)
        return true
    }

    /// Watches the names that lead to a root, and the root; nil where there is none to watch now.
    private mutating func watchRoot(_ root: WatchedRoot, _ way: WayToRoot) -> LoopsDirectory? {
        for step in way.lastSteps { watchStep(step, root, isNeeded: true) }
        guard let loops = try? LoopsDirectory.open(path: root.path),
            watch(root.path, .loops(root, loops.root), Self.entries | Self.itself, root)
        else { return nil }
        return loops
    }

    private mutating func watchStep(_ step: WayToRoot.Step, _ root: WatchedRoot, isNeeded: Bool) {
        guard let directory = try? PosixDirectory.open(path: step.directory) else { return }
        let before = root.obstacle
        let place = Place.way(root, next: Array(step.next.utf8), directory)
        if !watch(step.directory, place, Self.entries | Self.itself, root), !isNeeded { root.obstacle = before }
    }

    /// Watches a directory that is open.
    ///
    /// - Returns: false where it cannot be watched, or has gone, or another one has its path by now.
    private mutating func watch(_ path: String, _ place: Place, _ mask: UInt32, _ root: WatchedRoot) -> Bool {
        do throws(InotifySession.Refusal) {
            let opened = place.openedPath
            let watch = try session.watch(opened ?? path, mask: mask | Self.together)
            guard let status = try? place.directory?.status(), status.links > 0,
                opened != nil || status.identity == WayToRoot.identity(of: path)
            else {
                if places[watch] == nil { session.remove(watch) }
                return false
            }
            // One directory may be on the way in two ways.
            let others = (places[watch] ?? []).filter { $0.root !== root || visited.contains(watch) }
            places[watch] = others + [place]
            visited.insert(watch)
            return true
        } catch {
            switch error {
            // What vanished is seen by the watch above it; what cannot be watched for another reason is polled.
            case .failed(ENOENT), .failed(ENOTDIR): break
            case .failed(let code): root.obstacle = .refused(path: path, PosixError.Code(rawValue: code))
            case .exhausted: root.obstacle = .noWatchesLeft
            }
        }
        return false
    }

    private mutating func watchRunning(_ root: WatchedRoot, _ loops: LoopsDirectory) {
        do throws(PosixError) {
            guard let running = try loops.running() else { return }
            watchTree(root, [], running, "\(root.path)/.running")
        } catch {
            root.obstacle = .refused(path: "\(root.path)/.running", error.code)
        }
    }

    /// Watches a directory, then pins what is in it, then goes below it.
    private mutating func watchTree(
        _ root: WatchedRoot,
        _ names: [FileName],
        _ directory: any Directory,
        _ path: String
    ) {
        _ = watch(
            path,
            .running(root, names, directory),
            Self.entries | Self.itself | Self.contents,
            root
        )
        guard let entries = try? directory.entries() else { return }
        for entry in entries {
            if entry.kind == .directory {
                guard names.count < Self.deepest, let below = try? directory.subdirectory(entry.name) else { continue }
                watchTree(root, names + [entry.name], below, "\(path)/\(entry.name)")
            } else {
                _ = root.pin(entry.name, names, in: directory)
            }
        }
    }

    // MARK: Changes

    private mutating func overflow() {
        for root in roots { attach(root, because: .overflow) }
    }

    /// Only the next name on the way to a root matters, not whatever else happens in a busy directory.
    private mutating func wayChanged(_ root: WatchedRoot, _ next: [UInt8], _ event: InotifySession.Event) {
        guard event.name.isEmpty || event.name == next else { return }
        let isThere = event.has(IN_CREATE) || event.has(IN_MOVED_TO)
        attach(root, because: root.opened == nil || isThere ? .appeared : .vanished)
    }

    private mutating func loopsChanged(_ root: WatchedRoot, _ event: InotifySession.Event) {
        if event.has(IN_DELETE_SELF) || event.has(IN_MOVE_SELF) || event.has(IN_UNMOUNT) {
            return attach(root, because: .vanished)
        }
        // `.loopsync` may go too (git clean -dx): everything is pinned again then.
        guard event.name.elementsEqual(".running".utf8) || event.name.elementsEqual(".loopsync".utf8) else { return }
        let isThere = event.has(IN_CREATE) || event.has(IN_MOVED_TO)
        if event.name.elementsEqual(".loopsync".utf8) {
            if !isThere { attach(root, because: .ownRemoved) }
        } else {
            attach(root, because: isThere ? .appeared : .vanished)
        }
    }

    private mutating func runningChanged(
        _ root: WatchedRoot,
        _ names: [FileName],
        _ directory: any Directory,
        _ event: InotifySession.Event
    ) {
        if event.has(IN_DELETE_SELF) || event.has(IN_MOVE_SELF) || event.has(IN_UNMOUNT) {
            return attach(root, because: .vanished)
        }
        guard let name = FileName(event.name) else { return }
        let isThere = event.has(IN_CREATE) || event.has(IN_MOVED_TO)
        if event.isDirectory {
            if isThere { attach(root, because: .appeared) }
            return
        }
        signal(root.changed(name, names, in: directory, event.has(IN_CREATE) ? .made : isThere ? .movedHere : .written))
    }
}

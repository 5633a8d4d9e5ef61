package import LoopModel
package import LoopStore
import SyncCore

/// Where else the files of archived runs may be: in `.running`, in a pin, in the mirror.
///
/// Read once for a whole check; what changes meanwhile is noticed when it is compared, by the identity of each file.
package struct RunAlternatives {
    private var known: [RunIdentity: [RunAlternative]] = [:]
    private let mirror: (any Directory)?

    /// Looks at what is there.
    ///
    /// - Parameter mirror: the mirror's `.history`; nil where there is no mirror or it is out of reach.
    package init(loops: LoopsDirectory, mirror: (any Directory)?) throws(PosixError) {
        self.mirror = mirror
        if let running = try loops.running() { try addRunning(running, directories: []) }
        try addPins(of: loops)
    }

    /// What there is of one run.
    package func of(_ run: ArchivedRun) throws(PosixError) -> [RunAlternative] {
        var found = run.identity.flatMap { known[$0] } ?? []
        // A run whose events are lost still says in its state which it is.
        if run.status != nil, let startedAt = run.startedAt {
            found += known[.state(loop: run.loop, startedAt: startedAt)] ?? []
        }
        // A mirror that cannot be read is no help; what is wrong with it is found by who checks the mirror itself.
        guard let mirrored = try? mirrored(run.place) else { return found }
        return found + [mirrored]
    }

    private func mirrored(_ place: RunPlace) throws(PosixError) -> RunAlternative? {
        guard let mirror, let directory = try HistoryScan.directory(of: place, in: mirror) else { return nil }
        var files: [FileName: [SourceContent]] = [:]
        for entry in try directory.entries() where entry.kind == .file && entry.name != .sums {
            if let content = try Self.content(entry.name, in: directory) { files[entry.name] = [content] }
        }
        var sums: SumsFile?
        if case .success(let stored)? = try SumsFile.stored(in: directory) { sums = stored }
        return RunAlternative(name: "the mirror", files: files, sums: sums)
    }

    private mutating func addRunning(_ directory: any Directory, directories: [FileName]) throws(PosixError) {
        for entry in try directory.entries() {
            if entry.kind == .directory, directories.count < 8, let below = try directory.subdirectory(entry.name) {
                try addRunning(below, directories: directories + [entry.name])
            } else if entry.kind == .file, let (kind, base) = RunningFile.parse(entry.name), kind == .events {
                let stem = Stem(directories: directories, base: base)
                var files: [FileName: [SourceContent]] = [:]
                for kind in RunningFile.allCases {
                    guard let archived = kind.archivedName, let name = kind.name(for: stem) else { continue }
                    if let content = try Self.content(name, in: directory) { files[archived] = [content] }
                }
                add(files, named: ".running", startIn: try? directory.openFile(entry.name, for: .reading))
            }
        }
    }

    private mutating func addPins(of loops: LoopsDirectory) throws(PosixError) {
        let pins = PinStore(loops: loops)
        let all = try pins.all()
        for pin in all where pin.kind == .events {
            let source = try pins.source(.events, pin.identity, pin.stem)
            var files: [FileName: [SourceContent]] = [:]
            switch source {
            case .linked(let directory, let name)?: files[.events] = [.file(directory, name, pin.identity)]
            case .held(let file)?: files[.events] = [.open(file)]
            case nil: continue
            }
            let state = all.first { $0.kind == .state && $0.stem == pin.stem }
            if let state, case .linked(let directory, let name)? = try pins.source(.state, state.identity, state.stem) {
                files[.state] = [.file(directory, name, state.identity)]
            }
            add(files, named: "a pin", startIn: try? pins.open(pin))
        }
    }

    /// What cannot be read is no help for its own run, and no reason to leave the others unchecked.
    private mutating func add(_ files: [FileName: [SourceContent]], named name: String, startIn file: (any File)?) {
        let alternative = RunAlternative(name: name, files: files)
        if let file, let start = try? EventsEnds.firstLoopStart(in: file) {
            known[.loopStart(start.line), default: []].append(alternative)
        }
        guard case .file(let directory, let name, _)? = files[.state]?.first,
            let bytes = try? directory.contents(of: name, limit: HistoryScan.stateLimit),
            let state = try? LoopState(parsing: bytes)
        else { return }
        known[.state(loop: state.loopName, startedAt: state.startedAt), default: []].append(alternative)
    }

    private static func content(_ name: FileName, in directory: any Directory) throws(PosixError) -> SourceContent? {
        guard let status = try directory.status(of: name), status.kind == .file else { return nil }
        return .file(directory, name, status.identity)
    }
}

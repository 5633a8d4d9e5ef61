package import LoopModel

/// Another place that may hold a run's files: a pin, `.running`, the mirror.
package struct RunAlternative: Sendable {
    /// For people: "the mirror".
    package var name: String
    /// What it has, by the file's name in the archive.
    package var files: [FileName: [SourceContent]]
    /// Its own `SHA256SUMS`, where it has one that can be read.
    package var sums: SumsFile?

    package init(name: String, files: [FileName: [SourceContent]], sums: SumsFile? = nil) {
        self.name = name
        self.files = files
        self.sums = sums
    }
}

/// What a check of an archived run found.
package enum RunVerdict: Hashable, Sendable {
    /// Every file is there and as its sums say.
    case sound
    /// An executor or a resume changed it since it was summed, for these reasons; its sums are right again.
    case adopted([String])
    /// These files are not what they were; nothing was changed.
    case damaged([FileDamage])
    /// It never got sums: an executor archived it and no agent has seen it yet.
    case unsummed
    /// `SHA256SUMS` itself cannot be read as such, or has gone though there was one.
    case unreadableSums(SumsFileError)
}

/// Checks archived runs against their sums.
///
/// Every call that may write expects that the caller holds the `HistoryLock`.
package struct RunVerifier: Sendable {
    let staging: StagingArea
    let gate: ExecutorGate

    package init(loops: LoopsDirectory, process: Int32, processes: any ProcessTable = SystemProcessTable()) {
        gate = ExecutorGate(loops: loops, processes: processes)
        staging = StagingArea(loops: loops, process: process)
    }

    /// Checks one run; nil where it is gone.
    ///
    /// - Parameters:
    ///   - alternatives: other places that may hold it. A file equal to one of them is no damage.
    ///   - adopting: whether the sums of a run that an executor legitimately changed are written anew; if not, the
    ///     verdict is the same and nothing is written.
    package func verify(
        _ place: RunPlace,
        in history: any Directory,
        alternatives: [RunAlternative] = [],
        adopting: Bool = true
    ) throws(PosixError) -> RunVerdict? {
        guard let directory = try HistoryScan.directory(of: place, in: history) else { return nil }
        let sums: SumsFile
        switch try SumsFile.stored(in: directory) {
        case nil:
            let hadSums = alternatives.contains { $0.sums != nil }
            return hadSums ? .unreadableSums(SumsFileError(line: 0, .missing)) : .unsummed
        case .failure(let error): return .unreadableSums(error)
        case .success(let stored): sums = stored
        }
        let found = try sums.damage(in: directory)
        if found.isEmpty { return .sound }
        let (reasons, damage) = try judge(found, in: directory, sums, alternatives)
        guard damage.isEmpty else { return .damaged(damage) }
        if adopting { try adopt(directory, history) }
        return .adopted(reasons)
    }

    /// Writes the sums of a run's directory anew.
    func adopt(_ directory: any Directory, _ history: any Directory) throws(PosixError) {
        let lastChange = try SumsFile.lastChange(in: directory)
        let sums = try SumsFile.computed(for: directory)
        try staging.replaceSums(in: directory, with: sums, lastChange: lastChange, history: history)
    }

    /// Tells what an executor legitimately changed from what is damage.
    func judge(
        _ found: [FileDamage],
        in directory: any Directory,
        _ sums: SumsFile,
        _ alternatives: [RunAlternative]
    ) throws(PosixError) -> (reasons: [String], damage: [FileDamage]) {
        var reasons: [String] = []
        var damage: [FileDamage] = []
        for file in found {
            if let reason = try excuse(for: file, in: directory, sums, alternatives) {
                reasons.append("\(file.name): \(reason)")
            } else {
                damage.append(file)
            }
        }
        return (reasons, damage)
    }

    /// Why a file that disagrees with the sums is nevertheless right; nil where it is not.
    private func excuse(
        for file: FileDamage,
        in directory: any Directory,
        _ sums: SumsFile,
        _ alternatives: [RunAlternative]
    ) throws(PosixError) -> String? {
        switch file.kind {
        case .missing, .unreadable: return nil
        case .extra: return "an executor or a person added it"
        case .changed: break
        }
        if let equal = alternative(to: file.name, in: directory, alternatives) { return "equal to \(equal)" }
        guard let expected = sums.checksums[file.name], let open = try directory.openFile(file.name, for: .reading)
        else { return nil }
        if file.name.hasSuffix(".jsonl"), try open.hasGrownByWholeLines(since: expected) {
            return "grown by whole lines"
        }
        if file.name == .state, try isRewritten(open, since: sums, in: directory) {
            return "saved anew by an executor"
        }
        return nil
    }

    /// Another place that has the very bytes of a file.
    func alternative(to name: FileName, in directory: any Directory, _ alternatives: [RunAlternative]) -> String? {
        for alternative in alternatives {
            guard let contents = alternative.files[name] else { continue }
            // What changed while it was read, or cannot be read there, is no help; it is no reason to look at no more.
            guard let here = try? OpenedContent(name, in: directory), let there = try? OpenedContent(contents),
                (try? ContentRelation.between(here, there)) == .equal
            else { continue }
            return alternative.name
        }
        return nil
    }

    /// Whether a state looks like one that an executor saved after the sums were written.
    ///
    /// Decay of a disk changes no time, and a person's editor keeps no executor's form. An executor writes the whole file,
    /// of the same loop as the events beside it tell, and the time at which it does so into it.
    private func isRewritten(_ file: any File, since sums: SumsFile, in directory: any Directory)
        throws(PosixError) -> Bool
    {
        let status = try file.status()
        guard let written = try directory.status(of: .sums), status.changed > written.changed else { return false }
        let bytes: [UInt8]
        do {
            bytes = try file.contents(limit: HistoryScan.stateLimit)
        } catch  where error.code == .fileTooBig {
            return false
        }
        guard let state = LoopState(savedByExecutor: bytes, modified: status.modified) else { return false }
        let loop = try RunReading(of: directory).loopStart()?.event.loop
        return loop == nil || loop == state.loopName
    }
}

extension LoopState {
    /// Between the time that an executor writes into a state and that of the file lie at most so many microseconds.
    private static let savingTakes: Int64 = 60_000_000

    /// Reads a state that has an executor's form and was saved at the time that it names; nil for anything else.
    ///
    /// - Parameter modified: the file's modification time in nanoseconds, which copies of executors keep.
    package init?(savedByExecutor bytes: [UInt8], modified: Int64) {
        guard let json = try? JSONValue(parsing: bytes), json.serialized(indent: 2) == bytes,
            let state = try? LoopState(json: json), let saved = Timestamp(iso: state.updatedAt),
            abs(modified / 1000 - saved.microseconds) <= Self.savingTakes
        else { return nil }
        self = state
    }
}

extension File {
    /// Whether the file begins with whole lines that had this digest, and has more whole lines now.
    func hasGrownByWholeLines(since expected: Checksum) throws(PosixError) -> Bool {
        var hasher = SHA256()
        var offset: Int64 = 0
        var matched = false
        var last: UInt8?
        while true {
            let piece = try read(at: offset, count: Checksum.pieceSize)
            offset += Int64(piece.count)
            if matched || piece.isEmpty {
                last = piece.last ?? last
            } else {
                var rest = piece[...]
                while let end = Newline.first(in: rest) {
                    hasher.update(rest[...end])
                    rest = rest[(end + 1)...]
                    if hasher.digest() == expected {
                        matched = true
                        break
                    }
                }
                if !matched { hasher.update(rest) }
                last = piece.last
            }
            if piece.count < Checksum.pieceSize { break }
        }
        return matched && last == UInt8(ascii: "\n")
    }
}

import LoopModel
import LoopStore
import SyncCore

/// Follows the events of loops across runs and archiving.
///
/// Files are held open, so that nothing is missed when a run is archived, swept or overwritten by the next; and a run
/// that came and went between two looks is read from the history.
final class EventFollower {
    /// What is followed.
    struct Interest {
        /// Patterns of loops; all for none.
        var loops: [Glob] = []
        /// The first `loop_start` of the one run that is followed; nil for all.
        var start: [UInt8]?
    }

    /// One line of a run.
    struct Line {
        let loop: JSONString
        let bytes: ArraySlice<UInt8>
    }

    private let loops: LoopsDirectory
    private let interest: Interest
    private let begun: Timestamp
    private var running = RunningEvents()
    private var archived = ArchivedEvents()
    private var files: [FollowedFile] = []
    /// Runs whose lines were taken, by their first `loop_start`.
    private var taken: Set<[UInt8]> = []

    /// More files than this are not held open; the oldest are let go of.
    private static let mostFiles = 400
    /// So many rounds a file is read on after it lost its name.
    private static let roundsAfterwards = 30
    /// A run that began so long before the following did, and was nowhere then, was restored or renamed.
    private static let tolerance = Duration.seconds(2)

    init(_ loops: LoopsDirectory, _ interest: Interest, now: Timestamp) {
        self.loops = loops
        self.interest = interest
        begun = now
    }

    /// Whether every run that is followed has ended, and its lines were taken.
    var hasEnded: Bool {
        let wanted = files.filter(isWanted)
        return !wanted.isEmpty && wanted.allSatisfy { $0.hasEnded || $0.idleRounds != nil }
    }

    /// Takes what is in `.running` at the beginning.
    ///
    /// - Parameters:
    ///   - isShown: whether a run's lines so far are taken; those that follow are in any case.
    ///   - take: gets the lines.
    func begin(now: Timestamp, isShown: (Stem) -> Bool, _ take: (Line) -> Void) throws(PosixError) {
        // The history first: what leaves `.running` in between is new there then.
        try archived.skip(in: loops, now: now)
        for arrival in try running.arrivals(in: loops, now: now).suffix(Self.mostFiles) {
            let file = try follow(arrival)
            try file.peek()
            if let start = file.start { taken.insert(start) }
            if isWanted(file), isShown(arrival.stem) {
                try read(file, take)
            } else {
                try file.skipToEnd()
            }
        }
    }

    /// Takes all lines that came since the last round.
    func round(now: Timestamp, _ take: (Line) -> Void) throws(PosixError) {
        let arrivals = try running.arrivals(in: loops, now: now)
        // Before the new ones, whose run came later.
        for file in files {
            if file.isArchive || !running.named.contains(file.identity) {
                file.idleRounds = (file.idleRounds ?? 0) + 1
            }
            try read(file, isLast: file.idleRounds ?? 0 > Self.roundsAfterwards, take)
        }
        files.removeAll { $0.idleRounds ?? 0 > Self.roundsAfterwards }
        for arrival in arrivals { try read(try follow(arrival), take) }
        for arrival in try archived.arrivals(in: loops, now: now) where !taken.contains(arrival.line) {
            guard isNew(arrival.line) else { continue }
            let file = try FollowedFile(arrival.file, isArchive: true)
            files.append(file)
            try read(file, take)
        }
    }

    private func follow(_ arrival: RunningEvents.Arrival) throws(PosixError) -> FollowedFile {
        let file = try FollowedFile(arrival.file)
        files.append(file)
        if files.count > Self.mostFiles { files.removeFirst() }
        return file
    }

    private func read(_ file: FollowedFile, isLast: Bool = false, _ take: (Line) -> Void) throws(PosixError) {
        var lines: [ArraySlice<UInt8>] = []
        try file.read(isLast: isLast) { lines.append($0) }
        if let start = file.start { taken.insert(start) }
        guard !lines.isEmpty, isWanted(file) else { return }
        for line in lines { take(Line(loop: file.loop ?? "", bytes: line)) }
    }

    private func isWanted(_ file: FollowedFile) -> Bool {
        if let start = interest.start { return file.start == start }
        guard !interest.loops.isEmpty else { return true }
        return interest.loops.contains { $0.matches(file.loop ?? "") }
    }

    private func isNew(_ start: [UInt8]) -> Bool {
        guard let text = LoopEvent(line: start)?.timestamp, let time = Timestamp(iso: text) else { return true }
        return time >= begun - Self.tolerance
    }
}

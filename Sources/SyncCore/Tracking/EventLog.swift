package import LoopModel

/// Follows an events file as it grows, in one pass over its bytes, and remembers what the file says about its run.
///
/// Only events without `depth` speak for the run: version B forwards the events of sub-loops into the same file,
/// `loop_start` and `loop_complete` included (executor protocol, section 3.2).
package struct EventLog: Sendable, Hashable {
    /// How a segment ended, by its own last word.
    package enum Witness: Sendable, Hashable {
        case none, complete, handoff
    }

    /// One unnested `loop_start`: a run has one per segment.
    package struct Start: Sendable, Hashable {
        package var timestamp: Timestamp?
        package var loop: JSONString?
        /// B: which run of which loop, by `started_at` of its state.
        package var runID: JSONString?
    }

    /// All bytes seen so far, a torn last line included.
    package private(set) var position: Int64 = 0
    /// The bytes of whole lines.
    package private(set) var wholeLines: Int64 = 0
    /// The bytes of the first unnested `loop_start` line: what identifies the run.
    package private(set) var firstStart: [UInt8]?
    /// The segments, in the file's order; bounded, since a run is resumed by people.
    package private(set) var starts: [Start] = []
    /// What the last segment said last.
    package private(set) var witness = Witness.none
    /// The time of the event that is the witness.
    package private(set) var witnessTime: Timestamp?
    /// Whether the events carry `run_id`, as those of version B do.
    package private(set) var carriesRunID = false

    /// A line longer than this is not understood, only copied; no executor's `loop_start` or `loop_complete` comes near.
    package static let lineLimit = 1 << 20
    private static let startLimit = 10_000

    private var tail: [UInt8] = []
    private var isOverlong = false

    package init() {}

    /// Takes the file's next bytes.
    package mutating func consume(_ bytes: [UInt8]) {
        var start = 0
        while let end = Newline.first(in: bytes[start...]) {
            if isOverlong {
                isOverlong = false
                overlongLine()
            } else if tail.isEmpty {
                line(bytes[start..<end])
            } else {
                tail += bytes[start..<end]
                let whole = tail
                tail = []
                line(whole[...])
            }
            start = end + 1
            wholeLines = position + Int64(start)
        }
        position += Int64(bytes.count)
        guard !isOverlong else { return }
        guard tail.count + bytes.count - start <= Self.lineLimit else {
            tail = []
            isOverlong = true
            return
        }
        tail += bytes[start...]
    }

    private mutating func overlongLine() {
        witness = .none
    }

    private mutating func line(_ line: ArraySlice<UInt8>) {
        guard line.count <= Self.lineLimit else { return overlongLine() }
        // The executors write the event's name first; what cannot matter is passed over without parsing it.
        let written = LoopEvent.writtenName(of: line)
        if witness == .none, let written, !Self.decisive.contains(where: { $0.elementsEqual(written) }) { return }
        guard let event = LoopEvent(line: line), event.isUnnested, let name = event.name else { return }
        let isAsWritten = written.map { $0.elementsEqual(name.bytes) } ?? true
        switch isAsWritten ? name.string : "" {
        case "loop_start":
            if firstStart == nil {
                firstStart = Array(line)
                carriesRunID = event.runID != nil
            }
            if starts.count < Self.startLimit {
                let time = event.timestamp.flatMap { Timestamp(iso: $0) }
                starts.append(Start(timestamp: time, loop: event.loop, runID: event.runID))
            }
            witness = .none
        case "loop_complete":
            witness = .complete
            witnessTime = event.timestamp.flatMap { Timestamp(iso: $0) }
        case "handoff_detected":
            witness = .handoff
            witnessTime = event.timestamp.flatMap { Timestamp(iso: $0) }
        case "handoff_spawned", "ab_summary":
            break
        default:
            witness = .none
        }
    }

    private static let decisive = ["loop_start", "loop_complete", "handoff_detected"].map { Array($0.utf8) }
}

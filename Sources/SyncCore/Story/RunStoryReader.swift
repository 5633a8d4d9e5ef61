import LoopModel

/// Reads a run's events in one pass over the bytes of its file, in pieces of any size.
///
/// Lines of output, which are most of a long run, are not taken apart but for the last ones. Memory is bounded by what
/// is kept: visits, the names of states, the tail of the output.
package struct RunStoryReader: Sendable {
    /// A longer line counts as damaged.
    package static let lineLimit = EventLog.lineLimit

    private var story = RunStory()
    private let visitLimit: Int
    private var output: OutputTail
    private var line: [UInt8] = []
    private var isOverlong = false
    /// The last line that was not taken apart; it has a time.
    private var passedOver: ArraySlice<UInt8>?
    /// The visit that is under way.
    private var visit: RunStory.Visit?
    private var hasOutput = false
    private var places: [JSONString: Int] = [:]

    /// - Parameters:
    ///   - visitLimit: so many visits are kept one by one; 0 where only sums are wanted.
    ///   - outputLimit: so many of the last lines of output are kept.
    package init(visitLimit: Int = 100_000, outputLimit: Int = 20) {
        self.visitLimit = visitLimit
        output = OutputTail(limit: outputLimit)
    }

    /// Takes the file's next bytes.
    package mutating func consume(_ bytes: [UInt8]) {
        var start = 0
        while let end = Newline.first(in: bytes[start...]) {
            if isOverlong || line.count + end - start > Self.lineLimit {
                story.damagedLines += 1
            } else if line.isEmpty {
                take(line: bytes[start..<end])
            } else {
                take(line: line[...] + bytes[start..<end])
            }
            line = []
            isOverlong = false
            start = end + 1
        }
        guard !isOverlong else { return }
        if line.count + bytes.count - start > Self.lineLimit {
            line = []
            isOverlong = true
        } else {
            line += bytes[start...]
        }
    }

    /// What the bytes so far tell; a last line without its newline counts where it is whole.
    package func told() -> RunStory {
        var reader = self
        if reader.isOverlong {
            reader.story.damagedLines += 1
        } else if LoopEvent(line: reader.line) != nil {
            reader.take(line: reader.line[...])
        }
        reader.catchUpWithTime()
        reader.leave(at: nil, isOpen: true)
        reader.story.output = reader.output.lines
        reader.story.outputLines = reader.output.count
        return reader.story
    }

    private mutating func take(line: ArraySlice<UInt8>) {
        if let name = LoopEvent.writtenName(of: line), name.elementsEqual(Self.outputName) {
            output.add(unparsed: line)
            hasOutput = true
            passedOver = line
        } else if let event = LoopEvent(line: line), event.name != nil {
            take(event)
        } else if line.contains(where: { $0 > 0x20 }) {
            story.damagedLines += 1
        }
    }

    private static let outputName = Array("action_output".utf8)

    private mutating func take(_ event: LoopEvent) {
        let name = event.name?.string ?? ""
        if name == "loop_start" || name == "loop_resume", event.isUnnested { catchUpWithTime() }
        passedOver = nil
        let before = story.endedAt
        let now = event.timestamp.flatMap { Timestamp(iso: $0) }
        if let now {
            story.startedAt = story.startedAt ?? now
            story.endedAt = now
        }
        guard event.isUnnested else {
            if name == "action_output" {
                output.add(event.json["line"]?.stringValue ?? "")
            } else {
                story.nestedEvents += 1
            }
            return
        }
        switch name {
        case "loop_start":
            // A segment that was killed ended with its last event, not with the resume.
            leave(at: before, isOpen: true)
            story.loop = story.loop ?? event.loop
            story.segments += 1
            story.ending = .none
            story.error = nil
        case "loop_resume":
            leave(at: before, isOpen: true)
        case "state_enter":
            leave(at: now ?? before, isOpen: false)
            hasOutput = false
            visit = RunStory.Visit(
                state: event.text("state"),
                iteration: event.json["iteration"]?.integerValue,
                segment: max(story.segments, 1),
                enteredAt: now ?? before
            )
        case "loop_complete":
            leave(at: now ?? before, isOpen: false)
            story.ending = .complete(
                by: event.terminatedBy,
                finalState: event.json["final_state"]?.stringValue,
                iterations: event.json["iterations"]?.integerValue
            )
            story.error = event.json["error"]?.stringValue ?? story.error
        case "handoff_detected":
            leave(at: now ?? before, isOpen: false)
            story.ending = .handoff(continuation: event.json["continuation"]?.stringValue)
        default:
            takeInState(event, name)
        }
    }

    /// What happens within a state.
    private mutating func takeInState(_ event: LoopEvent, _ name: String) {
        switch name {
        case "action_start":
            story.lastAction = event.json["action"]?.stringValue
            story.lastExitCode = nil
            story.lastErrorOutput = nil
            hasOutput = false
        case "action_output":
            output.add(event.json["line"]?.stringValue ?? "")
            hasOutput = true
        case "action_complete":
            story.lastExitCode = event.json["exit_code"]?.integerValue
            story.lastErrorOutput = event.json["stderr_preview"]?.stringValue
            visit?.exitCode = story.lastExitCode
            if !hasOutput, let preview = event.json["output_preview"]?.stringValue { output.add(text: preview) }
        case "evaluate":
            visit?.evaluator = event.json["type"]?.stringValue
            visit?.verdict = event.json["verdict"]?.stringValue
        case "route":
            visit?.next = event.json["to"]?.stringValue
            visit?.reason = event.json["reason"]?.stringValue
        default:
            story.others.add(event.name ?? "")
            if let next = event.json["next"]?.stringValue {
                visit?.next = next
                visit?.reason = event.name
            }
            if let error = event.json["error"]?.stringValue { story.error = error }
        }
    }

    /// Ends the visit that is under way.
    ///
    /// - Parameters:
    ///   - moment: when; nil for the last event's time.
    ///   - isOpen: whether nothing told that it was left.
    private mutating func leave(at moment: Timestamp?, isOpen: Bool) {
        guard var visit else { return }
        if let entered = visit.enteredAt, let left = moment ?? story.endedAt {
            // Beyond any run; sums of what foreign files claim cannot overflow.
            visit.time = min(max(left - entered, .zero), .seconds(1 << 33))
        }
        visit.isOpen = isOpen
        self.visit = nil
        total(visit)
        if story.visits.count < visitLimit {
            story.visits.append(visit)
        } else {
            story.omittedVisits += 1
        }
    }

    private mutating func total(_ visit: RunStory.Visit) {
        let place = places[visit.state] ?? story.states.count
        if place == story.states.count {
            places[visit.state] = place
            story.states.append(RunStory.StateTotal(state: visit.state, visits: 0, time: .zero))
        }
        story.states[place].visits += 1
        story.states[place].time += visit.time
        if let verdict = visit.verdict { story.states[place].verdicts.add(verdict) }
    }

    /// Takes the time of the last line of output, where nothing came after it.
    private mutating func catchUpWithTime() {
        guard let line = passedOver else { return }
        passedOver = nil
        guard let text = LoopEvent(line: line)?.timestamp, let time = Timestamp(iso: text) else { return }
        story.startedAt = story.startedAt ?? time
        story.endedAt = time
    }
}

extension LoopEvent {
    /// A key's string; empty where there is none.
    fileprivate func text(_ key: JSONString) -> JSONString {
        json[key]?.stringValue ?? ""
    }
}

import LoopModel
import SyncCore

/// How two runs differ, for `cut -f` and `awk`.
extension DifferenceReport {
    /// Lines of tab-separated values, the first of which says what the line is about: `run`, `visit`, `state` or
    /// `captured`.
    var values: String {
        (runs + visits + states + capturedValues).map { $0.joined(separator: "\t") + "\n" }.joined()
    }

    private var runs: [[String]] {
        [(left, leftStory), (right, rightStory)].map { run, story in
            let took = story.startedAt.flatMap { began in story.endedAt.map { Amount.duration($0 - began) } }
            return [
                "run", run.selector, RunTone.word(run.status, isLive: run.process != nil),
                story.startedAt?.iso.string ?? "?", took ?? "?", String(story.visitCount), Self.end(story.ending),
            ]
        }
    }

    /// The visits before the parting, and the two that differ.
    private var visits: [[String]] {
        guard let parting = difference.parting else { return [] }
        let before = (max(0, parting.index - Self.shownBefore)..<parting.index).map { index in
            [String(index + 1), Self.way(leftStory.visits[index]), Self.way(rightStory.visits[index])]
        }
        let parted = [String(parting.index + 1), Self.way(parting.left), Self.way(parting.right)]
        return (before + [parted]).map { ["visit"] + $0 }
    }

    /// The states that differ in how often they were visited, or for how long.
    private var states: [[String]] {
        difference.states.filter { $0.left != $0.right }.map { state in
            [
                "state", Self.shown(state.state), String(state.left.visits), String(state.right.visits),
                Amount.duration(state.left.time), Amount.duration(state.right.time),
            ]
        }
    }

    private var capturedValues: [[String]] {
        captures.map { ["captured", $0.name, $0.left, $0.right] }
    }
}

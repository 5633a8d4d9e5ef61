package import LoopModel
package import LoopStore
package import SyncCore

/// A run to be archived, with all that the performer needs and all that its outcome has to be told with.
package struct ArchiveJob: Sendable {
    package var run: TrackedRun
    package var reason: ArchiveReason
    package var source: RunSource
    package var signature: RunSignature
    /// Where it was archived before, as far as is known.
    package var knownPlace: RunPlace?
    /// The ids under which executors would archive the other runs that are in `.running`.
    package var otherRunIDs: Set<RunID>
}

extension ArchiveJob {
    /// What the archiver is asked for.
    var request: ArchiveRequest { ArchiveRequest(source, runningStarts: otherRunIDs, knownPlace: knownPlace) }

    /// The line that tells people what was done, without "mirrored".
    package func line(_ change: ArchiveChange) -> String {
        let verb =
            switch change {
            case .created where knownPlace == nil, .unchanged: "archived"
            // An executor copied another run of the same second over it.
            case .created: "restored"
            // Version B archives a run itself as it ends; here is only what loopsync adds to that.
            case .adopted where knownPlace == nil, .extended where knownPlace == nil: "archived"
            case .adopted: "adopted"
            case .extended: "archived again"
            case .renamed: "archived again under its new name"
            }
        var facts = ["\(verb) \(PrintableText.escaping(run.loop.bytes, limit: 200)) \(run.runID)"]
        if let state = run.state {
            facts[0] += " \(PrintableText.escaping(state.facts.status.rawValue.bytes, limit: 40))"
            if case .number(let number) = state.facts.iteration {
                facts.append("\(number) state\(number.description == "1" ? "" : "s")")
            }
            if let start = state.facts.start, let end = state.facts.updated, end >= start {
                facts.append(Self.duration(end - start))
            }
        }
        switch reason {
        case .ended, .gone: break
        case .parked: facts.append("waits for its continuation")
        case .abandoned: facts.append("left by its executor, can be resumed")
        }
        return facts.joined(separator: ", ")
    }

    /// What is odd about a run that is in the history all the same; nil as a rule.
    var remark: String? {
        if let state = run.state, !state.facts.isLoopText {
            return "its loop_name \(PrintableText.escaping(run.loop.bytes, limit: 200)) is no text"
        }
        let name = PathSafeName.component(for: run.loop)
        if name.bytes != run.loop.bytes, !isOfSubdirectory {
            let loop = PrintableText.escaping(run.loop.bytes, limit: 200)
            return
                "its loop_name \"\(loop)\" is no plain file name; the run is kept below \(PrintableText.escaping(name.bytes, limit: 80))"
        }
        if PrintableText.escaping(run.loop.bytes) != run.loop.string {
            return "its loop_name \"\(PrintableText.escaping(run.loop.bytes, limit: 200))\" holds control characters"
        }
        if !run.runID.hasUsualForm {
            let id = PrintableText.escaping(run.runID.text.bytes, limit: 80)
            return "its started_at is no time; the run is kept as \"\(id)\""
        }
        if !run.events.isEmpty, case .state = run.identity {
            return "its events have no loop_start that can be read; they are kept as they are"
        }
        // Version A truncates before it writes, so that an empty state is no news before it stays empty.
        if case .bytes(let bytes, _, _)? = source.state, bytes.isEmpty { return "its state is empty; it is kept so" }
        return nil
    }

    /// Whether the loop is one of version B's in sub-directories, whose names have a slash and are nothing odd.
    private var isOfSubdirectory: Bool {
        let directories = run.stem.directories
        let parts = run.loop.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return !directories.isEmpty && parts.dropLast().map(Array.init) == directories.map(\.bytes)
    }

    private static func duration(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return "\(seconds / 60)m\(seconds % 60)s" }
        return "\(seconds / 3600)h\(seconds % 3600 / 60)m"
    }
}

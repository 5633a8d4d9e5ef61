import LoopModel
import SyncCore
import YAMLReading

/// The names of events that a person asks for, and which of them were met; pure.
///
/// Names are free text, and executors come up with new ones: one that is not known is no mistake for certain.
struct EventTypes {
    /// What the executors that are known write.
    static let usual = [
        "loop_start", "loop_resume", "state_enter", "action_start", "action_output", "action_complete", "evaluate",
        "route", "retry_exhausted", "handoff_detected", "handoff_spawned", "ab_summary", "loop_complete",
    ]

    private let patterns: [Glob]
    /// Those that no event had yet.
    private var unmet: [Glob]
    /// Names that events had while there was a pattern that none had.
    private var seen: Set<String> = []

    /// So many different names are remembered.
    private static let mostNames = 200

    /// - Parameter given: names and globs, also several with commas between them; all events for none.
    init(_ given: [String]) {
        patterns = given.flatMap { $0.split(separator: ",") }.map { Glob(String($0)) }
        unmet = patterns
    }

    /// Whether an event of this name is asked for.
    mutating func want(_ name: String) -> Bool {
        guard !patterns.isEmpty else { return true }
        if !unmet.isEmpty {
            unmet.removeAll { $0.matches(name) }
            if seen.count < Self.mostNames { seen.insert(name) }
        }
        return patterns.contains { $0.matches(name) }
    }

    /// What to say of types that no event had so far, one line each.
    ///
    /// - Parameter isGoingOn: whether events may still come, so that a usual type is worth no word.
    func mistakes(isGoingOn: Bool) -> [String] {
        let isPatient = isGoingOn || seen.isEmpty
        return unmet.filter { glob in !(isPatient && Self.usual.contains { glob.matches($0) }) }.map { glob in
            let shown = PrintableText.escaping(glob.pattern.utf8, limit: 100)
            if let near = nearest(to: glob.pattern, among: seen.union(Self.usual)), near != glob.pattern {
                return "no event of type '\(shown)'. Did you mean \(PrintableText.escaping(near.utf8))?"
            }
            let names = seen.sorted().prefix(20).map { PrintableText.escaping($0.utf8, limit: 60) }
            return "no event of type '\(shown)'"
                + (names.isEmpty ? "" : "; those here are \(names.joined(separator: ", "))")
        }
    }
}

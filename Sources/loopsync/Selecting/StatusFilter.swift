import LoopModel
import YAMLReading

/// Which statuses a person asked for; pure.
struct StatusFilter {
    /// As typed, without commas.
    private let words: [String]

    /// What executors write, and what people are told in its place.
    static let known = [
        "completed", "failed", "timed_out", "interrupted", "user_stopped", "awaiting_continuation", "running",
        RunTone.abandoned, RunTone.word(nil),
    ]

    /// - Parameter given: words, or lists of them with commas; none for all runs.
    init(_ given: [String]) {
        words = given.flatMap { $0.split(separator: ",").map(String.init) }
    }

    /// Whether an archived run's status is among them, as it is written or as it is told.
    func accepts(_ status: RunStatus?) -> Bool {
        words.isEmpty || words.contains(RunTone.word(status)) || status.map { words.contains($0.description) } ?? false
    }

    /// What to say of words that no executor of today writes; one line each.
    ///
    /// Statuses are an open set, so that such a word is no failure.
    var mistakes: [String] {
        words.filter { !Self.known.contains($0) }.map { word in
            let meant = nearest(to: word, among: Self.known).map { "Did you mean \($0)?" }
            return "no run has the status '\(word)'. \(meant ?? "Usual are: \(Self.known.joined(separator: ", "))")"
        }
    }
}

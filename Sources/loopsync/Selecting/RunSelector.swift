import LoopModel
import YAMLReading

/// How a person names a run: a prefix of its id, `LOOP/RUN_ID`, `LOOP@latest` or `LOOP@-2`.
enum RunSelector: Equatable {
    /// An unambiguous beginning of a run id, among all loops.
    case prefix(String)
    /// A loop's name and a run's whole id.
    case exact(loop: String, id: String)
    /// A loop's newest run (1), the one before (2), and so on.
    case recent(loop: String, number: Int)

    /// - Parameter text: as typed.
    /// - Returns: nil where it cannot name a run, for instance `count@-0`.
    init?(_ text: String) {
        if let at = text.lastIndex(of: "@") {
            let loop = String(text[..<at])
            let which = text[text.index(after: at)...]
            if which == "latest" {
                self = .recent(loop: loop, number: 1)
            } else if which.hasPrefix("-"), let number = Int(which.dropFirst()), number > 0 {
                self = .recent(loop: loop, number: number)
            } else {
                return nil
            }
            guard !loop.isEmpty else { return nil }
        } else if let slash = text.lastIndex(of: "/") {
            let loop = String(text[..<slash])
            let id = String(text[text.index(after: slash)...])
            guard !loop.isEmpty, !id.isEmpty else { return nil }
            self = .exact(loop: loop, id: id)
        } else {
            guard !text.isEmpty else { return nil }
            self = .prefix(text)
        }
    }

    /// A run as far as choosing needs it.
    struct Candidate: Equatable {
        let loop: String
        /// The id under which the run stands, which for the second run of one second is not its run id.
        let id: String
        let startedAt: JSONString
        /// The path below `.history`, as logs name the run.
        var path = ""

        /// What to type to mean this run.
        var text: String { "\(PrintableText.escaping(loop.utf8))/\(id)" }
    }

    /// What was found.
    enum Answer: Equatable {
        /// The index of the one run that is meant.
        case one(Int)
        case none
        /// The indices of all that could be meant.
        case several([Int])
    }

    /// Finds the run among all there are.
    func resolved(among runs: [Candidate]) -> Answer {
        let found: [Int]
        switch self {
        case .prefix(let text):
            let whole = runs.indices.filter { runs[$0].id == text }
            found = whole.isEmpty ? runs.indices.filter { runs[$0].id.hasPrefix(text) } : whole
        case .exact(let loop, let id):
            found = runs.indices.filter { runs[$0].loop == loop && runs[$0].id == id }
        case .recent(let loop, let number):
            let newest = runs.indices.filter { runs[$0].loop == loop }
                .sorted { (runs[$0].startedAt, runs[$0].id) > (runs[$1].startedAt, runs[$1].id) }
            found = number <= newest.count ? [newest[number - 1]] : []
        }
        guard let first = found.first else { return .none }
        return found.count == 1 ? .one(first) : .several(found)
    }
}

extension RunSelector {
    /// What a person may have meant; nil where nothing is near.
    private func near(among runs: [Candidate]) -> String? {
        func loop(_ name: String) -> String? { nearest(to: name, among: Set(runs.map(\.loop))) }
        switch self {
        case .prefix(let text):
            // Typed by hand a run id has one digit wrong, or it is a loop's name alone.
            if runs.contains(where: { $0.loop == text }) { return "\(text)@latest" }
            if let name = loop(text) { return "\(PrintableText.escaping(name.utf8))@latest" }
            let id = nearest(to: text, among: Set(runs.map(\.id)))
            return id.flatMap { id in runs.first { $0.id == id }?.text }
        case .recent(let name, let number):
            guard let near = loop(name), near != name else { return nil }
            return "\(PrintableText.escaping(near.utf8))@\(number == 1 ? "latest" : "-\(number)")"
        case .exact(let name, let id):
            let ids = runs.filter { $0.loop == name }.map(\.id)
            if let near = nearest(to: id, among: Set(ids)) { return "\(PrintableText.escaping(name.utf8))/\(near)" }
            guard ids.isEmpty, let near = loop(name) else { return nil }
            return runs.first { $0.loop == near && $0.id == id }?.text
        }
    }

    /// Finds the run that each text means.
    ///
    /// - Parameters:
    ///   - noun: what the runs are, for messages.
    ///   - command: what lists them.
    /// - Returns: the runs' indices, in the order of the texts.
    /// - Throws: a `Failure` that names what was not found, or all that could be meant.
    static func choose(_ texts: [String], among runs: [Candidate], named noun: String, listing command: String) throws
        -> [Int]
    {
        try texts.map { text in
            if let index = runs.firstIndex(where: { $0.path == text }) { return index }
            guard let selector = RunSelector(text) else {
                throw Failure(
                    .usage,
                    "'\(text)' names no run: give a run id's beginning, LOOP/RUN_ID, LOOP@latest or LOOP@-2"
                )
            }
            switch selector.resolved(among: runs) {
            case .one(let index): return index
            case .none:
                let hint = selector.near(among: runs).map { " Did you mean \($0)?" } ?? ""
                throw Failure(.failed, "no \(noun) '\(text)'.\(hint) See: \(command)", isNotFound: true)
            case .several(let indices):
                let names = indices.prefix(10).map { "  \(runs[$0].text)" }.joined(separator: "\n")
                let more = indices.count > 10 ? "\n  and \(indices.count - 10) more" : ""
                throw Failure(.failed, "'\(text)' could be any of \(indices.count) runs:\n\(names)\(more)")
            }
        }
    }
}

import LoopModel
import YAMLReading

/// Puts the verb before the options that every verb takes, so that these may stand on either side of it.
enum VerbFirst {
    /// Options of `GlobalOptions` that take a value, and those that take none.
    private static let valued: Set<String> = ["--loops", "--sync", "--config", "--color"]
    private static let flags: Set<String> = ["--json", "--quiet", "--verbose", "-q", "-v", "-vv"]

    /// - Parameters:
    ///   - arguments: the command line without the program's name.
    ///   - verbs: the verbs, and below each the verbs that it has in turn.
    /// - Returns: the arguments with the verb moved to the front; unchanged where anything but a global option comes first.
    static func sorted(_ arguments: [String], verbs: [String: Set<String>]) -> [String] {
        if arguments.first == "help" {
            // `help VERB` is `VERB --help`.
            return sorted(Array(arguments.dropFirst()), verbs: verbs) + ["--help"]
        }
        guard let place = firstWord(arguments), let below = verbs[arguments[place]] else { return arguments }
        var rest = arguments
        let verb = rest.remove(at: place)
        guard let place = firstWord(rest), below.contains(rest[place]) else { return [verb] + rest }
        let second = rest.remove(at: place)
        return [verb, second] + rest
    }

    /// What to say of a first word that is no verb, where only a verb can be meant.
    ///
    /// - Returns: nil where the command line begins with a verb, or with an option of the agent.
    static func mistake(in arguments: [String], verbs: [String: Set<String>]) -> String? {
        guard let place = firstWord(arguments), arguments[place] != "help" else { return nil }
        let word = arguments[place]
        guard let below = verbs[word] else { return unknown(word, of: verbs.keys.sorted(), after: "loopsync") }
        guard !below.isEmpty else { return nil }
        let rest = Array(arguments[(place + 1)...])
        guard let next = firstWord(rest) else { return nil }
        return below.contains(rest[next])
            ? nil : unknown(rest[next], of: below.sorted(), after: "loopsync \(word)")
    }

    private static func unknown(_ word: String, of verbs: [String], after command: String) -> String {
        let shown = PrintableText.escaping(word.utf8, limit: 60)
        let begun = verbs.filter { $0.hasPrefix(word) }
        guard let near = begun.count == 1 ? begun[0] : nearest(to: word, among: verbs) else {
            return "no verb '\(shown)'. \(command) has: \(verbs.joined(separator: ", "))"
        }
        return "no verb '\(shown)'. Did you mean: \(command) \(near)"
    }

    /// Where the first word stands that is neither a global option nor the value of one.
    private static func firstWord(_ arguments: [String]) -> Int? {
        var place = 0
        while place < arguments.count {
            let argument = arguments[place]
            if valued.contains(argument) {
                place += 2
            } else if flags.contains(argument) || valued.contains(where: { argument.hasPrefix($0 + "=") }) {
                place += 1
            } else {
                return argument.hasPrefix("-") ? nil : place
            }
        }
        return nil
    }
}

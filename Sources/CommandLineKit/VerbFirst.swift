import LoopModel
import YAMLReading

/// Puts the verb before the options that every verb takes, so that these may stand on either side of it.
package struct VerbFirst: Sendable {
    private let program: String
    private let valued: Set<String>
    private let flags: Set<String>
    private let verbs: [String: Set<String>]

    /// Describes a program's command line.
    ///
    /// - Parameters:
    ///   - program: its name.
    ///   - valued: the options of every verb that take a value.
    ///   - flags: those that take none.
    ///   - verbs: the verbs, and below each the verbs that it has in turn.
    package init(program: String, valued: Set<String>, flags: Set<String>, verbs: [String: Set<String>]) {
        self.program = program
        self.valued = valued
        self.flags = flags
        self.verbs = verbs
    }

    /// Sorts a command line, without the program's name.
    ///
    /// - Returns: the arguments with the verb moved to the front; unchanged where anything but a global option comes first.
    package func sorted(_ arguments: [String]) -> [String] {
        if arguments.first == "help" {
            // `help VERB` is `VERB --help`.
            return sorted(Array(arguments.dropFirst())) + ["--help"]
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
    /// - Returns: nil where the command line begins with a verb, or with an option of the program itself.
    package func mistake(in arguments: [String]) -> String? {
        guard let place = firstWord(arguments), arguments[place] != "help" else { return nil }
        let word = arguments[place]
        guard let below = verbs[word] else { return unknown(word, of: verbs.keys.sorted(), after: program) }
        guard !below.isEmpty else { return nil }
        let rest = Array(arguments[(place + 1)...])
        guard let next = firstWord(rest) else { return nil }
        return below.contains(rest[next])
            ? nil : unknown(rest[next], of: below.sorted(), after: "\(program) \(word)")
    }

    private func unknown(_ word: String, of verbs: [String], after command: String) -> String {
        let shown = PrintableText.escaping(word.utf8, limit: 60)
        let begun = verbs.filter { $0.hasPrefix(word) }
        guard let near = begun.count == 1 ? begun[0] : nearest(to: word, among: verbs) else {
            return "no verb '\(shown)'. \(command) has: \(verbs.joined(separator: ", "))"
        }
        return "no verb '\(shown)'. Did you mean: \(command) \(near)"
    }

    /// Where the first word stands that is neither a global option nor the value of one.
    private func firstWord(_ arguments: [String]) -> Int? {
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

import ArgumentParser
import LoopModel

/// The manual page, made of the commands' own help; pure.
enum ManualPage {
    /// A page for man(1), in the macros of man(7).
    static func text() -> String {
        let root = Loopsync.configuration
        var lines = [
            #".TH LOOPSYNC 1 "" "loopsync \#(Version.text)" "User Commands""#,
            ".SH NAME", "loopsync \\- \(roff(sentence(root.abstract)))",
            ".SH SYNOPSIS", ".nf", roff(root.usage ?? ""), ".fi",
            ".SH DESCRIPTION",
        ]
        lines += paragraphs(root.discussion)
        lines += [".SH OPTIONS"] + options(of: Loopsync.helpMessage(columns: width), all: true)
        for group in root.groupedSubcommands {
            lines.append(".SH \(roff(group.name.uppercased()))")
            for command in group.subcommands {
                for command in leaves(of: command) { lines += section(command) }
            }
        }
        lines += [".SH SEE ALSO", "loopsync VERB \\-\\-help; ll\\-loop, looprun(1)"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static let width = 72

    private static func leaves(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        let below = command.configuration.subcommands
        return below.isEmpty ? [command] : below
    }

    /// What each verb says of itself, examples and all, with that of the program first.
    static var discussions: [(title: String, text: String)] {
        let verbs = Loopsync.configuration.subcommands.flatMap(leaves)
        return [("", Loopsync.configuration.discussion)]
            + verbs.map { (title(of: $0.configuration), $0.configuration.discussion) }
    }

    /// A verb's name, after its parent's where it has one.
    private static func title(of configuration: CommandConfiguration) -> String {
        let words = (configuration.usage ?? "").split(separator: " ").dropFirst()
        return words.prefix { !$0.hasPrefix("[") && !$0.contains { $0.isUppercase || $0 == "|" } }.joined(
            separator: " "
        )
    }

    private static func section(_ command: any ParsableCommand.Type) -> [String] {
        let configuration = command.configuration
        let usage = configuration.usage ?? ""
        return [
            ".SS \(roff(title(of: configuration)))", roff(configuration.abstract), ".PP", ".nf", roff(usage), ".fi",
        ] + paragraphs(configuration.discussion)
            + options(of: Loopsync.helpMessage(for: command, columns: width), all: false)
    }

    /// Prose is filled by the reader; what is indented stays as it is.
    private static func paragraphs(_ text: String) -> [String] {
        var lines: [String] = []
        var isLiteral = false
        func literal(_ wanted: Bool) {
            if wanted != isLiteral { lines.append(wanted ? ".nf" : ".fi") }
            isLiteral = wanted
        }
        lines.append(".PP")
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                literal(false)
                lines.append(".PP")
            } else {
                literal(line.hasPrefix(" "))
                lines.append(roff(String(line)))
            }
        }
        literal(false)
        return lines
    }

    /// The arguments and options of a help text; those that every verb has only where all are wanted.
    private static func options(of help: String, all: Bool) -> [String] {
        var lines: [String] = []
        var isShown = false
        for line in help.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasSuffix(":"), !line.hasPrefix(" "), line == Substring(line.uppercased()) {
                let isOfAll = line == "EVERY VERB TAKES:"
                isShown =
                    !line.hasSuffix("SUBCOMMANDS:") && !line.hasPrefix("USAGE") && !line.hasPrefix("OVERVIEW")
                    && (all || !isOfAll)
            } else if isShown, line.hasPrefix("  "),
                all || !(line.hasPrefix("  --version") || line.hasPrefix("  -h, --help"))
            {
                lines.append(roff(String(line)))
            }
        }
        return lines.isEmpty ? [] : [".PP", ".nf"] + lines + [".fi"]
    }

    private static func sentence(_ text: String) -> String {
        text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    /// Text as roff has it: no line may begin with a control character, and a hyphen is a minus.
    private static func roff(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let escaped = line.replacing("\\", with: "\\e").replacing("-", with: "\\-")
            return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
        }.joined(separator: "\n")
    }
}

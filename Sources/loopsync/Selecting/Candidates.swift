import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent

/// What a shell offers while a person types: loops and runs of the directory that the command line names, else of all
/// that are watched.
enum Candidates {
    /// Names of loops that have runs, archived or live.
    ///
    /// - Parameters:
    ///   - words: the command line so far.
    ///   - areAllWatched: whether the verb looks at all watched directories; else it works on one.
    static func loops(_ words: [String], areAllWatched: Bool) -> [String] {
        let names = directories(words).prefix(areAllWatched ? .max : 1).flatMap { loops in
            let live = (try? LiveRun.all(in: loops, processes: SystemProcessTable())) ?? []
            return places(in: loops).map(\.loop) + live.compactMap { $0.state?.loopName.string }
        }
        return Set(names).filter(isTypeable).sorted()
    }

    /// Archived runs, newest first, with `LOOP@latest` before them.
    static func runs(_ words: [String]) -> [String] {
        let all = directories(words).flatMap(places).sorted { ($0.id, $0.loop) > ($1.id, $1.loop) }
        let latest = Set(all.map(\.loop)).sorted().map { "\($0)@latest" }
        return (latest + all.map { "\($0.loop)/\($0.id)" }).filter(isTypeable)
    }

    /// Runs in the trash, as `restore` takes them.
    static func trashed(_ words: [String]) -> [String] {
        let entries = directories(words).flatMap { (try? Trash($0).entries()) ?? [] }
        return entries.map(\.candidate.text).filter(isTypeable)
    }

    /// Those that the verb would look at.
    private static func directories(_ words: [String]) -> [LoopsDirectory] {
        var arguments = ["--quiet"]
        for name in ["--loops", "--config"] {
            for (index, word) in words.enumerated() {
                if word == name, index + 1 < words.count { arguments += [name, inHome(words[index + 1])] }
                if word.hasPrefix("\(name)=") { arguments += [name, inHome(String(word.dropFirst(name.count + 1)))] }
            }
        }
        guard let global = try? GlobalOptions.parse(arguments) else { return [] }
        return ((try? LoopsPlace.watched(global)) ?? []).map(\.loops)
    }

    /// The path that a shell would pass on for one that it has not expanded yet.
    private static func inHome(_ path: String) -> String {
        guard path.hasPrefix("~/"), let home = Environment.value("HOME") else { return path }
        return home + path.dropFirst()
    }

    /// By the directories' names alone: a key was pressed, and a history may have thousands of runs.
    private static func places(in loops: LoopsDirectory) -> [(loop: String, id: String)] {
        guard let history = (try? loops.history()) ?? nil, let places = try? HistoryScan.places(in: history) else {
            return []
        }
        return places.map { place in
            let loop =
                switch place.layout {
                case .nested: place.components[0]
                case .flat: RunPlace.parts(ofFlat: place.runName)?.loop ?? place.runName
                }
            return (loop.description, place.shownID)
        }
    }

    /// Shells take the answer apart by lines, and zsh by colons; what needs quoting is left for a person to type, and so
    /// is what a verb would take for an option.
    private static func isTypeable(_ text: String) -> Bool {
        !text.hasPrefix("-")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_./@%+,=".utf8.contains(byte)
                }
            }
    }
}

extension CompletionKind {
    /// Loops of the directory at hand.
    static var loops: CompletionKind { .custom { words, _, _ in Candidates.loops(words, areAllWatched: false) } }
    /// Loops of all directories that are looked at.
    static var watchedLoops: CompletionKind { .custom { words, _, _ in Candidates.loops(words, areAllWatched: true) } }
    /// Archived runs.
    static var runs: CompletionKind { .custom { words, _, _ in Candidates.runs(words) } }
    /// Loops, then archived runs, of all directories that are looked at.
    static var loopsAndRuns: CompletionKind {
        .custom { words, _, _ in Candidates.loops(words, areAllWatched: true) + Candidates.runs(words) }
    }
    /// How runs end, and what stands in a state before.
    static var statuses: CompletionKind {
        .list(StatusFilter.known)
    }
    /// Events as the executors that are known name them.
    static var eventTypes: CompletionKind { .list(EventTypes.usual) }
    /// Runs in the trash.
    static var trashed: CompletionKind { .custom { words, _, _ in Candidates.trashed(words) } }
}

import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent

/// What a shell offers while a person types: loops and runs of the directory that the command line names.
enum Candidates {
    /// Names of loops that have runs, archived or live.
    ///
    /// - Parameter words: the command line so far.
    static func loops(_ words: [String]) -> [String] {
        guard let loops = directory(words) else { return [] }
        let live = (try? LiveRun.all(in: loops, processes: SystemProcessTable())) ?? []
        let names = places(in: loops).map(\.loop) + live.compactMap { $0.state?.loopName.string }
        return Set(names).filter(isTypeable).sorted()
    }

    /// Archived runs, newest first, with `LOOP@latest` before them.
    static func runs(_ words: [String]) -> [String] {
        guard let loops = directory(words) else { return [] }
        let all = places(in: loops).sorted { ($0.id, $0.loop) > ($1.id, $1.loop) }
        let latest = Set(all.map(\.loop)).sorted().map { "\($0)@latest" }
        return (latest + all.map { "\($0.loop)/\($0.id)" }).filter(isTypeable)
    }

    /// Runs in the trash, as `restore` takes them.
    static func trashed(_ words: [String]) -> [String] {
        guard let loops = directory(words), let entries = try? Trash(loops).entries() else { return [] }
        return entries.map(\.candidate.text).filter(isTypeable)
    }

    private static func directory(_ words: [String]) -> LoopsDirectory? {
        var path = Environment.value("LOOPSYNC_LOOPS") ?? ".loops"
        for (index, word) in words.enumerated() {
            if word == "--loops", index + 1 < words.count { path = words[index + 1] }
            if word.hasPrefix("--loops=") { path = String(word.dropFirst("--loops=".count)) }
        }
        if path.hasPrefix("~/"), let home = Environment.value("HOME") { path = home + path.dropFirst() }
        return (try? LoopsDirectory.open(path: path)) ?? nil
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

    /// Shells take the answer apart by lines, and zsh by colons; what needs quoting is left for a person to type.
    private static func isTypeable(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
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
    static var loops: CompletionKind { .custom { words, _, _ in Candidates.loops(words) } }
    /// Archived runs of the directory at hand.
    static var runs: CompletionKind { .custom { words, _, _ in Candidates.runs(words) } }
    /// Loops, then archived runs, of the directory at hand.
    static var loopsAndRuns: CompletionKind {
        .custom { words, _, _ in Candidates.loops(words) + Candidates.runs(words) }
    }
    /// Runs in the trash.
    static var trashed: CompletionKind { .custom { words, _, _ in Candidates.trashed(words) } }
}

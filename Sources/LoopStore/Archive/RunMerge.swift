package import LoopModel

/// A run directory put together from what stands already and what the source has; nothing is written yet.
///
/// What wins: events only grow, so that the content which holds the other replaces it; of two states the one written
/// later. What contradicts is kept beside, once.
struct RunMerge {
    /// The files that the directory is to have, without the sums.
    private(set) var files: [FileName: Ingredient] = [:]
    /// What contradicted, for people.
    private(set) var conflicts: [String] = []
    /// When the run's last segment began, where that is known.
    private let lastStart: Timestamp?
    private var filesInPlace = 0
    private var demotedState: Ingredient?

    /// What stands in the directory once it is written.
    var writtenNames: [FileName] { files.keys.sorted() + [.sums] }

    /// Whether the directory has to be written anew.
    var isChange: Bool {
        files.count != filesInPlace || !files.values.allSatisfy(\.isInPlace)
    }

    /// Nothing yet, for a run of which this source is known.
    init(for source: RunSource?) {
        lastStart = source?.lastStart
    }

    /// Just these files.
    init(files: [FileName: Ingredient]) {
        self.files = files
        lastStart = nil
    }

    /// Takes in a directory that stands in the history.
    ///
    /// - Parameter isBase: whether it is the one that the result takes the place of; the first one taken in.
    mutating func take(_ directory: any Directory, isBase: Bool) throws {
        for entry in try directory.entries() where entry.kind == .file && entry.name != .sums {
            guard let status = try directory.status(of: entry.name), status.kind == .file else { continue }
            let file = Ingredient([.file(directory, entry.name, status.identity)], isInPlace: isBase)
            if isBase { filesInPlace += 1 }
            if Beside.isConflict(of: .events, entry.name) {
                try keep(file, beside: .events)
            } else if Beside.isConflict(of: .state, entry.name) {
                try keep(file, beside: .state)
            } else {
                try add(file, as: entry.name, isSource: false)
            }
        }
    }

    /// Takes in the source, last.
    mutating func take(_ source: OpenedSource) throws {
        if let events = source.events { try add(events, as: .events, isSource: true) }
        if let state = source.state {
            try add(state, as: .state, isSource: true)
        } else {
            try setStrangerAside(beside: source.events)
        }
        for sibling in source.siblings { try add(sibling.content, as: sibling.name, isSource: true) }
        try settleLastGoodState(source.source.lastGoodState)
    }

    private mutating func add(_ new: Ingredient, as name: FileName, isSource: Bool) throws {
        guard let old = files[name] else {
            files[name] = new
            return
        }
        switch try new.relation(to: old) {
        case .equal:
            return
        case .contains where name != .state:
            files[name] = new
        case .isContained where name != .state:
            return
        case .unrelated where name != .state:
            files[name] = isSource ? new : old
            if try keep(isSource ? old : new, beside: name), name == .events {
                conflicts.append("its events and those in the archive contradict each other; both were kept")
            }
        case .contains, .isContained, .unrelated:
            try choose(between: old, and: new)
        }
    }

    private mutating func choose(between old: Ingredient, and new: Ingredient) throws {
        let facts = (old: try old.facts(), new: try new.facts())
        let (winner, loser) =
            switch StateChoice.between(archived: facts.old, source: facts.new, lastStart: lastStart) {
            case .archived: (old, new)
            case .source: (new, old)
            }
        files[.state] = winner
        if try loser.facts().state != nil {
            if try winner.facts().state == nil { demotedState = loser }
            return
        }
        // A torn copy is the beginning of the whole; anything else that does not parse might be all that is left of
        // something.
        let relation = try loser.relation(to: winner)
        guard relation == .unrelated || relation == .contains else { return }
        if try keep(loser, beside: .state) {
            conflicts.append("a state that does not parse stood in the archive and was kept beside the good one")
        }
    }

    /// Takes a state away that began after all that is known of a run which has none itself.
    ///
    /// It is the next run's: its executor was copying it here, over this run's archive, when our rename gave the directory
    /// another name.
    private mutating func setStrangerAside(beside events: Ingredient?) throws {
        guard let lastStart, let events, let state = files[.state], let began = try state.facts().began,
            began > lastStart, try files[.events]?.relation(to: events) == .equal
        else { return }
        files[.state] = nil
        if try keep(state.underOtherName, beside: .state) {
            conflicts.append("a later run's state stood in its archive and was kept beside")
        }
    }

    /// Keeps a content beside the file that it contradicts; false where it is kept already.
    @discardableResult
    private mutating func keep(_ content: Ingredient, beside name: FileName) throws -> Bool {
        for number in 1... {
            guard let candidate = Beside.name(name, number) else { return false }
            guard let there = files[candidate] else {
                files[candidate] = content
                return true
            }
            switch try content.relation(to: there) {
            case .equal, .isContained: return false
            case .contains, .unrelated: continue
            }
        }
        return false
    }

    /// Beside a state that does not parse stands the last one that did, and only there.
    private mutating func settleLastGoodState(_ given: [UInt8]?) throws {
        guard let state = files[.state], try state.facts().state == nil else {
            files[.lastGoodState] = nil
            return
        }
        let content = try state.open()
        let bytes = try given ?? demotedState?.open().contents(limit: HistoryScan.stateLimit)
        guard let bytes else { return }
        let good = Ingredient([.bytes(bytes, modified: content.modified, mode: content.mode)])
        if let there = files[.lastGoodState], try there.relation(to: good) == .equal { return }
        files[.lastGoodState] = good
    }
}

/// Names for contents that contradict a file: `events.conflict-1.jsonl`, `state.conflict-1.json`, `loop.log.1`.
package enum Beside {
    /// Whether merging gave a file of a run's directory this name.
    package static func isOne(_ name: FileName) -> Bool {
        [FileName.events, .state].contains { file in
            guard let (head, tail) = parts(of: file), isConflict(of: file, name) else { return false }
            let number = name.bytes.dropFirst(head.utf8.count).dropLast(tail.utf8.count)
            return !number.isEmpty && number.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
    }

    static func name(_ name: FileName, _ number: Int) -> FileName? {
        if let (head, tail) = parts(of: name) { return FileName("\(head)\(number)\(tail)") }
        return FileName(name.bytes.prefix(240) + Array(".\(number)".utf8))
    }

    static func isConflict(of file: FileName, _ name: FileName) -> Bool {
        guard let (head, tail) = parts(of: file) else { return false }
        return name.bytes.count >= head.utf8.count + tail.utf8.count && name.bytes.starts(with: head.utf8)
            && name.hasSuffix(tail)
    }

    private static func parts(of name: FileName) -> (head: String, tail: String)? {
        switch name {
        case .events: ("events.conflict-", ".jsonl")
        case .state: ("state.conflict-", ".json")
        default: nil
        }
    }
}

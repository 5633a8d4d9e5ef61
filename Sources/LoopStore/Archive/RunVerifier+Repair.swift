package import LoopModel

extension RunVerifier {
    /// Puts back the files that a damaged run lost, from other places that still have them.
    ///
    /// A file comes back only if its bytes are those that the sums tell of, and only if all that are damaged do. Where
    /// the sums themselves are lost, those of another copy count. The directory is staged whole and swapped like any
    /// change, and what somebody wrote over a file after it was summed is kept beside it: it may stand nowhere else.
    ///
    /// - Parameter told: hears what was done, in words.
    /// - Returns: what the run is after that: sound, or still damaged in these files; nil where it is gone.
    package func repair(
        _ place: RunPlace,
        in history: any Directory,
        from alternatives: [RunAlternative],
        told: (String) -> Void = { _ in }
    ) throws(PosixError) -> RunVerdict? {
        let before = try verify(place, in: history, alternatives: alternatives)
        guard let directory = try HistoryScan.directory(of: place, in: history) else { return before }
        do {
            switch before {
            case .damaged(let damage)?:
                // Files that are all as another copy's sums have them are whole: the digest or the name here is not.
                if try isWhole(directory, by: alternatives) {
                    try adopt(directory, history)
                    told("SHA256SUMS: written anew, since the files are as another copy's sums have them")
                } else if case .success(let sums)? = try SumsFile.stored(in: directory) {
                    let written = try directory.status(of: .sums)?.changed
                    try putBack(damage, of: place, in: history, sums, writtenAt: written, from: alternatives)
                        .forEach(told)
                }
            case .unreadableSums?:
                try repairSums(of: place, directory, in: history, from: alternatives).forEach(told)
            case .sound?, .adopted?, .unsummed?, nil:
                return before
            }
        } catch let error as PosixError {
            throw error
        } catch {
            // A file changed while it was read; the run is as it was.
        }
        return try verify(place, in: history, alternatives: alternatives)
    }

    /// Whether every file, and no other, is as the sums of one other copy tell.
    private func isWhole(_ directory: any Directory, by alternatives: [RunAlternative]) throws(PosixError) -> Bool {
        for alternative in alternatives {
            if let sums = alternative.sums, try sums.damage(in: directory).isEmpty { return true }
        }
        return false
    }

    /// Writes lost sums anew, after the files were brought to what another copy's sums, or its bytes, prove.
    private func repairSums(
        of place: RunPlace,
        _ directory: any Directory,
        in history: any Directory,
        from alternatives: [RunAlternative]
    ) throws -> [String] {
        let renewed = "SHA256SUMS: written anew, as another copy proves the files"
        // Sums from elsewhere may name what never was of this run; a loop definition would come into the project so.
        let given = alternatives.compactMap(\.sums).first { !$0.checksums.keys.contains(where: \.isLoopDefinition) }
        if let sums = given {
            let (_, damage) = try judge(sums.damage(in: directory), in: directory, sums, alternatives)
            if damage.isEmpty {
                try renew(directory, history)
                return [renewed]
            }
            // Nobody knows when the files were summed, so that all that is replaced is kept.
            return try putBack(damage, of: place, in: history, sums, writtenAt: nil, from: alternatives)
        }
        let files = try directory.entries().filter(SumsFile.covers)
        guard files.contains(where: { $0.name == .events }),
            files.allSatisfy({ alternative(to: $0.name, in: directory, alternatives) != nil })
        else { return [] }
        try renew(directory, history)
        return [renewed]
    }

    private func renew(_ directory: any Directory, _ history: any Directory) throws(PosixError) {
        // A directory or a link that has the name steps aside, whatever it is good for.
        if let there = try directory.status(of: .sums), there.kind != .file, let aside = Beside.name(.sums, 1) {
            try directory.rename(.sums, into: directory, as: aside, .notReplacing)
        }
        try adopt(directory, history)
    }

    /// Replaces what is damaged, if all of it can be.
    ///
    /// - Returns: what came from where, in words.
    private func putBack(
        _ damage: [FileDamage],
        of place: RunPlace,
        in history: any Directory,
        _ sums: SumsFile,
        writtenAt summed: Int64?,
        from alternatives: [RunAlternative]
    ) throws -> [String] {
        guard let directory = try HistoryScan.directory(of: place, in: history) else { return [] }
        var found: [FileName: Ingredient] = [:]
        var done: [String] = []
        for file in damage where file.kind != .extra {
            guard let (good, origin) = copy(of: file.name, sums, in: alternatives) else { return [] }
            found[file.name] = good
            done.append("\(file.name): put back from \(origin)")
            guard file.kind == .changed, let status = try directory.status(of: file.name),
                summed.map({ status.changed >= $0 }) ?? true
            else { continue }
            let replaced = Ingredient([.file(directory, file.name, status.identity)])
            if let beside = try freeName(beside: file.name, for: replaced, in: directory) {
                found[beside] = replaced
                done[done.count - 1] += "; what stood there is kept as \(beside)"
            }
        }
        do {
            try replace(found, of: place, in: history, stagingInside: false)
        } catch let error as PosixError where error.code == .crossDevice {
            try replace(found, of: place, in: history, stagingInside: true)
        }
        return done
    }

    private func replace(
        _ files: [FileName: Ingredient],
        of place: RunPlace,
        in history: any Directory,
        stagingInside: Bool
    ) throws {
        let work = ArchiveWork(
            staging: staging,
            stagingInside: stagingInside,
            history: history,
            gate: gate,
            source: nil,
            free: try freeNames(beside: place, in: history)
        )
        try work.replaceFiles(files, of: place)
    }

    /// A file that has the very bytes which the sums tell of, with where it is.
    private func copy(of name: FileName, _ sums: SumsFile, in alternatives: [RunAlternative]) -> (Ingredient, String)? {
        guard let expected = sums.checksums[name] else { return nil }
        for alternative in alternatives {
            guard let contents = alternative.files[name] else { continue }
            let ingredient = Ingredient(contents)
            // What cannot be read there is no help, and the next place may have it.
            if (try? ingredient.open().checksum()) == expected { return (ingredient, alternative.name) }
        }
        return nil
    }

    /// Where a file that is replaced is kept; nil where its bytes are kept already.
    private func freeName(beside name: FileName, for content: Ingredient, in directory: any Directory) throws
        -> FileName?
    {
        for number in 1... {
            guard let candidate = Beside.name(name, number) else { return nil }
            guard let there = try directory.status(of: candidate) else { return candidate }
            guard there.kind == .file else { continue }
            let kept = Ingredient([.file(directory, candidate, there.identity)])
            if try content.relation(to: kept) == .equal { return nil }
        }
        return nil
    }

    /// Where the old directory can step aside on a file system that cannot swap.
    private func freeNames(beside place: RunPlace, in history: any Directory) throws -> [RunPlace] {
        guard let run = try HistoryScan.read(place, in: history) else { return [] }
        let names = RunNames(loop: run.loop, runID: run.runID, layout: place.layout)
        return try (1...20).compactMap { names.aside($0)?.place }.filter { aside in
            try HistoryScan.directory(of: aside, in: history) == nil
        }
    }
}

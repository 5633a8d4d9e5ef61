package import LoopModel

extension RunVerifier {
    /// Puts back the files that a damaged run lost, from other places that still have them.
    ///
    /// A file comes back only if its bytes are those that the sums tell of, so that nothing is ever overwritten but by
    /// what was there, and only if all that are damaged do. The directory is staged whole and swapped like any change.
    ///
    /// - Returns: what the run is after that: sound, or still damaged in these files; nil where it is gone.
    package func repair(_ place: RunPlace, in history: any Directory, from alternatives: [RunAlternative])
        throws(PosixError) -> RunVerdict?
    {
        let before = try verify(place, in: history, alternatives: alternatives)
        guard case .damaged(let damage)? = before,
            let directory = try HistoryScan.directory(of: place, in: history),
            case .success(let sums)? = try SumsFile.stored(in: directory)
        else { return before }
        do {
            var found: [FileName: Ingredient] = [:]
            for file in damage where file.kind != .extra {
                guard let good = try copy(of: file.name, sums, in: alternatives) else { return before }
                found[file.name] = good
            }
            do {
                try replace(found, of: place, in: history, stagingInside: false)
            } catch let error as PosixError where error.code == .crossDevice {
                try replace(found, of: place, in: history, stagingInside: true)
            }
        } catch let error as PosixError {
            throw error
        } catch {
            // A file changed while it was read; the run is as it was.
        }
        return try verify(place, in: history, alternatives: alternatives)
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

    /// A file that has the very bytes which the sums tell of.
    private func copy(of name: FileName, _ sums: SumsFile, in alternatives: [RunAlternative]) throws -> Ingredient? {
        guard let expected = sums.checksums[name] else { return nil }
        for alternative in alternatives {
            guard let contents = alternative.files[name] else { continue }
            let ingredient = Ingredient(contents)
            if try ingredient.open().checksum() == expected { return ingredient }
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

package import LoopModel

extension HookFacts {
    /// What is told of a pass that archived once.
    ///
    /// - Parameters:
    ///   - rows: what the pass did.
    ///   - problems: what it could not read, by its place below `.running`.
    ///   - loops: the loops directory's absolute path.
    package static func of(
        _ rows: [ArchivePass.Row],
        problems: [String: String],
        loops: String,
        now: Timestamp
    ) -> [HookFacts] {
        let runs = rows.flatMap { row -> [HookFacts] in
            guard case .archived(let place, let change, _) = row.result else { return [] }
            return archived(row.run, at: place, change, reason: row.reason, loops: loops, now: now)
        }
        return runs
            + problems.sorted { $0.key < $1.key }.map { unreadable($0.key, $0.value, loops: loops, now: now) }
    }
}

import LoopModel

/// How things stand with all directories that are looked at; pure.
struct StatusOverview {
    /// At least one.
    let reports: [StatusReport]

    /// How `status` ends: as the directory that stands worst.
    var exitStatus: ExitStatus { .worst(of: reports.map(\.exitStatus)) }

    /// One screen per directory, with an empty line between them.
    ///
    /// - Parameters:
    ///   - isCut: whether lines end where the terminal does.
    ///   - rows: how many lines there is room for; where they do not suffice, each directory has what matters most.
    func text(for terminal: Terminal, isCut: Bool = false, rows: Int = .max) -> String {
        func joined(_ isBrief: Bool) -> String {
            reports.map { $0.text(for: terminal, isCut: isCut, isBrief: isBrief) }.joined(
                separator: isBrief ? "" : "\n"
            )
        }
        let whole = joined(false)
        guard reports.count > 1, whole.utf8.count(where: { $0 == UInt8(ascii: "\n") }) > rows else { return whole }
        return joined(true)
    }

    /// The directory's document; of several, one that holds them all.
    var json: JSONValue {
        guard reports.count > 1 else { return reports[0].json }
        return [
            "degraded": .bool(exitStatus != .done),
            "directories": .array(reports.map(\.json)),
        ]
    }
}

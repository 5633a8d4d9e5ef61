import LoopModel
package import LoopStore

/// Where runs go that were pruned here and follow in the mirror: `.loopsync-trash/<date>/<place>`.
package enum MirrorTrash {
    /// Moves a run there.
    static func take(
        _ place: RunPlace,
        from parent: any Directory,
        in root: any Directory,
        now: Timestamp
    ) throws(PosixError) {
        let date = FileName(now.iso.bytes.prefix(10)) ?? FileName(literal: "undated")
        let path = [FileName.mirrorTrash, date] + place.components.dropLast()
        let shelf = try root.ensure(path, mode: 0o700)
        var name = place.runName
        var number = 1
        while try shelf.status(of: name) != nil {
            number += 1
            name = place.runName.appending("~\(number)")
        }
        try parent.rename(place.runName, into: shelf, as: name, .notReplacing)
        try shelf.sync()
        try parent.sync()
    }

    /// What emptying the trash did.
    package struct Emptied: Sendable {
        /// The days whose runs were deleted, as their directories are named.
        package var days: [String] = []
        package var failures: [PosixError] = []

        /// Nothing was done.
        package init() {}
    }

    /// Deletes what came there before a date.
    ///
    /// - Parameter date: `YYYY-MM-DD`; what came on that day or later stays.
    package static func empty(in root: any Directory, before date: String) -> Emptied {
        var emptied = Emptied()
        do throws(PosixError) {
            guard let trash = try root.subdirectory(.mirrorTrash) else { return emptied }
            for entry in try trash.entries() {
                let name = String(decoding: entry.name.bytes, as: UTF8.self)
                // Only days that this program made: ten characters that begin with a digit.
                guard name.utf8.count == 10, name.first?.isNumber == true, name < date else { continue }
                do throws(PosixError) {
                    try trash.removeTree(entry.name)
                    emptied.days.append(name)
                } catch {
                    emptied.failures.append(error)
                }
            }
        } catch {
            emptied.failures.append(error)
        }
        emptied.days.sort()
        return emptied
    }
}

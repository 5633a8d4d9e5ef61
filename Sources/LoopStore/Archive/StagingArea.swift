import LoopModel

/// Where run directories are put together before one rename makes them part of the history.
///
/// That is `.loopsync/staging`, which no executor's command shows. Where `.history` is a link to another file system,
/// a rename from there is impossible, and so is a place beside the link's target if that is the top of a disk: then it
/// is `.loopsync` inside the history, which executors' commands could show as an odd loop for the milliseconds that it
/// exists.
package struct StagingArea {
    let loops: LoopsDirectory
    let process: Int32

    /// The staging area of one process.
    package init(loops: LoopsDirectory, process: Int32) {
        self.loops = loops
        self.process = process
    }

    /// Makes an empty place for one change.
    package func open(for history: any Directory, insideHistory: Bool = false) throws(PosixError) -> StagingSlot {
        var parent = try loops.own(.staging)
        var isInside = insideHistory
        if try history.status().identity.device != parent.status().identity.device { isInside = true }
        if isInside { parent = try history.ensureDirectory(.own, mode: 0o700) }
        var number = 1
        while true {
            guard let name = FileName("\(process)-\(number)") else {
                throw PosixError(call: "mkdir", path: parent.path, code: .invalid)
            }
            if try parent.makeDirectory(name, mode: 0o700), let directory = try parent.subdirectory(name) {
                return StagingSlot(
                    parent: parent,
                    name: name,
                    directory: directory,
                    history: history,
                    isInside: isInside
                )
            }
            number += 1
        }
    }

    /// Removes what dead processes left.
    ///
    /// That is everything that is here while nobody else can hold the history lock.
    func discard() throws(PosixError) {
        let staging = try loops.own(.staging)
        let history = try loops.history()
        for entry in try staging.entries() { try StagingSlot.clear(entry.name, in: staging, for: history) }
        guard let history, let own = try history.subdirectory(.own) else { return }
        // The trash of a history on another file system lies beside it.
        for entry in try own.entries() where entry.name != OwnPart.trash.name {
            try StagingSlot.clear(entry.name, in: own, for: history)
        }
        _ = try? history.removeDirectory(.own)
    }
}

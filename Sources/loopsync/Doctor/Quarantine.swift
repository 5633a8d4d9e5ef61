import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// Moves files that stop executors out of their way, and never away for good.
struct Quarantine {
    let place: LoopsPlace

    /// Moves broken files of `.running` into `.loopsync/quarantine`, each under its name with the time before it.
    ///
    /// - Returns: for each file where it went, or why it stays.
    func take(_ broken: [RunningCheck.Broken], now: Timestamp) throws(PosixError) -> [Finding] {
        guard !broken.isEmpty, let running = try place.loops.running() else { return [] }
        let target = try place.loops.own().ensureDirectory(FileName(literal: "quarantine"), mode: 0o700)
        let time = now.iso.string.prefix(19).filter { $0 != ":" }
        return broken.map { file in
            let prefix = Array("\(time)-".utf8)
            guard let name = FileName(prefix + file.name.bytes.prefix(255 - prefix.count)) else {
                return .fail("quarantine", "\(file.name) has a name too long to move", fix: "remove it by hand")
            }
            do throws(PosixError) {
                try running.rename(file.name, into: target, as: name, .notReplacing)
                return .ok("quarantine", "\(file.name) \(file.why): moved to .loopsync/quarantine/\(name)")
            } catch {
                return .fail(
                    "quarantine",
                    "\(error): \(file.name) stays",
                    fix: "mv \(running.path)/\(file.name) elsewhere by hand"
                )
            }
        }
    }
}

package import LoopStore
import SyncCore

/// The sync directory that the last agent had: given to it by `--sync`, it stands in no configuration.
package enum RememberedSync {
    /// Its path; nil where there is none, or none that was ever used.
    ///
    /// What stands below `.loopsync` may have come with a project from somewhere: a directory counts only if a mirror was
    /// made there before, so that nothing is begun anew at a place that nobody here named.
    package static func path(in loops: LoopsDirectory) -> String? {
        guard let status = try? StatusFile.read(in: loops), let to = status.mirror?.to,
            let own = try? loops.root.subdirectory(.own),
            let bytes = try? own.contents(of: .mirrorMemory, limit: 1 << 20),
            RememberedMirror.parse(bytes).contains(where: { ConfigurationLoader.absolute($0.syncPath) == to })
        else { return nil }
        return to
    }
}

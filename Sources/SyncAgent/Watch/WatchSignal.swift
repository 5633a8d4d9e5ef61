import LoopModel

/// What the watching thread tells the agent: where to look, never what is there.
enum WatchSignal: Hashable, Sendable {
    /// Something happened to a name below a watched `.running`.
    case changed(root: Int, directories: [FileName], name: FileName)
    /// What is known of a watched directory may be wrong in any way: start-up, overflow, a lost watch, a directory that
    /// came or went. There is one answer to all of them: look at everything again.
    case lost(root: Int, LossReason)
    /// The directory of the configuration file changed.
    case configuration
}

/// Why everything is to be looked at again.
enum LossReason: String, Hashable, Sendable {
    case started, overflow, appeared, vanished, ownRemoved
    /// An events file was gone, or its name another's, before it could be pinned: an executor may have archived and
    /// removed a whole run meanwhile.
    case missed
}

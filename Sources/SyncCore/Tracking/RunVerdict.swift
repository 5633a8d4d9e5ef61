/// What is to be done with a run.
package enum RunVerdict: Sendable, Hashable {
    /// It runs; its owner is looked at from time to time.
    case live
    /// It runs, and another run's archive may stand where its executor will copy it.
    case reserve
    case archive(ArchiveReason)
    /// Whole in the history, and to be taken out of `.running`.
    case clear
    /// Whole in the history and gone from `.running`.
    case forget
    /// Nothing until something changes.
    case idle
    /// Nothing until this time of the steady clock.
    case askAgain(at: Int64)

    package var isArchive: Bool {
        if case .archive = self { return true }
        return false
    }
}

/// Why a run is archived.
package enum ArchiveReason: String, Sendable, Hashable {
    case ended, parked, abandoned, gone
}

/// Mistakes that the simulation makes on purpose, to show that it would find them.
///
/// Only a build with `LOOPSYNC_DEFECTS` can make any; in every other one the questions are constants.
package enum Defect: String, CaseIterable, Sendable {
    /// Archives share their files with `.running`.
    case archiveByLink
    /// A state belongs to the newest run, whatever it says.
    case pairedByArrival
    /// Directories leave their names under the hands of executors.
    case gateOpen
    /// A run is forgotten as soon as it stands in the history.
    case forgottenAtOnce
    /// Nothing is synced before its rename; made by the simulated disk, as those that follow.
    case notSynced
    /// The kernel's word that it dropped events is not heard.
    case overflowDropped
    /// Directories are not synced, files are.
    case directoriesNotSynced
    /// What a dead agent was assembling stays.
    case leftoversKept
    /// New files are not pinned.
    case notPinned
    /// What an agent before pinned is not looked at.
    case pinsIgnored
    /// A live copy in the mirror goes on after its length, whatever its bytes are.
    case lengthTrusted
    /// A pin is named after the file that was looked at, whichever was linked.
    case pinnedUnseen
    /// Of a run that is cleared the state goes before the events.
    case stateClearedFirst
    /// What is cleared need not be what was archived.
    case clearedUnseen
    /// A file that was not the archived one goes back over whatever has its name by now.
    case putBackOver
    /// A run is pruned whatever became of it since the plan was made.
    case prunedUnseen

    #if LOOPSYNC_DEFECTS
        /// The one that is made; set once, before anything else happens.
        package nonisolated(unsafe) static var current: Defect?  // set once, before any thread of the search begins
        package var isMade: Bool { Defect.current == self }
    #else
        package var isMade: Bool { false }
    #endif
}

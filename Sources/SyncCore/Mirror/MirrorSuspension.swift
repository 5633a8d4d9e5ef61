package import LoopModel

/// Why nothing is written to the sync directory, and what to do about it.
package struct MirrorSuspension: Hashable, Sendable, CustomStringConvertible {
    /// The sync directory as configured.
    package var syncPath: String
    package var reason: Reason
    /// What stood there when it was last used; nil before the first use.
    package var remembered: RememberedMirror?
    /// The file system that is there now, where there is one.
    package var isOn: FileSystemSeen?

    /// What is wrong with the sync directory.
    package enum Reason: Hashable, Sendable {
        case missing
        /// It cannot be used; the system's words, and whether it is this user whom it refuses.
        case unreachable(String, isDenied: Bool = false)
        /// The sync directory holds nothing, and held the mirror.
        case emptied
        case markerGone([FileName])
        case markerUnreadable([FileName], String)
        /// The system lets nobody, or not this user, look at what is there; its words.
        case inaccessible([FileName], String, isDenied: Bool)
        case anothers([FileName], MirrorMarker)
        /// More than one directory has our marker: copies of the mirror.
        case ambiguous([[FileName]])
        case insideMirror([FileName], [FileName])
        /// The marker could not be written.
        case notWritable(String)
    }

    /// Describes a suspended mirror.
    package init(syncPath: String, reason: Reason, remembered: RememberedMirror?, isOn: FileSystemSeen?) {
        self.syncPath = syncPath
        self.reason = reason
        self.remembered = remembered
        self.isOn = isOn
    }

    /// What is wrong, in one line, for `status`.
    package var summary: String {
        switch reason {
        case .missing: "\(syncPath) does not exist"
        case .unreachable(let why, isDenied: _): "\(syncPath) cannot be opened (\(why))"
        case .emptied: "\(syncPath) is empty, and the mirror was there"
        case .markerGone(let namespace): "\(full(namespace)) has no marker (.loopsync-mirror)"
        case .markerUnreadable(let namespace, let why):
            "the marker \(full(namespace))/.loopsync-mirror cannot be read (\(why))"
        case .inaccessible(let namespace, let why, isDenied: _): "\(full(namespace)) cannot be looked into (\(why))"
        case .anothers(let namespace, let marker):
            "\(full(namespace)) is the mirror of \(PrintableText.escaping(marker.loopsPath.utf8)) "
                + "on \(PrintableText.escaping(marker.host.utf8)), "
                + (marker.machine.isEmpty ? "and nothing proves that it is this one" : "not of this directory")
        case .ambiguous(let places):
            "\(places.count) directories claim to be this mirror: \(places.map(full).joined(separator: ", "))"
        case .insideMirror(let namespace, let outer): "\(full(namespace)) would lie inside the mirror \(full(outer))"
        case .notWritable(let why): "\(syncPath) cannot be written to (\(why))"
        }
    }

    /// What to do next, as commands where there are some.
    package var advice: String {
        switch (reason, remembered != nil) {
        case (.missing, false):
            "The sync directory must exist before its first use, so that a disk that is not mounted is not mistaken for "
                + "it. Create it: mkdir -p '\(quoted(syncPath))'"
        case (.unreachable(_, isDenied: true), _), (.inaccessible(_, _, isDenied: true), _):
            "This user lacks the permission, and nothing is wrong with the mirror itself: run loopsync as the user who made "
                + "it, or let this one read and write everything there (ls -ld '\(quoted(syncPath))' tells whose it is); "
                + "the mirror goes on by itself."
        case (.inaccessible(_, _, isDenied: false), _):
            "Make it readable, which may take a look at its disk (dmesg, fsck); the mirror goes on by itself."
        case (.missing, true), (.unreachable, true), (.emptied, true), (.markerGone, true):
            "If its disk is not mounted or the folder is still syncing, wait for that: the mirror catches up by itself. "
                + "If you replaced or emptied it on purpose: loopsync mirror --adopt"
        case (.unreachable, false):
            "Make it a directory that you can read and write; the mirror goes on by itself."
        case (.emptied, false), (.markerGone, false), (.markerUnreadable, _):
            "It looks like a mirror whose marker was lost. To go on with what is there: loopsync mirror --adopt"
        case (.anothers, _):
            "Choose another mirror.namespace or sync directory. If that project is gone and this one takes its place: "
                + "loopsync mirror --adopt"
        case (.ambiguous, _):
            "Move all but one of them out of the sync directory; or go on with the first: loopsync mirror --adopt"
        case (.insideMirror, _):
            "Choose another mirror.namespace."
        case (.notWritable, _):
            "Make it writable; the mirror goes on by itself."
        }
    }

    package var description: String { "mirror suspended: \(explanation)" }

    /// What is wrong, whether the file system changed, and what to do next.
    package var explanation: String {
        var text = "\(summary)."
        if let was = remembered?.fileSystem {
            if let isOn {
                text +=
                    isOn.type == was.type && isOn.mountPoint == was.mountPoint && isOn.device == was.device
                    ? " It is on the same file system as before (\(isOn))."
                    : " The file system there is now \(isOn); it was \(was)."
            } else {
                text += " It was on \(was)."
            }
        }
        return text + " Nothing was written or removed there. " + advice
    }

    /// What stands between single quotes for a shell.
    private func quoted(_ path: String) -> String { path.replacing("'", with: #"'\''"#) }

    private func full(_ namespace: [FileName]) -> String {
        ([syncPath] + namespace.map(\.description)).joined(separator: "/")
    }
}

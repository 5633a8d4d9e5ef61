import LoopModel
import LoopStore
import SyncCore

/// What the watching thread does about one name below `.running`, before anything that could wait.
extension WatchedRoot {
    /// What became of a name.
    enum Change {
        case made, movedHere, written
    }

    /// Pins what is new and says where to look.
    ///
    /// - Parameter names: the directories between `.running` and this one.
    func changed(_ name: FileName, _ names: [FileName], in directory: any Directory, _ change: Change) -> WatchSignal {
        if change != .written, RunningFile.parse(name)?.kind == .events {
            let outcome = pin(name, names, in: directory)
            // What is pinned already came after the file that this was about: version A archives a whole run and uses its
            // names anew.
            if outcome == .gone || outcome == .known && change == .made { return .lost(root: index, .missed) }
        } else if change != .written {
            _ = pin(name, names, in: directory)
        }
        return .changed(root: index, directories: names, name: name)
    }

    /// Pins a file of a run; nil for any other file, or where no directory is open.
    func pin(_ name: FileName, _ names: [FileName], in directory: any Directory) -> PinStore.Outcome? {
        guard let (kind, base) = RunningFile.parse(name), kind == .events || kind == .state else { return nil }
        return opened?.pins.pin(kind, Stem(directories: names, base: base), named: name, in: directory)
    }
}

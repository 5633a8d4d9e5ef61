import LoopModel
import LoopStore
import SyncCore

/// Reads what has no name in `.running` any more, through its pin.
extension RunningReader {
    func readPins(at now: Moment) throws(PosixError) {
        var states: [(pin: PinStore.Pin, file: any File, status: FileStatus)] = []
        for pin in opened.pins.withoutOldNames(try opened.pins.all()) {
            do throws(PosixError) {
                guard let file = try opened.pins.open(pin) else { continue }
                switch pin.kind {
                case .events:
                    guard tracker.position(of: pin.identity) == nil else { continue }
                    try read(file, identity: pin.identity, stem: pin.stem, isInRunning: false, at: now)
                case .state:
                    guard tracker.states[pin.identity] == nil else { continue }
                    states.append((pin, file, try file.status()))
                case .pid, .lock, .log, .metaEvaluation:
                    continue
                }
            } catch {
                report("\(error): what is pinned of it cannot be read", at: pin.stem.description + pin.kind.suffix)
            }
        }
        for (pin, file, status) in states.sorted(by: { $0.status.modified < $1.status.modified }) {
            do throws(PosixError) {
                try readState(file, status, stem: pin.stem, isInRunning: false, at: now)
            } catch {
                report(error.description, at: pin.stem.description + pin.kind.suffix)
            }
        }
    }

    /// Reads what was pinned since the last look: one look may have missed a whole run.
    ///
    /// What has the name is read here too. Whether it still has it cannot be known: by the next call it may have gone to
    /// another file, and nobody would come back to this one.
    ///
    /// - Returns: whether there was anything new.
    func readFresh(_ kind: RunningFile, of stem: Stem, at now: Moment) -> Bool {
        let fresh = opened.pins.takeFresh(kind, of: stem)
        for pin in fresh {
            let isKnown =
                kind == .events ? tracker.position(of: pin.identity) != nil : tracker.states[pin.identity] != nil
            guard !isKnown, let file = try? opened.pins.open(pin), let status = try? file.status() else { continue }
            if kind == .events {
                try? read(file, identity: pin.identity, stem: stem, isInRunning: true, at: now)
            } else {
                try? readState(file, status, stem: stem, isInRunning: true, at: now)
            }
        }
        return !fresh.isEmpty
    }

    /// Reads once more, through its pin, what has lost its name: the last look at it may have been at an empty file, and
    /// the next run's may have had the name before anybody looked again.
    func readLast(_ kind: RunningFile, of stem: Stem, except current: FileIdentity?, at now: Moment) {
        for identity in tracker.inRunning(kind, of: stem, except: current) {
            let pin = PinStore.Pin(
                kind: kind,
                identity: identity,
                stem: stem,
                name: PinStore.name(kind, identity, stem)
            )
            // Its times tell nothing: two writes within one tick of the kernel's clock have the same.
            guard let file = try? opened.pins.open(pin) ?? open[identity], let status = try? file.status() else {
                continue
            }
            if kind == .events {
                try? read(file, identity: identity, stem: stem, isInRunning: false, at: now)
            } else {
                try? readState(file, status, stem: stem, isInRunning: false, at: now)
            }
        }
    }
}

import LoopModel

/// Runs that looprun sets aside: it renames the files that it finds, events first, to the stem that version B would have
/// given their run, so that a file's name changes while it is in `.running`.
extension RunTracker {
    /// Follows an events file to the stem that its name has now.
    mutating func follow(events file: FileIdentity, to stem: Stem) {
        guard let old = events[file]?.stem, old != stem else { return }
        events[file]?.stem = stem
        files[old]?.events.remove(file)
        files[stem, default: StemFiles()].events.insert(file)
        moved(from: old, to: stem)
    }

    /// Follows a state file to the stem that its name has now, with all that was read from it.
    mutating func follow(state file: FileIdentity, to stem: Stem) {
        guard let old = states[file]?.stem, old != stem else { return }
        states[file]?.stem = stem
        files[old]?.states.remove(file)
        files[stem, default: StemFiles()].states.insert(file)
        let leaving = (versions[old] ?? []).filter { $0.file == file }
        versions[old]?.removeAll { $0.file == file }
        if versions[old]?.isEmpty ?? false { versions[old] = nil }
        for var version in leaving {
            version.stem = stem
            versions[stem, default: []].append(version)
        }
        moved(from: old, to: stem)
    }

    private mutating func moved(from old: Stem, to stem: Stem) {
        families[stem.family, default: []].insert(stem)
        tidy(old)
        touch(stem)
    }

    /// The states to put together with a stem's events.
    ///
    /// They are those that were read there, but where an executor was killed between the two renames, or somebody removed
    /// the files between two looks, a run's state and its events are known by two stems of one loop.
    func states(for stem: Stem) -> [StateVersion] {
        let own = versions[stem] ?? []
        let kin = kin(of: stem)
        guard !kin.isEmpty else { return own }
        let starts = (files[stem]?.events ?? []).flatMap { events[$0]?.log.starts ?? [] }.compactMap(\.timestamp)
        let others = kin.flatMap { versions[$0] ?? [] }.filter { state in
            state.facts.start.map { began in
                starts.contains { $0 >= began && $0 < began.adding(seconds: 1) }
            } ?? false
        }
        let family = kin + [stem]
        return (own + others).filter { home(of: $0, in: family) == stem }
    }

    /// The other stems by which files of this stem's runs may be known: those of its loop, but for version B's runs.
    func kin(of stem: Stem) -> [Stem] {
        guard let family = families[stem.family], family.count > 1, !isOfInstance(stem) else { return [] }
        return family.filter { $0 != stem && !isOfInstance($0) }.sorted()
    }

    /// Whether a stem's events are all of version B, which names each run's files once and for all.
    private func isOfInstance(_ stem: Stem) -> Bool {
        guard let files = files[stem]?.events, !files.isEmpty else { return false }
        return files.allSatisfy { events[$0]?.log.carriesRunID ?? false }
    }

    /// The stem at which a state's run began: that of the first start that is not before the state's own.
    ///
    /// At another stem than where the state lies it is one of the same second, and no other state comes between.
    private func home(of state: StateVersion, in family: [Stem]) -> Stem {
        guard let began = state.facts.start else { return state.stem }
        let own = firstStart(at: state.stem, of: state.facts.loop, since: began)
        var home = (stem: state.stem, time: own)
        for other in family where other != state.stem {
            guard let time = firstStart(at: other, of: state.facts.loop, since: began),
                time < began.adding(seconds: 1), home.time.map({ time < $0 }) ?? true
            else { continue }
            home = (other, time)
        }
        guard home.stem != state.stem, let time = home.time else { return state.stem }
        let isAnothers = family.contains { stem in
            (versions[stem] ?? []).contains { $0.facts.start.map { $0 > began && $0 <= time } ?? false }
        }
        return isAnothers ? state.stem : home.stem
    }

    private func firstStart(at stem: Stem, of loop: JSONString, since time: Timestamp) -> Timestamp? {
        let starts = (files[stem]?.events ?? []).flatMap { events[$0]?.log.starts ?? [] }
        return starts.filter { $0.loop == loop }.compactMap(\.timestamp).filter { $0 >= time }.min()
    }

    /// Lets a state that was read take the place of an older one of its run that is known by another stem.
    ///
    /// - Returns: false where that other one is the newer.
    mutating func supersedeKin(of version: StateVersion) -> Bool {
        for other in kin(of: version.stem) {
            guard let index = versions[other]?.firstIndex(where: { $0.isOfSegment(of: version) }),
                let known = versions[other]?[index]
            else { continue }
            guard known.modified <= version.modified else { return false }
            versions[other]?.remove(at: index)
            if versions[other]?.isEmpty ?? false { versions[other] = nil }
            touch(other)
        }
        return true
    }

    /// The stem by which a run is known that was known by another when work on it began.
    package func stem(of run: TrackedRun) -> Stem {
        run.events.lazy.compactMap { events[$0]?.stem }.last
            ?? run.states.lazy.compactMap { states[$0.file]?.stem }.last ?? run.stem
    }
}

extension TrackedRun {
    /// Whether looprun set it aside for the next run: its files have the form of name that version B gives to its own, whose
    /// events say so.
    var wasSetAside: Bool {
        !carriesRunID && !events.isEmpty && stem.family != stem
    }
}

extension StateVersion {
    /// Whether both are of the same loop's segment.
    func isOfSegment(of other: StateVersion) -> Bool {
        facts.loop == other.facts.loop && facts.startedAt == other.facts.startedAt
    }
}

extension Stem {
    /// The loop's own stem, of which those of runs that were set aside, and those of version B, are made by adding the
    /// local time at which they began: `-YYYYMMDDTHHMMSS`.
    var family: Stem {
        let time = base.bytes.suffix(16)
        let isTime = zip(time, "-00000000T000000".utf8).allSatisfy { byte, pattern in
            pattern == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == pattern
        }
        guard time.count == 16, isTime, let name = FileName(Array(base.bytes.dropLast(16))) else { return self }
        return Stem(directories: directories, base: name)
    }
}

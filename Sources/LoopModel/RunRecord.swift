/// An archived run as a catalogue keeps it: what its directory says, and what tells that it still says so.
package struct RunRecord: Hashable, Sendable {
    package var run: ArchivedRun
    /// The names of all entries of the directory, sorted.
    package var names: [FileName]
    /// What a stat of the directory and of each entry said right before they were read.
    package var stamps: [UInt8]
    /// Whether any later change shows in the stamps; where it may not, the run is looked at again each time.
    package var isSettled: Bool
    /// The bytes of its state and of its events; nil where there is none.
    package var stateSize: Int64?
    package var eventsSize: Int64?
    /// How many of its entries keep what contradicted the run (`events.conflict-1.jsonl`).
    package var conflicts: Int
    /// The time in each state; nil where nobody added it up, as for events that are too long.
    package var shares: [JSONString: StateClock.Share]?

    /// Describes a run.
    package init(
        run: ArchivedRun,
        names: [FileName],
        stamps: [UInt8],
        isSettled: Bool,
        stateSize: Int64? = nil,
        eventsSize: Int64? = nil,
        conflicts: Int = 0,
        shares: [JSONString: StateClock.Share]? = nil
    ) {
        self.run = run
        self.names = names
        self.stamps = stamps
        self.isSettled = isSettled
        self.stateSize = stateSize
        self.eventsSize = eventsSize
        self.conflicts = conflicts
        self.shares = shares
    }
}

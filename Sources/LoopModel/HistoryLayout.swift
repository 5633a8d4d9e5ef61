/// How a version of the executor lays out `.history`.
public enum HistoryLayout: String, Sendable, Hashable, CaseIterable {
    /// `.history/LOOP/RUN_ID/`, little-loops up to 1.70 and the specification.
    case nested
    /// `.history/RUN_ID-LOOP/`, little-loops from 1.71 on.
    case flat
}

/// Where an archived run stands below `.history`.
public struct RunPlace: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name of the loop's directory; nil in the flat layout.
    public let loopName: FileName?
    /// The name of the run's own directory.
    public let runName: FileName

    /// A nested place.
    public init(loop: FileName, run: FileName) {
        loopName = loop
        runName = run
    }

    /// A flat place.
    public init(flat name: FileName) {
        loopName = nil
        runName = name
    }

    /// The path's components: loop and run for nested, one name for flat.
    public var components: [FileName] {
        loopName.map { [$0, runName] } ?? [runName]
    }

    /// The layout that such a place belongs to.
    public var layout: HistoryLayout {
        loopName == nil ? .flat : .nested
    }

    /// The path below `.history`, made printable.
    public var description: String {
        components.map(\.description).joined(separator: "/")
    }

    /// Orders by the path's bytes, component by component.
    public static func < (left: RunPlace, right: RunPlace) -> Bool {
        let (first, other) = (left.loopName ?? left.runName, right.loopName ?? right.runName)
        if first != other { return first < other }
        // Of two paths of which one begins the other, the shorter comes first.
        guard right.loopName != nil else { return false }
        return left.loopName == nil || left.runName < right.runName
    }
}

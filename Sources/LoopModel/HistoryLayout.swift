/// How a version of the executor lays out `.history`.
public enum HistoryLayout: String, Sendable, Hashable, CaseIterable {
    /// `.history/LOOP/RUN_ID/`, little-loops up to 1.70 and the specification.
    case nested
    /// `.history/RUN_ID-LOOP/`, little-loops from 1.71 on.
    case flat
}

/// Where an archived run stands below `.history`.
public struct RunPlace: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The path's components: loop and run for nested, one name for flat.
    public let components: [FileName]

    /// A nested place.
    public init(loop: FileName, run: FileName) {
        components = [loop, run]
    }

    /// A flat place.
    public init(flat name: FileName) {
        components = [name]
    }

    /// The layout that such a place belongs to.
    public var layout: HistoryLayout {
        components.count == 2 ? .nested : .flat
    }

    /// The path below `.history`, made printable.
    public var description: String {
        components.map(\.description).joined(separator: "/")
    }

    /// Orders by the path's bytes, component by component.
    public static func < (left: RunPlace, right: RunPlace) -> Bool {
        left.components.lexicographicallyPrecedes(right.components)
    }
}

import GRDB
package import LoopModel

/// A run as the catalogue has it.
package struct CataloguedRun: Hashable, Sendable {
    package var run: ArchivedRun
    /// The names of all entries of its directory, in the order of the stamps.
    package var names: [FileName]
    /// What a stat of the directory and of each entry said.
    package var stamps: [UInt8]
    /// Whether any change since shows in the stamps.
    package var isSettled: Bool
}

/// Takes rows of the table of runs apart.
struct RunRow {
    /// The names of the row before: nearly all directories hold the same.
    private var names: (bytes: [UInt8], names: [FileName]) = ([], [])
    private var texts = SharedTexts()
    /// The loop's directory of the row before, as nearly all in order of their places have.
    private var parent: FileName?

    static let unreadable = CatalogueError.worthless("a row of it cannot be read")

    mutating func decode(_ row: Query.Row) throws -> CataloguedRun {
        guard let place = row.bytes(0).flatMap({ RunPlace(key: $0, sharing: parent) }),
            let loop = texts.text(row, 1), let id = row.bytes(2), let size = row.integer(8), let stamps = row.bytes(13)
        else { throw Self.unreadable }
        parent = place.loopName ?? parent
        let isSame = row.withBytes(12) { bytes in bytes.map { $0.elementsEqual(names.bytes) } ?? false }
        if !isSame {
            let bytes = row.bytes(12) ?? []
            names = (bytes, try bytes.split(separator: UInt8(ascii: "/")).map(Self.name))
        }
        let iteration = try row.bytes(6).map { bytes in
            guard let value = try? JSONValue(parsing: bytes) else { throw Self.unreadable }
            return value
        }
        let run = ArchivedRun(
            place: place,
            loop: loop,
            runID: RunID(JSONString(unchecked: id == place.runName.bytes ? place.runName.bytes : id)),
            identity: row.bytes(14).flatMap(RunIdentity.init(key:)),
            status: texts.text(row, 3).map(RunStatus.init(rawValue:)),
            iteration: iteration,
            finalState: texts.text(row, 7),
            startedAt: row.bytes(4).map(JSONString.init(unchecked:)),
            endedAt: row.integer(5).map(Timestamp.init(microseconds:)),
            size: size,
            isPinned: row.integer(9) == 1,
            sums: row.bytes(10),
            hasEvents: row.integer(11) != nil
        )
        return CataloguedRun(run: run, names: names.names, stamps: stamps, isSettled: row.integer(15) == 1)
    }

    private static func name(_ bytes: ArraySlice<UInt8>) throws -> FileName {
        guard let name = FileName(bytes) else { throw unreadable }
        return name
    }
}

extension RunIdentity {
    /// One byte for the kind, then the line, or loop and start with the loop's length before them.
    var key: [UInt8] {
        switch self {
        case .loopStart(let line): return [0] + line
        case .state(let loop, let startedAt):
            let length = withUnsafeBytes(of: UInt32(clamping: loop.bytes.count).littleEndian) { Array($0) }
            return [1] + length + loop.bytes + startedAt.bytes
        }
    }

    init?(key: [UInt8]) {
        switch key.first {
        case 0: self = .loopStart(Array(key.dropFirst()))
        case 1 where key.count >= 5:
            let length = key[1..<5].reversed().reduce(0) { $0 << 8 | Int($1) }
            guard key.count >= 5 + length else { return nil }
            self = .state(
                loop: JSONString(unchecked: Array(key[5..<(5 + length)])),
                startedAt: JSONString(unchecked: Array(key[(5 + length)...]))
            )
        default: return nil
        }
    }
}

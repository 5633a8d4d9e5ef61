import Glibc
import LoopModel

extension PruneLog {
    /// Whether a run was removed from the history by this program, and not brought back.
    ///
    /// Only lines that mention the run are taken apart: the log may have tens of thousands, and this is asked for every
    /// run that is archived from its pins alone.
    ///
    /// - Parameter endedAt: when the run ended by what there is of it. A run that went on after what was removed had been
    ///   archived, as a resumed one does, is another than the one that was judged.
    func hasPruned(_ identity: RunIdentity, endedAt: Timestamp?) throws(PosixError) -> Bool {
        guard let own = try loops.root.subdirectory(.own), let bytes = try newest(in: own),
            let mark = Self.mark(of: identity)
        else { return false }
        var rest = bytes[...]
        var last: PruneRecord?
        while let place = Self.place(of: mark, in: rest) {
            let start = Newline.last(in: bytes[..<place]).map { $0 + 1 } ?? bytes.startIndex
            let end = Newline.first(in: bytes[place...]) ?? bytes.endIndex
            if let record = (try? JSONValue(parsing: bytes[start..<end])).flatMap(PruneRecord.init(json:)),
                record.identity == identity
            {
                last = record
            }
            // Behind the newline: a start that somebody made up may begin with one.
            rest = bytes[min(end + 1, bytes.endIndex)...]
        }
        return last?.change == .pruned && last?.endedAt == endedAt
    }

    /// Bytes of an identity that stand in its record as they are: its time, which needs no escape.
    private static func mark(of identity: RunIdentity) -> [UInt8]? {
        switch identity {
        case .loopStart(let line): LoopEvent(line: line)?.timestamp?.bytes
        case .state(_, let startedAt): startedAt.bytes
        }
    }

    private static func place(of mark: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = mark.first else { return nil }
        return bytes.withUnsafeBytes { all in
            guard let base = all.baseAddress else { return nil }
            var offset = 0
            while offset + mark.count <= all.count,
                let found = memchr(base + offset, Int32(first), all.count - offset - mark.count + 1)
            {
                let place = UnsafeRawPointer(found) - base
                if memcmp(found, mark, mark.count) == 0 { return bytes.startIndex + place }
                offset = place + 1
            }
            return nil
        }
    }
}

/// How two contents of a file that only grows stand to each other.
enum ContentRelation: Hashable {
    case equal
    /// The first holds all of the second, and more.
    case contains
    /// The second holds all of the first, and more.
    case isContained
    /// Each has something that the other lacks.
    case unrelated

    /// Compares piece by piece; a difference early in the files ends it early.
    ///
    /// The shorter one may be the beginning of the longer one, its end, or one of the files that it was put together
    /// from: an executor whose files were taken away archives only what it wrote since.
    static func between(_ one: OpenedContent, _ other: OpenedContent) throws -> ContentRelation {
        if one.size == other.size { return try holds(one, other, at: 0) ? .equal : .unrelated }
        if one.size > other.size { return try contains(one, other) ? .contains : .unrelated }
        return try contains(other, one) ? .isContained : .unrelated
    }

    private static func contains(_ whole: OpenedContent, _ part: OpenedContent) throws -> Bool {
        let offsets = Set([0, whole.size - part.size] + whole.starts).filter { $0 + part.size <= whole.size }
        for offset in offsets.sorted() where try holds(whole, part, at: offset) { return true }
        return false
    }

    private static func holds(_ whole: OpenedContent, _ part: OpenedContent, at start: Int64) throws -> Bool {
        var offset: Int64 = 0
        while offset < part.size {
            // The first look is a short one: most differences show in the first line.
            let count = offset == 0 ? 4096 : Checksum.pieceSize
            let piece = try part.read(at: offset, count: count)
            guard try whole.read(at: start + offset, count: piece.count) == piece, !piece.isEmpty else { return false }
            offset += Int64(piece.count)
        }
        return true
    }
}

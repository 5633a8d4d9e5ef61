/// How many letters to insert, delete or change to make one word of another; more than the limit counts as nil.
private func editDistance(_ left: String, _ right: String, limit: Int) -> Int? {
    let left = Array(left.unicodeScalars)
    let right = Array(right.unicodeScalars)
    guard abs(left.count - right.count) <= limit else { return nil }
    var row = Array(0...right.count)
    for (line, scalar) in left.enumerated() {
        var diagonal = row[0]
        row[0] = line + 1
        for column in right.indices {
            let changed = diagonal + (scalar == right[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
        }
    }
    return row[right.count] <= limit ? row[right.count] : nil
}

/// The known word nearest to a mistyped one, at most two letters away; the first of equals by name.
package func nearest(to word: String, among known: some Sequence<String>) -> String? {
    known.sorted().compactMap { candidate in
        editDistance(word, candidate, limit: 2).map { (candidate, $0) }
    }.filter { $0.1 < word.count }.min { $0.1 < $1.1 }?.0
}

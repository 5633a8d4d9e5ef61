/// The earlier of two times, either of which may never come.
@inlinable package func earlier<Time: Comparable>(_ left: Time?, _ right: Time?) -> Time? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
}

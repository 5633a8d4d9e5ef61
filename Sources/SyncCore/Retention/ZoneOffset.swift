/// The time zone of one evaluation, as a value: how far clocks are ahead of UTC at a given second.
///
/// It is made at the edge from the system's zone or a name of the zone database, so that every decision here stays a
/// function of its arguments.
package struct ZoneOffset: Sendable {
    /// The name to print: `Europe/Rome`, `UTC`.
    package let name: String
    /// Seconds east of UTC at that many seconds since the epoch.
    package let offset: @Sendable (Int64) -> Int

    /// Makes a zone from its name and its rule.
    package init(name: String, offset: @escaping @Sendable (Int64) -> Int) {
        self.name = name
        self.offset = offset
    }

    /// The zone without an offset.
    package static let utc = ZoneOffset(name: "UTC") { _ in 0 }
}

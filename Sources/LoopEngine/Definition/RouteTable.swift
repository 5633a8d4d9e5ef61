/// Where each verdict leads.
public struct RouteTable: Sendable, Hashable {
    /// One verdict with its state.
    public struct Entry: Sendable, Hashable {
        /// The verdict.
        public var verdict: String
        /// The next state, or `$current`.
        public var state: String

        /// Pairs a verdict with its state.
        public init(verdict: String, state: String) {
            self.verdict = verdict
            self.state = state
        }
    }

    /// In the order of the file, without `_` and `_error`.
    public var entries: [Entry] = []
    /// The target of `_`.
    public var otherwise: String?
    /// The target of `_error`.
    public var error: String?

    /// A table without entries.
    public init() {}

    /// The state that is entered for a verdict in words, without regard to `_` and `_error`.
    public subscript(verdict: String) -> String? {
        entries.first { $0.verdict == verdict }?.state
    }
}

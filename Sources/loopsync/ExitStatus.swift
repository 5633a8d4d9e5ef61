import ArgumentParser

/// How the program ends.
///
/// Frozen, since scripts and the unit read the numbers. Any other number is to be taken for a failure.
enum ExitStatus: Int32, CaseIterable {
    /// Done, also when there was nothing to do.
    case done = 0
    /// Nothing or not all of it was done; the message says why.
    case failed = 1
    /// Some runs failed; `status`: degraded, or no agent while a run is live.
    case partly = 3
    /// The sync directory is missing, replaced or another's; nothing was written there.
    case mirrorUnavailable = 4
    /// A safety valve refused; the plan was printed.
    case refused = 5
    /// `verify` found damage.
    case damage = 6
    /// No loops directory here.
    case noLoops = 10
    /// Another agent watches the directory, or its lock was not free in time.
    case locked = 11
    /// The command line is wrong.
    case usage = 64
    /// The configuration is bad; nothing was started or changed.
    case configuration = 78

    /// The one to end with where several apply.
    ///
    /// - Parameter statuses: of all parts of the work; none means done.
    static func worst(of statuses: some Sequence<ExitStatus>) -> ExitStatus {
        let all = Array(statuses)
        return bySeverity.first { all.contains($0) } ?? .done
    }

    private static let bySeverity: [ExitStatus] = [
        .usage, .configuration, .noLoops, .locked, .damage, .refused, .mirrorUnavailable, .failed, .partly,
    ]
}

/// An end before the work was done, with what to tell the person.
struct Failure: Error {
    let status: ExitStatus
    /// What failed, on which path, why it matters and what to do next.
    let message: String
    /// Whether it says that there is no run of that name, so that another place may have it.
    let isNotFound: Bool

    init(_ status: ExitStatus, _ message: String, isNotFound: Bool = false) {
        self.status = status
        self.message = message
        self.isNotFound = isNotFound
    }
}

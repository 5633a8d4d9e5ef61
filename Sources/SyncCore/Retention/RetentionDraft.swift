/// Runs on their way to decisions: loop by loop, newest first.
struct RetentionDrafts {
    let runs: [RetentionRun]
    private var drafts: [RetentionDraft]

    /// - Parameters:
    ///   - runs: in order.
    ///   - isAskedFor: whether anything is to be decided about a run.
    init(_ runs: consuming [RetentionRun], isAskedFor: (RetentionRun) -> Bool) {
        drafts = runs.map { RetentionDraft(isAskedFor: isAskedFor($0)) }
        self.runs = runs
    }

    var indices: Range<Int> { drafts.indices }

    subscript(index: Int) -> RetentionDraft {
        get { drafts[index] }
        _modify { yield &drafts[index] }
    }

    /// How many bytes the runs take that go, or that stay.
    func bytes(going: Bool) -> Int64 {
        indices.reduce(into: 0) { $0 += drafts[$1].isGoing == going ? runs[$1].size : 0 }
    }

    func decision(at index: Int) -> RetentionPlan.Decision {
        RetentionPlan.Decision(run: runs[index], verdict: drafts[index].verdict, reasons: drafts[index].reasons)
    }
}

/// What is known so far of what becomes of a run.
///
/// Neighbours often have the same reasons; who gives them the same array keeps a long plan small.
struct RetentionDraft {
    /// Runs of loops that nobody asked about count for sizes and stay.
    let isAskedFor: Bool
    var protections: [RetentionReason] = []
    var keeping: [RetentionReason] = []
    /// What would remove it; nil while nothing does.
    private var cause: RemovalCause?
    /// Why it goes, and why not yet.
    private var ending: [RetentionReason] = []
    private var isHeld = false
    /// Whether it would go if the mirror held every run.
    var awaitsMirror = false

    init(isAskedFor: Bool) {
        self.isAskedFor = isAskedFor
    }

    /// Whether something removes it, be it held back or not.
    var isGoing: Bool { cause != nil }

    /// Whether a cap may take it: kept by rules alone, and still there.
    var isRemovable: Bool {
        isAskedFor && protections.isEmpty && !isGoing
    }

    /// Has it go.
    ///
    /// - Parameter reasons: why, one in all.
    mutating func remove(_ cause: RemovalCause, _ reasons: [RetentionReason]) {
        self.cause = cause
        ending = reasons
    }

    /// Has it stay until a person says otherwise, though it would go.
    mutating func hold(_ reason: RetentionReason) {
        isHeld = true
        ending.append(reason)
    }

    var verdict: RetentionPlan.Verdict {
        guard let cause else { return .keep }
        return isHeld ? .hold(cause) : .remove(cause)
    }

    var reasons: [RetentionReason] {
        // Joining arrays makes a new one even where all but one are empty.
        let parts = [protections, keeping, ending].filter { !$0.isEmpty }
        return parts.count == 1 ? parts[0] : parts.flatMap(\.self)
    }
}

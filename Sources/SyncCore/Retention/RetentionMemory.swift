package import LoopModel

/// The clocks at one moment, read at the edge.
package struct ClockReading: Sendable, Hashable {
    package var wall: Timestamp
    /// Time since the machine started, sleep included.
    package var sinceBoot: Duration
    /// Tells one start of the machine from the next.
    package var bootID: String

    /// Takes a reading.
    package init(wall: Timestamp, sinceBoot: Duration, bootID: String) {
        self.wall = wall
        self.sinceBoot = sinceBoot
        self.bootID = bootID
    }
}

/// What the last pass left behind, so that the valve can tell ordinary ageing from what nobody meant.
///
/// It is a cache: when it is lost, the next plan counts as the first one of its policy. A policy that was in force
/// before has pruned already, so that a plan that removes much can only come of one that is new to this history.
package struct RetentionMemory: Sendable, Hashable {
    /// The fingerprint of the policy that was last carried out without anything held back.
    package var policy: String?
    package var clock: ClockReading?
    /// How many runs of each loop the last pass left.
    package var counts: [JSONString: Int]
    /// Triggers of earlier passes that still hold something back, or that no pass over every loop has met yet.
    package var pending: [RetentionTrigger]
    /// When the clock was last seen to have jumped ahead, by the clock after the jump.
    package var jumpedAhead: Timestamp?

    /// Makes a memory, empty unless told.
    package init(
        policy: String? = nil,
        clock: ClockReading? = nil,
        counts: [JSONString: Int] = [:],
        pending: [RetentionTrigger] = [],
        jumpedAhead: Timestamp? = nil
    ) {
        self.policy = policy
        self.clock = clock
        self.counts = counts
        self.pending = pending
        self.jumpedAhead = jumpedAhead
    }

    /// What makes a large plan wait this time.
    package func triggers(
        for policy: RetentionPolicy,
        runs: [RetentionRun],
        at reading: ClockReading
    ) -> [RetentionTrigger] {
        var triggers = Set(pending)
        if self.policy != policy.fingerprint { triggers.insert(.policyChanged) }
        if hasClockJumped(reading, newest: runs.compactMap(\.time).max()) { triggers.insert(.clockJumped) }
        let found = RetentionMemory.counts(of: runs)
        if counts.contains(where: { found[$0.key, default: 0] < $0.value }) { triggers.insert(.historyShrank) }
        return RetentionTrigger.allCases.filter(triggers.contains)
    }

    /// What to remember after a pass.
    ///
    /// - Parameters:
    ///   - plan: the plan that was carried out.
    ///   - remaining: how many runs of each loop the history holds now.
    ///   - isWhole: whether the plan was about every loop and carried out to its end. Otherwise nothing was said about
    ///     the rest, and every trigger stays for the first pass that does.
    package func after(
        _ plan: RetentionPlan,
        of policy: RetentionPolicy,
        remaining: [JSONString: Int],
        at reading: ClockReading,
        isWhole: Bool = true
    ) -> RetentionMemory {
        let isSettled = isWhole && plan.heldBack.isEmpty
        return RetentionMemory(
            policy: isSettled ? policy.fingerprint : self.policy,
            clock: reading,
            counts: remaining,
            pending: isSettled ? [] : plan.triggers.filter { $0 != .policyChanged },
            jumpedAhead: hasJumpedAhead(reading) ? reading.wall : jumpedAhead.flatMap { $0 <= reading.wall ? $0 : nil }
        )
    }

    /// Whether the trash must wait: a clock that jumped ahead makes old what was removed a minute ago, so that the time
    /// in the trash counts anew from the jump.
    package func holdsTrash(for duration: Duration, at reading: ClockReading) -> Bool {
        if hasJumpedAhead(reading) { return true }
        guard let jumpedAhead, jumpedAhead <= reading.wall else { return false }
        return reading.wall - jumpedAhead < duration
    }

    private static let jump = Duration.seconds(3600)

    private func hasClockJumped(_ reading: ClockReading, newest: Timestamp?) -> Bool {
        if let newest, newest - reading.wall > Self.jump { return true }
        guard let clock else { return false }
        if clock.wall - reading.wall > Self.jump { return true }
        guard reading.bootID == clock.bootID else { return false }
        // A damaged file may say anything; lengths of time have room for it.
        let difference = (reading.wall - clock.wall) - (reading.sinceBoot - clock.sinceBoot)
        return difference > Self.jump || difference < .zero - Self.jump
    }

    private func hasJumpedAhead(_ reading: ClockReading) -> Bool {
        guard let clock, reading.bootID == clock.bootID else { return false }
        let elapsed = reading.sinceBoot - clock.sinceBoot
        return reading.wall - clock.wall - elapsed > Self.jump
    }

    /// How many runs there are of each loop.
    package static func counts(of runs: [RetentionRun]) -> [JSONString: Int] {
        runs.reduce(into: [:]) { $0[$1.loop, default: 0] += $1.isRun ? 1 : 0 }
    }
}

extension RetentionMemory {
    /// Reads what `json` wrote; anything else is an empty memory, since this is a cache.
    package init(json: JSONValue) {
        guard let object = json.objectValue, object["version"]?.integerValue == 1 else {
            self.init()
            return
        }
        var clock: ClockReading?
        if let wall = object["wall"]?.integerValue, let sinceBoot = object["since_boot"]?.integerValue,
            let bootID = object["boot_id"]?.stringValue
        {
            clock = ClockReading(
                wall: Timestamp(microseconds: Int64(wall)),
                sinceBoot: .microseconds(Int64(sinceBoot)),
                bootID: bootID.string
            )
        }
        let counts = (object["counts"]?.objectValue?.members ?? []).compactMap { member in
            member.value.integerValue.map { (member.key, $0) }
        }
        let pending = (object["pending"]?.arrayValue ?? []).compactMap { name in
            RetentionTrigger.allCases.first { $0.code == name.stringValue?.string }
        }
        self.init(
            policy: object["policy"]?.stringValue?.string,
            clock: clock,
            counts: Dictionary(counts) { $1 },
            pending: pending,
            jumpedAhead: object["jumped_ahead"]?.integerValue.map { Timestamp(microseconds: Int64($0)) }
        )
    }

    /// The memory as JSON; times in microseconds.
    package var json: JSONValue {
        var object: JSONObject = ["version": 1]
        if let policy { object["policy"] = .string(JSONString(policy)) }
        if let clock {
            object["wall"] = .number(JSONNumber(clock.wall.microseconds))
            object["since_boot"] = .number(JSONNumber(clock.sinceBoot.microseconds))
            object["boot_id"] = .string(JSONString(clock.bootID))
        }
        if let jumpedAhead { object["jumped_ahead"] = .number(JSONNumber(jumpedAhead.microseconds)) }
        object["counts"] = .object(
            JSONObject(counts.sorted { $0.key < $1.key }.map { ($0.key, .number(JSONNumber($0.value))) })
        )
        object["pending"] = .array(pending.map { .string(JSONString($0.code)) })
        return .object(object)
    }
}

extension RetentionTrigger {
    /// A name for programs, stable across versions.
    package var code: String {
        switch self {
        case .policyChanged: "policy_changed"
        case .clockJumped: "clock_jumped"
        case .historyShrank: "history_shrank"
        }
    }
}

import Glibc

/// Waits for a condition that another process or thread brings about.
///
/// - Parameters:
///   - limit: how long to wait; generous, since it only passes when something is broken.
///   - interval: time between two looks, in milliseconds.
///   - condition: looked at at once and then again until it is true.
/// - Returns: whether it came true, so that a test reads `#expect(eventually { … })`.
package func eventually(
    within limit: Duration = .seconds(20),
    every interval: Int32 = 5,
    _ condition: () throws -> Bool
) rethrows -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        if try condition() { return true }
        if clock.now >= deadline { return false }
        pause(milliseconds: interval)
    }
}

/// Waits as `eventually` does, for a value.
///
/// - Throws: `TestSupportError` with the description when the value did not come in time.
package func eventually<Value>(
    _ description: String,
    within limit: Duration = .seconds(20),
    _ value: () throws -> Value?
) throws -> Value {
    var found: Value?
    let came = try eventually(within: limit) {
        found = try value()
        return found != nil
    }
    guard came, let found else { throw TestSupportError("\(description): not within \(limit)") }
    return found
}

/// Waits as `eventually` does, without keeping a thread of the shared pool from the tasks that it waits for.
package func cameTrue(within limit: Duration = .seconds(20), _ condition: () throws -> Bool) async throws -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        if try condition() { return true }
        if clock.now >= deadline { return false }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Waits as `cameTrue` does, for a value.
///
/// - Throws: `TestSupportError` with the description when the value did not come in time.
package func value<Value>(
    of description: String,
    within limit: Duration = .seconds(20),
    _ value: () throws -> Value?
) async throws -> Value {
    var found: Value?
    let came = try await cameTrue(within: limit) {
        found = try value()
        return found != nil
    }
    guard came, let found else { throw TestSupportError("\(description): not within \(limit)") }
    return found
}

/// Lets some time pass, where a test is about time itself, for instance between two runs of a load.
package func pause(milliseconds: Int32) {
    var left = milliseconds
    let clock = ContinuousClock()
    let end = clock.now + .milliseconds(Int(milliseconds))
    while left > 0 {
        _ = poll(nil, 0, left)
        let rest = (end - clock.now).components
        left = Int32(clamping: rest.seconds * 1000 + rest.attoseconds / 1_000_000_000_000_000)
    }
}

import Glibc

/// Hands values from any thread to the one that owns the work; the receiver blocks, without polling, until there are some.
///
/// Equal messages that wait are kept once, so that a burst of changes of one file costs one look at it and the memory is
/// bounded by the number of files.
final class Mailbox<Message: Hashable & Sendable>: @unchecked Sendable {  // every field is guarded by `mutex`
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var waiting: [Message] = []
    /// The same as a set, once there are more than can be compared at a glance; empty before.
    private var known: Set<Message> = []

    private static var glance: Int { 8 }

    init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Leaves a message and wakes the receiver.
    func post(_ message: Message) {
        pthread_mutex_lock(mutex)
        let isFirst = waiting.isEmpty
        if isNew(message) { waiting.append(message) }
        pthread_mutex_unlock(mutex)
        // The receiver takes all that waits, so that one call wakes it for all; with the mutex held it would wake to
        // wait for the mutex.
        if isFirst { pthread_cond_signal(condition) }
    }

    private func isNew(_ message: Message) -> Bool {
        if waiting.count < Self.glance { return !waiting.contains(message) }
        if known.isEmpty { known = Set(waiting) }
        return known.insert(message).inserted
    }

    /// Takes all that waits.
    ///
    /// - Parameter deadline: milliseconds of CLOCK_MONOTONIC at which to return with nothing; nil waits for ever.
    func take(until deadline: Int64?) -> [Message] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while waiting.isEmpty {
            guard let deadline else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            var time = timespec(tv_sec: Int(deadline / 1000), tv_nsec: Int(deadline % 1000) * 1_000_000)
            if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { break }
        }
        defer {
            waiting = []
            if !known.isEmpty { known = [] }
        }
        return waiting
    }
}

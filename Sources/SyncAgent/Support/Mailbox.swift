import CLinuxShims
import Glibc
import Synchronization

/// Hands values from any thread to the one that owns the work; the receiver blocks, without polling, until there are some.
///
/// Equal messages that wait are kept once, so that a burst of changes of one file costs one look at it and the memory is
/// bounded by the number of files.
final class Mailbox<Message: Hashable & Sendable>: @unchecked Sendable {  // `arrived` is a semaphore, made for threads
    private struct Waiting {
        var messages: [Message] = []
        /// The same as a set, once there are more than can be compared at a glance; empty before.
        var known: Set<Message> = []

        mutating func add(_ message: Message) {
            if messages.count < Mailbox.glance {
                if messages.contains(message) { return }
            } else {
                if known.isEmpty { known = Set(messages) }
                guard known.insert(message).inserted else { return }
            }
            messages.append(message)
        }
    }

    private let waiting = Mutex(Waiting())
    /// Posted once for whatever waits, with the first of it; the receiver takes all.
    private let arrived: UnsafeMutablePointer<sem_t>

    private static var glance: Int { 8 }

    init() {
        arrived = .allocate(capacity: 1)
        sem_init(arrived, 0, 0)
    }

    deinit {
        sem_destroy(arrived)
        arrived.deallocate()
    }

    /// Leaves a message and wakes the receiver.
    func post(_ message: Message) {
        let isFirst = waiting.withLock { waiting in
            defer { waiting.add(message) }
            return waiting.messages.isEmpty
        }
        if isFirst { sem_post(arrived) }
    }

    /// Takes all that waits.
    ///
    /// - Parameter deadline: milliseconds of CLOCK_MONOTONIC at which to return with nothing; nil waits for ever.
    func take(until deadline: Int64?) -> [Message] {
        guard wait(until: deadline) else { return [] }
        return waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting.messages
        }
    }

    /// Waits for a post; false where the deadline came first.
    private func wait(until deadline: Int64?) -> Bool {
        var time = timespec()
        if let deadline { time = timespec(tv_sec: Int(deadline / 1000), tv_nsec: Int(deadline % 1000) * 1_000_000) }
        while true {
            let answer = deadline == nil ? sem_wait(arrived) : loopsync_semaphore_wait(arrived, &time)
            if answer == 0 { return true }
            if errno != EINTR { return false }
        }
    }
}

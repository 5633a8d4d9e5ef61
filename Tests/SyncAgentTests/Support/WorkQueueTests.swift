import Glibc
import Synchronization
import Testing

@testable import SyncAgent

@Suite struct `The thread that waits for disks` {
    @Test func `is not waited for when its work takes long, and what waits is dropped`() {
        let queue = WorkQueue(name: "test")
        let (hasBegun, mayEnd, isDropped) = (Flag(), Flag(), Flag())
        isDropped.set()
        queue.submit(isUrgent: true) {
            hasBegun.set()
            mayEnd.wait()
        }
        hasBegun.wait()
        queue.submit(isUrgent: true) { isDropped.clear() }
        queue.stop(until: SystemClock.steady() + 10)
        mayEnd.set()
        while !queue.isIdle { sched_yield() }
        #expect(isDropped.isSet)
    }

    @Test func `ends by itself when its work does`() {
        let queue = WorkQueue(name: "test")
        let isDone = Flag()
        queue.submit(isUrgent: true) { isDone.set() }
        isDone.wait()
        let deadline = SystemClock.steady() + 60_000
        queue.stop(until: deadline)
        #expect(SystemClock.steady() < deadline)
    }
}

/// Something that one thread says and another waits for.
private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
    func clear() { value.store(false, ordering: .releasing) }
    func wait() { while !isSet { sched_yield() } }
}

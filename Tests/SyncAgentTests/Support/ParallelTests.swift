import SyncAgent
import Synchronization
import Testing

/// Work that two threads share.
@Suite struct ParallelTests {
    @Test(arguments: [0, 1, 63, 64, 1000])
    func `each number below the count is worked on once`(count: Int) {
        let times = Mutex([Int](repeating: 0, count: count))
        Parallel.forEach(count) { number in times.withLock { $0[number] += 1 } }
        #expect(times.withLock(\.self) == [Int](repeating: 1, count: count))
    }
}

import Synchronization
import Testing

@testable import SyncAgent

/// Work that two threads share.
@Suite struct ParallelTests {
    @Test(arguments: [0, 1, 63, 64, 1000])
    func `each number below the count is worked on once`(count: Int) {
        let times = Mutex([Int](repeating: 0, count: count))
        Parallel.forEach(count) { number in times.withLock { $0[number] += 1 } }
        #expect(times.withLock(\.self) == [Int](repeating: 1, count: count))
    }

    @Test(arguments: [0, 1, 7, 200])
    func `each item that is handed over beside other work is worked on once`(pieces: Int) {
        let beside = WorkBeside<Int, Int> { items in items.map { $0 * 2 } }
        for piece in 0..<pieces { beside.add([piece * 3, piece * 3 + 1, piece * 3 + 2]) }
        #expect(beside.finish().sorted() == (0..<(pieces * 3)).map { $0 * 2 })
        #expect(beside.finish().count == pieces * 3, "nothing is done twice")
    }
}

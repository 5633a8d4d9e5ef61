import Synchronization

/// Work that is spread over two threads, which is what the smallest machine has cores for.
package enum Parallel {
    /// What fewer items than this would gain, starting a thread costs.
    private static let worthwhile = 64

    /// Maps a list; the answers come in its order.
    package static func map<Item: Sendable, Answer: Sendable>(
        _ items: [Item],
        _ body: @escaping @Sendable (Item) -> Answer
    ) -> [Answer] {
        guard items.count >= worthwhile else { return items.map(body) }
        let half = items.count / 2
        let box = Box<[Answer]>()
        let other = try? Thread(trying: "loopsync-read") {
            let answers = items[half...].map(body)
            box.value.withLock { $0 = answers }
        }
        guard let other else { return items.map(body) }
        let first = items[..<half].map(body)
        other.join()
        return first + (box.value.withLock { $0 } ?? [])
    }

    /// Does a piece of work for each number below a count, each thread the next one that nobody has begun.
    ///
    /// Fewer than 64 are worked on in order by the caller. Work of unequal length is shared better than by `map`, whose
    /// halves cost nothing for each item.
    package static func forEach(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        guard count >= worthwhile else { return (0..<count).forEach(work) }
        let next = Next()
        let takeTurns = { @Sendable in
            while let number = next.take(below: count) { work(number) }
        }
        let other = try? Thread(trying: "loopsync-work", takeTurns)
        takeTurns()
        other?.join()
    }

    private final class Next: Sendable {
        private let number = Atomic(0)

        func take(below count: Int) -> Int? {
            let number = number.add(1, ordering: .relaxed).oldValue
            return number < count ? number : nil
        }
    }

    /// Does two things at once.
    package static func both<One, Other: Sendable>(_ one: () -> One, _ other: @escaping @Sendable () -> Other) -> (
        One, Other
    ) {
        let box = Box<Other>()
        let thread = try? Thread(trying: "loopsync-read") {
            let answer = other()
            box.value.withLock { $0 = answer }
        }
        let first = one()
        thread?.join()
        return (first, box.value.withLock { $0 } ?? other())
    }

    /// Carries what a thread made to the one that waits for it.
    private final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }
}

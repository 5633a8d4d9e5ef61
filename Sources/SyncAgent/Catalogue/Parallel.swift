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

    /// Maps a list whose pieces do not depend on each other, half by half.
    package static func halves<Item: Sendable, Answer: Sendable>(
        _ items: [Item],
        _ body: @escaping @Sendable (ArraySlice<Item>) -> Answer
    ) -> [Answer] {
        guard items.count >= worthwhile else { return [body(items[...])] }
        let half = items.count / 2
        let (first, second) = both({ body(items[..<half]) }, { body(items[half...]) })
        return [first, second]
    }

    /// Maps a list on another thread while it is still being made.
    struct Follower<Item: Sendable, Answer: Sendable> {
        private let body: @Sendable (Item) -> Answer
        private var made: [Item] = []
        private var answers: [Answer] = []
        private var work: (thread: Thread, answers: Box<[Answer]>)?
        /// So many items are handed over at a time.
        private static var piece: Int { 4096 }

        init(_ body: @escaping @Sendable (Item) -> Answer) {
            self.body = body
        }

        /// Takes the next item.
        mutating func follow(_ item: Item) {
            made.append(item)
            guard made.count == Self.piece else { return }
            collect()
            let (items, box) = (made, Box<[Answer]>())
            made = []
            let thread = try? Thread(trying: "loopsync-read") { [body] in
                let answers = items.map(body)
                box.value.withLock { $0 = answers }
            }
            if let thread { work = (thread, box) } else { answers += items.map(body) }
        }

        /// All answers, in the order of the items.
        mutating func finish() -> [Answer] {
            collect()
            answers += Parallel.map(made, body)
            made = []
            return answers
        }

        private mutating func collect() {
            guard let work else { return }
            work.thread.join()
            answers += work.answers.value.withLock { $0 } ?? []
            self.work = nil
        }
    }

    /// Carries what a thread made to the one that waits for it.
    private final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }
}

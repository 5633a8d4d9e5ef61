import Synchronization

/// Does a piece of work for each number below a count, in any order, several at once or one by one.
package typealias Spreading = (_ count: Int, _ work: @escaping @Sendable (Int) -> Void) -> Void

/// Ways to go through a list of independent work.
package enum Spread {
    /// One after the other, where the order of the system's calls must be known.
    package static func inOrder(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        (0..<count).forEach(work)
    }

    /// Maps a list; the answers come in its order.
    ///
    /// - Parameters:
    ///   - spreading: how to go through it.
    ///   - body: takes an item and its number.
    package static func map<Item: Sendable, Answer: Sendable>(
        _ items: [Item],
        by spreading: Spreading,
        _ body: @escaping @Sendable (Int, Item) -> Answer
    ) -> [Answer] {
        let answers = Answers<Answer>(items.count)
        spreading(items.count) { answers.set($0, body($0, items[$0])) }
        return answers.all
    }

    /// Carries answers out of threads.
    private final class Answers<Answer: Sendable>: Sendable {
        private let answers: Mutex<[Answer?]>

        init(_ count: Int) { answers = Mutex(Array(repeating: nil, count: count)) }

        func set(_ number: Int, _ answer: Answer) { answers.withLock { $0[number] = answer } }

        var all: [Answer] { answers.withLock { $0.compactMap(\.self) } }
    }
}

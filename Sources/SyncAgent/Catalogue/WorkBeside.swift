import Synchronization

/// Work on pieces of a list that another thread does while the caller still makes more of them.
///
/// The calls come from one thread.
final class WorkBeside<Item: Sendable, Answer: Sendable>: Sendable {
    private struct State {
        var waiting: [[Item]] = []
        var answers: [Answer] = []
        /// Whether the other thread will look for more.
        var isBusy = false
        var thread: Thread?
    }

    private let state = Mutex(State())
    private let work: @Sendable ([Item]) -> [Answer]

    /// - Parameter work: what is done with a piece, on either thread.
    init(_ work: @escaping @Sendable ([Item]) -> [Answer]) {
        self.work = work
    }

    /// Hands a piece over.
    func add(_ items: [Item]) {
        let isIdle = state.withLock { state in
            state.waiting.append(items)
            defer { state.isBusy = true }
            return !state.isBusy
        }
        guard isIdle else { return }
        state.withLock { $0.thread.take() }?.join()
        // Where the system has no thread to spare, the caller does all of it in the end.
        let thread = try? Thread(trying: "loopsync-read") { [self] in
            while let items = next(isLeaving: true) { take(work(items)) }
        }
        state.withLock { $0.thread = thread }
    }

    /// Does what nobody has begun, and waits for the rest.
    ///
    /// - Returns: all answers, in no order.
    func finish() -> [Answer] {
        while let items = next(isLeaving: false) { take(work(items)) }
        state.withLock { $0.thread.take() }?.join()
        return state.withLock { $0.answers }
    }

    private func next(isLeaving: Bool) -> [Item]? {
        state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            if isLeaving { state.isBusy = false }
            return nil
        }
    }

    private func take(_ answers: [Answer]) {
        state.withLock { $0.answers += answers }
    }
}

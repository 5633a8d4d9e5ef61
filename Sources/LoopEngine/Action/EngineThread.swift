import CLinuxShims
import Glibc
import Synchronization

/// A thread of its own that runs tasks: what waits for commands and writes files must not sit on the shared pool.
///
/// A run that is given it as its executor (`Task(executorPreference:)`) stays on it from beginning to end and changes
/// threads for nothing. It ends when the last reference to it goes.
public final class EngineThread: TaskExecutor {
    private let jobs = JobQueue()

    /// Starts the thread.
    ///
    /// - Parameter name: at most 15 characters, as `top -H` shows it.
    public init(name: StaticString = "loop engine") {
        let start = Unmanaged.passRetained(ThreadStart(name: name, jobs: jobs)).toOpaque()
        var thread = pthread_t()
        let failure = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            start
        )
        // Nothing can be run without it; the system refuses only when it is out of threads.
        guard failure == 0 else { fatalError("pthread_create: \(String(cString: strerror(failure)))") }
        pthread_detach(thread)
    }

    deinit {
        jobs.close()
    }

    /// Takes a task's next piece of work.
    public func enqueue(_ job: consuming ExecutorJob) {
        jobs.append(UnownedJob(job), asUnownedTaskExecutor())
    }
}

/// What the thread is given at its start.
private final class ThreadStart {
    private let name: StaticString
    private let jobs: JobQueue

    init(name: StaticString, jobs: JobQueue) {
        self.name = name
        self.jobs = jobs
    }

    func run() {
        name.withUTF8Buffer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { loopsync_name_thread($0.baseAddress) }
        }
        while let (job, executor) = jobs.next() { job.runSynchronously(on: executor) }
    }
}

/// Work that waits for the thread, in its order.
private final class JobQueue:
    @unchecked Sendable /* the semaphore is made for several threads, the rest is in a Mutex */
{
    private struct Waiting {
        var jobs: [(UnownedJob, UnownedTaskExecutor)] = []
        var isClosed = false
    }

    private let waiting = Mutex(Waiting())
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func append(_ job: UnownedJob, _ executor: UnownedTaskExecutor) {
        waiting.withLock { $0.jobs.append((job, executor)) }
        sem_post(semaphore)
    }

    func close() {
        waiting.withLock { $0.isClosed = true }
        sem_post(semaphore)
    }

    /// The next job; nil once there is none any more.
    func next() -> (UnownedJob, UnownedTaskExecutor)? {
        while true {
            while sem_wait(semaphore) != 0 {}
            let (job, isClosed) = waiting.withLock { waiting in
                (waiting.jobs.isEmpty ? nil : waiting.jobs.removeFirst(), waiting.isClosed)
            }
            if let job { return job }
            if isClosed { return nil }
        }
    }
}

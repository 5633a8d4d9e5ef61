import Glibc

/// One thread that does slow work in order, urgent work first: archives before the mirror's catching up.
final class WorkQueue: @unchecked Sendable {  // every field but the thread is guarded by `mutex`
    typealias Work = @Sendable () -> Void

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var urgent: [Work] = []
    private var patient: [Work] = []
    private var isStopping = false
    private var isBusy = false
    private var hasEnded = false
    private var thread: Thread?

    init(name: StaticString) {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        thread = Thread(name: name) { [unowned self] in run() }
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Adds work at the end of its kind.
    func submit(isUrgent: Bool, _ work: @escaping Work) {
        pthread_mutex_lock(mutex)
        if isUrgent { urgent.append(work) } else { patient.append(work) }
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Whether urgent work waits, so that patient work may step aside.
    var hasUrgentWork: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return !urgent.isEmpty || isStopping
    }

    /// Whether nothing waits and nothing is being done.
    var isIdle: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return urgent.isEmpty && patient.isEmpty && !isBusy
    }

    /// Ends after the work under way; what waits is dropped, since all of it can be found again from the files.
    ///
    /// Work that takes longer, such as the copy of a large run, is left to the end of the process, which is no other for
    /// the files than a kill at that moment.
    ///
    /// - Parameter deadline: milliseconds of CLOCK_MONOTONIC at which to wait no longer.
    func stop(until deadline: Int64) {
        pthread_mutex_lock(mutex)
        isStopping = true
        urgent = []
        patient = []
        pthread_cond_broadcast(condition)
        var time = timespec(tv_sec: Int(deadline / 1000), tv_nsec: Int(deadline % 1000) * 1_000_000)
        while !hasEnded, pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT {}
        // The thread that goes on needs its queue for as long as the process lasts.
        if hasEnded { thread?.join() } else { _ = Unmanaged.passRetained(self) }
        thread = nil
        pthread_mutex_unlock(mutex)
    }

    private func run() {
        pthread_mutex_lock(mutex)
        while true {
            while urgent.isEmpty, patient.isEmpty, !isStopping { pthread_cond_wait(condition, mutex) }
            if isStopping { break }
            let work = urgent.isEmpty ? patient.removeFirst() : urgent.removeFirst()
            isBusy = true
            pthread_mutex_unlock(mutex)
            work()
            pthread_mutex_lock(mutex)
            isBusy = false
        }
        hasEnded = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}

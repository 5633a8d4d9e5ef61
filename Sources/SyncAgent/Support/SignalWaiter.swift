import Glibc

/// The signals that the agent answers.
package enum ServiceSignal: Sendable, Hashable {
    /// SIGTERM or SIGINT: end within two seconds.
    case end
    /// SIGHUP: read the configuration again.
    case reload
}

/// Takes the service's signals on a thread of its own, so that no code runs in a signal handler.
package enum SignalWaiter {
    private static let signals = [SIGTERM, SIGINT, SIGHUP]

    /// Blocks the signals for this thread and all that it starts later; to be called before any other thread is started.
    ///
    /// SIGPIPE is ignored: a reader of the log that went away must not end the agent.
    package static func block() {
        var set = signalSet()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Starts the waiting thread; it lives as long as the process.
    ///
    /// - Parameter handle: called on that thread, one signal after the other. A second end signal is not handed over but
    ///   ends the process at once, so that a person at a terminal is never held up by a slow disk.
    package static func start(_ handle: @escaping @Sendable (ServiceSignal) -> Void) {
        _ = Thread(name: "signals") {
            var isEnding = false
            var set = signalSet()
            while true {
                var number: Int32 = 0
                guard sigwait(&set, &number) == 0 else { continue }
                switch number {
                case SIGHUP: handle(.reload)
                default:
                    if isEnding { _exit(128 + number) }
                    isEnding = true
                    handle(.end)
                }
            }
        }
    }

    private static func signalSet() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}

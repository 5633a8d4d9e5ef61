import Glibc

/// The signals that end a run; they are taken on a thread that does nothing else, so that no code runs in a handler.
enum Signals {
    /// Has the signals wait for `wait`, in this thread and all that are started later.
    ///
    /// A reader of the output that went away must not end the run. A command that reads a terminal in the background is
    /// told so by an error, which it inherits from here, and not stopped for nobody to continue it.
    static func block() {
        var set = endingSignals()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        for number in [SIGPIPE, SIGTTIN, SIGTTOU] { signal(number, SIG_IGN) }
    }

    /// Returns at the second signal.
    ///
    /// - Parameter first: is told the name of the first one.
    static func wait(first: (String) -> Void) {
        var set = endingSignals()
        var hasHadOne = false
        while true {
            var number: Int32 = 0
            guard sigwait(&set, &number) == 0 else { continue }
            if hasHadOne { return }
            hasHadOne = true
            first(name(of: number))
        }
    }

    private static func name(of number: Int32) -> String {
        switch number {
        case SIGINT: "SIGINT"
        case SIGTERM: "SIGTERM"
        default: "SIGHUP"
        }
    }

    private static func endingSignals() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM] { sigaddset(&set, number) }
        // The end of its terminal ends a run, unless nohup(1) said that it shall not.
        var hangUp = sigaction()
        sigaction(SIGHUP, nil, &hangUp)
        if unsafeBitCast(hangUp.__sigaction_handler.sa_handler, to: Int.self) != 1 { sigaddset(&set, SIGHUP) }
        return set
    }
}

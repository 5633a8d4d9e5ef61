import CLinuxShims
import Glibc

/// A named thread of the system; work that blocks must not sit on a shared pool.
final class Thread: Sendable {
    private let handle: pthread_t

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: at most 15 characters, as `top -H` shows it.
    ///   - body: runs on the new thread.
    init(name: StaticString, _ body: @escaping @Sendable () -> Void) {
        final class Body {
            let name: StaticString
            let run: @Sendable () -> Void
            init(name: StaticString, run: @escaping @Sendable () -> Void) {
                self.name = name
                self.run = run
            }
        }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Body(name: name, run: body)).toOpaque()
        let failure = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                body.name.withUTF8Buffer { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { loopsync_name_thread($0.baseAddress) }
                }
                body.run()
                return nil
            },
            argument
        )
        // Without its threads the agent cannot do anything; the system refuses only when it is out of them.
        guard failure == 0 else { fatalError("pthread_create: \(String(cString: strerror(failure)))") }
        handle = thread
    }

    /// Waits until the body has returned.
    func join() {
        pthread_join(handle, nil)
    }
}

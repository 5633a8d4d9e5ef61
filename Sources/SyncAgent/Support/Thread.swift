import CLinuxShims
import Glibc
import LoopStore

/// A named thread of the system; work that blocks must not sit on a shared pool.
final class Thread: Sendable {
    private let handle: pthread_t

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: at most 15 characters, as `top -H` shows it.
    ///   - body: runs on the new thread.
    convenience init(name: StaticString, _ body: @escaping @Sendable () -> Void) {
        do throws(PosixError) {
            try self.init(trying: name, body)
        } catch {
            // Without its threads the agent cannot do anything; the system refuses only when it is out of them.
            fatalError(error.description)
        }
    }

    /// Starts a thread, where the system has one to spare.
    init(trying name: StaticString, _ body: @escaping @Sendable () -> Void) throws(PosixError) {
        final class Body {
            let name: StaticString
            let run: @Sendable () -> Void
            init(name: StaticString, run: @escaping @Sendable () -> Void) {
                self.name = name
                self.run = run
            }
        }
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(Body(name: name, run: body))
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
            retained.toOpaque()
        )
        guard failure == 0 else {
            retained.release()
            throw PosixError(call: "pthread_create", path: "\(name)", code: .init(rawValue: failure))
        }
        handle = thread
    }

    /// Waits until the body has returned.
    func join() {
        pthread_join(handle, nil)
    }
}

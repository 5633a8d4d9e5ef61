import Glibc
import Synchronization

/// Owns a file descriptor and closes it at the end.
final class Descriptor: Sendable {
    private let number: Atomic<Int32>

    init(_ number: Int32) {
        self.number = Atomic(number)
    }

    deinit {
        let open = number.load(ordering: .relaxed)
        if open >= 0 { _ = Glibc.close(open) }
    }

    /// The number to hand to a call; -1 (EBADF) after `close`.
    var raw: Int32 {
        number.load(ordering: .relaxed)
    }

    /// Closes now; EINTR is no error, since Linux has closed the descriptor by then.
    func close(path: String) throws(PosixError) {
        let open = number.exchange(-1, ordering: .relaxed)
        guard open >= 0, Glibc.close(open) != 0, errno != EINTR else { return }
        throw .last("close", path)
    }
}

extension [UInt8] {
    /// Hands the bytes to C with a NUL behind them.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) { text in
            for (index, byte) in enumerated() { text.initializeElement(at: index, to: CChar(bitPattern: byte)) }
            text.initializeElement(at: count, to: 0)
            // There is at least the NUL, so that the address is never nil.
            return body(UnsafePointer(text.baseAddress.unsafelyUnwrapped))
        }
    }
}

/// Repeats a call that a signal interrupted.
///
/// A file system in user space may answer so to any call.
package func retrying<Number: BinaryInteger>(_ call: () -> Number) -> Number {
    while true {
        let answer = call()
        if answer != -1 || errno != EINTR { return answer }
    }
}

import Glibc

/// Lets the calling thread rest for so many milliseconds; a signal may end it early.
package func pause(milliseconds: Int32) {
    _ = poll(nil, 0, milliseconds)
}

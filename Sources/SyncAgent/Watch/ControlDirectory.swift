import Glibc

/// A private directory whose only purpose is that a change in it wakes the watching thread.
///
/// The thread blocks in libinotifytools without a timeout, so that an idle agent costs nothing; the library offers no
/// other way in.
final class ControlDirectory: Sendable {
    let path: String

    /// Makes the directory below `$TMPDIR`; nil with errno where that fails.
    init?() {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/loopsync-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        rmdir(path)
    }

    /// Wakes whoever watches the directory's attributes.
    func wake() {
        utimensat(AT_FDCWD, path, nil, 0)
    }
}

import Glibc
import TestSupport

extension BuiltProduct {
    /// The `looprun` beside the test binary, or `$LOOPRUN_BINARY`.
    static func looprun() throws -> String {
        if let given = getenv("LOOPRUN_BINARY") { return String(cString: given) }
        let loopsync = try loopsync()
        let path = loopsync.prefix(through: loopsync.lastIndex(of: "/") ?? loopsync.startIndex) + "looprun"
        guard access(String(path), X_OK) == 0 else {
            throw TestSupportError("\(path) is missing: build the package first")
        }
        return String(path)
    }
}

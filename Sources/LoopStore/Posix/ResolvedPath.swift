import Glibc

/// Paths as Python's `Path.resolve()` makes them: absolute, and without links as far as they exist.
package enum ResolvedPath {
    /// Resolves a path against the working directory; what does not exist stays as it is written.
    package static func resolve(_ path: String) -> String {
        var waiting = components(path)
        var resolved: [[UInt8]] = []
        if path.utf8.first != UInt8(ascii: "/"), let here = getcwd(nil, 0) {
            resolved = Array(components(String(cString: here)).reversed())
            free(here)
        }
        // As many links as the kernel follows in one path.
        var links = 40
        while let component = waiting.popLast() {
            if component == [UInt8(ascii: "."), UInt8(ascii: ".")] {
                _ = resolved.popLast()
                continue
            }
            resolved.append(component)
            guard links > 0, let target = linkTarget(joined(resolved)) else { continue }
            links -= 1
            resolved = target.first == UInt8(ascii: "/") ? [] : Array(resolved.dropLast())
            waiting += components(String(decoding: target, as: UTF8.self))
        }
        return String(decoding: joined(resolved), as: UTF8.self)
    }

    /// The components, the first one last.
    private static func components(_ path: String) -> [[UInt8]] {
        path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init).filter { $0 != [UInt8(ascii: ".")] }.reversed()
    }

    private static func joined(_ components: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "/")] + components.joined(separator: [UInt8(ascii: "/")])
    }

    private static func linkTarget(_ path: [UInt8]) -> [UInt8]? {
        let target = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            let got = path.withCString { path in
                buffer.withMemoryRebound(to: CChar.self) { text in
                    text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
                }
            }
            count = max(0, got)
        }
        return target.isEmpty ? nil : target
    }
}

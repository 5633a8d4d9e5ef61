import Glibc
package import LoopModel

/// The real executors, installed from PyPI by `Config/test`.
package enum Executor: String, CaseIterable, Sendable, CustomStringConvertible {
    /// little-loops 1.52.0, the version specified from.
    case a
    /// little-loops 1.167.0, what a user installs today.
    case b

    /// Where the two virtual environments are: `$LOOPSYNC_EXECUTORS`, or `.build/executors` of this package.
    package static var root: String {
        getenv("LOOPSYNC_EXECUTORS").map { String(cString: $0) } ?? "\(PackageDirectory.path)/.build/executors"
    }

    /// The virtual environment.
    package var environment: String { "\(Self.root)/\(rawValue)" }

    /// Its Python interpreter.
    package var python: String { "\(environment)/bin/python" }

    /// Its `ll-loop`.
    package var llLoop: String { "\(environment)/bin/ll-loop" }

    /// How this version lays out `.history`.
    package var layout: HistoryLayout {
        switch self {
        case .a: .nested
        case .b: .flat
        }
    }

    /// The version, for test names.
    package var description: String {
        switch self {
        case .a: "A (1.52.0)"
        case .b: "B (1.167.0)"
        }
    }

    /// Fails where the executor is not installed: interop tests are never skipped.
    package func require() throws {
        guard access(llLoop, X_OK) == 0, access(python, X_OK) == 0 else {
            throw TestSupportError(
                """
                \(llLoop) is missing: the tests need little-loops \(self) from PyPI. Config/test installs both versions \
                into .build/executors; or set LOOPSYNC_EXECUTORS to a directory with the virtual environments a and b.
                """
            )
        }
    }
}

/// Where this package's source is.
package enum PackageDirectory {
    /// The directory of `Package.swift`.
    package static let path: String = {
        let here = #filePath
        return here.range(upToLast: "/Tests/TestSupport/")
    }()
}

/// Programs that the build made.
package enum BuiltProduct {
    /// The `loopsync` beside the test binary, or `$LOOPSYNC_BINARY`.
    package static func loopsync() throws -> String {
        if let given = getenv("LOOPSYNC_BINARY") { return String(cString: given) }
        return try besideTests("loopsync")
    }

    /// The `looprun` beside the test binary, or `$LOOPRUN_BINARY`.
    package static func looprun() throws -> String {
        if let given = getenv("LOOPRUN_BINARY") { return String(cString: given) }
        return try besideTests("looprun")
    }

    private static func besideTests(_ name: String) throws -> String {
        guard let own = realpath("/proc/self/exe", nil) else {
            throw TestSupportError("realpath /proc/self/exe: \(errnoText())")
        }
        defer { free(own) }
        let path = String(cString: own).range(upToLast: "/") + "/\(name)"
        guard access(path, X_OK) == 0 else { throw TestSupportError("\(path) is missing: build the package first") }
        return path
    }
}

extension String {
    /// What stands before the last occurrence of a separator.
    fileprivate func range(upToLast separator: String) -> String {
        let bytes = Array(utf8)
        let pattern = Array(separator.utf8)
        var start = bytes.count - pattern.count
        while start >= 0 {
            if bytes[start..<(start + pattern.count)].elementsEqual(pattern) {
                return String(decoding: bytes[..<start], as: UTF8.self)
            }
            start -= 1
        }
        return self
    }
}

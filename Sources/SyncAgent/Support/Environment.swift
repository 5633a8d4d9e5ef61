import Glibc

/// The process's environment variables.
package enum Environment {
    /// A variable's value; nil where it is not set or is no UTF-8, and also where it is empty, as NO_COLOR and XDG ask.
    package static func value(_ name: String) -> String? {
        guard let value = getenv(name), let text = String(validatingCString: value), !text.isEmpty else { return nil }
        return text
    }
}

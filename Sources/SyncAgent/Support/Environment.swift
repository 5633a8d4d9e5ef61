import Glibc

/// The process's environment variables.
package enum Environment {
    /// A variable's value; nil where it is not set or is no UTF-8, and also where it is empty, as NO_COLOR and XDG ask.
    package static func value(_ name: String) -> String? {
        guard let value = getenv(name), let text = String(validatingCString: value), !text.isEmpty else { return nil }
        return text
    }

    /// All variables, for a program that is started; what is no UTF-8 is left out.
    package static func all() -> [String: String] {
        var variables: [String: String] = [:]
        var place = environ
        while let entry = place.pointee {
            place += 1
            guard let text = String(validatingCString: entry), let cut = text.firstIndex(of: "=") else { continue }
            variables[String(text[..<cut])] = String(text[text.index(after: cut)...])
        }
        return variables
    }
}

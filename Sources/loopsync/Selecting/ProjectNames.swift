import LoopModel
import SyncAgent

/// What projects are called in a list of several.
enum ProjectNames {
    /// A name for each loops directory: the one of the directory that holds it and, where several share that, as much of
    /// the path before it as tells them apart.
    ///
    /// - Parameters:
    ///   - loops: as a person named them; the names are found by the same text.
    ///   - absolute: the whole path of one.
    static func distinct(
        _ loops: some Sequence<String>,
        absolute: (String) -> String = ConfigurationLoader.absolute
    ) -> [String: String] {
        var parts: [String: [Substring]] = [:]
        for path in loops where parts[path] == nil {
            let components = absolute(path).split(separator: "/")
            parts[path] = components.last == ".loops" && components.count > 1 ? components.dropLast() : components
        }
        return parts.mapValues { own in
            let others = parts.values.filter { $0 != own }
            let least = own.indices.reversed().first { start in
                let tail = own[start...]
                return !others.contains { $0.count >= tail.count && $0.suffix(tail.count).elementsEqual(tail) }
            }
            return PrintableText.escapingControls(in: own[(least ?? 0)...].joined(separator: "/"))
        }
    }
}

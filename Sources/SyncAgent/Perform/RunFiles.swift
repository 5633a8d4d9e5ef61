import LoopModel
import LoopStore
import SyncCore

/// Finds the further files of a run that `archive.run_files` asks for, below `.loops/runs/`.
///
/// The state's `context.run_dir` names the directory. It is a run's own word, so that only what lies below `.loops/runs`
/// is taken, component by component and without following links. YAML never is: version B lists every `*.yaml` below
/// `.loops` as a loop.
struct RunFiles: Sendable {
    private let patterns: [Glob]

    private static let runs = FileName(literal: "runs")
    private static let deepest = 8
    private static let most = 1000

    init(patterns: [String]) {
        self.patterns = patterns.map { Glob($0) }
    }

    /// The files of a run, under the names they get in its archive: their path with `/` written as `%2F`.
    func find(for state: LoopState, in loops: LoopsDirectory) throws(PosixError) -> [(FileName, SourceContent)] {
        guard !patterns.isEmpty, let names = Self.names(state), var directory = try loops.root.subdirectory(Self.runs)
        else { return [] }
        for name in names {
            guard let below = try directory.subdirectory(name) else { return [] }
            directory = below
        }
        var found: [(FileName, SourceContent)] = []
        try collect(directory, [], &found)
        return found
    }

    /// The components of `context.run_dir` behind the last `runs`.
    private static func names(_ state: LoopState) -> [FileName]? {
        guard case .object(let context)? = state[.context], case .string(let path)? = context["run_dir"] else {
            return nil
        }
        let parts = path.bytes.split(separator: UInt8(ascii: "/"))
        guard let runs = parts.lastIndex(where: { $0.elementsEqual("runs".utf8) }) else { return nil }
        let names = parts[(runs + 1)...].map { FileName($0) }
        guard !names.isEmpty, !names.contains(nil) else { return nil }
        return names.compactMap(\.self)
    }

    private func collect(_ directory: any Directory, _ path: [FileName], _ found: inout [(FileName, SourceContent)])
        throws(PosixError)
    {
        for entry in try directory.entries().sorted(by: { $0.name < $1.name }) where found.count < Self.most {
            let names = path + [entry.name]
            switch entry.kind {
            case .directory:
                guard path.count < Self.deepest, let below = try directory.subdirectory(entry.name) else { continue }
                try collect(below, names, &found)
            case .file:
                let bytes = Array(names.map(\.bytes).joined(separator: Array("/".utf8)))
                guard !entry.name.isLoopDefinition,
                    patterns.contains(where: { $0.matches(JSONString(fileSystemBytes: bytes)) }),
                    let name = FileName(names.map(\.bytes).joined(separator: Array("%2F".utf8))),
                    let status = try directory.status(of: entry.name), status.kind == .file
                else { continue }
                found.append((name, .file(directory, entry.name, status.identity)))
            case .link, .other:
                continue
            }
        }
    }
}

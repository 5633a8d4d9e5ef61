import ArgumentParser
import Glibc
import LoopModel
import LoopStore
import SyncAgent
import YAMLReading

/// `loopsync config init`: a file to start with.
struct ConfigInitCommand: Verb {
    static let configuration = verb(
        "config init",
        "[--user]",
        abstract: "Write a commented configuration file that fits the directory.",
        discussion: """
            Without --user the file is loopsync.yaml beside the loops directory, for this
            project; with it your own, ~/.config/loopsync/config.yaml, which may name
            directories to watch and hooks, and which the user unit reads. A file that is
            there is never touched. What is written prunes nothing before you edit it.

            JSON: file, written.

            Examples:
              loopsync config init
              loopsync config init --user --sync ~/Sync/loops
            """
    )

    @Flag(help: "Write your own file, not the project's.")
    var user = false

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if global.config != nil { throw ValidationError("config init chooses the file; --config does not go with it.") }
    }

    func perform() throws -> ExitStatus {
        // One's own file needs no loops directory, unless one is named.
        let place = user && global.loops == nil ? try? LoopsPlace.open(global) : try LoopsPlace.open(global)
        let loops = place.map { ConfigurationLoader.absolute($0.path) }
        let template = ConfigTemplate(
            isUsers: user,
            loops: loops,
            sync: global.sync.map(ConfigurationLoader.absolute),
            syncGuess: Self.syncFolder,
            runs: try place.map { try History.read($0).runs } ?? []
        )
        let path = try target(beside: loops)
        try write(template.text, to: path)
        if global.json {
            try Output.document(["file": .string(JSONString(path)), "written": true])
        } else {
            talk("wrote \(path)")
            if !user, let own = Self.userFile, access(own, F_OK) == 0 {
                talk("it is read here in place of your own \(own), whose mirror, hooks and rules no longer hold here")
            }
            talk("nothing is pruned before you say so in it. Check it after editing: loopsync config check")
        }
        return .done
    }

    private func target(beside loops: String?) throws -> String {
        guard user else { return loops.map { ConfigurationLocator.beside($0) } ?? "loopsync.yaml" }
        guard let path = Self.userFile else {
            throw Failure(.failed, "HOME is not set, so that nobody knows where your own file belongs")
        }
        return path
    }

    private static var userFile: String? {
        ConfigurationLocator(
            option: nil,
            watched: [],
            environment: { Environment.value($0) },
            exists: { _ in false }
        ).userFile
    }

    private func write(_ text: String, to path: String) throws {
        let parts = path.split(separator: "/")
        guard let last = parts.last, let name = FileName(String(last)) else {
            throw Failure(.failed, "\(path) is no path of a file")
        }
        do {
            let directory = try PathMaker.ensureDirectory("/" + parts.dropLast().joined(separator: "/"))
            guard try directory.status(of: name) == nil else {
                throw Failure(.failed, "\(path) is there already and was not touched. Edit it, or remove it first")
            }
            let file = try directory.createFile(name, mode: 0o644)
            do {
                try file.write(Array(text.utf8), at: 0)
                try file.close()
            } catch {
                // Half a configuration would be read as a whole one.
                _ = try? directory.unlink(name)
                throw error
            }
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the configuration was not written")
        }
    }

    /// A folder of a sync client in the home directory.
    private static var syncFolder: String? {
        guard let home = Environment.value("HOME") else { return nil }
        let folders = ["Sync", "Nextcloud", "Dropbox"].map { "\(home)/\($0)" }
        return folders.first { access($0, W_OK) == 0 }.map { $0 + "/loops" }
    }
}

import LoopEngine
import LoopModel
import LoopStore

/// A loops directory: the loops that it defines, and the runs in it.
struct Loops {
    let directory: String

    init(_ directory: String) {
        self.directory = directory
    }

    /// A run whose state is below `.running`.
    struct Run {
        /// What its files are called: the loop's name, or the name with the time of its start.
        let stem: FileName
        let state: LoopState
        /// The live process that it belongs to.
        let process: Int32?
    }

    /// Reads a loop's definition, and tells what a person should know about its file.
    func load(_ name: String) throws -> LoopDefinition {
        do {
            let (loop, warnings) = try LoopDefinition.load(name, in: directory)
            for warning in warnings { Output.talk(warning.description) }
            return loop
        } catch {
            throw Failure("looprun: the loop \(name) cannot be run\n\(error)")
        }
    }

    /// All runs, in the order of their names.
    func runs() throws -> [Run] {
        do {
            guard let running = try LoopsDirectory.open(path: directory)?.running() else { return [] }
            let tokens = ExecutorTokens(running: running)
            var runs: [Run] = []
            for entry in try running.entries().sorted(by: { $0.name < $1.name }) {
                guard let stem = entry.name.dropping(suffix: RunningName.stateSuffix) else { continue }
                do {
                    guard let state = try StateFile.read(entry.name, in: running) else { continue }
                    runs.append(Run(stem: stem, state: state, process: try tokens.process(of: stem)))
                } catch let error as StateFileError {
                    Output.talk("looprun: \(error)")
                }
            }
            return runs
        } catch let error as PosixError {
            throw Failure("looprun: \(error): the runs in \(directory) cannot be told")
        }
    }

    /// The runs of a loop: of its plain name, and those with the time of their start behind it.
    func runs(of name: String) throws -> [Run] {
        let name = Array(name.utf8)
        return try runs().filter { run in
            guard run.stem.bytes != name else { return true }
            guard run.stem.bytes.starts(with: name) else { return false }
            return Self.isInstanceSuffix(run.stem.bytes.dropFirst(name.count))
        }
    }

    /// The name of a run's definition: its stem without the time.
    func definition(of run: Run) -> String {
        let bytes = run.stem.bytes
        let isInstance = Self.isInstanceSuffix(bytes.suffix(Self.suffixPattern.count))
        return String(decoding: isInstance ? bytes.dropLast(Self.suffixPattern.count) : bytes[...], as: UTF8.self)
    }

    private static let suffixPattern = Array("-ddddddddTdddddd".utf8)

    /// Whether the bytes are `-20261123T201500`, as little-loops adds them to a name from 1.95 on.
    private static func isInstanceSuffix(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count == suffixPattern.count
            && zip(bytes, suffixPattern).allSatisfy { byte, expected in
                expected == UInt8(ascii: "d")
                    ? UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte : byte == expected
            }
    }
}

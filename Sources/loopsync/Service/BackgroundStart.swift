import Glibc
import LoopModel
import LoopStore
import SyncAgent

/// `loopsync --watch --background`: starts the agent detached, and answers only once it watches or has failed.
struct BackgroundStart {
    let directories: [String]
    let isQuiet: Bool
    let isJSON: Bool

    /// How long an agent may take to get its directories, in milliseconds: recovering after a kill may copy large runs.
    private static let patience: Int64 = 30_000

    func perform() throws -> ExitStatus {
        guard let first = directories.first, let loops = try? LoopsDirectory.open(path: first) else {
            throw Failure(
                .noLoops,
                "\(directories.first ?? ".loops") does not exist yet, and the log of --background belongs below it. Make it, or "
                    + "start the agent without --background, where it waits"
            )
        }
        let log = "\(ConfigurationLoader.absolute(first))/.loopsync/agent.log"
        do {
            if let taken = try directories.first(where: { path in
                try LoopsDirectory.open(path: path).map { try AgentLock.isHeld($0) } ?? false
            }) {
                throw Failure(.locked, "another agent watches \(taken). See: loopsync status --loops \(taken)")
            }
            _ = try loops.own()
            let before = size(of: log)
            let arguments = CommandLine.arguments.dropFirst().filter { $0 != "--background" }
            let process = try BackgroundProcess.start(Array(arguments), log: log)
            return try wait(for: process, loops, log: log, from: before)
        } catch let error as PosixError where error.path == log {
            throw Failure(
                .failed,
                "\(error): the agent was not started, since its log belongs there. Let this user write it, or start the "
                    + "agent without --background"
            )
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the agent was not started")
        }
    }

    private func wait(for process: Int32, _ loops: LoopsDirectory, log: String, from start: Int64) throws -> ExitStatus
    {
        let deadline = SystemClock.steady() + Self.patience
        while true {
            if let end = BackgroundProcess.end(of: process) {
                let said = tail(of: log, from: start)
                guard case .exited(let code) = end, code != 0, let status = ExitStatus(rawValue: code) else {
                    throw Failure(.failed, "the agent ended at once (\(end)). \(said)")
                }
                throw Failure(status, said)
            }
            // Only the holder of the directory's lock writes its status.
            if let status = (try? StatusFile.read(in: loops)) ?? nil, status.process == Int(process) { break }
            guard SystemClock.steady() < deadline else {
                throw Failure(.failed, "the agent (pid \(process)) does not watch yet after 30 s. See \(log)")
            }
            loops.root.rest(milliseconds: 10)
        }
        if isJSON {
            try Output.document(["pid": .number(JSONNumber(process)), "log": .string(JSONString(log))])
        } else if !isQuiet {
            Output.talk(
                "loopsync watches in the background, pid \(process); it logs to \(log) and ends with: loopsync stop"
            )
        }
        return .done
    }

    private func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// What the process wrote before it ended, without the prefix that this one gives its own messages.
    private func tail(of path: String, from start: Int64) -> String {
        guard let directory = (try? PosixDirectory.open(path: String(path.dropLast("/agent.log".count)))) ?? nil,
            let file = (try? directory.openFile(FileName(literal: "agent.log"), for: .reading)) ?? nil,
            let bytes = try? file.read(at: start, count: 1 << 16)
        else { return "See \(path)" }
        var text = String(decoding: bytes, as: UTF8.self)
        while text.last?.isNewline == true { text.removeLast() }
        return text.hasPrefix("loopsync: ") ? String(text.dropFirst("loopsync: ".count)) : text
    }
}

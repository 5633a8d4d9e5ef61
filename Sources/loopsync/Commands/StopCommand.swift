import ArgumentParser
import Glibc
import LoopModel
import LoopStore
import SyncAgent

/// `loopsync stop`: ends the agent of a directory.
struct StopCommand: Verb {
    static let configuration = verb(
        "stop",
        abstract: "End the agent that watches the directory.",
        discussion: """
            However it was started. Nothing it did is lost; what is due is done by the next
            one. With no agent there it says so and ends with 0.

            JSON: stopped, pid.

            Example:
              loopsync stop
            """
    )

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    /// How long to wait, in milliseconds: an agent ends within two seconds, but a disk that hangs may keep it longer.
    private static let patience: Int64 = 10_000

    func perform() throws -> ExitStatus {
        let place = try LoopsPlace.open(global)
        do {
            guard try AgentLock.isHeld(place.loops) else {
                if global.json { try Output.document(["stopped": false]) }
                talk("no agent watches \(place.path)")
                return .done
            }
            guard let process = try AgentHolder.process(of: place) else {
                throw Failure(
                    .failed,
                    "an agent watches \(place.path), but its process cannot be told. See: fuser -v \(place.path)"
                )
            }
            guard kill(process, SIGTERM) == 0 else {
                throw Failure(.failed, "kill \(process): \(String(cString: strerror(errno))): the agent goes on")
            }
            let deadline = SystemClock.steady() + Self.patience
            while try AgentLock.isHeld(place.loops) {
                guard SystemClock.steady() < deadline else {
                    throw Failure(.failed, "the agent (pid \(process)) was asked to end and still watches after 10 s")
                }
                place.loops.root.rest(milliseconds: 10)
            }
            if global.json { try Output.document(["stopped": true, "pid": .number(JSONNumber(process))]) }
            talk("the agent (pid \(process)) ended")
            return .done
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the agent was not stopped")
        }
    }
}

/// Who holds a directory's lock.
private enum AgentHolder {
    /// The agent's process: by the kernel's list of locks, else by what the agent wrote of itself.
    ///
    /// Anybody may have written the status, so that a process counts only if it is a loopsync.
    static func process(of place: LoopsPlace) throws(PosixError) -> Int32? {
        let inode = try place.loops.root.status().identity.inode
        let processes = SystemProcessTable()
        var candidates = locking(inode)
        if let status = (try? StatusFile.read(in: place.loops)) ?? nil, let pid = Int32(exactly: status.process) {
            candidates.append(pid)
        }
        // Another file system may have a file of that number: who says of itself that it watches here comes first.
        if let own = candidates.last, candidates.dropLast().contains(own) { candidates = [own] }
        return candidates.first { pid in
            guard pid > 1, pid != getpid(), let line = processes.process(pid)?.commandLine else { return false }
            return String(decoding: line, as: UTF8.self).contains("loopsync")
        }
    }

    /// The processes that hold a flock on an inode, from `/proc/locks` (proc_locks(5)).
    private static func locking(_ inode: UInt64) -> [Int32] {
        guard let proc = (try? PosixDirectory.open(path: "/proc")) ?? nil,
            let bytes = (try? proc.contents(of: FileName(literal: "locks"), limit: 1 << 22)) ?? nil
        else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK", fields[3] == "WRITE",
                fields[5].split(separator: ":").last == Substring(String(inode))
            else { return nil }
            return Int32(fields[4])
        }
    }
}

import LoopModel
import LoopStore
import Synchronization

/// What `diff_stall` remembers of the changes that it saw last.
struct DiffSnapshot: Sendable {
    var diff: String
    /// How often in a row they were the same.
    var count: Int
}

extension Evaluator {
    /// `diff_stall`: whether the changes that `git diff --stat` shows are others than when it was asked last.
    ///
    /// The Python executor keeps what it saw in files of the system's directory for temporary files, where all projects
    /// and runs of a machine share it and the first evaluation of a run may already be a stall. Here it begins anew with
    /// each run; within one, states with the same scope share it as there.
    func diffStall(scope: [String], maxStall: Int) async throws(EvaluationError) -> Evaluation {
        let command = ["git", "diff", "--stat"] + (scope.isEmpty ? [] : ["--"] + scope)
        let result: CommandResult
        switch await runToEnd(command, timeout: 30) {
        case .ended(let ended): result = ended
        case .missing: return .error("git not found in PATH")
        case .failed(let reason): throw EvaluationError(reason)
        }
        guard !result.timedOut else { return .error("git diff timed out") }
        guard result.exitCode == 0 else {
            return .error("git diff failed: \(OutputText.first(200, of: result.errorOutput))")
        }
        let key = scope.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined(separator: "|")
        let (count, hasChanged) = diffs.withLock { diffs in
            guard let known = diffs[key], known.diff.utf8.elementsEqual(result.output.utf8) else {
                diffs[key] = DiffSnapshot(diff: result.output, count: 0)
                return (0, true)
            }
            diffs[key]?.count += 1
            return (known.count + 1, false)
        }
        return Evaluation(
            !hasChanged && count >= maxStall ? "no" : "yes",
            [
                "stall_count": .number(JSONNumber(count)), "max_stall": .number(JSONNumber(maxStall)),
                "diff_changed": .bool(hasChanged),
            ]
        )
    }

    /// How a program of an evaluator ended.
    enum Ending {
        case ended(CommandResult)
        /// There is no such program.
        case missing
        case failed(String)
    }

    func runToEnd(_ command: [String], timeout: Double) async -> Ending {
        do {
            return .ended(try await commands.run(Command(command, timeout: timeout)) { _ in })
        } catch CommandError.notStarted(_, let error) where error.code == .noEntry {
            return .missing
        } catch {
            return .failed("\(error)")
        }
    }
}

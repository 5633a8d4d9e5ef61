import LoopStore
import SyncAgent

/// The user's service manager, asked through `systemctl --user`.
enum Systemctl {
    struct Answer {
        let isSuccess: Bool
        /// What it said, without the last newline.
        let text: String
    }

    /// How long a request may take, in milliseconds: a stop waits for the agent to end.
    private static let patience: Int64 = 30_000

    /// Asks the manager.
    ///
    /// - Returns: nil where there is no systemctl.
    static func ask(_ arguments: String...) -> Answer? {
        guard let ended = try? ChildProcess(["systemctl", "--user"] + arguments).run(within: patience) else {
            return nil
        }
        var text = String(decoding: ended.output, as: UTF8.self)
        while text.last?.isNewline == true { text.removeLast() }
        return Answer(isSuccess: ended.way == .exited(0), text: text)
    }

    /// Whether the manager runs for this user; nil where there is no systemctl at all.
    static var isThere: Bool? {
        ask("show-environment").map(\.isSuccess)
    }
}

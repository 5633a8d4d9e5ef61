import LoopModel

/// How a run's status is told to people.
enum RunTone {
    /// The status in a word.
    ///
    /// - Parameter isLive: whether a process runs it; a run that none does was left by its executor, though its state
    ///   says `running` for ever.
    static func word(_ status: RunStatus?, isLive: Bool = false) -> String {
        switch status {
        case nil: "unreadable"
        case .running? where !isLive: abandoned
        case let status?: status.description
        }
    }

    /// The word for a run that was killed.
    static let abandoned = "abandoned"

    /// How it is coloured.
    static func of(_ status: RunStatus?, isLive: Bool = false) -> Tone {
        switch status {
        case .completed?: .good
        case .failed?, .timedOut?, nil: .bad
        case .running?: isLive ? .plain : .warning
        default: .warning
        }
    }
}

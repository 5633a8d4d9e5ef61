import LoopModel

/// How a run's status is coloured.
enum RunTone {
    static func of(_ status: RunStatus?) -> Tone {
        switch status {
        case .completed?: .good
        case .failed?, .timedOut?, nil: .bad
        case .running?: .plain
        default: .warning
        }
    }
}

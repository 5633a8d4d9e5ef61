/// Where looprun is meant not to do as A does, each with its reason.
///
/// Beside these, everywhere: looprun's state has the context as its last key where there is one, since a resume of A
/// loses what was given on the command line.
enum IntendedDifference: String, CaseIterable, Sendable {
    case timeoutWhileOutputIsOpen
    case wholeProcessGroup
    case undecodableOutput
    case subLoopsHearShutdown
    case leftoversAreSetAside
    case contextSurvivesResume
    case startSurvivesResume
    case booleanRouteKeys
    case unknownHandoffBehaviour
    case directoriesAreNoLoops
    case dates

    /// Why.
    var reason: String {
        switch self {
        case .timeoutWhileOutputIsOpen:
            "A begins to count when the output is closed, so that a command which hangs with it open never ends"
        case .wholeProcessGroup:
            "A kills the direct child alone, and what that started holds the output open and goes on"
        case .undecodableOutput:
            "one byte that is no UTF-8 ends A's run as an error, and the lines beside it are lost"
        case .subLoopsHearShutdown:
            "A's sub-loop runs on to its own end after a signal"
        case .leftoversAreSetAside:
            "A copies them over what is archived under the same second and deletes them; a rename loses nothing"
        case .contextSurvivesResume:
            "A's resumed run no longer knows what --context said, and its actions fail or do something else"
        case .startSurvivesResume:
            "A's resumed run gets another started_at, so that nothing says when it began"
        case .booleanRouteKeys:
            "an unquoted yes or no is a boolean in YAML 1.1, on which A dies with a traceback"
        case .unknownHandoffBehaviour:
            "A dies with a traceback after it took the lock; looprun refuses the definition and says where"
        case .directoriesAreNoLoops:
            "a directory of the loop's name makes A die with a traceback"
        case .dates:
            "a date becomes an object of Python's that A cannot write into its files"
        }
    }
}

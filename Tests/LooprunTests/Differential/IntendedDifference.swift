/// Where looprun is meant not to do as A does, each with its reason.
///
/// Beside these, everywhere: looprun's state has the context as its last key where there is one, since a resume of A
/// loses what was given on the command line; and `started_at` stays what it was after a resume, so that it says when the
/// run began (the comparison takes all times for alike; `CrossResumeTests` looks); and what is said to a model by default,
/// and about it in errors, is said in words of our own (`LoopCase.inOwnWords`).
enum IntendedDifference: String, CaseIterable, Sendable {
    case timeoutWhileOutputIsOpen
    case wholeProcessGroup
    case undecodableOutput
    case subLoopsHearShutdown
    case leftoversAreSetAside
    case contextSurvivesResume
    case stallsAreOfOneRun
    case booleanRouteKeys
    case refusedBeforeTheRun
    case directoriesAreNoLoops
    case numbersAsNames
    case dates
    case usage
    case whoGoesOn

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
        case .stallsAreOfOneRun:
            "what A's diff_stall remembers is shared by all projects and runs of a machine, so that a new run can begin stalled"
        case .booleanRouteKeys:
            "an unquoted yes or no is a boolean in YAML 1.1, on which A dies with a traceback"
        case .refusedBeforeTheRun:
            "what fails in A where it is used, with a traceback or as an error without a word, is refused by file, line and key"
        case .directoriesAreNoLoops:
            "a directory of the loop's name makes A die with a traceback"
        case .numbersAsNames:
            "a number as a name or a key is no text for A, which ends the run as an error where it is used"
        case .usage:
            "a wrong command line ends with 64, as in loopsync, so that a script can tell it from a run that failed"
        case .whoGoesOn:
            "the prompt of a spawned handoff names looprun, since ll-loop need not be there"
        case .dates:
            "a date becomes an object of Python's that A cannot write into its files"
        }
    }
}

import Testing

/// Real executors beside a real agent, one test after the other: they are about time, and two cores are quickly full.
@Suite(.serialized, .timeLimit(.minutes(10)))
enum InteropTests {}

/// The same with many runs, with an agent that is killed, and at the kernel's limits: a second line of tests, since most of
/// the time both wait.
@Suite(.serialized, .timeLimit(.minutes(10)))
enum InteropLoadTests {}

import Testing

/// Real executors beside a real agent, one test after the other: they are about time, and two cores are quickly full.
@Suite(.serialized, .timeLimit(.minutes(10)))
enum InteropTests {}

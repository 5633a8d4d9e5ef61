import Testing

/// Swift and Python executors in one directory, one test after the other: they are about time.
@Suite(.serialized, .timeLimit(.minutes(10)))
enum TogetherTests {}

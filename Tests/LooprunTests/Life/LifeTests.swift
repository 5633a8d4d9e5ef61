import Testing

/// looprun's processes: what becomes of them, and of the files, when somebody ends them.
@Suite(.serialized, .timeLimit(.minutes(10)))
enum LifeTests {}

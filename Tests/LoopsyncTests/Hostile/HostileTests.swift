import Testing

/// Somebody who may write to the sync directory, or a loop that means harm, through the real binary: loopsync reads and
/// writes nothing outside its directories, loses nothing, and does not wait for ever.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct HostileTests {}

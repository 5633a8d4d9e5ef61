import CLinuxShims

/// What this process holds of memory that nothing uses.
///
/// An agent lives for months; what its plans take for a second, tens of megabytes with a long history, goes back.
enum Heap {
    /// Free bytes at the end of a heap that are kept for what comes next: the pieces that files are read in, 1 MiB each.
    private static let slack: Int32 = 4 << 20
    /// Blocks from this size on go back to the system by themselves.
    ///
    /// To set the other bound alone would make it 128 kB for good, and each piece of a file some calls and page faults of its
    /// own.
    private static let block: Int32 = 2 << 20

    /// Has the end of each heap given back as soon as it is free.
    ///
    /// The C library keeps more of it the larger an array was ever freed, in threads' heaps for good: 16 MB were measured.
    static func keepSmall() {
        loopsync_bound_free_heap(slack, block)
    }

    /// Gives back what is free in between.
    static func release() {
        loopsync_release_heap()
    }
}

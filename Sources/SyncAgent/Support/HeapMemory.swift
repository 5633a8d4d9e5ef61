import CLinuxShims

/// What the C library keeps of the memory that was given back to it.
enum HeapMemory {
    /// Hands it on to the system: a look through a long history takes tens of megabytes for a second, and then nothing
    /// for an hour.
    static func release() {
        loopsync_release_heap()
    }
}

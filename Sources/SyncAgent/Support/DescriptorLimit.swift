import Glibc

/// The number of files this process may have open.
enum DescriptorLimit {
    /// Raises the limit as far as the system lets an ordinary process: each run in `.running` keeps a file open or two,
    /// and the usual 1024 would be used up by as many finished runs that nobody cleared.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

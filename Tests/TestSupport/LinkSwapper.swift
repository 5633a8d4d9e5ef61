import Glibc
import LoopModel
import LoopStore
import Synchronization

/// Somebody who exchanges files and directories with links, over and over, while others work on them.
///
/// Each exchange is one rename (RENAME_EXCHANGE), so that the name is never missing: whoever looks first and opens later
/// finds the link. It works in a thread of its own until the object is told to stop or goes.
package final class LinkSwapper: Sendable {
    private struct Victim: Sendable {
        let directory: PosixDirectory
        let name: FileName
        let shelf: PosixDirectory
        let link: FileName

        /// - Returns: whether there was something to exchange.
        func exchange() -> Bool {
            (try? directory.rename(name, into: shelf, as: link, .exchanging)) != nil
        }
    }

    private final class Job: Sendable {
        let victims: [Victim]
        let isOver = Atomic(false)
        let swaps = Atomic(0)

        init(_ victims: [Victim]) {
            self.victims = victims
        }

        func run() {
            var generator = SystemRandomNumberGenerator()
            while !isOver.load(ordering: .acquiring) {
                for victim in victims.shuffled(using: &generator) where victim.exchange() {
                    swaps.add(1, ordering: .relaxed)
                }
                // Others need a moment to get into the middle of something, each time another one.
                usleep(UInt32.random(in: 0..<400, using: &generator))
            }
            // In the end everything has its own place.
            for victim in victims where (try? victim.directory.status(of: victim.name))??.kind == .link {
                _ = victim.exchange()
            }
        }
    }

    private let job: Job
    private let thread: pthread_t

    /// Begins.
    ///
    /// - Parameters:
    ///   - victims: what is exchanged, by path, with where a link in its place leads to.
    ///   - shelf: a directory on the same file system, for what is not in place; made where it is missing.
    package init(_ victims: [(path: String, target: String)], shelf: String) throws {
        try Disk.makeDirectories(shelf)
        var all: [Victim] = []
        for (path, target) in victims {
            guard let cut = path.lastIndex(of: "/"),
                let name = FileName(String(path[path.index(after: cut)...])),
                let directory = try PosixDirectory.open(path: String(path[..<cut])),
                let shelf = try PosixDirectory.open(path: shelf), let link = FileName("link-\(all.count)"),
                symlink(target, "\(shelf.path)/\(link)") == 0
            else { throw TestSupportError("no \(path) to exchange: \(errnoText())") }
            all.append(Victim(directory: directory, name: name, shelf: shelf, link: link))
        }
        job = Job(all)
        var thread = pthread_t()
        let failure = pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            },
            Unmanaged.passRetained(job).toOpaque()
        )
        guard failure == 0 else { throw TestSupportError("pthread_create: \(String(cString: strerror(failure)))") }
        self.thread = thread
    }

    /// Ends it, with everything in its own place.
    ///
    /// - Returns: how many exchanges there were.
    @discardableResult
    package func stop() -> Int {
        if !job.isOver.exchange(true, ordering: .acquiringAndReleasing) { pthread_join(thread, nil) }
        return job.swaps.load(ordering: .relaxed)
    }

    deinit {
        stop()
    }
}

import TestSupport

/// A wall clock that a test sets, for the programs that it starts; the other clocks go on as they are.
///
/// A small library in front of the system's answers for it. Debian's libfaketime does so too, but changes how threads
/// wait for each other, moves the environment away from where Swift looks for a program's arguments, and leaves files
/// in `/dev/shm`.
final class FakeClock {
    private static let source = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static long offset(void) {
            const char *path = getenv("LOOPSYNC_TEST_CLOCK");
            char text[32] = "";
            int before = errno, file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file >= 0) {
                if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
                close(file);
            }
            errno = before;
            return atol(text);
        }

        int clock_gettime(clockid_t clock, struct timespec *now) {
            int answer = syscall(SYS_clock_gettime, clock, now);
            if (answer == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += offset();
            return answer;
        }

        time_t time(time_t *place) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (place) *place = now.tv_sec;
            return now.tv_sec;
        }

        int gettimeofday(struct timeval *restrict place, void *restrict zone) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            place->tv_sec = now.tv_sec;
            place->tv_usec = now.tv_nsec / 1000;
            return 0;
        }
        """

    private let file: String
    /// Variables for the programs.
    let environment: [String: String]

    /// Whether there is a C compiler; Swift brings one.
    static let isAvailable = (try? Subprocess.run(compiler + ["--version"]).succeeded) ?? false

    private static let compiler = ["/usr/bin/env", "clang"]

    /// A clock that shows the real time.
    init(in directory: TemporaryDirectory) throws {
        file = directory.path("clock")
        let library = directory.path("clock.so")
        try Disk.write(Self.source, to: directory.path("clock.c"))
        let built = try Subprocess.run(
            Self.compiler + ["-shared", "-fPIC", "-O1", "-o", library, directory.path("clock.c")]
        )
        guard built.succeeded else { throw TestSupportError("clang: \(built)") }
        environment = ["LD_PRELOAD": library, "LOOPSYNC_TEST_CLOCK": file]
        try set(days: 0)
    }

    /// What has to stand before a command so that it has this clock.
    var wrapper: [String] { ["/usr/bin/env"] + environment.map { "\($0.key)=\($0.value)" }.sorted() }

    /// Sets it to so many days after the real time.
    func set(days: Int) throws {
        // Whoever reads it sees the one or the other.
        try Disk.write("\(days * 86_400)\n", to: file + ".new")
        try Disk.move(file + ".new", to: file)
    }
}

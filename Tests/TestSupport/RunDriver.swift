/// Runs one loop of A many times without the start of a Python interpreter between two runs.
///
/// A forked child calls A's own `main_loop`, so that what happens to the files is exactly what `ll-loop run` does, only
/// thirty or more times per second. After each run the driver copies what the executor left: the record to compare with.
package enum RunDriver {
    private static let script = """
        import os, shutil, sys
        from little_loops.cli import main_loop

        loop, count, record = sys.argv[1], int(sys.argv[2]), sys.argv[3]
        failed = 0
        for number in range(count):
            child = os.fork()
            if child == 0:
                sys.argv = ["ll-loop", "run", loop, "-q"]
                sys.exit(main_loop())
            status = os.waitpid(child, 0)[1]
            failed += status != 0
            os.mkdir(f"{record}/{number}")
            for name in ("state.json", "events.jsonl"):
                shutil.copyfile(f".loops/.running/{loop}.{name}", f"{record}/{number}/{name}")
        print(failed)
        """

    /// Runs the loop and returns what each run left.
    ///
    /// - Throws: when a run does not exit with 0.
    package static func run(_ loop: String, times: Int, in lab: LoopLab) throws -> [RecordedRun] {
        let record = lab.directory.path("driven-\(Disk.names(in: lab.directory.path).count)")
        try Disk.makeDirectories(record)
        try Disk.write(script, to: lab.directory.path("driver.py"))
        let done = try Subprocess.run(
            [lab.executor.python, lab.directory.path("driver.py"), loop, "\(times)", record],
            in: lab.project,
            environment: lab.environment,
            within: .seconds(240)
        )
        guard done.succeeded, done.output.hasSuffix("0\n") else { throw TestSupportError("driver: \(done)") }
        return (0..<times).map { number in
            RecordedRun(
                stem: loop,
                events: Disk.read("\(record)/\(number)/events.jsonl") ?? [],
                state: Disk.read("\(record)/\(number)/state.json") ?? []
            )
        }
    }
}

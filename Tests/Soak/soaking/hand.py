"""The person behind one loop: runs it again and again, stops, interrupts and resumes it."""

import collections
import os
import random
import signal
import threading
import time

from worker import Worker

# So many short runs at a time; the start of each executor costs up to a second of a processor.
SLOTS = threading.Semaphore(4)


class Hand(Worker):
    def __init__(self, project, loop, agent, seed, stopping):
        super().__init__(f"{project.executor}/{loop}")
        self.project, self.loop, self.agent, self.stopping = project, loop, agent, stopping
        self.random = random.Random(f"{seed}/{self.name}")
        self.counts = collections.Counter()
        self.lock = threading.Lock()
        self.process = None

    def work(self):
        is_long = self.loop.startswith("long")
        while not self.stopping.wait(self.random.uniform(0, 3)):
            if is_long:
                self.long_run()
            else:
                # Some of them back to back, as a script does.
                for _ in range(self.random.choice([1, 1, 3])):
                    with SLOTS:
                        self.wait(self.begin("run"), 120)
                    if self.stopping.is_set():
                        break
            self.afterwards()

    def begin(self, verb):
        self.counts["runs" if verb == "run" else "resumes"] += 1
        with self.lock:
            self.process = self.project.start(verb, self.loop)
            return self.process

    def wait(self, process, limit):
        """Waits for the end, or until a long run has to be cut short because the soak is over."""
        return self.ended(process, limit, lambda: self.stopping.is_set() and self.loop.startswith("long"))

    def ended(self, process, limit, is_over=lambda: False):
        """Waits for the end; reaps under the lock, so that nobody signals a number that is another's by then."""
        deadline = time.monotonic() + limit
        while True:
            with self.lock:
                if process.poll() is not None:
                    return True
            if is_over() or time.monotonic() > deadline:
                return False
            time.sleep(0.05)

    def long_run(self):
        process = self.begin("run")
        if self.wait(process, self.random.uniform(5, 45)):
            return
        self.halt(process)

    def halt(self, process):
        choice = self.random.randrange(3)
        if choice > 0:
            self.counts["signals"] += 1
            self.signal(signal.SIGINT if choice == 1 else signal.SIGTERM)
            return self.finish(process, 30)
        self.counts["stops"] += 1
        # Only while our own process is there, since the executor signals the number in its file; it then waits until that
        # number is nobody's any more.
        stop = self.project.start("stop", self.loop)
        self.finish(process, 30)
        self.finish(stop, 60)

    def finish(self, process, limit):
        if not self.ended(process, limit):
            with self.lock:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def afterwards(self):
        """Resumes what was cut short, or tidies it away; a run that ended is not there to resume, which is no harm."""
        if self.random.random() < 0.3 and not self.stopping.is_set():
            process = self.begin("resume")
            if not self.wait(process, self.random.uniform(3, 20)):
                self.halt(process)
        if self.project.executor == "b" and self.loop.startswith("long"):
            # What is removed before the agent could see it is nobody's to keep.
            begin = time.monotonic()
            self.stopping.wait(3)
            if self.agent.saw(begin, time.monotonic()):
                self.project.tidy(self.loop)

    def signal(self, number):
        """Signals the executor alone, where it runs."""
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                return False
            os.kill(self.process.pid, number)
            return True

    def end(self):
        """Ends what is left of it."""
        with self.lock:
            if self.process is not None and self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

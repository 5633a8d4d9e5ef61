"""The agent under test: one process for both projects, started again after each kill."""

import os
import signal
import socket
import subprocess
import threading
import time

# After a kill or a pause the agent catches up for a moment, in seconds.
CATCHING_UP = 5


class Agent:
    def __init__(self, place, projects, trash_for):
        self.binary = os.environ["LOOPSYNC_BINARY"]
        self.place, self.projects = place, projects
        self.log = f"{place}/agent.log"
        self.sync = f"{place}/sync"
        self.lock = threading.Lock()
        self.process = None
        self.is_paused = False
        # When it could not see what happens, from and to.
        self.blind = []
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": f"{place}/agent-home", "LANG": "C.UTF-8", "TZ": "UTC"}
        self.configuration = f"{place}/loopsync.yaml"
        for path in (self.sync, f"{place}/agent-home"):
            os.makedirs(path)
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write("version: 1\narchive: {settle: 1s}\n"
                       "retention: {keep_last: 5, keep_min: 1, min_age: 5s, max_delete_fraction: 1, "
                       f"trash_for: {trash_for}s}}\n")

    def mirror(self, project):
        return f"{self.sync}/{socket.gethostname().partition('.')[0]}/{os.path.basename(project.path)}"

    def start(self):
        begin = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with self.lock, open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "--watch", *(project.root for project in self.projects), "--sync", self.sync,
                 "--config", self.configuration],
                env=self.environment, cwd=self.place, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        deadline = time.monotonic() + 60
        while self.tail(begin).count(" watching ") < len(self.projects):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the agent did not get ready: {self.tail(begin)[-2000:]}")
            time.sleep(0.02)
        self.sees()

    def tail(self, begin):
        with open(self.log, "rb") as file:
            file.seek(begin)
            return file.read().decode("utf-8", "replace")

    def blinded(self):
        self.blind.append([time.monotonic(), None])

    def sees(self):
        if self.blind and self.blind[-1][1] is None:
            self.blind[-1][1] = time.monotonic() + CATCHING_UP

    def kill(self):
        with self.lock:
            if self.process.poll() is not None:
                raise RuntimeError(f"the agent ended by itself: {self.process.returncode}")
            self.blinded()
            self.process.kill()
            self.process.wait()

    def pause(self):
        with self.lock:
            self.blinded()
            self.is_paused = True
            self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        with self.lock:
            self.process.send_signal(signal.SIGCONT)
            self.is_paused = False
        self.sees()

    def heal(self):
        """Makes sure that it runs."""
        if self.process.poll() is not None:
            self.start()
        self.go_on()

    def saw(self, begin, end):
        """Whether it could see all that happened in that time."""
        return not any(begin < (until or end) and since < end for since, until in self.blind)

    def excuses(self, run, runs):
        """Whether nobody promises that a run is kept: its executor wrote the next run of the same second over its own
        archive of it before the agent, dead or paused meanwhile, could see either."""
        if run.followed is None or self.saw(run.seen, run.followed + CATCHING_UP):
            return False
        return any(other is not run and other.stem == run.stem and other.seconds() & run.seconds() for other in runs)

    def run(self, *arguments):
        return subprocess.run([self.binary, *arguments], env=self.environment, cwd=self.place, capture_output=True,
                              text=True, timeout=300, stdin=subprocess.DEVNULL)

    def terminate(self):
        """Ends it as systemd does, and gives what was wrong with that."""
        begin = time.monotonic()
        if self.process.poll() is not None:
            return [f"the agent ended by itself: {self.process.returncode}, {self.tail(0)[-1000:]}"]
        self.process.terminate()
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            return ["the agent did not end within 30 s of SIGTERM"]
        taken = time.monotonic() - begin
        return [] if code == 0 and taken < 10 else [f"the agent ended with {code} after {taken:.1f} s"]

    def end(self):
        with self.lock:
            if self.process is not None and self.process.poll() is None:
                self.process.kill()
                self.process.wait()

"""Keeps what the executors write, without the agent: what the history has to hold is what this saw."""

import dataclasses
import json
import os
import threading
import time

from worker import Worker

EVENTS, STATE = ".events.jsonl", ".state.json"


@dataclasses.dataclass
class Run:
    stem: str
    events: bytes
    seen: float
    # When the next run of that stem was seen; None where there was none.
    followed: float = None
    states: list = dataclasses.field(default_factory=list)

    def first_start(self):
        """The line that makes the run itself."""
        return next((line for line in self.events.split(b"\n") if is_start(line)), None)

    def second(self):
        return json.loads(self.first_start())["ts"][:19]

    def seconds(self):
        """The seconds in which its segments began: A names an archive after the last."""
        return {json.loads(line)["ts"][:19] for line in self.events.split(b"\n") if is_start(line)}

    def last_state(self):
        return self.states[-1] if self.states else None


def is_start(line):
    if not line.startswith(b'{"event": "loop_start"'):
        return False
    try:
        return "depth" not in json.loads(line)
    except ValueError:
        return False


class Reader(Worker):
    """Gives each new events file a second name, and keeps each stem's newest whole state by its start."""

    def __init__(self, project):
        super().__init__(f"reader of {project.executor}")
        self.project = project
        self.files = []
        self.inodes = set()
        self.stamps = {}
        self.states = {}
        self.over = threading.Event()

    def work(self):
        while not self.over.wait(0.01):
            self.look()
        self.look()

    def end(self):
        self.over.set()
        self.join()

    def look(self):
        try:
            entries = list(os.scandir(self.project.running))
        except FileNotFoundError:
            return
        for entry in entries:
            try:
                if entry.name.endswith(EVENTS):
                    self.events(entry)
                elif entry.name.endswith(STATE):
                    self.state(entry)
            except FileNotFoundError:
                pass

    def events(self, entry):
        if entry.inode() in self.inodes:
            return
        link = f"{self.project.keep}/{len(self.files)}.jsonl"
        os.link(entry.path, link)
        inode = os.stat(link).st_ino
        if inode in self.inodes:
            # Between the look and the link another run had the name; that one is known.
            os.unlink(link)
            return
        self.inodes.add(inode)
        self.files.append((entry.name[:-len(EVENTS)], link, time.monotonic()))

    def state(self, entry):
        status = entry.stat()
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if self.stamps.get(entry.name) == stamp:
            return
        with open(entry.path, "rb") as file:
            text = file.read()
        try:
            state = json.loads(text)
        except ValueError:
            return
        self.stamps[entry.name] = stamp
        self.states[(entry.name[:-len(STATE)], state["started_at"])] = state

    def runs(self):
        """The runs so far, in the order in which they were seen; the bytes as they are now."""
        runs, last = [], {}
        for stem, link, seen in list(self.files):
            with open(link, "rb") as file:
                events = file.read()
            before = last.get(stem)
            if before and not any(map(is_start, events.split(b"\n"))):
                # A sweep took the files of a live run, which goes on.
                before.events += events
                continue
            if before:
                before.followed = seen
            last[stem] = Run(stem, events, seen)
            runs.append(last[stem])
        for (stem, started_at), state in sorted(self.states.copy().items()):
            owner = self.owner(runs, stem, started_at)
            if owner:
                owner.states.append(state)
        return runs

    @staticmethod
    def owner(runs, stem, started_at):
        """The run with the earliest start that is not before the state's."""
        found = None
        for run in runs:
            if run.stem != stem:
                continue
            for line in run.events.split(b"\n"):
                if is_start(line):
                    ts = json.loads(line)["ts"]
                    if ts >= started_at and (found is None or ts < found[0]):
                        found = (ts, run)
        return found and found[1]

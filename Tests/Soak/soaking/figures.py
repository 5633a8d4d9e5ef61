"""Samples what an agent takes of the machine, and tells whether it takes more and more."""

import os
import statistics
import threading

from worker import Worker

INTERVAL = 3

# By how much the last third's maximum may be above the first third's: a factor, and so much more. Runs that are stopped
# or killed stay in .running until somebody resumes or removes them, and as many pins and watches with them.
ALLOWED = {
    "resident memory, KiB": (1.15, 6 << 10),
    "open descriptors": (1.25, 12),
    "inotify watches": (1, 24),
    "pins": (1.25, 16),
    "staging and temporary files": (1, 6),
    "disk below .loopsync but its log, KiB": (1.5, 2 << 10),
}


class Sampler(Worker):
    def __init__(self, agent, projects):
        super().__init__("sampler")
        self.agent, self.projects = agent, projects
        self.series = {name: [] for name in ALLOWED}
        self.over = threading.Event()
        self.rest = None

    def work(self):
        while not self.over.wait(INTERVAL):
            for series, value in zip(self.series.values(), self.sample() or ()):
                series.append(value)

    def end(self):
        self.over.set()
        self.join()

    def settled(self):
        """What is left once all is done."""
        self.rest = self.sample()

    def sample(self):
        # What died or was paused while it was looked at tells nothing.
        try:
            process = self.agent.process
            if self.agent.is_paused or process.poll() is not None:
                return None
            values = [resident(process.pid), *descriptors(process.pid)]
        except (FileNotFoundError, ProcessLookupError):
            return None
        own = [f"{project.root}/.loopsync" for project in self.projects]
        scratch = [f"{self.agent.mirror(project)}/.loopsync-tmp" for project in self.projects]
        values.append(sum(count(f"{path}/pins") for path in own))
        values.append(sum(count(f"{path}/{name}") for path in own for name in ("staging", "clearing"))
                      + sum(map(within, scratch)) + sum(count(path, ".new") for path in own))
        values.append(sum(disk(path) for path in own) >> 10)
        return values

    def table(self):
        """The rows of the table, each with what is wrong about it or None."""
        rows = []
        for (name, series), rest in zip(self.series.items(), self.rest or [""] * len(self.series)):
            third = len(series) // 3
            if third == 0:
                rows.append((f"| {name} | | | | | no samples | |", f"{name}: no samples"))
                continue
            first, last = max(series[:third]), max(series[-third:])
            factor, more = ALLOWED[name]
            allowed = int(first * factor + more)
            verdict = "flat" if last <= allowed else "GROWS"
            rows.append((f"| {name} | {statistics.median(series):g} | {first} | {last} | {allowed} | {verdict} | {rest} |",
                         None if last <= allowed else f"{name}: {last} after {first} at first, {allowed} allowed"))
        return rows


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    raise ProcessLookupError(pid)


def descriptors(pid):
    """How many are open, and how many watches those of inotify have."""
    numbers = os.listdir(f"/proc/{pid}/fd")
    watches = 0
    for number in numbers:
        try:
            with open(f"/proc/{pid}/fdinfo/{number}", encoding="ascii", errors="replace") as file:
                watches += sum(line.startswith("inotify wd:") for line in file)
        except FileNotFoundError:
            pass
    return len(numbers), watches


def count(path, suffix=""):
    try:
        return sum(name.endswith(suffix) for name in os.listdir(path))
    except (FileNotFoundError, NotADirectoryError):
        return 0


def within(path):
    """What is in the directories of a directory: each process has one of its own there."""
    try:
        return sum(count(f"{path}/{name}") for name in os.listdir(path))
    except FileNotFoundError:
        return 0


def disk(path):
    """What the files below take; the log of prunes may grow to its own limit of 16 MiB."""
    total = 0
    for folder, _, files in os.walk(path):
        for name in files:
            try:
                status = os.lstat(f"{folder}/{name}")
            except FileNotFoundError:
                continue
            # A pin is another name of a file that counts where the executor wrote it.
            if name != "pruned.jsonl" and not (folder.endswith("/pins") and status.st_nlink > 1):
                total += status.st_blocks * 512
    return total

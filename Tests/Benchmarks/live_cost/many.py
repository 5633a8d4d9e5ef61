"""Many loops at once: each writes some events a second, and the mirror is watched as a whole."""

import json
import os
import subprocess
import sys
import threading
import time

import cpu
import settings
import watcher

LOOPS, RATE = 50, 20
EVENTS = ".events.jsonl"


def measure(kind, place, seconds):
    """One line of the table."""
    loops = f"{place}/project/.loops"
    running = f"{loops}/.running"
    os.makedirs(running)
    begin = settings.started_at()
    names = [f"bench-{number}" for number in range(LOOPS)]
    for name in names:
        settings.live(running, name, begin)
    count = LOOPS * RATE * seconds
    writer = subprocess.Popen(
        [sys.executable, f"{os.path.dirname(__file__)}/ll-loop", running, str(count), str(1000 / LOOPS / RATE), *names],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ, BENCH_STARTED_AT=begin))
    writer.stdout.readline()
    tool = kind(loops, f"{place}/sync", f"{place}/log")
    try:
        mirror = f"{tool.copy()}/.running"
        wait_for_all(mirror, running, names)
        sizes = Sizes(mirror)
        sizes.start()
        before, clock = cpu.used(tool.process.pid), time.monotonic()
        writer.stdin.write("go\n")
        writer.stdin.flush()
        appends = json.loads(writer.stdout.readline())
        share = (cpu.used(tool.process.pid) - before) / 1e9 / (time.monotonic() - clock)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and None in sizes.latencies(appends):
            time.sleep(0.2)
        sizes.ending = True
        sizes.join()
        memory, peak = cpu.resident(tool.process.pid)
    finally:
        tool.end()
        writer.stdin.close()
        writer.wait()
    late = sizes.latencies(appends)
    if None in late:
        raise RuntimeError(f"{tool.name} lost {late.count(None)} of {len(late)} appends")
    late.sort()
    return (f"{late[len(late) // 2]:.2f} ms | {late[int(len(late) * 0.99)]:.1f} ms | {late[-1]:.0f} ms | "
            f"{100 * share / os.cpu_count():.1f} % | {memory / 1e6:.0f} MB ({peak / 1e6:.0f})")


def wait_for_all(mirror, running, names):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if all(size(f"{mirror}/{name}{EVENTS}") == size(f"{running}/{name}{EVENTS}") for name in names):
            # Quiet, too: what a start has to do is no part of this.
            time.sleep(3)
            return
        time.sleep(0.2)
    raise RuntimeError("the tool has no complete copy")


def size(path):
    try:
        return os.stat(path).st_size
    except OSError:
        return None


class Sizes(threading.Thread):
    """Notes when each file of a directory has which size."""

    def __init__(self, directory):
        super().__init__(daemon=True)
        self.directory, self.seen, self.ending = directory, {}, False
        self.inotify = watcher.Inotify()
        self.inotify.add(directory, watcher.IN_MODIFY | watcher.IN_MOVED_TO)

    def run(self):
        while not self.ending:
            for name in {name for _, name in self.inotify.read(0.2) if name.endswith(EVENTS)}:
                now = size(f"{self.directory}/{name}")
                if now is not None:
                    self.seen.setdefault(name.removesuffix(EVENTS), []).append((time.monotonic_ns(), now))
        self.inotify.close()

    def latencies(self, appends):
        """Milliseconds from each append to the moment when the mirror held it; None where it never did."""
        answers = []
        places = {name: 0 for name in self.seen}
        for begin, wanted, name in appends:
            seen, at = self.seen.get(name, []), places.get(name, 0)
            while at < len(seen) and seen[at][1] < wanted:
                at += 1
            places[name] = at
            answers.append((seen[at][0] - begin) / 1e6 if at < len(seen) else None)
        return answers

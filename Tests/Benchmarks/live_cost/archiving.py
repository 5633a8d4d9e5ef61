"""From the executor's exit to the run in the history, with little-loops 1.52.0 itself."""

import os
import statistics
import subprocess
import time

import tools
import watcher

LOOP = """name: quick
description: ends at once
initial: a
states:
  a: {action: "echo hi", on_yes: done}
  done: {terminal: true}
"""


def measure(place, runs):
    loops = f"{place}/project/.loops"
    os.makedirs(f"{loops}/.history/quick")
    with open(f"{loops}/quick.yaml", "w") as file:
        file.write(LOOP)
    executor = f"{os.environ['LOOPSYNC_EXECUTORS']}/a/bin"
    tool = tools.Loopsync(loops, f"{place}/sync", f"{place}/log")
    inotify = watcher.Inotify()
    inotify.add(f"{loops}/.history/quick", watcher.IN_MOVED_TO | watcher.IN_CREATE)
    delays = []
    try:
        time.sleep(2)
        for _ in range(runs):
            process = subprocess.Popen(
                [f"{executor}/ll-loop", "run", "quick", "-q"], cwd=f"{place}/project", stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, env={"PATH": f"{executor}:/usr/bin:/bin", "HOME": place, "LANG": "C.UTF-8"})
            archived = ended = None
            deadline = time.monotonic() + 20
            while (archived is None or ended is None) and time.monotonic() < deadline:
                if archived is None and inotify.read(0.0005):
                    archived = time.monotonic()
                if ended is None and process.poll() is not None:
                    ended = time.monotonic()
            if archived is None or ended is None:
                raise RuntimeError("a run did not reach the history within 20 s")
            delays.append((archived - ended) * 1000)
            # More than a second, so that no two runs want one name.
            time.sleep(1.1)
            inotify.read(0)
    finally:
        tool.end()
        inotify.close()
    return (f"\nA finished run of A is in `.history` {statistics.median(delays):.1f} ms after the executor's exit "
            f"(median of {runs}; from {min(delays):.1f} to {max(delays):.1f} ms; negative: before the exit).")

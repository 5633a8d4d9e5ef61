"""The system calls of a transition, made by a program that does nothing else."""

import os
import time

LINE = b'{"event": "state_enter", "ts": "2026-01-01T00:00:00.000000+00:00", "state": "s100", "iteration": 101}\n'
STATE = b" " * 420


def measure(directory, count, action):
    """Per second, and seconds on a processor: three appends, each with its open and close, a temporary file with its rename,
    and the action where there is one."""
    events, state, draft = (f"{directory}/{name}" for name in ("floor.events.jsonl", "floor.state.json", "floor.tmp"))
    clock, used = time.monotonic(), processor()
    for _ in range(count):
        append(events)
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.write(file, STATE)
        os.close(file)
        os.rename(draft, state)
        if action:
            os.waitpid(os.posix_spawn("/bin/bash", ["bash", "-c", action], os.environ), 0)
        append(events)
        append(events)
    return count / (time.monotonic() - clock), (processor() - used) / count


def processor():
    return sum(os.times()[:4])


def append(path):
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(file, LINE)
    os.close(file)

"""Processor time and memory of a process and all that it started."""

import os

TICK = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def tree(root):
    """The live processes at and below a process."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = stat(int(name))
            if fields:
                parents.setdefault(int(fields[1]), []).append(int(name))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += parents.get(pid, [])
    return found


def stat(pid):
    """The fields of /proc/PID/stat from the state on; None where the process has gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def used(root):
    """Nanoseconds on a processor by the tree of a process.

    Of the live ones by /proc/PID/task/*/schedstat; of the dead ones that were waited for, such as each rsync, by their
    parents' cutime and cstime. The latter are sums of exact times, shown in ticks of 10 ms.
    """
    total = 0
    for pid in tree(root):
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                    total += int(file.read().split()[0])
        except OSError:
            continue
        fields = stat(pid)
        if fields:
            total += (int(fields[13]) + int(fields[14])) * TICK
    return total


def resident(root):
    """Bytes of memory in use by the tree, and the most that the root ever had."""
    now, peak = 0, 0
    for pid in tree(root):
        try:
            with open(f"/proc/{pid}/status") as file:
                values = dict(line.split(":", 1) for line in file if ":" in line)
        except OSError:
            continue
        now += int(values.get("VmRSS", "0").split()[0]) * 1024
        if pid == root:
            peak = int(values.get("VmHWM", "0").split()[0]) * 1024
    return now, peak

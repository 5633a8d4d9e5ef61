"""What is measured, by loopsync and by its peers, and how the outcome is checked."""

import dataclasses
import filecmp
import os
import subprocess
import sys
from collections.abc import Callable

LOOPSYNC = os.environ["LOOPSYNC_BINARY"]
PYTHON = f"{os.environ['LOOPSYNC_EXECUTORS']}/a/bin/python"
KEPT = 50  # runs of each loop that the policy keeps


@dataclasses.dataclass
class Peer:
    name: str
    do: Callable[[str], None]
    at_most: float | None = None


@dataclasses.dataclass
class Work:
    name: str
    runs: int
    tree: Callable
    do: Callable[[str], None]
    peers: list[Peer]
    check: Callable[[str, str, str], None]
    prepare: Callable[[str, str], None] = lambda project, who: None
    # Whether one copy does for all pairs.
    only_looks: bool = False


def run(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)[:300]}: status {done.returncode}\n{done.stderr.decode()[-2000:]}")


def loopsync(project, *words, policy=""):
    """Runs a command of loopsync on a project, mirrored to `mirror` in it."""
    config = f"{project}/config.yaml"
    with open(config, "w") as file:
        file.write(f"version: 1\nmirror: {{namespace: m}}\n{policy}")
    run(LOOPSYNC, *words, "--loops", f"{project}/.loops", "--config", config)


def mirrored(project):
    """Where the mirror of a project is."""
    os.makedirs(f"{project}/mirror", exist_ok=True)
    return f"{project}/mirror"


def expect(condition, text):
    if not condition:
        sys.exit(f"wrong outcome: {text}")


# Archive

CLEAR_ALL = """
import os, sys
from pathlib import Path
from little_loops.fsm.persistence import StatePersistence
loops = Path(sys.argv[1])
for name in sorted(os.listdir(loops / ".running")):
    if name.endswith(".state.json"):
        StatePersistence(name[:-len(".state.json")], loops).clear_all()
os.system(f"sync -f {loops}")
"""


def archive(project):
    loopsync(project, "archive")


def check_archive(project, who, tree):
    found = count(f"{project}/.loops/.history", "events.jsonl")
    expect(found == count(f"{tree}/.running", ".events.jsonl"), f"{found} runs archived by {who}")


def count(top, end):
    return sum(name.endswith(end) for _, _, names in os.walk(top) for name in names)


# Mirror

def mirror(project):
    loopsync(project, "mirror", "--sync", mirrored(project))


def copy(project):
    target = f"{mirrored(project)}/m"
    os.makedirs(target)
    run("cp", "-a", f"{project}/.loops/.history", target)
    run("sync", "-f", target)


def rsync(project):
    run("rsync", "-a", f"{project}/.loops/.history", f"{mirrored(project)}/m/")


def rclone(project):
    run("rclone", "sync", "--config", "/dev/null", f"{project}/.loops/.history", f"{mirrored(project)}/m/.history")


def mirror_before(project, who):
    os.makedirs(f"{mirrored(project)}", exist_ok=True)
    (mirror if who == "loopsync" else copy)(project)


def check_mirror(project, who, tree):
    same(f"{tree}/.history", f"{project}/mirror/m/.history")


def same(left, right):
    """Fails unless two trees have the same names and bytes."""
    for directory, folders, names in os.walk(left):
        other = directory.replace(left, right, 1)
        expect(os.path.isdir(other) and sorted(os.listdir(other)) == sorted(folders + names), f"{other} is not {directory}")
        _, wrong, failed = filecmp.cmpfiles(directory, other, names, shallow=False)
        expect(not wrong + failed, f"{other}: {wrong + failed}")


# Verify

def verify(project):
    loopsync(project, "verify", "--sync", mirrored(project))


def hash_all(project):
    run("bash", "-c", 'find "$1" "$2" -type f -print0 | xargs -0 -P2 -n500 sha256sum', "hash",
        f"{project}/.loops/.history", mirrored(project))


# Prune

POLICY = f"retention: {{keep_last: {KEPT}, min_age: 1h, require_mirrored: false}}\n"


def prune(project):
    loopsync(project, "prune", "--force", policy=POLICY)


def prune_for_good(project):
    loopsync(project, "prune", "--force", policy=POLICY)
    loopsync(project, "prune", "--empty-trash", policy=POLICY)


def surplus(project):
    """The directories of the runs that the policy removes."""
    loops = {}
    for directory, _, names in os.walk(f"{project}/.loops/.history"):
        if "events.jsonl" in names:
            run = os.path.basename(directory)
            nested = os.path.basename(os.path.dirname(directory))
            loops.setdefault(nested if nested != ".history" else run[18:], []).append(directory)
    return [run for runs in loops.values() for run in sorted(runs)[:-KEPT]]


def remove(project):
    runs = "\0".join(surplus(project))
    subprocess.run(["xargs", "-0", "rm", "-rf"], input=runs.encode(), check=True)
    run("sync", "-f", project)


def check_prune(project, who, tree):
    expect(not surplus(project), f"{who} left {len(surplus(project))} too many")
    expect(count(f"{project}/.loops/.history", "events.jsonl") > 0, f"{who} removed everything")


# Look

def latest(project):
    loopsync(project, "history", "--limit", "20")


def everything(project):
    loopsync(project, "history", "--json")


def ll_history(project):
    loop = next(name for name in sorted(os.listdir(f"{project}/.loops/.history")) if name.startswith("loop-"))
    run(f"{os.environ['LOOPSYNC_EXECUTORS']}/a/bin/ll-loop", "history", loop, cwd=project)


def catalogue_before(project, who):
    """What an agent, or the last archive, leaves behind."""
    if who == "loopsync":
        loopsync(project, "catalogue", "rebuild")


def nothing(project, who, tree):
    pass


ALL = [
    Work("archive", 2000, lambda trees, runs: trees.running(runs), archive,
         [Peer("A's clear_all, sync -f", lambda project: run(PYTHON, "-c", CLEAR_ALL, f"{project}/.loops"), 1.0)],
         check_archive),
    Work("first mirror", 10_000, lambda trees, runs: trees.history(runs), mirror,
         [Peer("cp -a, sync -f", copy, 1.3), Peer("rsync -a", rsync), Peer("rclone sync", rclone)], check_mirror),
    Work("mirror, no change", 10_000, lambda trees, runs: trees.history(runs), mirror,
         [Peer("rsync -a", rsync, 0.5), Peer("rclone sync", rclone)], check_mirror, mirror_before),
    Work("verify", 10_000, lambda trees, runs: trees.history(runs), verify,
         [Peer("xargs -P2 sha256sum", hash_all, 1.0)], check_mirror, mirror_before, True),
    Work("prune to the trash", 10_000, lambda trees, runs: trees.history(runs), prune,
         [Peer("rm -rf, sync -f", remove, 0.2)], check_prune, catalogue_before),
    Work("prune for good", 10_000, lambda trees, runs: trees.history(runs), prune_for_good,
         [Peer("rm -rf, sync -f", remove, 1.2)], check_prune, catalogue_before),
    Work("history --limit 20", 100_000, lambda trees, runs: trees.history(runs), latest,
         [Peer("A's history of one loop", ll_history)], nothing, catalogue_before, True),
    Work("history --json", 100_000, lambda trees, runs: trees.history(runs), everything,
         [Peer("A's history of one loop", ll_history)], nothing, catalogue_before, True),
]

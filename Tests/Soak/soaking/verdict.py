"""Compares history, mirror and log of prunes with what the readers saw."""

import hashlib
import json
import os

import figures


def archives(history):
    """The directories of all archived runs by the digest of their events."""
    found = {}
    for path, folders, files in os.walk(history):
        folders[:] = [name for name in folders if name != ".loopsync"]
        if "events.jsonl" in files:
            try:
                with open(f"{path}/events.jsonl", "rb") as file:
                    found.setdefault(hashlib.sha256(file.read()).digest(), []).append(path)
            except FileNotFoundError:
                pass
    return found


def pruned(project):
    """The first lines of all runs whose last record says that they were removed."""
    last = {}
    try:
        with open(f"{project.root}/.loopsync/pruned.jsonl", encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                last[(record.get("identity") or {}).get("loop_start")] = record["change"]
    except FileNotFoundError:
        pass
    return {line for line, change in last.items() if change == "pruned"}


def text(line):
    return line.decode("utf-8", "surrogateescape")


def is_pruned(project, run):
    return run.first_start() is not None and text(run.first_start()) in pruned(project)


def lost(agent, project, runs):
    """What is not where it has to be: each run in the mirror, and in the history or in the log of prunes."""
    history, mirror, gone = archives(project.history), archives(f"{agent.mirror(project)}/.history"), pruned(project)
    problems = []
    for run in runs:
        if not run.events or run.first_start() is None:
            continue
        digest = hashlib.sha256(run.events).digest()
        name = f"{project.executor}: {run.stem} of {run.second()} ({len(run.events)} bytes)"
        places = history.get(digest, []), mirror.get(digest, [])
        if not any(places) and agent.excuses(run, runs):
            continue
        if not places[1]:
            problems.append(f"{name}: not in the mirror")
        if not places[0] and text(run.first_start()) not in gone:
            problems.append(f"{name}: neither in the history nor pruned")
        if len(places[0]) > 1 or len(places[1]) > 1:
            problems.append(f"{name}: stands twice: {places}")
        for path in places[0] + places[1]:
            problems += [f"{name}: {problem}" for problem in state_problems(path, run)]
    return problems


def excused(agent, project, runs):
    """The runs that are nowhere, as the promises allow."""
    found = archives(project.history).keys() | archives(f"{agent.mirror(project)}/.history").keys()
    return [run for run in runs if hashlib.sha256(run.events).digest() not in found and run.first_start()
            and not is_pruned(project, run) and agent.excuses(run, runs)]


def state_problems(path, run):
    """The archived state is the run's, and no older than the last one that was seen."""
    seen = run.last_state()
    if seen is None:
        return []
    try:
        with open(f"{path}/state.json", "rb") as file:
            state = json.loads(file.read())
    except (OSError, ValueError) as error:
        return [f"{path}: {error!r}"]
    if state["loop_name"] != seen["loop_name"]:
        return [f"{path}: the state of {state['loop_name']}"]
    order = [(each["started_at"], each["updated_at"]) for each in (seen, state)]
    return [] if order[1] >= order[0] else [f"{path}: a state of {order[1]}, and one of {order[0]} was seen"]


def clean(agent, projects):
    """What verify finds, and what sums do not hold."""
    problems = []
    for project in projects:
        mirror = agent.mirror(project)
        for root in (project.root, mirror):
            settings = ["--config", agent.configuration, "--sync", agent.sync] if root == project.root else []
            done = agent.run("verify", "--loops", root, *settings)
            if done.returncode != 0 or "damaged" in done.stdout + done.stderr:
                problems.append(f"verify of {root} ends with {done.returncode}: {done.stdout}{done.stderr}")
            problems += sums(f"{root}/.history")
    return problems


def sums(history):
    problems = []
    for path, folders, files in os.walk(history):
        folders[:] = [name for name in folders if name != ".loopsync"]
        if "SHA256SUMS" not in files:
            if "events.jsonl" in files:
                problems.append(f"{path}: no SHA256SUMS")
            continue
        with open(f"{path}/SHA256SUMS", encoding="utf-8") as file:
            listed = dict(reversed(line.rstrip("\n").split("  ", 1)) for line in file)
        for name in set(files) - {"SHA256SUMS", ".keep"}:
            with open(f"{path}/{name}", "rb") as file:
                if hashlib.sha256(file.read()).hexdigest() != listed.get(name):
                    problems.append(f"{path}/{name}: another digest than in SHA256SUMS")
        problems += [f"{path}/{name}: gone" for name in set(listed) - set(files)]
    return problems


def leftovers(agent, project):
    """What lies about although nothing is under way."""
    problems = []
    own = f"{project.root}/.loopsync"
    for name in ("staging", "clearing"):
        if os.path.isdir(f"{own}/{name}") and os.listdir(f"{own}/{name}"):
            problems.append(f"left over in {own}/{name}: {os.listdir(f'{own}/{name}')[:5]}")
    scratch = f"{agent.mirror(project)}/.loopsync-tmp"
    if figures.within(scratch):
        problems.append(f"left over in {scratch}: {os.listdir(scratch)[:5]}")
    live = [name for name in os.listdir(project.running) if name.endswith((".events.jsonl", ".state.json"))]
    pins = os.listdir(f"{own}/pins")
    if len(pins) > 2 * len(live):
        problems.append(f"{len(pins)} pins for {len(live)} files in {project.running}")
    return problems

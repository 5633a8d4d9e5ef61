"""Lets an agent live beside twenty loops, kills and pauses, and tells what came of it, as tables in Markdown."""

import argparse
import os
import random
import shutil
import sys
import tempfile
import threading
import time

import figures
import verdict
from agent import Agent
from hand import Hand
from nemesis import Nemesis
from project import Project
from reader import Reader


def main():
    options = arguments()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    place = os.path.realpath(tempfile.mkdtemp(prefix="loopsync-soak-", dir=options.dir))
    print(f"soak: seed {seed}, {options.minutes:g} minutes, {os.environ['LOOPSYNC_BINARY']}, in {place}", flush=True)
    try:
        problems = soak(options, seed, place)
    except BaseException:
        problems = ["it did not come to its end"]
        raise
    finally:
        if options.keep or problems:
            print(f"\nkept to look at: {place}", flush=True)
        else:
            shutil.rmtree(place)
    return 1 if problems else 0


def arguments():
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="how long (30)")
    parser.add_argument("--seed", type=int, help="of all that is random but the machine; printed where it is not given")
    parser.add_argument("--keep", action="store_true", help="leave the directory even where all is well")
    parser.add_argument("--dir", default=tempfile.gettempdir(), help="where to work")
    return parser.parse_args()


def soak(options, seed, place):
    duration = options.minutes * 60
    projects = [Project(place, "a"), Project(place, "b")]
    readers = [Reader(project) for project in projects]
    agent = Agent(place, projects, trash_for=max(5, int(duration / 12)))
    sampler = figures.Sampler(agent, projects)
    stopping = threading.Event()
    hands = [Hand(project, loop, agent, seed, stopping) for project in projects for loop in project.loops]
    nemesis = Nemesis(agent, hands, seed, duration, stopping)
    threads = readers + [sampler] + hands + [nemesis]
    try:
        agent.start()
        for thread in threads:
            thread.start()
        stopping.wait(duration)
        stopping.set()
        for thread in [nemesis] + hands:
            thread.join()
        agent.heal()
        sampler.end()
        problems = settle(agent, projects, readers)
        for reader in readers:
            reader.end()
        sampler.settled()
        problems += verdict.clean(agent, projects) + agent.terminate()
        problems += [f"{thread.name}: {thread.failure}" for thread in threads if thread.failure]
        report(agent, projects, readers, sampler, hands, nemesis, problems)
        return problems
    finally:
        stopping.set()
        for hand in hands:
            hand.end()
        agent.end()


def settle(agent, projects, readers):
    """Waits until all that was recorded is where it has to be and nothing lies about; gives what is not so in the end."""
    deadline = time.monotonic() + 240
    while True:
        problems = []
        for project, reader in zip(projects, readers):
            problems += verdict.lost(agent, project, reader.runs()) + verdict.leftovers(agent, project)
        if not problems or time.monotonic() > deadline:
            return problems
        time.sleep(2)


def report(agent, projects, readers, sampler, hands, nemesis, problems):
    print("\n| what happened | |\n|---|---|")
    for project, reader in zip(projects, readers):
        runs = reader.runs()
        gone = verdict.pruned(project)
        pruned = sum(verdict.text(run.first_start() or b"") in gone for run in runs)
        print(f"| runs of {project.version} recorded | {len(runs)} ({sum(len(run.events) for run in runs) >> 10} KiB), "
              f"of which {pruned} pruned, {len(verdict.excused(agent, project, runs))} lost as promises allow |")
    for name in ("runs", "resumes", "stops", "signals"):
        print(f"| {name} | {sum(hand.counts[name] for hand in hands)} |")
    for name, count in nemesis.counts.items():
        print(f"| {name} | {count} |")
    print("\n| figure | median | first third, most | last third, most | allowed | | settled |\n|---|---|---|---|---|---|---|")
    flat = sampler.table()
    for row, _ in flat:
        print(row)
    problems += [problem for _, problem in flat if problem]
    print(f"\n{'All is well.' if not problems else 'WRONG:'}")
    for problem in problems[:50]:
        print(f"- {problem}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

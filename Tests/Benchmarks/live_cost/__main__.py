"""Measures live mirroring and prints a table in Markdown."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import archiving
import cpu
import machine
import many
import settings
import tools
import watcher

SETTINGS = {
    "plain": (0, 0),
    "100 MB of events": (100, 0),
    "20,000 archived runs": (0, 20_000),
}


def main():
    options = arguments()
    print(f"{machine.describe(options.dir)}\n", flush=True)
    if options.many:
        return many_loops(options)
    print("| setting | tool | append → mirror, median | p99 | CPU per append | CPU, idle 5 s | memory (peak) | first copy |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name in options.setting or SETTINGS:
        for tool in tools.ALL:
            if options.tool and not any(tool.name.startswith(word) for word in options.tool):
                continue
            with tempfile.TemporaryDirectory(prefix="live-cost-", dir=options.dir) as place:
                print(f"| {name} | {tool.name} | {measure(tool, *SETTINGS[name], place, options)} |", flush=True)
    print(f"\n{options.rounds} rounds of {options.appends} appends {options.interval} ms apart, a state save with every "
          "fourth; median of the rounds.")
    if not options.tool or "loopsync" in options.tool:
        with tempfile.TemporaryDirectory(prefix="live-cost-", dir=options.dir) as place:
            print(archiving.measure(place, options.runs))


def many_loops(options):
    """The table of many loops at once."""
    print(f"| {many.LOOPS} loops, {many.RATE} events/s each | append → mirror, median | p99 | latest | of all processors | "
          "memory (peak) |\n|---|---|---|---|---|---|", flush=True)
    for tool in tools.ALL:
        if options.tool and not any(tool.name.startswith(word) for word in options.tool):
            continue
        with tempfile.TemporaryDirectory(prefix="live-cost-", dir=options.dir) as place:
            print(f"| {tool.name} | {many.measure(tool, place, options.many)} |", flush=True)


def arguments():
    parser = argparse.ArgumentParser(prog="live-cost", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--appends", type=int, default=60, help="per round (60)")
    parser.add_argument("--interval", type=int, default=250, help="milliseconds between two appends (250)")
    parser.add_argument("--runs", type=int, default=20, help="runs of A to time from exit to archive (20)")
    parser.add_argument("--setting", action="append", choices=list(SETTINGS), help="only this one; may be repeated")
    parser.add_argument("--tool", action="append", help="only tools whose name begins so; may be repeated")
    parser.add_argument("--many", type=int, metavar="SECONDS",
                        help=f"instead: {many.LOOPS} loops at once that write {many.RATE} events a second each, for so long")
    parser.add_argument("--dir", default=tempfile.gettempdir(), help="where to work: the file system that is measured")
    return parser.parse_args()


def measure(kind, megabytes, archived, place, options):
    """One line of the table: starts the tool, waits until it has copied all, and lets the rounds pass."""
    loops, log = f"{place}/project/.loops", f"{place}/log"
    begin = settings.make(loops, megabytes, archived)
    writer = subprocess.Popen(
        [sys.executable, f"{os.path.dirname(__file__)}/ll-loop", f"{loops}/.running", str(options.appends),
         str(options.interval), "bench"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ, BENCH_STARTED_AT=begin))
    writer.stdout.readline()
    clock = time.monotonic()
    tool = kind(loops, f"{place}/sync", log)
    try:
        catch_up(tool, archived)
        first = time.monotonic() - clock
        rounds = [one_round(tool, writer, options) for _ in range(options.rounds)]
        before = cpu.used(tool.process.pid)
        time.sleep(5)
        idle = (cpu.used(tool.process.pid) - before) / 1e6
        memory, peak = cpu.resident(tool.process.pid)
        if tool.process.poll() is not None:
            raise RuntimeError(f"{tool.name} ended by itself")
    except Exception:
        with open(log) as file:
            tools.complain(tool, file.read()[-4000:])
        raise
    finally:
        tool.end()
        writer.stdin.close()
        writer.wait()
    late = sorted(one for each in rounds for one in each[0])
    median = statistics.median(statistics.median(each[0]) for each in rounds)
    p99 = late[min(len(late) - 1, int(len(late) * 0.99))]
    spent = statistics.median(each[1] for each in rounds)
    return (f"{median:.2f} ms | {p99:.1f} ms | {spent:.2f} ms | {idle:.2f} ms | {memory / 1e6:.0f} MB "
            f"({peak / 1e6:.0f}) | {first:.1f} s")


def catch_up(tool, archived):
    """Waits until the copy is complete and the tool is quiet."""
    source = f"{tool.loops}/.running/bench.events.jsonl"
    copy = f"{tool.copy()}/.running/bench.events.jsonl"
    deadline = time.monotonic() + 1800
    while time.monotonic() < deadline:
        before = cpu.used(tool.process.pid)
        time.sleep(1)
        quiet = cpu.used(tool.process.pid) - before < 20_000_000
        if quiet and os.path.exists(copy) and os.path.getsize(copy) == os.path.getsize(source):
            if archived == 0 or count(f"{tool.copy()}/.history") == archived:
                return
    raise RuntimeError(f"{tool.name} has no complete copy: {count(f'{tool.copy()}/.history')} of {archived} runs")


def count(history):
    return sum(len(os.listdir(f"{history}/{loop}")) for loop in os.listdir(history)) if os.path.isdir(history) else 0


def one_round(tool, writer, options):
    """Latencies in milliseconds and processor time per append in milliseconds."""
    growth = watcher.Growth(f"{tool.copy()}/.running/bench.events.jsonl")
    growth.start()
    before = cpu.used(tool.process.pid)
    writer.stdin.write("go\n")
    writer.stdin.flush()
    appends = json.loads(writer.stdout.readline())
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and None in growth.latencies(appends):
        time.sleep(0.1)
    time.sleep(0.5)
    spent = (cpu.used(tool.process.pid) - before) / 1e6 / options.appends
    growth.end()
    latencies = growth.latencies(appends)
    if None in latencies:
        raise RuntimeError(f"{tool.name} lost {latencies.count(None)} appends")
    return latencies, spent


if __name__ == "__main__":
    sys.exit(main())

"""Measures transitions per second and processor time per transition, and prints a table in Markdown."""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import floor
import loops


def main():
    options = arguments()
    programs = {
        "A": [f"{os.environ['LOOPSYNC_EXECUTORS']}/a/bin/ll-loop"],
        "looprun": [os.environ["LOOPRUN_BINARY"]],
    }
    print(f"{os.cpu_count()} × {model()}, Linux {platform.release()}; load {os.getloadavg()[0]:.1f} at the start\n")
    print("| where | machine | transitions/s A | looprun | ratio | CPU per transition A | looprun | ratio | "
          "of it for reading the machine A | looprun | floor: per second | CPU |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for place in options.dir or [tempfile.gettempdir(), "/dev/shm"]:
        for name, machine in loops.ALL.items():
            with tempfile.TemporaryDirectory(prefix="engine-cost-", dir=place) as project:
                print(f"| {kind(place)} | {name} | {row(machine, programs, project, options.pairs)} |", flush=True)
    print(f"\nMedian of {options.pairs} pairs, A and looprun in turn; the start of the programs, measured with a machine of "
          "one state, is subtracted; reading the machine, measured with the same one that begins at its end, is not. CPU is user and system time of the executor and its actions. The floor is the same "
          "appends and renames, and the same `bash -c`, by nobody: what any executor has to pay.")


def arguments():
    parser = argparse.ArgumentParser(prog="engine-cost", description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--dir", action="append", help="where to work; may be repeated (the temporary directory, /dev/shm)")
    return parser.parse_args()


def row(machine, programs, project, pairs):
    """The figures of one machine at one place."""
    os.mkdir(f"{project}/.loops")
    for name, text in (("bench", machine.yaml), ("start", loops.START), ("read", machine.read)):
        with open(f"{project}/.loops/{name}.yaml", "w") as file:
            file.write(text)
    rates, costs, reading = [], [], []
    for _ in range(pairs):
        pair = {name: one(command, project, machine.transitions) for name, command in programs.items()}
        rates.append({name: figures[0] for name, figures in pair.items()})
        costs.append({name: figures[1] for name, figures in pair.items()})
        reading.append({name: figures[2] for name, figures in pair.items()})
    least = [floor.measure(project, machine.transitions, machine.action) for _ in range(pairs)]
    return (f"{median(rates, 'A'):,.0f} | {median(rates, 'looprun'):,.0f} | "
            f"{statistics.median(each['looprun'] / each['A'] for each in rates):.2f} | "
            f"{median(costs, 'A') * 1e6:,.0f} µs | {median(costs, 'looprun') * 1e6:,.0f} µs | "
            f"{statistics.median(each['looprun'] / each['A'] for each in costs):.2f} | "
            f"{median(reading, 'A') * 1e6:,.0f} µs | {median(reading, 'looprun') * 1e6:,.0f} µs | "
            f"{statistics.median(each[0] for each in least):,.0f} | {statistics.median(each[1] for each in least) * 1e6:,.0f} µs")


def median(values, name):
    return statistics.median(each[name] for each in values)


def one(command, project, transitions):
    """Transitions per second and processor seconds per transition of one run, without the program's start, and how many of
    those seconds it takes to read the machine."""
    begin = timed(command, project, "start")
    read = timed(command, project, "read")
    whole = timed(command, project, "bench")
    return transitions / (whole[0] - begin[0]), (whole[1] - begin[1]) / transitions, (read[1] - begin[1]) / transitions


def timed(command, project, loop):
    """Seconds by the clock and on a processor, the children's included."""
    clock = time.monotonic()
    process = subprocess.Popen(command + ["run", loop, "--quiet"], cwd=project, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    talk = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} run {loop}: status {status}\n{talk.decode()}")
    return time.monotonic() - clock, used.ru_utime + used.ru_stime


def kind(place):
    answer = subprocess.run(["stat", "-f", "-c", "%T", place], capture_output=True, text=True)
    return f"{answer.stdout.strip()} ({place})"


def model():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown CPU")


main()

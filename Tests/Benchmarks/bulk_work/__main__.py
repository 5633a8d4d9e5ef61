"""Measures bulk work on histories: loopsync beside what people would use instead, in turn, on fresh copies."""

import argparse
import os
import platform
import sys
import tempfile

import corpora
import pairs
import works


def main():
    options = arguments()
    chosen = [work for work in works.ALL if not options.only or work.name in options.only]
    scale = 0.005 if options.quick else options.scale
    rounds = 1 if options.quick else options.pairs
    print(f"{os.cpu_count()} × {model()}, Linux {platform.release()}; load {os.getloadavg()[0]:.1f} at the start\n")
    print("| work | runs | peer | peer, median | loopsync, median | ratio | spread | at most | |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="bulk-", dir=options.dir) as place:
        trees = corpora.Corpora(place)
        for work in chosen:
            runs = max(40, int(work.runs * scale))
            for line in pairs.measured(work, runs, trees, rounds):
                print(line, flush=True)
    print(f"\nSeconds by the clock, medians of {rounds} pairs, whoever comes first in turn; the ratio is the median of the "
          "pairs' own, its spread is the middle half of them. Above a fifth of the ratio there is no verdict. After each "
          "the outcome was compared with the original. Prune and history find the catalogue that an agent keeps.")


def arguments():
    names = [work.name for work in works.ALL]
    parser = argparse.ArgumentParser(prog="bulk", description=__doc__, epilog="works: " + ", ".join(names))
    parser.add_argument("--pairs", type=int, default=5, help="how many pairs (5)")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the usual number of runs (1.0)")
    parser.add_argument("--quick", action="store_true", help="one pair of a two-hundredth: whether it all works, not how fast")
    parser.add_argument("--only", action="append", choices=names, help="only this work; may be repeated")
    parser.add_argument("--dir", default=tempfile.gettempdir(), help="where to work (the temporary directory)")
    return parser.parse_args()


def model():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown CPU")


sys.exit(main())

"""Makes a .loops directory with a history of many runs, out of runs that a real executor wrote.

Each loop runs once; its files are then copied with every time in them moved, one run after the other.
"""

import argparse
import datetime
import hashlib
import os
import re
import subprocess
import sys
import tempfile

LOOP = """name: {name}
description: a step, a check, and over again
initial: work
scope: ["."]
max_iterations: 50
states:
  work: {{action: "echo $(( $(cat n 2>/dev/null || echo 0) + 1 )) > n; cat n", next: check}}
  check: {{action: "test $(cat n) -ge {rounds}", on_yes: done, on_no: work, on_error: work}}
  done: {{terminal: true}}
"""
FORMS = (
    (re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"), "%Y-%m-%dT%H:%M:%S"),
    (re.compile(rb"\d{4}-\d\d-\d\dT\d{6}"), "%Y-%m-%dT%H%M%S"),
    (re.compile(rb"\d{8}T\d{6}"), "%Y%m%dT%H%M%S"),
)
ANY = re.compile(b"(" + b"|".join(form.pattern for form, _ in FORMS) + b"|LOOPNAME)")


def arguments():
    parser = argparse.ArgumentParser(prog="corpus", description=__doc__.split("\n")[0])
    parser.add_argument("place", help="the .loops directory to make; it must not have a history yet")
    parser.add_argument("--runs", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--loops", type=int, default=20, help="of how many loops (20)")
    parser.add_argument("--layout", choices=("nested", "flat", "both"), default="both",
                        help="nested: runs of A; flat: runs of B; both: one loop so, the next so (both)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each run goes round (3)")
    parser.add_argument("--sums", action="store_true", help="with SHA256SUMS, as loopsync archives them")
    parser.add_argument("--newest", default="2026-11-01T00:00:00", help="when the last run starts (UTC)")
    return parser.parse_args()


def written(version, rounds):
    """The bytes of a state and an events file, and when the run began."""
    with tempfile.TemporaryDirectory() as home:
        loops = f"{home}/.loops"
        os.makedirs(loops)
        with open(f"{loops}/LOOPNAME.yaml", "w") as file:
            file.write(LOOP.format(name="LOOPNAME", rounds=rounds))
        program = f"{os.environ['LOOPSYNC_EXECUTORS']}/{version}/bin"
        subprocess.run(
            [f"{program}/ll-loop", "run", "LOOPNAME", "-q"], cwd=home, check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={"PATH": f"{program}:/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8"})
        found = {}
        for directory, _, names in os.walk(f"{loops}/.running"):
            for name in names:
                for end in ("state.json", "events.jsonl"):
                    if name.endswith("." + end):
                        with open(f"{directory}/{name}", "rb") as file:
                            found[end] = file.read().replace(home.encode(), b"/home/user/project")
    start = FORMS[0][0].search(found["events.jsonl"]).group()
    return {name: parts(text) for name, text in found.items()}, datetime.datetime.fromisoformat(start.decode())


def parts(text):
    """The text taken apart: bytes that stay, (time, form) that is moved, None for the loop's name."""
    found = []
    for piece in ANY.split(text):
        form = next((form for pattern, form in FORMS if pattern.fullmatch(piece)), None)
        if piece == b"LOOPNAME":
            found.append(None)
        else:
            found.append((datetime.datetime.strptime(piece.decode(), form), form) if form else piece)
    return found


def moved(text, by, loop):
    """The text with every time in it so much later, and the loop's name."""
    known = {None: loop.encode()}
    for part in text:
        if isinstance(part, tuple) and part not in known:
            known[part] = (part[0] + by).strftime(part[1]).encode()
    return b"".join(part if isinstance(part, bytes) else known[part] for part in text)


def main():
    options = arguments()
    history = f"{options.place}/.history"
    if os.path.exists(history):
        sys.exit(f"corpus: {history} is there already")
    versions = {"nested": "a", "flat": "b", "both": "ab"}[options.layout]
    templates = {version: written(version, options.rounds) for version in versions}
    newest = datetime.datetime.fromisoformat(options.newest)
    for number in range(options.runs):
        loop = f"loop-{number % options.loops}"
        version = versions[number % options.loops % len(versions)]
        files, began = templates[version]
        start = newest - datetime.timedelta(seconds=61 * (options.runs - 1 - number))
        run = start.strftime("%Y-%m-%dT%H%M%S")
        directory = f"{history}/{loop}/{run}" if version == "a" else f"{history}/{run}-{loop}"
        os.makedirs(directory)
        sums = b""
        for name, text in sorted(files.items()):
            text = moved(text, start - began, loop)
            with open(f"{directory}/{name}", "wb") as file:
                file.write(text)
            sums += hashlib.sha256(text).hexdigest().encode() + f"  {name}\n".encode()
        if options.sums:
            with open(f"{directory}/SHA256SUMS", "wb") as file:
                file.write(sums)
    print(f"{options.runs} runs of {options.loops} loops in {history}")


main()

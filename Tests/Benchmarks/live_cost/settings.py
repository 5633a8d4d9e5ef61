"""The loops directories to measure on."""

import json
import os
import time


def started_at():
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".250000+00:00"


def make(loops, megabytes, archived):
    """Makes a loops directory with one live run, `bench`.

    megabytes: what its events file holds already; archived: how many runs the history holds. Returns started_at.
    """
    running = f"{loops}/.running"
    os.makedirs(running)
    begin = started_at()
    live(running, "bench", begin, megabytes)
    for number in range(archived):
        archive(f"{loops}/.history/old-{number % 20}", number // 20)
    return begin


def live(running, loop, begin, megabytes=0):
    """A run that has just begun."""
    line = json.dumps({"event": "action_output", "ts": begin, "line": "x" * 900}) + "\n"
    with open(f"{running}/{loop}.events.jsonl", "w") as file:
        file.write(json.dumps({"event": "loop_start", "ts": begin, "loop": loop}) + "\n")
        block = line * 1000
        for _ in range(megabytes * 1_000_000 // len(block)):
            file.write(block)
    with open(f"{running}/{loop}.state.json", "w") as file:
        json.dump({"loop_name": loop, "current_state": "work", "iteration": 1, "started_at": begin,
                   "updated_at": begin, "status": "running"}, file, indent=2)


def archive(loop, number):
    start = 1_790_000_000 + number * 600
    begin = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(start)) + ".250000+00:00"
    name = os.path.basename(loop)
    place = f"{loop}/{begin.replace(':', '')[:17]}"
    os.makedirs(place)
    state = {"loop_name": name, "current_state": "done", "iteration": 3, "captured": {}, "prev_result": None,
             "last_result": None, "started_at": begin, "updated_at": begin, "status": "completed",
             "accumulated_ms": 3000}
    lines = [{"event": "loop_start", "ts": begin, "loop": name}]
    lines += [{"event": "action_output", "ts": begin, "line": f"line {k} of the run"} for k in range(10)]
    lines += [{"event": "loop_complete", "ts": begin, "final_state": "done", "iterations": 3,
               "terminated_by": "terminal"}]
    with open(f"{place}/state.json", "w") as file:
        json.dump(state, file, indent=2)
    with open(f"{place}/events.jsonl", "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)

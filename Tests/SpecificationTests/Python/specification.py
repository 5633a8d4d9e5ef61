"""Calls the specification's own functions, as little-loops 1.52.0 has them.

Reads one request per line from standard input, a JSON object with "call" and its arguments, and answers each with one
line: {"value": ...}, or {"error": the exception's type, "message": its text} where the function raised.
"""

import json
import logging
import sys
from datetime import datetime
from pathlib import Path

from little_loops.fsm import persistence
from little_loops.fsm.persistence import LoopState, StatePersistence

warnings: list[str] = []


class Collector(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        warnings.append(record.getMessage())


persistence.logger.addHandler(Collector())
persistence.logger.propagate = False


def at(now: str) -> None:
    """Stops the clock of the functions."""
    moment = datetime.fromisoformat(now)

    class Stopped(datetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    persistence.datetime = Stopped


def of(request: dict) -> StatePersistence:
    # An absent directory means the default one.
    directory = request.get("dir")
    return StatePersistence(request["loop"], Path(directory) if directory else None)


def loops(request: dict) -> Path:
    return Path(request["dir"])


def paths(request: dict):
    p = of(request)
    return [p.loop_name, *map(str, (p.loops_dir, p.running_dir, p.state_file, p.events_file))]


def save_state(request: dict):
    state = LoopState.from_dict(request["state"])
    of(request).save_state(state)
    return state.updated_at


def load_state(request: dict):
    warnings.clear()
    state = of(request).load_state()
    return {"state": state and state.to_dict(), "warnings": list(warnings)}


def archive_run(request: dict):
    place = of(request).archive_run()
    return place and str(place)


CALLS = {
    "at": lambda r: at(r["now"]),
    "iso_now": lambda r: persistence._iso_now(),
    "to_dict": lambda r: LoopState(**r["fields"]).to_dict(),
    "from_dict": lambda r: vars(LoopState.from_dict(r["data"])),
    "paths": paths,
    "initialize": lambda r: of(r).initialize(),
    "save_state": save_state,
    "load_state": load_state,
    "clear_state": lambda r: of(r).clear_state(),
    "append_event": lambda r: of(r).append_event(r["event"]),
    "read_events": lambda r: of(r).read_events(),
    "clear_events": lambda r: of(r).clear_events(),
    "archive_run": archive_run,
    "clear_all": lambda r: of(r).clear_all(),
    "list_running_loops": lambda r: [s.to_dict() for s in persistence.list_running_loops(loops(r))],
    "list_run_history": lambda r: [s.to_dict() for s in persistence.list_run_history(r["loop"], loops(r))],
    "get_archived_events": lambda r: persistence.get_archived_events(r["loop"], r["run"], loops(r)),
    "get_loop_history": lambda r: persistence.get_loop_history(r["loop"], loops(r)),
}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"value": CALLS[request["call"]](request)}
    except Exception as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    print(json.dumps(answer))

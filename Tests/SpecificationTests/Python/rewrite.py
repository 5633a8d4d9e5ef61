"""Puts generated states and events through the specification's own functions.

Arguments: a file with one state per line, a file with one event per line, and a directory for the answers:

  states   per line what save_state wrote, or "KeyError: 'key'"; then the fields of the loaded state; each ends with 0x1e
  events   what append_event wrote
"""

import json
import sys
from pathlib import Path

from little_loops.fsm import persistence
from little_loops.fsm.persistence import LoopState, StatePersistence

states, events, answers = map(Path, sys.argv[1:])
persistence._iso_now = lambda: "2026-01-31T23:59:59.123456+00:00"
mine = StatePersistence("loop", answers / "loops")
mine.initialize()

with open(answers / "states", "wb") as out:
    for line in states.read_bytes().splitlines():
        try:
            state = LoopState.from_dict(json.loads(line))
            fields = json.dumps(vars(state))
            mine.save_state(state)
            out.write(mine.state_file.read_bytes() + b"\x1e" + fields.encode() + b"\x1e")
        except KeyError as error:
            out.write(f"KeyError: {error}".encode() + b"\x1e\x1e")

for line in events.read_bytes().splitlines():
    mine.append_event(json.loads(line))
assert [json.dumps(event) for event in mine.read_events()] == [
    json.dumps(json.loads(line)) for line in events.read_bytes().splitlines()
]

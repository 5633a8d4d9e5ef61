"""Judges what our parsers made of texts, by Python's own.

Reads one request per line from standard input: a JSON object with "kind", the text in hexadecimal, and what ours made
of it. Answers each with one line: "ok", or what is wrong.
"""

import datetime
import json
import os
import sys

sys.setrecursionlimit(10_000)
sys.set_int_max_str_digits(0)
DEPTH_LIMIT = 500
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def depth(value):
    deepest, pending = 0, [(value, 1)]
    while pending:
        value, level = pending.pop()
        if isinstance(value, (dict, list)):
            deepest = max(deepest, level)
            pending += [(each, level + 1) for each in (value.values() if isinstance(value, dict) else value)]
    return deepest


def mark(spelling):
    """Stands for a number, so that its spelling can be compared: Python itself writes 100000.0 for 1E5."""
    return "number " + spelling


def loads_marked(text):
    return json.loads(text, parse_float=mark, parse_int=mark, parse_constant=mark)


def text_of(request):
    return bytes.fromhex(request["text"]).decode("utf-8")


def judge_json(request):
    ours = request.get("ours")
    try:
        text = text_of(request)
        value = json.loads(text)
    except ValueError as error:
        return "ok" if ours is None else f"Python refuses it: {error}"
    if ours is None:
        if request["tooDeep"] and depth(value) > DEPTH_LIMIT:
            return "ok"
        return f"Python reads it, ours does not, at a depth of {depth(value)}"
    if depth(value) > DEPTH_LIMIT:
        return f"read at a depth of {depth(value)}"
    ours = json.loads(ours)
    if json.dumps(ours) != json.dumps(value):
        return f"Python reads {json.dumps(value)}, and of what we wrote {json.dumps(ours)}"
    marked = loads_marked(text)
    if request["marked"] != json.dumps(marked):
        return f"Python writes {json.dumps(marked)}"
    if request["indented"] != json.dumps(marked, indent=2):
        return f"Python writes {json.dumps(marked, indent=2)}"
    return "ok"


def judge_line(request):
    """A line of an events file, read in text mode and stripped as the executor does."""
    try:
        value = json.loads(text_of(request).strip())
    except ValueError:
        value = None
    isObject = isinstance(value, dict) and depth(value) <= DEPTH_LIMIT
    return "ok" if isObject == request["ours"] else f"Python reads {value!r}"


def judge_time(request):
    ours = request.get("ours")
    try:
        text = text_of(request)
        moment = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        return "ok" if ours is None else f"Python refuses it: {error}"
    aware = moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)
    theirs = (aware - EPOCH) // datetime.timedelta(microseconds=1)
    if ours is not None:
        return "ok" if ours == theirs else f"Python reads {theirs}"
    try:
        aware.astimezone(datetime.timezone.utc)
    except OverflowError:
        return "ok"
    offset = aware.utcoffset()
    # Ours has to take what isoformat writes; a fraction of a second in an offset is no executor's.
    return "ok" if moment.isoformat() != text or offset.microseconds else f"Python wrote it itself: {theirs}"


def judge_name(request):
    """The bytes of a file name as text and back, and the run id that the executor makes of it."""
    raw = bytes.fromhex(request["text"])
    text = os.fsdecode(raw)
    if json.dumps(text) != request["ours"]:
        return f"fsdecode gives {text!r}"
    name = text.replace(":", "").replace(".", "").replace("+", "")[:17]
    return "ok" if json.dumps(name) == request["id"] else f"the executor's run id is {name!r}"


JUDGES = {"json": judge_json, "line": judge_line, "time": judge_time, "name": judge_name}

for line in sys.stdin:
    request = json.loads(line)
    print(JUDGES[request["kind"]](request).encode("ascii", "backslashreplace").decode())

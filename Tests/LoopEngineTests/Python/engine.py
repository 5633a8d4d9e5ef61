"""Answers for the engine of little-loops 1.52.0, and for the Python that it runs in.

Reads one request per line from standard input, a JSON object with "call" and its arguments, and answers each with one
line: {"value": ...}, or {"error": the exception's type, "message": its text} where the function raised.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import yaml
from little_loops.fsm import evaluators, interpolation, validation
from little_loops.fsm.schema import EvaluateConfig

warnings.simplefilter("ignore")


def as_json(value):
    return json.dumps(value, default=lambda other: f"<{type(other).__name__}>")


def read_yaml(request):
    return as_json(yaml.safe_load(request["text"]))


def number(request):
    return repr(float(request["text"]))


def text(request):
    value = json.loads(request["json"])
    return [str(value), repr(value)]


def strip(request):
    output = request["text"]
    return [output.strip(), output.rstrip(), output[-2000:].strip() if output else None]


def found(request):
    try:
        pattern = re.compile(request["pattern"])
    except (re.error, OverflowError):
        return "invalid"
    return [bool(pattern.search(output)) for output in request["outputs"]]


def context(request):
    values = {"context": {}, "captured": {}, "state_name": "here", "iteration": 3, "loop_name": "loop"}
    values |= {"started_at": "then", "elapsed_ms": 0} | request.get("in", {})
    return interpolation.InterpolationContext(**values)


def interpolate(request):
    return interpolation.interpolate(request["template"], context(request))


def parameters(request):
    return json.dumps(interpolation.interpolate_dict(request["params"], context(request)))


def evaluate(request):
    result = evaluators.evaluate(
        EvaluateConfig.from_dict(request["config"]), request["output"], request["exit_code"], context(request)
    )
    return [result.verdict, json.dumps(result.details)]


def model(request):
    """Evaluates with a command that writes what the request says."""

    def run(command, **options):
        if request.get("missing"):
            raise FileNotFoundError
        if request.get("slow"):
            raise subprocess.TimeoutExpired(command, options["timeout"])
        return subprocess.CompletedProcess(command, request["code"], request["stdout"], request["stderr"])

    original, evaluators.subprocess.run = evaluators.subprocess.run, run
    try:
        return evaluate(request)
    finally:
        evaluators.subprocess.run = original


def load(request):
    """A loop's file: what it holds, or that it is refused."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "loop.yaml"
        path.write_text(request["text"])
        loop, found = validation.load_and_validate(path)
    return as_json({"loop": loop.to_dict(), "warnings": len(found)})


CALLS = {
    each.__name__: each
    for each in (read_yaml, number, text, strip, found, interpolate, parameters, evaluate, model, load)
}

os.environ["ENGINE_TEST"] = "set"
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"value": CALLS[request["call"]](request)}
    except Exception as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    print(json.dumps(answer), flush=True)

"""Answers for the engine of little-loops 1.52.0, and for the Python that it runs in.

Reads one request per line from standard input, a JSON object with "call" and its arguments, and answers each with one
line: {"value": ...}, or {"error": the exception's type, "message": its text} where the function raised.
"""

import json
import math
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


def parse(request):
    return json.dumps(json.loads(request["text"]))


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


def text_or_none(value):
    return None if value is None else str(value)


def number_or_none(value):
    return None if value is None else repr(float(value))


def whole(value, rounding):
    """A number that is only compared with whole ones."""
    if value is None:
        return None
    largest = repr(float(2**63))
    return largest if value != value or value == float("inf") else repr(float(rounding(value)))


def evaluator(config):
    if config is None:
        return None
    return {
        "type": config.type,
        "operator": config.operator,
        "target": config.target,
        "tolerance": config.tolerance,
        "pattern": config.pattern,
        "negate": bool(config.negate),
        "path": config.path,
        "prompt": config.prompt,
        "schema": config.schema,
        "min_confidence": number_or_none(config.min_confidence) if config.type == "llm_structured" else None,
        "uncertain_suffix": bool(config.uncertain_suffix),
        "source": config.source,
        "previous": config.previous,
        "direction": config.direction if config.type == "convergence" else None,
        "scope": config.scope if config.type == "diff_stall" else None,
        "max_stall": whole(config.max_stall, math.ceil) if config.type == "diff_stall" else None,
    }


def state(name, config):
    types = ("prompt", "slash_command", "shell", "mcp_tool")
    return {
        "name": name,
        "action": text_or_none(config.action or None),
        "action_type": config.action_type if config.action_type in types else None,
        "params": config.params or {},
        "evaluate": evaluator(config.evaluate),
        "route": config.route and [list(config.route.routes.items()), config.route.default, config.route.error],
        "targets": [
            config.on_yes, config.on_no, config.on_error, config.on_partial, config.on_blocked, config.next,
            config.on_maintain, config.on_retry_exhausted,
        ],
        "terminal": bool(config.terminal),
        "capture": config.capture or None,
        "timeout": number_or_none(config.timeout or None),
        "max_retries": whole(config.max_retries, math.floor),
        "loop": config.loop,
        "context_passthrough": bool(config.context_passthrough),
    }


def load(request):
    """A loop's file: what it holds, without the types that Python keeps; it raises where it is refused."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "loop.yaml"
        path.write_text(request["text"])
        loop, _ = validation.load_and_validate(path)
    return as_json(
        {
            "name": loop.name,
            "initial": loop.initial,
            "states": [state(*each) for each in loop.states.items()],
            "context": loop.context,
            "scope": loop.scope,
            "max_iterations": whole(loop.max_iterations, math.ceil),
            "backoff": number_or_none(loop.backoff),
            "timeout": number_or_none(loop.timeout),
            "default_timeout": number_or_none(loop.default_timeout or None),
            "maintain": bool(loop.maintain),
            "llm": [bool(loop.llm.enabled), loop.llm.model, repr(float(loop.llm.timeout))],
            "on_handoff": loop.on_handoff,
            "input_key": loop.input_key,
        }
    )


CALLS = {
    each.__name__: each
    for each in (read_yaml, number, text, parse, strip, found, interpolate, parameters, evaluate, model, load)
}

os.environ["ENGINE_TEST"] = "set"
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"value": CALLS[request["call"]](request)}
    except Exception as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    print(json.dumps(answer), flush=True)

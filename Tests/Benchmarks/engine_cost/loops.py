"""The machines to measure on."""

import dataclasses


@dataclasses.dataclass
class Machine:
    yaml: str
    transitions: int
    action: str | None = None

    @property
    def read(self):
        """The same one, which begins at its end."""
        return self.yaml.replace("name: bench", "name: read").replace("initial: s0", "initial: done")


def chain(count, state):
    """States that follow each other."""
    states = "".join(f"  s{n}: {{{state}, on_yes: s{n + 1}, on_no: done, on_error: done}}\n" for n in range(count))
    return (f"name: bench\ninitial: s0\nmax_iterations: {count + 10}\nstates:\n{states}"
            f"  s{count}: {{terminal: true}}\n  done: {{terminal: true}}\n")


EVALUATION = 'evaluate: {type: output_numeric, source: "${state.iteration}", operator: gt, target: 0}'
START = "name: start\ninitial: s\nstates:\n  s: {on_yes: done, on_no: done}\n  done: {terminal: true}\n"
ALL = {
    "1,000 evaluations": Machine(chain(1000, EVALUATION), 1000),
    "200 × `true`": Machine(chain(200, 'action: "true"'), 200, "true"),
}

"""A project with ten loops, and an executor's version that runs them."""

import os
import subprocess

VERSIONS = {"a": "A (1.52.0)", "b": "B (1.167.0)"}

SHORT = """initial: a
states:
  a: {action: "echo one; echo two", on_yes: b}
  b: {action: "echo three", on_yes: done}
  done: {terminal: true}
"""
CHATTY = """initial: a
states:
  a: {action: "for i in $(seq 1 150); do echo line $i of many; done", on_yes: b}
  b: {action: "for i in 1 2 3 4 5 6; do echo slow $i; sleep 0.3; done", on_yes: done}
  done: {terminal: true}
"""
LONG = """initial: a
max_iterations: 60
timeout: 90
states:
  a: {action: "echo tick; sleep 0.6", on_yes: b}
  b: {action: "echo tock; sleep 0.4", on_yes: a}
  done: {terminal: true}
"""
KINDS = {"short": (SHORT, 5), "chatty": (CHATTY, 2), "long": (LONG, 3)}


class Project:
    def __init__(self, place, executor):
        self.executor, self.version = executor, VERSIONS[executor]
        self.path = f"{place}/project-{executor}"
        self.home = f"{place}/home"
        self.root = f"{self.path}/.loops"
        self.running, self.history = f"{self.root}/.running", f"{self.root}/.history"
        self.keep = f"{place}/recorded-{executor}"
        self.loops = [f"{kind}-{number}" for kind, (_, count) in KINDS.items() for number in range(count)]
        for path in (self.root, self.home, self.keep, f"{place}/tmp"):
            os.makedirs(path, exist_ok=True)
        environment = os.environ["LOOPSYNC_EXECUTORS"] + "/" + executor
        self.program = f"{environment}/bin/ll-loop"
        self.environment = {
            "PATH": f"{environment}/bin:/usr/bin:/bin", "HOME": self.home, "LANG": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1",
            "TMPDIR": f"{place}/tmp", "PYTHONDONTWRITEBYTECODE": "1",
        }
        with open(f"{self.home}/.gitconfig", "w", encoding="utf-8") as file:
            file.write("[user]\nname = soak\nemail = soak@example.invalid\n")
        for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "start"]):
            subprocess.run(["/usr/bin/git", *command], cwd=self.path, env=self.environment, check=True)
        for loop in self.loops:
            with open(f"{self.root}/{loop}.yaml", "w", encoding="utf-8") as file:
                text = KINDS[loop.partition("-")[0]][0]
                file.write(f'name: {loop}\ndescription: a soak\nscope: ["{loop}/"]\n{text}')

    def start(self, *arguments):
        """Starts the executor in a session of its own, so that it and what it starts can be ended without any other."""
        return subprocess.Popen(
            [self.program, *arguments], cwd=self.path, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def stems(self, loop):
        """The stems of a loop's runs in .running, oldest first."""
        suffix = ".state.json"
        names = os.listdir(self.running) if os.path.isdir(self.running) else []
        return sorted(name[:-len(suffix)] for name in names
                      if name.endswith(suffix) and (name == loop + suffix or name.startswith(f"{loop}-2")))

    def tidy(self, loop):
        """Removes what a resumable run of B leaves for ever, as a person does who will not resume it."""
        for stem in self.stems(loop):
            for suffix in (".events.jsonl", ".state.json", ".meta-eval.jsonl", ".pid", ".log"):
                try:
                    os.unlink(f"{self.running}/{stem}{suffix}")
                except FileNotFoundError:
                    pass

"""Trees to work on: made once for each size, then copied."""

import os
import shutil
import subprocess

CORPUS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "corpus_runs")


class Corpora:
    """The trees that were made, and copies of them."""

    def __init__(self, place):
        self.place = place
        self.made = {}
        self.count = 0

    def history(self, runs, loops=20, layout="both", sums=True):
        """A loops directory with a history of archived runs."""
        key = (runs, loops, layout, sums)
        if key not in self.made:
            tree = f"{self.place}/corpus-{len(self.made)}/.loops"
            command = ["/usr/bin/python3", CORPUS, tree, "--runs", str(runs), "--loops", str(loops), "--layout", layout]
            subprocess.run(command + (["--sums"] if sums else []), check=True, stdout=subprocess.DEVNULL)
            self.made[key] = tree
        return self.made[key]

    def running(self, runs):
        """A loops directory with finished runs of version A in `.running`, each of a loop of its own."""
        key = ("running", runs)
        if key not in self.made:
            tree = self.history(runs, loops=runs, layout="nested", sums=False)
            other = f"{self.place}/running-{runs}/.loops"
            os.makedirs(f"{other}/.running")
            for loop in os.listdir(f"{tree}/.history"):
                for run in os.listdir(f"{tree}/.history/{loop}"):
                    for name in ("state.json", "events.jsonl"):
                        shutil.copy2(f"{tree}/.history/{loop}/{run}/{name}", f"{other}/.running/{loop}.{name}")
            self.made[key] = other
        return self.made[key]

    def copy(self, tree):
        """A fresh copy, in a project of its own."""
        self.count += 1
        project = f"{self.place}/work-{self.count}"
        os.makedirs(project)
        subprocess.run(["cp", "-a", tree, f"{project}/.loops"], check=True)
        return project

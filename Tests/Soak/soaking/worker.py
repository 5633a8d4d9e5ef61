"""A thread whose failure is told at the end instead of lost."""

import threading
import traceback


class Worker(threading.Thread):
    def __init__(self, name):
        super().__init__(name=name, daemon=True)
        self.failure = None

    def run(self):
        try:
            self.work()
        except Exception:  # whatever it is, the soak goes on and the verdict names it
            self.failure = traceback.format_exc()

    def work(self):
        raise NotImplementedError

"""Kills and pauses the agent and the executors at random."""

import collections
import random
import signal
import time

from worker import Worker


class Nemesis(Worker):
    def __init__(self, agent, hands, seed, duration, stopping):
        super().__init__("nemesis")
        self.agent, self.hands, self.stopping = agent, hands, stopping
        self.random = random.Random(f"{seed}/nemesis")
        self.counts = collections.Counter(
            {"agent killed": 0, "agent paused": 0, "executors killed": 0, "executors paused": 0})
        self.duration = duration
        # How often in a second, on average; an agent has to live for some minutes for its figures to mean anything.
        self.deeds = {
            self.kill_agent: 1 / min(150, duration / 3),
            self.pause_agent: 1 / min(30, duration / 6),
            self.kill_executor: 1 / min(12, duration / 6),
            self.pause_executor: 1 / min(8, duration / 6),
        }

    def work(self):
        rate = sum(self.deeds.values())
        begin = time.monotonic()
        while not self.stopping.wait(self.random.expovariate(rate)):
            deed, = self.random.choices(list(self.deeds), self.deeds.values())
            # However the dice fall, an agent is killed once.
            if self.counts["agent killed"] == 0 and time.monotonic() - begin > self.duration / 2:
                deed = self.kill_agent
            deed()

    def kill_agent(self):
        self.counts["agent killed"] += 1
        self.agent.kill()
        self.stopping.wait(self.random.uniform(0, 3))
        self.agent.start()

    def pause_agent(self):
        self.counts["agent paused"] += 1
        self.agent.pause()
        self.stopping.wait(self.random.uniform(0.3, 4))
        self.agent.go_on()

    def kill_executor(self):
        self.counts["executors killed"] += self.random.choice(self.hands).signal(signal.SIGKILL)

    def pause_executor(self):
        hand = self.random.choice(self.hands)
        if hand.signal(signal.SIGSTOP):
            self.counts["executors paused"] += 1
            self.stopping.wait(self.random.uniform(0.5, 3))
            hand.signal(signal.SIGCONT)

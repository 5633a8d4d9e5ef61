"""Sees when a file of the mirror grows, by inotify and therefore at no cost in between."""

import ctypes
import os
import select
import struct
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
IN_MODIFY, IN_MOVED_TO, IN_CREATE = 0x2, 0x80, 0x100


class Inotify:
    def __init__(self):
        self.fd = LIBC.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)

    def add(self, path, mask):
        return LIBC.inotify_add_watch(self.fd, os.fsencode(path), mask)

    def read(self, seconds):
        """The (watch, name) pairs that came, after waiting for the first at most so long."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return []
        data, events = os.read(self.fd, 65536), []
        while data:
            watch, _, _, length = struct.unpack_from("iIII", data)
            events.append((watch, data[16:16 + length].rstrip(b"\0").decode()))
            data = data[16 + length:]
        return events

    def close(self):
        os.close(self.fd)


class Growth(threading.Thread):
    """Notes (monotonic nanoseconds, size) whenever the file at a path has another size."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.seen, self.ending = path, [], False
        self.inotify = Inotify()
        # The file itself for appends, its directory for one that takes its place by a rename.
        self.inotify.add(os.path.dirname(path), IN_MOVED_TO | IN_CREATE)
        self.inotify.add(path, IN_MODIFY)

    def run(self):
        name = os.path.basename(self.path)
        while not self.ending:
            events = self.inotify.read(0.2)
            if not events:
                continue
            try:
                size = os.stat(self.path).st_size
            except OSError:
                continue
            if not self.seen or self.seen[-1][1] != size:
                self.seen.append((time.monotonic_ns(), size))
            if any(event[1] == name for event in events):
                self.inotify.add(self.path, IN_MODIFY)

    def end(self):
        self.ending = True
        self.join()
        self.inotify.close()

    def latencies(self, appends):
        """Milliseconds from each append to the moment when the mirror held it; None where it never did."""
        answers = []
        for begin, size, _ in appends:
            at = next((t for t, seen in self.seen if seen >= size and t >= begin), None)
            answers.append(None if at is None else (at - begin) / 1e6)
        return answers

"""What is measured: three ways to keep a copy of a loops directory up to date."""

import os
import signal
import socket
import subprocess
import sys


class Tool:
    name = ""

    def __init__(self, loops, target, log):
        self.loops, self.target = loops, target
        os.makedirs(target)
        with open(log, "wb") as file:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": target, "LANG": "C.UTF-8"})

    def command(self):
        raise NotImplementedError

    def copy(self):
        """Where the copy of the loops directory stands."""
        return self.target

    def end(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Loopsync(Tool):
    name = "loopsync"

    def command(self):
        return [os.environ["LOOPSYNC_BINARY"], "--watch", self.loops, "--sync", self.target]

    def copy(self):
        project = os.path.basename(os.path.dirname(self.loops))
        return f"{self.target}/{socket.gethostname().partition('.')[0]}/{project}"


class Lsyncd(Tool):
    name = "lsyncd (delay=0)"

    def command(self):
        configuration = f"{os.path.dirname(self.loops)}/lsyncd.lua"
        with open(configuration, "w") as file:
            file.write(
                "settings { nodaemon = true, inotifyMode = 'CloseWrite or Modify' }\n"
                f"sync {{ default.rsync, source = '{self.loops}', target = '{self.target}', delay = 0,\n"
                "  rsync = { archive = true } }\n")
        return ["/usr/bin/lsyncd", configuration]


class RsyncLoop(Tool):
    name = "inotifywait, rsync -a"

    def command(self):
        # What came while rsync ran is answered by one more rsync, not by one each.
        script = (
            'inotifywait -q -m -r -e modify,create,delete,move "$1" | '
            'while read -r _; do while read -r -t 0.001 _; do :; done; rsync -a --delete "$1/" "$2/"; done')
        return ["/bin/bash", "-c", f'rsync -a --delete "$1/" "$2/"; {script}', "rsync-loop", self.loops, self.target]


ALL = (Loopsync, Lsyncd, RsyncLoop)


def complain(tool, text):
    print(f"{tool.name}: {text}", file=sys.stderr, flush=True)

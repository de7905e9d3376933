"""config/quickstart as a person runs it, in a scratch directory and on a port of its own.

    with Quickstart(scratch, release) as quickstart:
        quickstart.said       what it printed when it was ready
"""
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

SOURCE = Path(os.environ["CALD_SOURCE"])


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Quickstart:
    def __init__(self, scratch, release, port=None):
        self.scratch, self.release = Path(scratch), Path(release)
        self.port = port or free_port()
        self.process = None

    def start(self):
        self.scratch.parent.mkdir(parents=True, exist_ok=True)
        self.log = open(self.scratch.parent / "quickstart.log", "a+")
        self.begins = self.log.seek(0, os.SEEK_END)
        self.process = subprocess.Popen(
            [SOURCE / "config/quickstart"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd="/",
            start_new_session=True, env=dict(
                os.environ, CALD_QUICKSTART=str(self.scratch), CALD_QUICKSTART_BUILD=str(self.release),
                CALD_QUICKSTART_PORT=str(self.port)))
        end = time.monotonic() + 120
        while "Ctrl-C" not in self.said and time.monotonic() < end and self.process.poll() is None:
            time.sleep(0.05)
        return self

    @property
    def said(self):
        return Path(self.log.name).read_text()[self.begins:]

    def interrupt(self, patience=40):
        """Ctrl-C: the terminal sends it to the whole foreground group. Returns the exit status."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait(patience)
            raise

    def __enter__(self):
        self.start()
        assert "Ctrl-C" in self.said, self.said
        return self

    def __exit__(self, kind, *_):
        status = self.interrupt()
        assert kind or status == 0, self.said

    def feed(self):
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"http://127.0.0.1:{self.port}/feed/site/feed.json", timeout=10) as answer:
            return json.load(answer)["items"]

    def wait_for_items(self, least, patience=45):
        end = time.monotonic() + patience
        while len(self.feed()) < least:
            assert time.monotonic() < end, (self.feed(), self.said)
            time.sleep(0.1)
        return self.feed()

    def shell(self, script, directory):
        return subprocess.run(["bash", "-c", script], cwd=directory, capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL)

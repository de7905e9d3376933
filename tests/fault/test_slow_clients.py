"""A thousand clients that are slow on purpose: posts leave on time, calctl is answered, and everything they held comes back."""
import contextlib
import os
import resource
import socket
import threading
import time

import pytest

from stage import CALD, Stage, milliseconds, mutant, say, second_after
from recorder import Recorder

CLIENTS = 1000
SECONDS = 14
LATE_MS = 1500
KEPT = 2  # descriptors: a connection to the network is kept for a while
REQUEST = b"GET /v1/posts?limit=1000 HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /v1/posts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"

# What a client sends at once, and then once a second.
WAYS = {
    "silent": (b"", b""),
    "half a request": (REQUEST, b""),
    "a byte a second": (b"G", b"E"),
    "a header a second": (REQUEST, b"X-Slow: x\r\n"),
    "half a body": (POST + b"{", b""),
    "a body, a byte a second": (POST, b" "),
    "never reads": (REQUEST + b"\r\n", b""),
    "never reads, asks on": (REQUEST + b"\r\n", REQUEST + b"\r\n"),
    "events, unread": (b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n", b""),
}


class Crowd:
    """Connects over and over, so that there are always about as many as it may have."""

    def __init__(self, stage, tcp):
        self.stage, self.tcp, self.clients, self.made = stage, tcp, [], 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def connect(self, first):
        client = socket.socket(socket.AF_INET if self.tcp else socket.AF_UNIX)
        client.settimeout(1)
        try:
            client.connect(("127.0.0.1", self.stage.port) if self.tcp else str(self.stage.socket))
            client.setblocking(False)
            self.made += 1
            if first:
                client.send(first)
            return client
        except OSError:
            client.close()
            return None

    def fill(self):
        ways = list(WAYS.values())
        while len(self.clients) < CLIENTS // 2 and not self.ended.is_set():
            first, more = ways[len(self.clients) % len(ways)]
            if client := self.connect(first):
                self.clients.append((client, more))
            else:
                time.sleep(0.01)

    def drip(self):
        for entry in list(self.clients):
            client, more = entry
            try:
                if more:
                    client.send(more)
            except BlockingIOError:
                pass
            except OSError:
                client.close()
                self.clients.remove(entry)

    def run(self):
        while not self.ended.wait(0.5):
            self.fill()
            self.drip()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        for client, _ in self.clients:
            client.close()


def descriptors(stage):
    return len(os.listdir(f"/proc/{stage.process.pid}/fd"))


def memory_kib(stage):
    status = open(f"/proc/{stage.process.pid}/status").read()
    return int(status.split("VmRSS:")[1].split()[0])


def quiet(stage, descriptors_before, patience=30):
    """How many descriptors there are once those of the crowd are closed."""
    end = time.monotonic() + patience
    while descriptors(stage) > descriptors_before + KEPT and time.monotonic() < end:
        time.sleep(0.1)
    return descriptors(stage)


def ask_meanwhile(stage, until_ms):
    """How long calctl status took, each time."""
    took = []
    while milliseconds() < until_ms:
        before = time.monotonic()
        status = stage.calctl("status", timeout=20)
        took.append(time.monotonic() - before)
        assert status.returncode in (0, 6), status
        time.sleep(0.3)
    return took


def make_stage(hook, slot, program=CALD):
    posts = {f"p{i:02}": (slot + i * 1000, ("k",)) for i in range(SECONDS)}
    stage = Stage(0, {"k": True}, posts, program)
    stage.environment["ASAN_OPTIONS"] = "detect_leaks=0:quarantine_size_mb=1:malloc_context_size=2"
    text = stage.config.read_text().replace("http://127.0.0.1:0", hook.url)
    stage.write("cald.yaml", text.replace("control:\n", 'control:\n  listen: "127.0.0.1:0"\n  tokens: tokens\n'))
    return stage


@pytest.fixture(autouse=True)
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3 * CLIENTS:
        pytest.skip(f"only {hard} descriptors are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3 * CLIENTS), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_publishing_and_calctl_do_not_notice_a_thousand_slow_clients():
    slot = second_after(4000)
    with Recorder() as hook, make_stage(hook, slot) as stage:
        stage.start()
        stage.calctl("status")
        held, used = descriptors(stage), []
        with Crowd(stage, tcp=False) as local, Crowd(stage, tcp=True) as remote:
            took = ask_meanwhile(stage, slot + SECONDS * 1000)
            most = descriptors(stage)
            say(f"{local.made} connections over the socket, {remote.made} over TCP; {most} descriptors at the end; "
                f"calctl status: {max(took):.2f} s at most of {len(took)}")
        used.append(memory_kib(stage))
        left = quiet(stage, held)
        for _ in range(2):
            with Crowd(stage, tcp=False), Crowd(stage, tcp=True):
                time.sleep(3)
            quiet(stage, held)
            used.append(memory_kib(stage))
        late = sorted(p["time"] * 1000 - (slot + i * 1000) for i, p in enumerate(hook.posts))
        say(f"descriptors {held} → {left}, memory {used} KiB, lateness at most {late[-1]:.0f} ms")
        assert local.made + remote.made >= CLIENTS
        assert max(took) < 5, took
        assert len(hook.posts) == SECONDS and late[-1] < LATE_MS, late
        assert left <= held + KEPT, (held, left)
        assert used[2] < used[0] + 8192, used
        assert stage.stop() == 0 and "Sanitizer" not in stage.log() and "bug:" not in stage.log(), stage.log()


def test_a_cald_that_keeps_every_connection_is_found_out():
    slot = second_after(60000)
    with Recorder() as hook, make_stage(hook, slot, mutant("CROWDED")) as stage:
        stage.start()
        with Crowd(stage, tcp=False):
            time.sleep(2)
            assert stage.calctl("status", timeout=5).returncode == 3

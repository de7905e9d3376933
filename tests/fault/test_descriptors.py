"""Out of descriptors: new clients are turned away, publishing waits and loses nothing, nothing spins, and it recovers."""
import os
import resource
import socket
import time

import pytest

from stage import Stage, milliseconds, mutant, say, second_after
from recorder import Recorder

MOST_BUSY = 0.3  # of the time


def descriptors(stage):
    return len(os.listdir(f"/proc/{stage.process.pid}/fd"))


def busy_seconds(stage):
    """How long its loop has run, or would have if others had not used the processor (proc_pid_schedstat)."""
    running, waiting, _ = open(f"/proc/{stage.process.pid}/schedstat").read().split()
    return (int(running) + int(waiting)) / 1e9


def allow(stage, most):
    _, hard = resource.prlimit(stage.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(stage.process.pid, resource.RLIMIT_NOFILE, (most, hard))


def connect(stage):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(5)
    client.connect(str(stage.socket))
    return client


def is_turned_away(stage):
    """Within a moment: closed without an answer, not left hanging."""
    with connect(stage) as client:
        try:
            client.sendall(b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return client.recv(100) == b""
        except ConnectionError:
            return True


def take_all(stage):
    """Lowers the limit to what is open, and fills the gaps with clients that say nothing."""
    time.sleep(0.5)  # what is being closed is closed
    numbers = [int(n) for n in os.listdir(f"/proc/{stage.process.pid}/fd")]
    allow(stage, max(numbers) + 1)
    return [connect(stage) for _ in range(max(numbers) + 1 - len(numbers))]


def test_a_cald_that_leaves_them_waiting_is_found_out():
    with Stage(0, {"k": True}, {}, mutant("LEFT_WAITING")) as stage:
        stage.start()
        taken = take_all(stage)
        used, began = busy_seconds(stage), time.monotonic()
        with pytest.raises(TimeoutError):
            is_turned_away(stage)
        assert (busy_seconds(stage) - used) / (time.monotonic() - began) > MOST_BUSY
        for client in taken:
            client.close()


def test_without_descriptors_it_waits_and_loses_nothing():
    slot = second_after(4000)
    posts = {f"p{i}": (slot + i // 2 * 1000, ("k", "n")) for i in range(6)}
    with Recorder() as hook, Stage(0, {"k": True, "n": False}, posts) as stage:
        stage.write("cald.yaml", stage.config.read_text().replace("http://127.0.0.1:0", hook.url))
        stage.start()
        assert stage.calctl("status").returncode in (0, 6)
        before = resource.prlimit(stage.process.pid, resource.RLIMIT_NOFILE)[0]
        taken = take_all(stage)
        used = busy_seconds(stage)
        began = time.monotonic()
        turned_away = [is_turned_away(stage) for _ in range(5)]
        time.sleep(max(0, (slot + 4000 - milliseconds()) / 1000))
        share = (busy_seconds(stage) - used) / (time.monotonic() - began)
        say(f"{descriptors(stage)} descriptors, none more; busy {share:.0%} of the time meanwhile")
        assert stage.process.poll() is None, stage.log()
        assert turned_away == [True] * 5
        assert hook.requests == []
        assert share < MOST_BUSY, f"it spins: busy {share:.0%} of the time"
        allow(stage, before)
        for client in taken:
            client.close()
        stage.drain(60)
        made = sorted((p["body"]["text"], p["key"] is not None) for p in hook.posts)
        assert made == sorted((f"Post p{i}.", keyed) for i in range(6) for keyed in (True, False)), made
        assert stage.calctl("status").returncode in (0, 6)
        assert stage.stop() == 0 and "Sanitizer" not in stage.log() and "bug:" not in stage.log(), stage.log()

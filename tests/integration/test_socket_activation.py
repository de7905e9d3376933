"""Sockets passed by systemd: nobody who asks while cald is away is turned down, on the Unix socket and on TCP.

systemd's part is played by a launcher of a few lines: it hands the listening sockets on as descriptors 3 and following
and says so in LISTEN_FDS and LISTEN_PID. With a real systemd the unit is tried in test_systemd.py.
"""
import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

SOURCE = Path(os.environ["CALD_SOURCE"])
sys.path.insert(0, str(SOURCE / "tests/support"))
from daemon import Daemon  # noqa: E402

# descriptor,…  number added to LISTEN_PID  program and arguments
LAUNCHER = """
import os, sys
for i, fd in enumerate(map(int, sys.argv[1].split(","))):
    os.dup2(fd, 3 + i, inheritable=True)
    os.close(fd)
os.environ.update(LISTEN_FDS=str(i + 1), LISTEN_PID=str(os.getpid() + int(sys.argv[2])))
os.execv(sys.argv[3], sys.argv[3:])
"""


class Activated(Daemon):
    """A cald whose sockets are older than it and outlive it."""

    listeners = ()
    wrong_by = 0  # LISTEN_PID is another one's: the sockets are not meant for us

    def start(self, wait=True, **_):
        high = [os.dup2(s.fileno(), 100 + i) for i, s in enumerate(self.listeners)]  # out of the way of 3, 4, …
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", LAUNCHER, ",".join(map(str, high)), str(self.wrong_by), str(self.program),
                 "--config", str(self.config)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=high, env=self.environment)
        for fd in high:
            os.close(fd)
        return self.wait_ready() if wait else self


def unix_listener(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(64)
    return listener


def tcp_listener():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    return listener


@pytest.fixture
def daemon():
    daemon = Activated()
    with contextlib.ExitStack() as stack:
        stack.callback(daemon.kill)
        tcp, unix = stack.enter_context(tcp_listener()), stack.enter_context(unix_listener(daemon.socket))
        daemon.listeners, daemon.port = (tcp, unix), tcp.getsockname()[1]
        yield daemon


class Asked:
    """A question to each socket, on its way."""

    def __init__(self, daemon):
        self.daemon, self.answers = daemon, {}
        self.threads = [threading.Thread(target=self.ask, args=item) for item in {
            "unix": {}, "tcp": {"tcp": True, "token": daemon.token("reader", "viewer")}}.items()]
        for thread in self.threads:
            thread.start()

    def ask(self, name, options):
        self.answers[name] = self.daemon.api("GET", "/v1/status", timeout=30, **options).status

    def are_answered(self):
        for thread in self.threads:
            thread.join(30)
        assert self.answers == {"unix": 200, "tcp": 200}, self.daemon.log()


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_what_is_asked_while_it_is_away_is_answered_when_it_is_there(daemon, ending):
    for _ in range(3):
        asked = Asked(daemon)
        daemon.start()
        asked.are_answered()
        getattr(daemon, ending)()
        assert daemon.socket.is_socket()  # not its own to remove
    assert "listening on the socket passed by systemd" in daemon.log()
    assert "Sanitizer" not in daemon.log(), daemon.log()


def test_sockets_that_are_meant_for_another_process_are_left_alone(daemon):
    daemon.wrong_by = 1
    daemon.start(wait=False)
    assert daemon.process.wait(20) == 7 and "another process listens there" in daemon.log()


def test_one_that_is_passed_does_not_keep_the_other_from_being_opened(daemon):
    daemon.listeners = daemon.listeners[1:]
    daemon.start()
    assert "passed by systemd" in daemon.log() and daemon.port
    assert daemon.api("GET", "/v1/status", tcp=True, token=daemon.token("reader", "viewer")).status == 200
    assert daemon.stop() == 0

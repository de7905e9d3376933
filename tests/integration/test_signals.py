"""Signals in the first moments of cald's life, when it reads cald.yaml: by default each would end it, a reload as well."""
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

SOURCE = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2]))
sys.path.insert(0, str(SOURCE / "tests/support"))
from daemon import Daemon  # noqa: E402

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")


@pytest.fixture
def daemon():
    daemon = Daemon(tcp=False, environment={"ASAN_OPTIONS": "detect_leaks=0"})  # which needs what the tracer has
    yield daemon
    daemon.kill()
    shutil.rmtree(daemon.directory)


def start(daemon, name, *arguments):
    """The signal comes while cald.yaml is opened for the first time."""
    daemon.start(wait=False, arguments=arguments, wrapper=[
        "strace", "-D", "-qqq", "-e", "signal=none", "-e", "trace=openat", "-e", f"inject=openat:signal={name}:when=1",
        "-P", str(daemon.config), "-o", str(daemon.directory / "trace")])


def test_a_reload_is_made_when_cald_has_started(daemon):
    start(daemon, "SIGHUP")
    daemon.wait_ready()
    end = time.monotonic() + 20
    while "by=SIGHUP" not in daemon.log():
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.02)
    assert daemon.stop() == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_cald_ends_in_order(daemon, name):
    start(daemon, name)
    assert daemon.process.wait(30) == 0, daemon.log()
    assert f"stopping: {name}" in daemon.log(), daemon.log()


def test_a_check_is_ended_at_once(daemon):
    start(daemon, "SIGINT", "--check")
    assert daemon.process.wait(30) == -signal.SIGINT

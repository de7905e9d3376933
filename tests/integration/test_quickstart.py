"""config/quickstart: something is published within seconds; Ctrl-C ends it; run again, it continues."""
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

SOURCE = Path(os.environ["CALD_SOURCE"])
RELEASE = Path(os.environ["CALD_BUILD"]) / "release"
sys.path.insert(0, str(SOURCE / "tests/support"))
from quickstart import Quickstart  # noqa: E402


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("quickstart") / "scratch"


@pytest.fixture(scope="module")
def port():
    return Quickstart("", "").port


def texts(items):
    return [item.get("content_text") or item["content_html"] for item in items]


def test_something_is_published_within_seconds_and_more_at_the_next_slot(directory, port):
    with Quickstart(directory, RELEASE, port) as quickstart:
        items = quickstart.wait_for_items(1, 5)
        assert "bonjour" in texts(items)[0]
        assert re.search(r"demonstration@\S+", quickstart.said), "what goes out is printed"
        assert f"http://127.0.0.1:{port}/" in quickstart.said
        steer = re.search(r"^Steer: +(.*)$", quickstart.said, re.M)[1]
        add = re.search(r"^Add: +(.*)$", quickstart.said, re.M)[1]
        done = quickstart.shell(f"{steer}\n{add}", "/")
        assert done.returncode == 0, done.stderr
        assert any("Il neige" in text for text in texts(quickstart.wait_for_items(2, 5)))
        assert len(quickstart.wait_for_items(3)) >= 3, "the next slot of the series"


def test_run_again_it_continues_and_repeats_nothing(directory, port):
    with Quickstart(directory, RELEASE, port) as quickstart:
        items = quickstart.feed()
        assert sum("bonjour" in text for text in texts(items)) == 1
        assert any("Il neige" in text for text in texts(items))
        assert len({item["id"] for item in items}) == len(items)


def test_the_script_alone_interrupted_ends_the_daemon_too(directory, port):
    quickstart = Quickstart(directory, RELEASE, port).start()
    quickstart.process.send_signal(2)
    assert quickstart.process.wait(30) == 0
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()


def test_a_taken_port_is_told_with_the_way_out(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        quickstart = Quickstart(tmp_path / "scratch", RELEASE, taken.getsockname()[1]).start()
        assert quickstart.process.wait(30) == 1
        assert "CALD_QUICKSTART_PORT=" in quickstart.said and "is taken" in quickstart.said


def test_started_twice_it_says_that_it_runs_already(directory, port):
    with Quickstart(directory, RELEASE, port):
        second = subprocess.run([SOURCE / "config/quickstart"], capture_output=True, text=True, timeout=60, env=dict(
            os.environ, CALD_QUICKSTART=str(directory), CALD_QUICKSTART_BUILD=str(RELEASE)))
        assert second.returncode == 1 and "runs here already" in second.stderr
        time.sleep(0.1)

"""calctl backup: whole, as of one moment, while cald works; put back it holds until a person has looked."""
import os
import shutil
import sqlite3
import subprocess
import sys
import threading

import pytest

sys.path.insert(0, os.path.join(os.environ["CALD_SOURCE"], "tests", "support"))
from daemon import CALCTL, Daemon  # noqa: E402

LATER = "2034-06-01 10:00"


def fill(daemon, count, text="x" * 200):
    for i in range(count):
        answer = daemon.api("POST", "/v1/posts", {"to": ["site"], "text": text, "at": LATER, "id": f"p{i}"})
        assert answer.status == 201, answer


def posts_in(path):
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchone() is None
        return dict(database.execute("SELECT post_id, state FROM delivery"))


@pytest.fixture
def running():
    with Daemon() as daemon:
        yield daemon


def test_it_has_all_that_was_acknowledged_before_and_is_whole(running, tmp_path):
    """Others add posts all the while: each is in it whole, or not at all."""
    fill(running, 50)
    stop = threading.Event()

    def add_more():
        for i in range(100000):
            if stop.is_set():
                return
            assert running.api("POST", "/v1/posts", {"to": ["site"], "text": "y", "id": f"m{i}"}).status == 201

    busy = threading.Thread(target=add_more)
    busy.start()
    try:
        for i in range(5):
            done = running.calctl("backup", tmp_path / f"{i}.db")
            assert done.returncode == 0 and "saved" in done.stdout, done
    finally:
        stop.set()
        busy.join()
    for i in range(5):
        posts = posts_in(tmp_path / f"{i}.db")
        assert {f"p{i}" for i in range(50)} <= posts.keys()
        audit = running.calctl("audit", "verify", tmp_path / f"{i}.db")
        assert audit.returncode == 0, audit
    assert os.stat(tmp_path / "0.db").st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{i}.db" for i in range(5)]
    assert not (running.state / "backup").exists()


def test_put_back_it_holds_until_it_is_resumed(running, tmp_path):
    fill(running, 3)
    assert running.calctl("backup", tmp_path / "kept.db").returncode == 0
    running.stop()
    shutil.rmtree(running.state)
    running.state.mkdir(mode=0o700)
    shutil.copyfile(tmp_path / "kept.db", running.state / "cald.db")
    running.start()
    status = running.calctl("status")
    assert status.returncode == 6 and "--restored" in status.stdout, status
    running.api("POST", "/v1/posts", {"to": ["site"], "text": "held back", "id": "now"})
    assert running.delivery("now", "site")["state"] == "ready"
    assert running.calctl("resume", "--restored").returncode == 0
    assert running.delivery("now", "site")["state"] == "held"  # overdue by now: a person says which of them go out
    assert running.calctl("release", "now").returncode == 0
    running.wait_state("now", "site", "published")
    assert running.delivery("p2", "site")["state"] == "ready"


def test_what_is_there_is_not_overwritten(running, tmp_path):
    kept = tmp_path / "kept.db"
    kept.write_text("mine")
    done = running.calctl("backup", kept)
    assert done.returncode == 1 and "is there already" in done.stderr
    assert kept.read_text() == "mine" and len(list(tmp_path.iterdir())) == 1


def test_a_file_that_cannot_be_written_is_told(running, tmp_path):
    done = running.calctl("backup", tmp_path / "missing" / "kept.db")
    assert done.returncode == 7 and "No such file or directory" in done.stderr


def test_to_standard_output_and_as_json(running, tmp_path):
    raw = subprocess.run([CALCTL, "--config", running.config, "backup", "-"], capture_output=True, timeout=30)
    assert raw.returncode == 0 and raw.stdout.startswith(b"SQLite format 3\0")
    done = running.calctl("--json", "backup", tmp_path / "kept.db")
    assert f'"size": {(tmp_path / "kept.db").stat().st_size}' in done.stdout


def test_only_an_admin_gets_it(running, tmp_path):
    token = running.token("editor", "editor")
    running.stop()
    running.start()
    assert running.api("GET", "/v1/backup", tcp=True, token=token).status == 403


def test_without_a_daemon_nothing_is_left_behind(running, tmp_path):
    running.stop()
    done = running.calctl("backup", tmp_path / "kept.db")
    assert done.returncode == 3 and not list(tmp_path.iterdir())


def test_it_does_not_fill_the_disk_that_cald_needs(tmp_path):
    running = Daemon()
    running.state.mkdir(mode=0o700)
    if os.system(f"mount -t tmpfs -o size=40m,mode=0700 tmpfs {running.state} 2>/dev/null"):
        pytest.skip("cannot mount a tmpfs here")
    try:
        with running:
            done = running.calctl("backup", tmp_path / "kept.db")
            assert done.returncode == 7 and "no room for the copy" in done.stderr, done
            assert not list(tmp_path.iterdir()) and not (running.state / "backup").exists()
            assert running.calctl("status").returncode == 0
    finally:
        os.system(f"umount {running.state}")

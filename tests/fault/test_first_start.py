"""Killed at every write and sync of its first start, when the schema is made: the next start finishes it.

The migrations that will come are applied by the same code, one transaction each.
"""
import shutil
import signal
import sqlite3
import time

import pytest

from stage import FULL, Stage, say
from trace import settle, wrapper

MOST = 400
CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate")


def is_whole(stage):
    database = sqlite3.connect(f"file:{stage.database}?mode=ro", uri=True, timeout=10)
    try:
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return database.execute("PRAGMA user_version").fetchone()[0], {
            row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE sql IS NOT NULL")}
    finally:
        database.close()


def start_and_add(stage, post):
    """A start that must work, and a post that must be taken."""
    stage.start()
    answer = stage.api("POST", "/v1/posts", {"id": post, "to": ["k"], "text": "Taken.", "at": "2035-01-01 09:00"})
    assert answer.status == 201, answer
    assert stage.stop() == 0


def killed_at(stage, output, call, number):
    """Starts on an empty state; false when the start was over before the call came."""
    shutil.rmtree(stage.state, ignore_errors=True)
    output.unlink(missing_ok=True)
    stage.start(wait=False, wrapper=[w.replace("trace=", f"trace={call},") for w in
                                     wrapper(output, f"{call}:signal=KILL:when={number}")])
    end = time.monotonic() + 20
    while stage.process.poll() is None and time.monotonic() < end:
        if stage.socket.exists():
            time.sleep(0.2)
            break
        time.sleep(0.01)
    died = stage.process.poll() == -signal.SIGKILL
    stage.kill()
    settle(output)
    return died


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("call", CALLS)
def test_a_first_start_that_is_killed_is_finished_by_the_next(call, tmp_path):
    with Stage(0, {"k": True}, {}) as stage:
        start_and_add(stage, "whole")
        whole = is_whole(stage)
        number, tried = 1, 0
        while number < MOST and killed_at(stage, tmp_path / "trace", call, number):
            start_and_add(stage, "after")
            assert is_whole(stage) == whole, (call, number)
            tried += 1
            number += 1 if FULL or number < 4 else number // 2
        say(f"{call}: killed {tried} first starts, up to the {number - 1}th call")
        assert tried or call == "ftruncate"

"""What systemd is told, and when (sd_notify(3)), without a systemd: the test holds the socket. See also test_systemd.py."""
import os
import shutil
import socket
import sqlite3
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import BUILD, CALD, Daemon  # noqa: E402

WATCHDOG_S = 0.3


def mutant(name):
    return BUILD / "tests" / f"cald-{name}"


class Told(Daemon):
    """A cald, and what it tells."""

    def __init__(self, program=CALD):
        super().__init__(tcp=False, program=program, environment={"ASAN_OPTIONS": "detect_leaks=0"})
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ear.bind(str(self.directory / "notify"))
        self.environment.update(NOTIFY_SOCKET=str(self.directory / "notify"), WATCHDOG_USEC=str(int(WATCHDOG_S * 1e6)))
        self.environment.pop("WATCHDOG_PID", None)

    def hear(self, patience):
        """The next message, or None."""
        self.ear.settimeout(max(patience, 0.001))
        try:
            return self.ear.recv(65536).decode()
        except socket.timeout:
            return None

    def hear_word(self, word, patience=30):
        """Waits for a message with that line; None when cald ends without, or does not say it."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            said = self.hear(0.05)
            if said and word in said.split("\n"):
                return said
            if not said and self.process.poll() is not None:
                return None
        return None

    def close(self):
        self.kill()
        self.ear.close()
        shutil.rmtree(self.directory, ignore_errors=True)


@contextmanager
def told(program=CALD):
    with closing(Told(program)) as cald:
        yield cald


# ---- ready ----

def test_ready_means_that_the_socket_answers_and_the_calendar_is_in_the_database():
    with told() as cald:
        cald.start(wait=False)
        said = cald.hear_word("READY=1")
        assert "applied: 1 added" in said, said
        assert cald.api("GET", "/v1/posts/far-away").status == 200  # at once
        with closing(sqlite3.connect(f"file:{cald.state}/cald.db?mode=ro", uri=True)) as database:
            assert database.execute("SELECT count(*) FROM delivery").fetchone() == (1,)
            assert database.execute("SELECT count(*) FROM note WHERE name = 'writable'").fetchone() == (1,)


def without_a_place_for_its_socket(cald):
    cald.write("file", "not a directory\n")
    cald.write("cald.yaml", cald.config.read_text().replace("state/cald.sock", "file/cald.sock"))
    return ()


def without_a_database_that_can_be_written(cald):
    """A life that leaves nothing to be changed; in the next nothing can be written to the database's log."""
    cald.start(wait=False)
    assert cald.hear_word("READY=1") and cald.stop() == 0
    while cald.hear(0.01):
        pass
    return ("strace", "-D", "-f", "-qqq", "-P", str(cald.state / "cald.db-wal"), "-e", "trace=pwrite64",
            "-e", "inject=pwrite64:error=EIO", "-o", str(cald.directory / "trace"))


def says_ready_though(fault, program):
    with told(program) as cald:
        wrapper = fault(cald)
        cald.start(wait=False, wrapper=wrapper)
        said = cald.hear_word("READY=1")
        if not said:
            assert cald.process.wait(30) == 7 and cald.log()
        return said is not None


FAULTS = [(without_a_place_for_its_socket, "READY_EARLY"),
          pytest.param(without_a_database_that_can_be_written, "READY_UNWRITTEN", marks=pytest.mark.skipif(
              not shutil.which("strace"), reason="strace is not installed"))]


@pytest.mark.parametrize("fault, name", FAULTS)
def test_a_start_that_fails_is_never_ready(fault, name):
    assert not says_ready_though(fault, CALD)


@pytest.mark.parametrize("fault, name", FAULTS)
def test_a_cald_that_is_ready_too_soon_is_found_out(fault, name):
    assert says_ready_though(fault, mutant(name))


def test_an_abstract_socket_hears_it_and_the_watchdog_of_another_process_is_not_fed():
    with told() as cald, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(f"\0{cald.directory}")
        cald.ear.close()
        cald.ear = ear
        cald.environment.update(NOTIFY_SOCKET=f"@{cald.directory}", WATCHDOG_PID=str(os.getpid()))
        cald.start(wait=False)
        assert cald.hear_word("READY=1")
        assert cald.stop() == 0 and cald.hear(1) == "STOPPING=1"


# ---- the watchdog ----

def falls_silent(cald, patience=3):
    """Whether it stops saying that it lives, for three of the watchdog's intervals, within so many seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if cald.hear(3 * WATCHDOG_S) is None:
            return True
    return False


def is_silent_while_its_loop_hangs(program):
    """Another program keeps the database to itself: the loop waits for it, up to five seconds."""
    with told(program) as cald:
        cald.start(wait=False)
        assert cald.hear_word("READY=1")
        assert cald.hear_word("WATCHDOG=1")
        with closing(sqlite3.connect(cald.state / "cald.db", isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            answers = []
            asking = threading.Thread(target=lambda: answers.append(
                cald.api("POST", "/v1/posts", {"id": "late", "to": ["site"], "text": "x", "at": "2035-01-02 09:00"})))
            asking.start()
            silent = falls_silent(cald)
            database.execute("ROLLBACK")
        asking.join()
        assert answers[0].status == 201 and cald.hear_word("WATCHDOG=1", 5)
        return silent


def test_the_watchdog_hears_nothing_while_the_loop_hangs():
    assert is_silent_while_its_loop_hangs(CALD)


def test_a_cald_whose_watchdog_is_fed_beside_the_loop_is_found_out():
    assert not is_silent_while_its_loop_hangs(mutant("FED_WATCHDOG"))

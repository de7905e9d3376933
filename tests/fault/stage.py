"""What the fault suites play on: an oracle, a cald (or one of its mutants) that publishes to it, and the checker.

CALD_FAULT=full asks for the full forms (tests/run fault), which take minutes each; else they are reduced for CI.
CALD_SEED repeats a run; without it each suite has a seed of its own, printed.
"""
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from checker import check
from daemon import BUILD, CALD, CALCTL, Daemon

FULL = os.environ.get("CALD_FAULT") == "full"
SEED = int(os.environ.get("CALD_SEED", "20261123"))
ORACLE = BUILD / "tests" / "oracle"


def mutant(name):
    return BUILD / "tests" / f"cald-{name}"


def say(text):
    """Shown with -s, and by pytest when the test fails; kept for the closing figures."""
    print(text, flush=True)
    if figures := os.environ.get("CALD_FIGURES"):
        with open(figures, "a") as file:
            file.write(f"{os.environ.get('PYTEST_CURRENT_TEST', '').split(' ')[0]}: {text}\n")


class Oracle:
    def __init__(self, log, seed=SEED, port=0, wrapper=(), anywhere=False, **faults):
        self.log = Path(log)
        options = [f"--{name.replace('_', '-')}={value}" for name, value in faults.items()] + anywhere * ["--anywhere"]
        self.process = subprocess.Popen([*wrapper, str(ORACLE), f"--log={log}", f"--seed={seed}", f"--port={port}", *options],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def calm(self):
        """No more faults."""
        self.process.send_signal(signal.SIGUSR1)

    def receipts(self):
        return self.log.read_bytes().count(b'"method":"POST"') if self.log.exists() else 0

    def wait(self, number, patience=30):
        """Until so many posts were received."""
        end = time.monotonic() + patience
        while self.receipts() < number:
            assert time.monotonic() < end, f"{self.receipts()} of {number} posts were received"
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def milliseconds():
    return time.time_ns() // 1_000_000


def instant(ms):
    return datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def second_after(delay_ms):
    """The first full second after so long: what a calendar can say."""
    return (milliseconds() + delay_ms + 999) // 1000 * 1000


class Stage(Daemon):
    """
    accounts: name → whether the oracle's keys are used. posts: id → (slot in ms, accounts). What must exist in the end
    is in 'expected'; what is accepted over the control endpoint is added to it.
    """

    def __init__(self, oracle_port, accounts, posts, program=CALD, directory=None, options="", settings=""):
        lines = []
        for name, keyed in accounts.items():
            key = ", key_header: Idempotency-Key" if keyed else ""
            lines.append(f'  {name}: {{network: webhook, url: "http://127.0.0.1:{oracle_port}/{name}", id: /id, '
                         f'spacing: 0s, late: {{grace: 2h}}{key}{options}}}\n')
        entries = [f"  - {{id: {post}, at: {instant(slot)}, to: [{', '.join(to)}], text: \"Post {post}.\"}}\n"
                   for post, (slot, to) in posts.items()]
        calendar = "version: 1\ntimezone: UTC\n" + ("posts:\n" + "".join(entries) if entries else "")
        environment = {"ASAN_OPTIONS": "detect_leaks=0", "RES_OPTIONS": "timeout:1 attempts:1"}
        super().__init__("".join(lines), calendar, "version: 1\n", settings, tcp=False, directory=directory,
                         environment=environment)
        self.program = program
        self.database = self.state / "cald.db"
        self.expected = {(post, account): slot for post, (slot, to) in posts.items() for account in to}
        self.added = 0

    def __enter__(self):
        return self

    def start(self, wait=True, wrapper=(), arguments=()):
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen([*wrapper, str(self.program), "--config", str(self.config), *arguments],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)
        if wait:
            self.wait_ready()
        return self

    def add(self, account):
        """A spontaneous post; what is answered with 201 must never be lost. False: not accepted."""
        self.added += 1
        post = f"added-{self.added}"
        try:
            answer = self.api("POST", "/v1/posts", {"id": post, "to": [account], "text": f"Post {post}.", "at": "now"},
                              timeout=5)
        except OSError:
            return False
        if answer.status == 201:
            self.expected[post, account] = None
        return answer.status == 201

    def ask(self, sql):
        """The rows, from the database, read-only."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(sql).fetchall()

    def states(self):
        """state → number."""
        return dict(self.ask("SELECT state, count(*) FROM delivery GROUP BY state"))

    def doubts(self):
        """How many unsure ones cald will still look into by itself."""
        return self.ask("SELECT count(*) FROM delivery WHERE state = 'unsure' AND due < 9223372036854775807")[0][0]

    def drain(self, patience, doubts=True):
        """Waits until nothing is to be done any more; with doubts: until those are settled that cald can settle."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"cald ended with {self.process.returncode}:\n{self.log()[-5000:]}")
            states = self.states()
            if not any(map(states.get, ("ready", "waiting", "sending"))) and not (doubts and self.doubts()):
                return
            time.sleep(0.1)
        raise AssertionError(f"not drained: {self.states()}, {self.doubts()} in doubt\n{self.log()[-5000:]}")

    def check(self, oracle, **options):
        report = check(self.database, oracle.log, self.expected, **options)
        if not report.violations:
            log = self.log()
            assert "Sanitizer" not in log and "runtime error" not in log and "bug:" not in log, log[-5000:]
        return report

    def __exit__(self, kind, *_):
        self.kill()
        if self.own_directory and kind is None:
            shutil.rmtree(self.directory, ignore_errors=True)

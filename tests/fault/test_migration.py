"""A database of an older schema, with deliveries in every state, and a cald of a later version (cald-LATER: this one with
the migrations of tests/fault/migrations) that is killed at every write and sync of the start that migrates it.

tests/fault/released/NNN.sql are such databases of the schemas that were released before the newest. With the first
change after a release a test asks for one more; it is made by the released cald:

    CALD_BUILD=… python3 tests/fault/test_migration.py tests/fault/released/001.sql
"""
import shutil
import socket
import sqlite3
import sys
import time
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from checker import miscounted
from stage import FULL, mutant, say
from daemon import ACCOUNTS, CALD, SOURCE, Daemon
from trace import settle, wrapper

SCHEMAS = sorted((SOURCE / "schema").glob("[0-9]*.sql"))
COMING = sorted((SOURCE / "tests/fault/migrations").glob("*.sql"))
RELEASED = SOURCE / "tests/fault/released"
NOW = len(SCHEMAS)
LATER = NOW + len(COMING)
STATES = {"draft", "ready", "held", "waiting", "sending", "unsure", "published", "refused", "missed", "cancelled"}

# What no migration and no later life may change, so that it can be compared whatever came first.
KEPT = {
    "delivery": "id, post_id, account, network, slot, delivery_key, content_hash, origin, created",
    "content": "delivery, content, folded",
    "attempt": "id, delivery, number, started, step, kind, content_hash, request, body",
    "settlement": "attempt, ended, outcome, scope, status, timings, message",
    "history": "id, delivery, account, at, who, from_state, to_state, why",
    "alert": "id, alert_key, at, kind, account, body",
    "replay": "request_key, who, request_hash, status, body, at",
    "account": "name",
}

needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")


# ---- a database with everything in it ----

class Past(Daemon):
    """A cald whose life ended by a kill, with a delivery in every state."""

    def __init__(self, server):
        accounts = ACCOUNTS + (f'  stuck: {{network: webhook, url: "http://127.0.0.1:{server.getsockname()[1]}/"}}\n'
                               '  strict: {network: "null", late: {grace: 1m, then: missed}}\n')
        earlier = datetime.now(timezone.utc) - timedelta(hours=2)
        calendar = ("version: 1\ntimezone: UTC\nposts:\n"
                    f'  - {{id: late, at: {earlier:%Y-%m-%d %H:%M}, to: [strict], text: "Too late."}}\n'
                    '  - {id: far-away, at: 2035-01-01 09:00, to: [site], text: "Far away."}\n')
        super().__init__(accounts, calendar, tcp=False, environment={"ASAN_OPTIONS": "detect_leaks=0"})

    def live(self):
        self.start()
        for account, state in (("site", "published"), ("no", "refused"), ("doubt", "unsure"), ("later", "waiting"),
                               ("stuck", "sending")):
            self.add(state, account)
            self.wait_state(state, account, state)
        self.add("draft", "site", at="2035-01-02 09:00", draft=True)
        for post, action in (("held", "hold"), ("cancelled", "cancel")):
            self.add(post, "site", at="2035-01-02 09:00")
            assert self.api("POST", f"/v1/posts/{post}/{action}", {"why": "so"}).status == 200
        self.kill()
        with closing(self.opened()) as database:
            assert {row[0] for row in database.execute("SELECT DISTINCT state FROM delivery")} == STATES
        return self

    def add(self, post, account, **more):
        answer = self.api("POST", "/v1/posts", {"id": post, "to": [account], "text": f"It is {post}.", **more},
                          {"Idempotency-Key": f"key-of-{post}"})
        assert answer.status == 201, answer

    # ---- its files ----

    def files(self):
        """What a cald may write to: the reserve and the lock say nothing."""
        return {path.name: path.read_bytes() for path in sorted(self.state.iterdir())
                if path.is_file() and path.name.startswith(("cald.db", "instance"))}

    def put_back(self, files):
        """In place: another file would look like a copy of the state directory, which is held."""
        for name in set(self.files()) - set(files):
            (self.state / name).unlink()
        for name, content in files.items():
            with open(self.state / name, "r+b" if (self.state / name).exists() else "wb") as file:
                file.truncate()
                file.write(content)

    def opened(self):
        """A copy, with what is in its log: looking must not change anything."""
        copy = self.directory / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for name, content in self.files().items():
            (copy / name).write_bytes(content)
        (copy / "cald.db-shm").unlink(missing_ok=True)
        return sqlite3.connect(copy / "cald.db")

    def begin(self, program, wrapper=()):
        """A start that must work; then it takes a post."""
        self.program = program
        self.start(wrapper=wrapper)
        self.add(f"after-{time.monotonic_ns()}", "site", at="2035-02-01 09:00")
        assert self.api("GET", "/v1/posts/far-away").json["deliveries"]
        assert self.stop() == 0


@pytest.fixture(scope="module")
def past():
    """The state directory as the killed cald left it; each test begins with that."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:  # connects, and never answers
        past = Past(server)
        try:
            past.left = past.live().files()
            yield past
        finally:
            past.kill()
            shutil.rmtree(past.directory, ignore_errors=True)


# ---- old or new, whole, and nothing lost ----

def rows_of(database):
    return {table: set(database.execute(f"SELECT {columns} FROM {table}")) for table, columns in KEPT.items()}


def columns_of(database, table):
    return {row[1] for row in database.execute(f"PRAGMA table_info({table})")}


def contents_of(database):
    """What each delivery says, which is in a table of its own since schema 10."""
    apart = columns_of(database, "content")
    return set(database.execute("SELECT delivery, content, folded FROM content" if apart else
                                "SELECT id, content, folded FROM delivery"))


def settlements_of(database):
    """What became of each attempt, which is in a table of its own since schema 11."""
    apart = columns_of(database, "settlement")
    return set(database.execute("SELECT attempt, ended, outcome, scope, status, timings, message FROM settlement" if apart else
                                "SELECT id, ended, outcome, scope, status, timings, message FROM attempt WHERE ended > 0"))


def first_is_there(database, before):
    """Of the first migration that may come: its column with a value in each row, its table with its rows."""
    if "label" not in columns_of(database, "delivery"):
        return False, "text" in columns_of(database, "remark")
    last = max(row[0] for row in before["delivery"])
    empty, = database.execute("SELECT count(*) FROM delivery WHERE label IS NULL AND id <= ?", (last,)).fetchone()
    remarks, = database.execute("SELECT count(*) FROM remark").fetchone()
    return empty == 0, remarks > 0


def second_is_there(database, _):
    """Of the second: the table that was made anew, in the place of the old one."""
    return "nickname" in columns_of(database, "account"), "CHECK (paused IN (0, 1, 2))" in database.execute(
        "SELECT sql FROM sqlite_schema WHERE name = 'account'").fetchone()[0]


def faults(past, before):
    """What is wrong with what the last life left."""
    with closing(past.opened()) as database:
        try:
            wrong = [row[0] for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
            wrong += [f"refers to nothing: {row}" for row in database.execute("PRAGMA foreign_key_check")]
            version = database.execute("PRAGMA user_version").fetchone()[0]
            for number, is_there in ((NOW + 1, first_is_there), (NOW + 2, second_is_there)):
                parts = is_there(database, before)
                if set(parts) != {version >= number}:
                    wrong.append(f"version {version}, but of migration {number} there is {parts}")
            rows = rows_of(database)
            wrong += [f"{table} lost {len(before[table] - rows[table])} rows" for table in KEPT
                      if not before[table] <= rows[table]]
        except sqlite3.Error as error:
            wrong = [str(error)]
        return wrong


def killed_at(past, program, call, number, output):
    """The start that migrates, killed at the n-th call; false when it was over before."""
    past.put_back(past.left)
    past.program = program
    output.unlink(missing_ok=True)
    past.start(wait=False, wrapper=[word.replace("trace=", f"trace={call},") for word in
                                    wrapper(output, f"{call}:signal=KILL:when={number}")])
    end = time.monotonic() + 30
    while past.process.poll() is None and time.monotonic() < end and not reached(past):
        time.sleep(0.02)
    died = past.process.poll() is not None
    past.kill()
    settle(output)
    return died


def reached(past):
    """Whether it answers: all that a start does is done."""
    try:
        return past.api("GET", "/healthz", timeout=2).status == 200
    except OSError:
        return False


def numbers():
    """Each of the first, then ever rarer; in full: each."""
    number = 1
    while True:
        yield number
        number += 1 if FULL or number < 4 else max(number // 4, 1)


def sweep(past, program, call, tmp_path, each):
    """Kills at one call after the other, until none comes; what each found wrong."""
    with closing(past_as_left(past).opened()) as database:
        before = rows_of(database)
    tried = 0
    for number in numbers():
        if not killed_at(past, program, call, number, tmp_path / "trace"):
            return tried
        tried += 1
        wrong = faults(past, before)
        if not wrong:
            past.begin(mutant("LATER"))
            wrong = faults(past, before)
        each(f"{call} {number}", wrong)


def past_as_left(past):
    past.put_back(past.left)
    return past


@needs_strace
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
def test_killed_anywhere_it_is_old_or_new_and_whole(past, call, tmp_path):
    def each(place, wrong):
        assert not wrong, (place, wrong)
    tried = sweep(past, mutant("LATER"), call, tmp_path, each)
    say(f"{call}: killed {tried} starts that migrated from {NOW} to {LATER}")
    assert tried >= 4


class Found(Exception):
    pass


@needs_strace
@pytest.mark.parametrize("name", ["TORN_MIGRATION", "VERSION_FIRST"])
def test_a_cald_that_migrates_without_a_transaction_is_found_out(past, name, tmp_path):
    def each(place, wrong):
        if wrong:
            raise Found(place)
    with pytest.raises(Found):
        sweep(past, mutant(name), "pwrite64", tmp_path, each)


# ---- what is newer, and what is older still ----

def refused(past):
    """This cald on what a later one left: it ends, and says why."""
    past.program = CALD
    past.start(wait=False)
    assert past.process.wait(30) == 7
    message = f"was written by a newer cald (schema {LATER}, this one knows {NOW})"
    assert message in past.log().splitlines()[-1], past.log()[-2000:]


def test_a_newer_database_is_refused_and_left_as_it_is(past):
    past_as_left(past).begin(mutant("LATER"))
    before = past.files()
    refused(past)
    assert past.files() == before


def test_what_a_newer_cald_that_was_killed_left_is_refused_and_kept(past):
    """Its log is put into the database, as whoever closes it does; what both say together stays."""
    past_as_left(past).program = mutant("LATER")
    past.start()
    past.add("before-the-kill", "site", at="2035-02-01 09:00")
    past.kill()
    before = dump(past)
    refused(past)
    assert dump(past) == before
    past.begin(mutant("LATER"))


def dump(past):
    """All of a database as SQL, its version too."""
    with closing(past.opened()) as database:
        numbers = [f"PRAGMA {name}={database.execute(f'PRAGMA {name}').fetchone()[0]};"
                   for name in ("application_id", "user_version")]
        return "\n".join([*database.iterdump(), *numbers]) + "\n"


def loaded(past, text):
    """Puts a dump in the place of the database."""
    path = past.directory / "loaded.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(text)
    past.put_back({"cald.db": path.read_bytes()})


def test_each_schema_that_was_released_is_kept():
    missing = [f"{n:03}.sql" for n in range(1, NOW) if not (RELEASED / f"{n:03}.sql").exists()]
    assert not missing, f"not in {RELEASED}: {missing}; see the head of this file"


@pytest.mark.parametrize("kept", [None, *sorted(RELEASED.glob("*.sql"))], ids=lambda path: path.name if path else "this")
def test_a_database_of_each_schema_is_taken_up(past, kept):
    loaded(past_as_left(past), kept.read_text() if kept else dump(past))
    with closing(past.opened()) as database:
        assert {row[0] for row in database.execute("SELECT DISTINCT state FROM delivery")} == STATES
        before = {table: set(database.execute(f"SELECT id FROM {table}")) for table in ("delivery", "attempt", "history")}
        contents, settlements = contents_of(database), settlements_of(database)
    for program, version in ((CALD, NOW), (mutant("LATER"), LATER)):
        past.begin(program)
        with closing(past.opened()) as database:
            database.row_factory = sqlite3.Row
            assert database.execute("PRAGMA user_version").fetchone()[0] == version
            assert [row[0] for row in database.execute("PRAGMA integrity_check")] == ["ok"]
            assert not miscounted(database)
            database.row_factory = None
            for table, ids in before.items():
                assert ids <= set(database.execute(f"SELECT id FROM {table}")), table
            assert contents <= contents_of(database)
            assert settlements <= settlements_of(database)


if __name__ == "__main__":
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        past = Past(silent)
        Path(sys.argv[1]).write_text(dump(past.live()))
        shutil.rmtree(past.directory)

"""A large change is applied in slices, a commit each; killed between two of them, the rest follows, once."""
import functools
import sqlite3
import time
from contextlib import closing

from stage import CALD, Daemon, mutant

posts = 900  # a slice is as much as is done in a time: where that is nearly all, there have to be more
ACCOUNTS = '  one: {network: "null"}\n  two: {network: "null"}\n'


def calendar(word, first=0):
    return "version: 1\ntimezone: UTC\nposts:\n" + "".join(
        f"  - {{id: p{n}, at: 2034-01-01 {n % 24:02}:00, to: [one, two], text: {word} {n}}}\n" for n in range(first, posts))


class TooLate(Exception):
    """It was through before it could be killed."""


def until_it_is_killed_amid(test):
    """Slices go by time, and so does who kills: it may have to be tried again, with more to do."""
    @functools.wraps(test)
    def tries():
        global posts
        for left in range(5, -1, -1):
            try:
                return test()
            except TooLate:
                assert left, "it was never killed amid its work"
                posts += posts
    return tries


class Sliced(Daemon):
    def __init__(self, word, program=CALD):
        super().__init__(accounts=ACCOUNTS, calendar=calendar(word), charter="version: 1\n", tcp=False, program=program)

    def ask(self, sql):
        with closing(sqlite3.connect(f"file:{self.state}/cald.db?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()

    def kill_amid(self, sql, patience=60):
        """Kills it as soon as some of what sql counts is done, which is each post on each account."""
        end = time.monotonic() + patience
        count = 0
        while not count:
            assert time.monotonic() < end, self.log()
            try:
                count = self.ask(sql)[0][0]
            except sqlite3.Error:
                pass  # the database is being made
            time.sleep(0.001)
        self.kill()
        done = self.ask(sql)[0][0]
        if done >= 2 * posts - 20:
            raise TooLate

    def deliveries(self):
        """State and first word of each."""
        found, cursor = {}, ""
        while cursor is not None:
            page = self.api("GET", f"/v1/deliveries?limit=1000{cursor}", timeout=120).json
            for item in page["items"]:
                assert item["id"] not in found
                found[item["id"]] = item["state"], item["content"]["parts"][0]["text"].split()[0]
            cursor = f"&cursor={page['next']}" if page.get("next") else None
        return found

    def all_say(self, word, first=0):
        return self.deliveries() == {f"p{n}/{account}": ("ready" if n >= first else "cancelled", word)
                                     for n in range(posts) for account in ("one", "two")}

    def happened(self, what):
        """How often each delivery's history says it: none may say it twice."""
        return max(count for (count,) in self.ask(
            f"SELECT count(*) FROM history WHERE delivery IS NOT NULL AND why = '{what}' GROUP BY delivery"))


ADDED = "SELECT count(*) FROM delivery"
EDITED = "SELECT count(*) FROM history WHERE why = 'changed in the calendar'"
REMOVED = "SELECT count(*) FROM delivery WHERE removed = 1"


def edit_and_kill(daemon, text, sql):
    """A running cald that knows what it applied, killed while it applies something else."""
    daemon.start()
    assert daemon.api("POST", "/v1/reload", timeout=120).status == 200
    daemon.write("calendar.yaml", text)
    daemon.kill_amid(sql)


@until_it_is_killed_amid
def test_a_first_application_that_is_killed_goes_on():
    daemon = Sliced("un")
    daemon.start(wait=False)
    daemon.kill_amid(ADDED)
    with daemon:
        assert daemon.all_say("un")
        assert daemon.happened("added") == 1


@until_it_is_killed_amid
def test_a_change_that_is_killed_goes_on():
    daemon = Sliced("un")
    edit_and_kill(daemon, calendar("deux"), EDITED)
    with daemon:
        assert daemon.all_say("deux")
        assert daemon.happened("changed in the calendar") == 1


def taken_back(program=CALD):
    """Half of it was applied: what is the same as before that is not the same any more."""
    daemon = Sliced("un", program)
    edit_and_kill(daemon, calendar("deux"), EDITED)
    daemon.write("calendar.yaml", calendar("un"))
    with daemon:
        return daemon.all_say("un")


@until_it_is_killed_amid
def test_a_change_that_is_killed_and_taken_back_leaves_nothing():
    assert taken_back()


@until_it_is_killed_amid
def test_a_cald_that_remembers_what_is_no_longer_so_is_caught():
    assert not taken_back(mutant("REMEMBER_TOO_LONG"))


@until_it_is_killed_amid
def test_a_removal_that_is_killed_goes_on_and_can_be_taken_back():
    daemon = Sliced("un")
    edit_and_kill(daemon, calendar("un", first=posts - 10), REMOVED)
    with daemon:
        assert daemon.all_say("un", first=posts - 10)
        assert daemon.happened("removed from the calendar") == 1
        daemon.write("calendar.yaml", calendar("un"))
        daemon.kill_amid("SELECT count(*) FROM history WHERE why = 'back in the calendar'")
        daemon.start()
        assert daemon.all_say("un")


def test_what_a_person_adds_to_a_slot_amid_an_application_has_it_alone():
    """The plan that is being applied did not know of it: its entry gets the next place, by itself."""
    slots = 'slots:\n  hourly: {rrule: "FREQ=HOURLY", from: 2030-01-01, at: "00:00", to: [one]}\n'
    entries = "".join(f"  - {{id: p{n}, slot: hourly, text: p {n}}}\n" for n in range(200))
    head = "version: 1\ntimezone: UTC\n" + slots
    with Daemon(accounts=ACCOUNTS, calendar=head, charter="version: 1\n", tcp=False, settings="horizon: 3000d\n") as daemon:
        def ask(sql):
            with closing(sqlite3.connect(f"file:{daemon.state}/cald.db?mode=ro", uri=True)) as connection:
                return connection.execute(sql).fetchall()

        daemon.write("calendar.yaml", head + "posts:\n" + entries)
        planned = "SELECT count(*) FROM delivery WHERE origin = 'calendar'"
        added, end = 0, time.monotonic() + 120
        while ask(planned)[0][0] < 200:
            assert time.monotonic() < end, daemon.log()
            if added == 150:  # whoever never stops may always be the first at the next place
                time.sleep(0.01)
                continue
            answer = daemon.api("POST", "/v1/posts", {"id": f"h{added}", "to": ["one"], "at": "next slot hourly", "text": f"h {added}"})
            assert answer.status == 201, answer.json
            added += 1
        assert ask("SELECT slot, account FROM delivery GROUP BY 1, 2 HAVING count(*) > 1") == []
        assert ask("SELECT count(*) FROM delivery") == [(200 + added,)]

"""What a person changes takes effect: in the file, through calctl, until the instant of sending; and nothing comes late in a burst."""
import contextlib
import datetime
import os
import pathlib
import sys
import time
import zoneinfo

import pytest

SOURCE = pathlib.Path(os.environ.get("CALD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests/support"))

from daemon import Daemon  # noqa: E402
from pictures import png  # noqa: E402
from recorder import Recorder  # noqa: E402

ZONE = zoneinfo.ZoneInfo("Europe/Paris")


def civil(moment):
    return datetime.datetime.fromtimestamp(moment, ZONE).strftime("%Y-%m-%d %H:%M:%S")


def calendar(*posts, more=""):
    return "version: 1\ntimezone: Europe/Paris\n" + more + "posts:\n" + "".join(f"  - {p}\n" for p in posts)


def entry(id, at, text="text", to="hook", **more):
    extra = "".join(f", {name}: {value}" for name, value in more.items())
    return f'{{id: {id}, at: "{civil(at)}", to: [{to}], text: "{text}"{extra}}}'


@contextlib.contextmanager
def running(*posts, late="", more="", accounts="", **keywords):
    """cald with one webhook that keeps what it gets."""
    with Recorder() as hook:
        account = f'  hook: {{network: webhook, url: "{hook.url}", key_header: Idempotency-Key, id: /id, link: /url{late}}}\n'
        daemon = Daemon(accounts=account + accounts, calendar=calendar(*posts or ["{id: far, at: 2035-01-01 09:00, to: [hook], text: far}"], more=more), **keywords)
        with daemon:
            daemon.hook = hook
            yield daemon


def save(daemon, *posts, more="", patience=20):
    """Saves the calendar by rename and waits until the daemon has taken it."""
    before = daemon.api("GET", "/v1/status").json["documents"]["hash"]
    daemon.write("calendar.yaml", calendar(*posts, more=more))
    end = time.monotonic() + patience
    while daemon.api("GET", "/v1/status").json["documents"]["hash"] == before:
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.02)


def soon(seconds=3600):
    return int(time.time()) + seconds


def run(daemon, *arguments, code=0):
    done = daemon.calctl(*arguments)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def events(daemon, post, account="hook"):
    return [(e["from"], e["to"]) for e in daemon.api("GET", f"/v1/deliveries/{post}/{account}/history").json["events"]]


def texts(daemon):
    return [p["body"]["text"] for p in daemon.hook.posts]


# ---- the file ----

def test_an_edited_entry_changes_its_post_and_never_makes_a_second_one():
    at = soon()
    with running(entry("a", at, "one")) as daemon:
        save(daemon, entry("a", at, "two"))
        delivery = daemon.delivery("a", "hook")
        assert delivery["content"]["parts"][0]["text"] == "two" and delivery["state"] == "ready"
        save(daemon, entry("a", at + 60, "two"))
        assert daemon.delivery("a", "hook")["slot"] == datetime.datetime.fromtimestamp(
            at + 60, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert len(daemon.api("GET", "/v1/deliveries").json["items"]) == 1


def test_a_removed_entry_is_cancelled_and_comes_back_with_it():
    at = soon()
    with running(entry("a", at), entry("b", at)) as daemon:
        save(daemon, entry("b", at))
        assert daemon.delivery("a", "hook")["state"] == "cancelled"
        assert daemon.delivery("a", "hook")["message"] == "removed from the calendar"
        save(daemon, entry("a", at), entry("b", at))
        assert daemon.delivery("a", "hook")["state"] == "ready"
        assert events(daemon, "a") == [(None, "ready"), ("ready", "cancelled"), ("cancelled", "ready")]


def test_what_a_person_cancelled_stays_cancelled():
    at = soon()
    with running(entry("a", at)) as daemon:
        run(daemon, "cancel", "a", "--why", "not now")
        save(daemon, entry("a", at), entry("b", at))
        assert daemon.delivery("a", "hook")["state"] == "cancelled"


def test_a_cancel_is_taken_back():
    at = soon()
    with running(entry("a", at)) as daemon:
        run(daemon, "cancel", "a")
        run(daemon, "retry", "a")
        delivery = daemon.delivery("a", "hook")
        assert delivery["state"] == "ready"
        save(daemon, entry("b", at))  # and what the file loses goes like any other
        assert daemon.delivery("a", "hook")["state"] == "cancelled"


def test_what_is_published_stays_whatever_the_file_says():
    at = int(time.time()) - 1
    with running(entry("a", at, "first")) as daemon:
        daemon.wait_state("a", "hook", "published")
        save(daemon, entry("a", at, "second"))
        save(daemon, entry("b", soon()))
        delivery = daemon.delivery("a", "hook")
        assert delivery["state"] == "published" and delivery["content"]["parts"][0]["text"] == "first"
        assert texts(daemon) == ["first"]
        assert "published" in daemon.log()


def test_an_edit_by_a_person_holds_until_the_entry_changes():
    at = soon()
    with running(entry("a", at, "file")) as daemon:
        run(daemon, "edit", "a", "--text", "person")
        run(daemon, "move", "a", civil(at + 600))
        save(daemon, entry("a", at, "file"), entry("b", at))
        delivery = daemon.delivery("a", "hook")
        assert (delivery["content"]["parts"][0]["text"], delivery["overridden"]) == ("person", True)
        assert delivery["local"].startswith(civil(at + 600).replace(" ", "T"))
        assert "until its entry" in run(daemon, "show", "a").stdout
        save(daemon, entry("a", at, "file again"), entry("b", at))
        delivery = daemon.delivery("a", "hook")
        assert (delivery["content"]["parts"][0]["text"], delivery["overridden"]) == ("file again", False)
        assert delivery["local"].startswith(civil(at).replace(" ", "T"))


def test_a_post_far_beyond_the_horizon_is_listed_and_can_be_changed():
    with running("{id: far, at: 2035-01-01 09:00, to: [hook], text: far}", settings="horizon: 1d\n") as daemon:
        assert "far/hook" in run(daemon, "list").stdout
        run(daemon, "edit", "far", "--text", "farther")
        save(daemon, "{id: far, at: 2035-01-01 09:00, to: [hook], text: far}", entry("b", soon()))
        assert daemon.delivery("far", "hook")["content"]["parts"][0]["text"] == "farther"
        save(daemon, entry("b", soon()))
        assert daemon.delivery("far", "hook")["state"] == "cancelled"


# ---- until the instant of sending ----

def test_an_edit_just_before_the_slot_takes_effect_and_one_after_it_says_no():
    at = soon(5)
    with running(entry("a", at, "before")) as daemon:
        while time.time() < at - 1:
            time.sleep(0.02)
        run(daemon, "edit", "a", "--text", "after")
        daemon.wait_state("a", "hook", "published")
        assert texts(daemon) == ["after"]
        for command in (["edit", "a", "--text", "too late"], ["move", "a", "in 2h"], ["cancel", "a"], ["hold", "a"]):
            said = run(daemon, *command, code=5).stderr
            assert "published" in said and said.count("\n") == 1, said
        answer = daemon.api("PATCH", "/v1/posts/a", {"text": "too late"})
        assert answer.status == 409 and "published" in answer.json["detail"]


def test_while_it_is_being_sent_nothing_can_be_changed():
    with running() as daemon:
        daemon.hook.script("hold")
        run(daemon, "add", "--to", "hook", "--id", "a", "text")
        daemon.wait_state("a", "hook", "sending")
        for words in (["cancel", "a"], ["hold", "a"], ["unapprove", "a"], ["retry", "a"], ["now", "a"], ["edit", "a", "--text", "b"],
                      ["move", "a", "in 2h"]):
            told = run(daemon, *words, code=5).stderr
            assert "it is being sent" in told or "it is sending" in told, words
        daemon.hook.release()
        daemon.wait_state("a", "hook", "published")
        assert len(daemon.hook.posts) == 1


def test_a_draft_waits_for_approval_and_can_become_one_again():
    at = soon()
    with running(entry("a", at, draft="true")) as daemon:
        assert daemon.delivery("a", "hook")["state"] == "draft"
        assert "approve it first" in run(daemon, "now", "a", code=5).stderr
        run(daemon, "approve", "a")
        assert daemon.delivery("a", "hook")["state"] == "ready"
        run(daemon, "unapprove", "a")
        assert daemon.delivery("a", "hook")["state"] == "draft"
        run(daemon, "approve", "a")
        run(daemon, "now", "a")
        daemon.wait_state("a", "hook", "published")
        assert run(daemon, "approve", "a", code=5).stderr.startswith("calctl: nothing was changed")


def test_what_is_held_waits_and_goes_when_released():
    at = soon(4)
    with running(entry("a", at), entry("b", at)) as daemon:
        run(daemon, "hold", "a", "--why", "wait for the photo")
        daemon.wait_state("b", "hook", "published")
        held = daemon.delivery("a", "hook")
        assert held["state"] == "held" and "wait for the photo" in held["message"]
        assert run(daemon, "status", code=6).stdout.count("wait for the photo") == 1
        run(daemon, "release", "a")
        daemon.wait_state("a", "hook", "published")
        assert run(daemon, "status").returncode == 0


def test_what_was_refused_can_be_tried_again():
    with running() as daemon:
        daemon.hook.script("answer", status=400)
        run(daemon, "add", "--to", "hook", "--id", "a", "text")
        refused = daemon.wait_state("a", "hook", "refused")
        assert "as the script says" in refused["message"] and "400" in refused["message"]
        run(daemon, "retry", "a")
        daemon.wait_state("a", "hook", "published")


def test_a_pause_keeps_posts_back_and_a_resume_lets_them_go():
    with running() as daemon:
        run(daemon, "pause", "hook", "--why", "storm")
        run(daemon, "add", "--to", "hook", "--id", "a", "text")
        assert "storm" in run(daemon, "accounts").stdout and "storm" in run(daemon, "status", code=6).stdout
        assert daemon.delivery("a", "hook")["state"] == "ready" and not daemon.hook.requests
        run(daemon, "resume", "hook")
        daemon.wait_state("a", "hook", "published")
        run(daemon, "pause", "--why", "everything")
        run(daemon, "add", "--to", "hook", "--id", "b", "text")
        assert "everything" in run(daemon, "status", code=6).stdout
        run(daemon, "resume")
        daemon.wait_state("b", "hook", "published")


# ---- too late ----

def absent_over_a_slot(daemon, at):
    """cald is not there when the slot comes."""
    daemon.stop()
    while time.time() < at + 2:
        time.sleep(0.05)
    daemon.start()


def test_what_was_missed_within_the_grace_is_published_late_and_told():
    at = soon(4)
    with running(entry("a", at)) as daemon:
        absent_over_a_slot(daemon, at)
        daemon.wait_state("a", "hook", "published")
        assert daemon.hook.posts[0]["time"] > at + 1


@pytest.mark.parametrize("then, state", [("hold", "held"), ("missed", "missed")])
def test_what_was_missed_beyond_the_grace_follows_the_policy(then, state):
    at = soon(4)
    posts = [entry("a", at), entry("kept", at, publish_late="true")]
    with running(*posts, late=f", late: {{grace: 1s, then: {then}}}") as daemon:
        absent_over_a_slot(daemon, at)
        delivery = daemon.wait_state("a", "hook", state)
        assert "late" in delivery["message"]
        daemon.wait_state("kept", "hook", "published")
        assert [p["body"]["post_id"] for p in daemon.hook.posts] == ["kept"]
        assert "a/hook" in run(daemon, "status", code=6).stdout
        run(daemon, "release" if then == "hold" else "retry", "a")
        daemon.wait_state("a", "hook", "published")


def test_what_the_calendar_says_of_the_late_is_over_the_account_also_for_what_is_queued():
    at = soon(6)
    posts = [entry("a", at), entry("kept", at, publish_late="true")]
    with running(*posts) as daemon:
        save(daemon, *posts, more="late: {grace: 1s, then: missed}\n")
        absent_over_a_slot(daemon, at + 1)
        assert "1s after which" in daemon.wait_state("a", "hook", "missed")["message"]
        daemon.wait_state("kept", "hook", "published")
        assert [p["body"]["post_id"] for p in daemon.hook.posts] == ["kept"]


def test_a_person_may_say_that_a_post_is_published_however_late():
    at = soon(8)
    with running(entry("a", at), entry("kept", at, publish_late="true"), late=", late: {grace: 1s, then: missed}") as daemon:
        for post, *more in (("urgent", "--publish-late"), ("idle",)):
            run(daemon, "add", "--to", "hook", "--at", civil(at), "--id", post, *more, post)
        run(daemon, "edit", "a", "--publish-late")
        run(daemon, "edit", "kept", "--no-publish-late")
        for post, late in (("a", True), ("kept", False), ("urgent", True), ("idle", False)):
            assert daemon.delivery(post, "hook")["publish_late"] is late
            assert ("however late" in run(daemon, "show", post).stdout) is late
        absent_over_a_slot(daemon, at)
        for post, state in (("a", "published"), ("kept", "missed"), ("urgent", "published"), ("idle", "missed")):
            daemon.wait_state(post, "hook", state)


def test_what_is_written_down_too_late_follows_the_calendar_too():
    with running() as daemon:
        save(daemon, entry("a", soon(-600)), more="late: {grace: 1m, then: missed}\n")
        assert "already passed" in daemon.wait_state("a", "hook", "missed")["message"]
        save(daemon, entry("b", soon(-7200)), more="late: {grace: 3h}\n")
        daemon.wait_state("b", "hook", "published")


def test_after_an_outage_there_is_no_burst():
    """Six posts were due while cald was down: they leave one after the other, spaced."""
    at = soon(5)
    posts = [entry(f"p{n}", at + n * 0.1, f"number {n}") for n in range(6)]
    with running(*posts, late=", spacing: 1s") as daemon:
        absent_over_a_slot(daemon, at + 1)
        for n in range(6):
            daemon.wait_state(f"p{n}", "hook", "published", patience=40)
        times = [p["time"] for p in daemon.hook.posts]
        assert len(times) == 6
        # a second between two that leave; one may be slower to arrive than the next
        assert min(b - a for a, b in zip(times, times[1:])) > 0.5 and times[-1] - times[0] > 4.5, times


# ---- files that are gone ----

PICTURED = '{{id: {0}, {1}, to: [site], text: {0}, media: [{{file: {0}.png, alt: x}}]}}'


def test_what_is_long_published_needs_its_files_no_more():
    """A person tidies the folder of media up after months; the calendar still lists what was shown then."""
    slots = 'slots: {often: {rrule: "FREQ=SECONDLY;INTERVAL=2", from: 2026-01-01, at: "00:00"}}\n'
    old, shown = PICTURED.format("old", 'at: "2020-05-01 09:00"'), PICTURED.format("shown", "slot: often")
    daemon = Daemon(accounts="  site: {network: feed, title: T}\n", calendar=calendar(old, shown, more=slots))
    daemon.write("shown.png", png(4, 3, 1))
    with daemon:
        daemon.wait_state("shown", "site", "published")
        (daemon.directory / "shown.png").unlink()
        assert "0 changed" in run(daemon, "reload").stdout and "is not changed" not in daemon.log()
        assert "warning: cannot open 'old.png'" in daemon.log() and "warning: cannot open 'shown.png'" in daemon.log()
        assert daemon.stop() == 0
        daemon.start()  # and it starts with them
        assert "old" not in run(daemon, "list").stdout  # what was never here is not made up
        daemon.write("calendar.yaml", calendar(old, shown, PICTURED.format("next", "slot: often"), more=slots))
        done = daemon.calctl("reload")
        assert done.returncode == 1 and "cannot open 'next.png'" in done.stdout + done.stderr
        daemon.write("calendar.yaml", calendar(old))
        assert "warning: cannot open 'old.png'" in run(daemon, "check").stdout

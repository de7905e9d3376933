"""plan and apply: what is shown is what is done; nothing else is; and a daemon told to wait for it waits."""
import datetime
import json
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import CALCTL, Daemon  # noqa: E402
from openapi import CheckedDaemon  # noqa: E402

ZONE = "version: 1\ntimezone: Europe/Paris\n"
SLOTS = ZONE + 'slots:\n  noon: {days: [mon, tue, wed, thu, fri, sat, sun], at: "12:00", to: [site]}\n'
LATER = "2034-06-01 10:00"


def calendar(*posts, head=ZONE):
    return head + ("posts:\n" + "".join(f"  - {post}\n" for post in posts) if posts else "posts: []\n")


def post(name, at=LATER, text=None, to="site", more=""):
    return f'{{id: {name}, at: {at}, to: [{to}], text: "{text or name + "."}"{more}}}'


def on_request(*posts, **keywords):
    return CheckedDaemon(calendar=calendar(*posts), settings="apply: on_request\n", **keywords)


def plan(daemon, *options):
    answer = daemon.calctl("plan", "--json", *options)
    return json.loads(answer.stdout), answer.returncode


def apply_now(daemon):
    shown, code = plan(daemon)
    assert code in (0, 2), shown
    if code == 2:
        done = daemon.calctl("apply", shown["plan"])
        assert done.returncode == 0, done
    return shown


def kinds(shown):
    return {change["id"]: change["kind"] for change in shown["changes"]}


def deliveries(daemon):
    items = daemon.api("GET", "/v1/deliveries?limit=1000").json["items"]
    return {d["id"]: (d["state"], d["slot"], d["content"]["parts"][0]["text"]) for d in items}


def wait_until(condition, patience=10):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def waits(daemon):
    return daemon.api("GET", "/v1/status").json["documents"]["plan_waits"]


def test_nothing_is_applied_before_somebody_says_so_and_then_exactly_the_plan():
    with on_request(post("a"), post("b", to="site, silent")) as daemon:
        assert deliveries(daemon) == {} and waits(daemon)
        shown, code = plan(daemon)
        assert code == 2 and kinds(shown) == {"a/site": "add", "b/site": "add", "b/silent": "add"}
        assert shown["counts"]["add"] == 3 and shown["apply"] == "on_request" and deliveries(daemon) == {}
        again = plan(daemon)[0]
        assert again == shown
        done = daemon.calctl("apply", shown["plan"], "--json")
        assert done.returncode == 0 and json.loads(done.stdout)["added"] == 3
        assert set(deliveries(daemon)) == {"a/site", "b/site", "b/silent"} and not waits(daemon)
        shown, code = plan(daemon)
        assert (code, shown["empty"], shown["changes"]) == (0, True, [])


def test_a_saved_file_is_noticed_checked_told_and_waits():
    with on_request(post("a"), post("gone")) as daemon:
        apply_now(daemon)
        before = deliveries(daemon)
        daemon.write("calendar.yaml", calendar(post("a", text="Other."), post("new")))
        wait_until(lambda: waits(daemon))
        assert deliveries(daemon) == before
        status = daemon.calctl("status")
        assert status.returncode == 6 and "a plan waits (1 to add, 1 to change, 0 to move, 1 to cancel)" in status.stdout
        daemon.write("calendar.yaml", calendar(post("a", to="nowhere")))
        wait_until(lambda: daemon.api("GET", "/v1/status").json["documents"]["errors"])
        assert plan(daemon)[1] == 1 and deliveries(daemon) == before
        daemon.write("calendar.yaml", calendar(post("a"), post("gone")))
        wait_until(lambda: not waits(daemon))
        assert deliveries(daemon) == before


def test_started_again_it_still_waits_and_a_reload_is_a_person_s_word():
    with on_request(post("a")) as daemon:
        apply_now(daemon)
        daemon.stop()
        daemon.write("calendar.yaml", calendar(post("a"), post("b")))
        daemon.start()
        assert set(deliveries(daemon)) == {"a/site"} and waits(daemon)
        assert daemon.calctl("reload").returncode == 0
        assert set(deliveries(daemon)) == {"a/site", "b/site"} and not waits(daemon)
        daemon.stop()
        daemon.start()
        assert not waits(daemon)


def test_each_kind_of_change_is_shown_with_what_changes():
    head = SLOTS + 'series:\n  - {id: s, rrule: "FREQ=YEARLY;COUNT=1", from: 2034-01-01, at: "23:00", to: [site], text: "S."}\n'
    with on_request(post("change"), post("move"), post("cancel"), post("draft")) as daemon:
        apply_now(daemon)
        daemon.write("calendar.yaml", calendar(
            post("change", text="One\\nthree"), post("move", at="2034-06-02 10:00"), post("draft", more=", draft: true"),
            post("add"), "{id: slotted, slot: noon, text: Slotted.}", head=head.split("series")[0]))
        shown, code = plan(daemon)
        assert code == 2
        assert kinds(shown) == {"change/site": "change", "move/site": "move", "cancel/site": "cancel", "draft/site": "change",
                                "add/site": "add", "slotted/site": "add"}
        move = next(c for c in shown["changes"] if c["kind"] == "move")
        assert (move["before"]["slot"], move["after"]["slot"]) == ("2034-06-01T08:00:00Z", "2034-06-02T08:00:00Z")
        text = daemon.calctl("plan", "--color", "always")
        assert text.returncode == 2 and "\x1b[32m      + One\x1b[0m" in text.stdout and "\x1b[31m      - change.\x1b[0m" in text.stdout
        assert "2 to add" in text.stdout, text.stdout
        assert re.search(r"Thu +1 Jun 2034 10:00 → Fri +2 Jun 2034 10:00", text.stdout), text.stdout
        assert "\x1b[" not in daemon.calctl("plan").stdout
        assert daemon.calctl("plan", "--exit-zero").returncode == 0
        limited, _ = plan(daemon, "--limit", "2")
        assert len(limited["changes"]) == 2 and limited["more"] == 4 and limited["plan"] == shown["plan"]


def test_what_cannot_be_done_any_more_is_told():
    with on_request(post("a", at="2034-06-01 10:00")) as daemon:
        apply_now(daemon)
        daemon.api("POST", "/v1/posts/a/cancel", {})
        daemon.write("calendar.yaml", calendar(post("a", text="Other.")))
        shown, _ = plan(daemon)
        assert shown["changes"] == [] and "cancelled by hand" in shown["conflicts"][0]


def silent_days(count, series=("merci",)):
    """A calendar whose daily series are silent from tomorrow on, for so many days."""
    today = datetime.datetime.now(ZoneInfo("Europe/Paris")).date()
    days = [today + datetime.timedelta(days=n + 1) for n in range(count)]
    keys = "".join(f'  - {{date: {day}, name: Deuil national, silent: true}}\n' for day in days)
    return days, ZONE + "key_dates:\n" + keys + "series:\n" + "".join(
        f'  - {{id: {name}, rrule: FREQ=DAILY, at: "17:00", to: [site], text: Merci.}}\n' for name in series)


def test_what_a_series_leaves_out_on_a_silent_key_date_is_told_once_and_is_no_warning():
    days, text = silent_days(1, ("merci", "bonsoir"))
    note = f"calendar.yaml:4:5: note: left out on {days[0]}, a silent key date (Deuil national): 'merci' at 17:00, 'bonsoir' at 17:00"
    with on_request() as daemon:
        daemon.write("calendar.yaml", text)
        shown, code = plan(daemon)
        assert code == 2 and not shown["warnings"] and [n["rule"] for n in shown["notes"]] == ["left-out"]
        assert f"merci@{days[0]}/site" not in kinds(shown)
        checked = json.loads(daemon.calctl("check", "--json").stdout)
        assert checked["warnings_total"] == 0 and checked["notes"] == shown["notes"]
        for words in (["check"], ["plan"], ["simulate", "--until", "in 9d"], ["reload"]):
            told = daemon.calctl(*words)
            assert told.stdout.count(note) == 1 and told.stdout.count("left out") == 1 and not told.stderr, (words, told)
        assert "left out" not in daemon.calctl("simulate", "--until", f"{days[0]} 16:00").stdout
        why = daemon.calctl("explain", f"merci@{days[0]}")
        assert why.returncode == 4 and f"its series leaves out {days[0]} (Deuil national), a silent key date" in why.stderr
        why = daemon.calctl("explain", "merci")
        assert "'calctl list --series merci' has its posts" in why.stderr and f"leave it out on {days[0]} (Deuil" in why.stderr
        assert "did you mean" in daemon.calctl("explain", f"merci@{days[0]}T1700").stderr


def test_a_mourning_of_weeks_is_not_told_day_by_day():
    days, text = silent_days(30)
    with on_request() as daemon:
        daemon.write("calendar.yaml", text)
        told = daemon.calctl("plan").stdout
        assert told.count("note: ") == 12 and "… and so on 18 more days" in told
        assert "… and 22 more days of the next year" not in daemon.calctl("explain", "merci").stderr  # not in force yet
        assert daemon.calctl("reload").stdout.count("note: ") == 12
        assert "… and 22 more days of the next year" in daemon.calctl("explain", "merci").stderr


def test_a_charter_that_changes_holds_and_releases_by_plan():
    night = ZONE + 'series:\n  - {id: s, rrule: "FREQ=DAILY", at: "23:00", to: [site], text: "S."}\n'
    with CheckedDaemon(calendar=night, settings="apply: on_request\nhorizon: 3d\n", charter="version: 1\nbrand: {name: T}\n") as daemon:
        apply_now(daemon)
        daemon.write("charter.yaml", 'version: 1\nbrand: {name: T}\npace: {quiet: ["22:00-07:00"]}\n')
        assert set(kinds(apply_now(daemon)).values()) == {"hold"}
        assert {state for state, *_ in deliveries(daemon).values()} == {"held"}
        daemon.write("charter.yaml", "version: 1\nbrand: {name: T}\n")
        assert set(kinds(apply_now(daemon)).values()) == {"release"}
        assert {state for state, *_ in deliveries(daemon).values()} == {"ready"}


def test_a_plan_is_refused_when_the_queue_or_the_files_moved_meanwhile():
    with on_request(post("a"), post("b")) as daemon:
        apply_now(daemon)
        daemon.write("calendar.yaml", calendar(post("a", text="Other."), post("b")))
        shown, _ = plan(daemon)
        daemon.api("POST", "/v1/posts/a/hold", {})
        stale = daemon.calctl("apply", shown["plan"])
        assert stale.returncode == 5 and "moved meanwhile" in stale.stderr
        again, _ = plan(daemon)
        assert again["plan"] != shown["plan"]
        problem = daemon.api("POST", "/v1/apply", {"plan": shown["plan"]})
        assert problem.status == 409 and problem.json["plan"] == again["plan"]
        daemon.write("calendar.yaml", calendar(post("a", text="Other."), post("b"), post("c")))
        assert daemon.calctl("apply", again["plan"]).returncode == 5
        daemon.write("calendar.yaml", calendar(post("a", to="nowhere")))
        refused = daemon.api("POST", "/v1/apply", {"plan": again["plan"]})
        assert refused.status == 422 and refused.json["errors"]
        assert deliveries(daemon)["a/site"][2] == "a."


def test_time_that_passes_is_no_change_and_makes_no_plan_old():
    """Of a series every five seconds, the next time lies beyond the horizon now, and within it a moment later."""
    head = ("version: 1\ntimezone: UTC\nseries:\n"
            "  - {id: s, rrule: FREQ=SECONDLY;INTERVAL=5, start: 2026-01-01 00:00, to: [site], text: S.}\n")
    with Daemon(calendar=calendar(head=head), settings="apply: on_request\nhorizon: 1d\n") as daemon:
        assert daemon.calctl("reload").returncode == 0
        daemon.write("calendar.yaml", calendar(post("a"), head=head))
        shown, code = plan(daemon)
        assert code == 2 and kinds(shown) == {"a/site": "add"}
        time.sleep(6)
        assert plan(daemon)[0]["plan"] == shown["plan"]
        assert daemon.calctl("apply", shown["plan"]).returncode == 0
        assert plan(daemon)[1] == 0


def test_what_the_plan_does_not_touch_may_move():
    with on_request(post("a"), post("b")) as daemon:
        apply_now(daemon)
        daemon.write("calendar.yaml", calendar(post("a", text="Other."), post("b")))
        shown, _ = plan(daemon)
        daemon.api("POST", "/v1/posts/b/hold", {})
        assert daemon.calctl("apply", shown["plan"]).returncode == 0


def test_apply_without_a_plan_needs_somebody_to_ask_or_yes():
    with on_request(post("a")) as daemon:
        assert daemon.calctl("apply", input="").returncode == 2 and deliveries(daemon) == {}
        done = daemon.calctl("apply", "--yes")
        assert done.returncode == 0 and "1 added" in done.stdout and set(deliveries(daemon)) == {"a/site"}


@pytest.mark.parametrize("word, code", [("n", 1), ("", 1), ("y", 0)])
def test_at_a_terminal_it_asks(word, code):
    with on_request(post("a")) as daemon:
        ours, theirs = os.openpty()
        process = subprocess.Popen([str(CALCTL), "--config", str(daemon.config), "apply"], stdin=theirs, stdout=theirs,
                                   stderr=subprocess.DEVNULL)
        os.close(theirs)
        said = b""
        while b"[y/N] " not in said:
            said += os.read(ours, 4096)
        assert b"add a/site" in said
        os.write(ours, word.encode() + b"\n")
        assert process.wait(20) == code and len(deliveries(daemon)) == (1 if code == 0 else 0)
        os.close(ours)


def test_a_saved_file_takes_effect_by_itself_unless_told_otherwise():
    with CheckedDaemon(calendar=calendar(post("a"))) as daemon:
        assert plan(daemon)[1] == 0
        daemon.write("calendar.yaml", calendar(post("a"), post("b")))
        wait_until(lambda: "b/site" in deliveries(daemon))
        assert plan(daemon)[0]["empty"] and plan(daemon)[0]["apply"] == "auto"


def test_documents_that_change_no_post_are_something_to_apply():
    with CheckedDaemon(calendar=calendar(post("a")), settings="apply: on_request\n") as daemon:
        apply_now(daemon)
        daemon.write("charter.yaml", "version: 1\nbrand: {name: Other}\n")
        shown = plan(daemon)[0]
        assert shown["changes"] == [] and not shown["empty"], shown
        apply_now(daemon)
        assert plan(daemon)[0]["empty"]


# ---- properties ----

FILES = ("one.yaml", "two.yaml", "three.yaml")


def settings(order, text):
    return text.replace("calendar: calendar.yaml", f"calendar: [{', '.join(order)}]", 1) if "calendar: calendar.yaml" in text \
        else "\n".join(f"calendar: [{', '.join(order)}]" if line.startswith("calendar:") else line for line in text.splitlines()) + "\n"


def write_posts(daemon, homes, posts):
    """homes: the file in which each post stands."""
    for name in FILES:
        head = ZONE if name != "one.yaml" else SLOTS
        daemon.write(name, calendar(*(posts[p] for p in sorted(posts) if homes[p] == name), head=head))


def some_post(chance, name):
    if chance.random() < 0.2:
        return f"{{id: {name}, slot: noon, text: Slotted {chance.randrange(3)}.}}"
    return post(name, at=f"2034-06-{chance.randrange(1, 28):02} {chance.randrange(24):02}:00", text=f"Text {chance.randrange(3)}.",
                to=chance.choice(["site", "silent", "site, silent"]), more=chance.choice(["", "", ", draft: true"]))


@pytest.mark.parametrize("seed", range(3))
def test_apply_of_a_plan_leaves_an_empty_plan_and_neither_files_nor_their_order_matter(seed):
    chance = random.Random(seed)
    with Daemon(settings="apply: on_request\n") as daemon:
        text = daemon.config.read_text()
        order, posts, homes = list(FILES), {}, {}
        for _ in range(8):
            for name in chance.sample(range(12), 5):
                if chance.random() < 0.25:
                    posts.pop(f"p{name}", None)
                else:
                    posts[f"p{name}"] = some_post(chance, f"p{name}")
            homes = {name: homes.get(name, chance.choice(FILES)) for name in posts}
            write_posts(daemon, homes, posts)
            daemon.write("cald.yaml", settings(order, text))
            shown = apply_now(daemon)
            after = deliveries(daemon)
            for change in shown["changes"]:
                assert after[change["id"]][0] == change["after"]["state"] and after[change["id"]][1] == change["after"]["slot"]
            assert plan(daemon)[0]["empty"], shown
            # the same posts in other files, and the files in another order: the same deliveries
            homes = {name: chance.choice(FILES) for name in posts}
            chance.shuffle(order)
            write_posts(daemon, homes, posts)
            daemon.write("cald.yaml", settings(order, text))
            moved = apply_now(daemon)
            assert moved["changes"] == [] and deliveries(daemon) == after, moved["changes"]
            assert plan(daemon)[0]["empty"]


# ---- git ----

def git(directory, *words):
    subprocess.run(["git", "-C", directory, "-c", "user.name=t", "-c", "user.email=t@example.org", *words], check=True,
                   capture_output=True)


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "cald.yaml").write_text("version: 1\ncalendar: [calendar.yaml]\nstate: state\ncharter: charter.yaml\n"
                                        "accounts:\n  site: {network: feed}\n")
    (tmp_path / "charter.yaml").write_text("version: 1\nbrand: {name: T}\n")
    body = ', title: T, body_file: long.md'
    (tmp_path / "long.md").write_text("First.\n")
    (tmp_path / "calendar.yaml").write_text(calendar(post("a"), post("b"), post("c", more=body)))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def plan_git(directory, revision, *options):
    answer = subprocess.run([str(CALCTL), "--config", str(directory / "cald.yaml"), "plan", "--git", revision, "--json", *options],
                            capture_output=True, text=True)
    return json.loads(answer.stdout) if answer.stdout else answer.stderr, answer.returncode


def test_the_files_are_compared_with_an_earlier_revision(repository):
    shown, code = plan_git(repository, "HEAD")
    assert code == 0 and shown["empty"] and shown["plan"] is None
    (repository / "long.md").write_text("Second.\n")
    (repository / "calendar.yaml").write_text(calendar(post("a", at="2034-06-02 10:00"), post("d"),
                                                       post("c", more=", title: T, body_file: long.md")))
    shown, code = plan_git(repository, "HEAD")
    assert code == 2 and kinds(shown) == {"a/site": "move", "b/site": "cancel", "c/site": "change", "d/site": "add"}
    text = subprocess.run([str(CALCTL), "--config", str(repository / "cald.yaml"), "plan", "--git", "HEAD"],
                          capture_output=True, text=True)
    assert text.returncode == 2 and "- First." in text.stdout and "+ Second." in text.stdout


def test_an_id_that_moves_to_another_file_is_the_same_post(repository):
    config = repository / "cald.yaml"
    config.write_text(config.read_text().replace("[calendar.yaml]", "[calendar.yaml, more.yaml]"))
    (repository / "calendar.yaml").write_text(calendar(post("a"), post("c", more=", title: T, body_file: long.md")))
    (repository / "more.yaml").write_text(calendar(post("b")))
    shown, code = plan_git(repository, "HEAD")
    assert code == 2 and shown["changes"] == [] and shown["documents_changed"]


@pytest.mark.parametrize("revision", ["nowhere", "--output=/tmp/x", "HEAD~9"])
def test_a_revision_that_is_none_is_told(repository, revision):
    said, code = plan_git(repository, revision)
    assert code == 4 and "no revision" in said


def test_without_git_it_is_told(tmp_path):
    (tmp_path / "cald.yaml").write_text("version: 1\ncalendar: calendar.yaml\nstate: state\naccounts:\n  site: {network: feed}\n")
    (tmp_path / "calendar.yaml").write_text(calendar(post("a")))
    assert plan_git(tmp_path, "HEAD")[1] == 4
    answer = subprocess.run([str(CALCTL.resolve()), "--config", str(tmp_path / "cald.yaml"), "plan", "--git", "HEAD"],
                            capture_output=True, text=True, env={"PATH": "/nowhere"})
    assert answer.returncode == 4 and "not installed" in answer.stderr


def test_what_blocks_is_an_error_also_against_a_revision(repository):
    (repository / "calendar.yaml").write_text(calendar(post("a", to="nowhere")))
    shown, code = plan_git(repository, "HEAD")
    assert code == 1 and shown["errors"] and shown["changes"] == []

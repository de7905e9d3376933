"""A crisis: nothing goes out but what is let go, and the way back sends nothing overdue by itself. What leaves while it
begins: fault/test_crisis.py."""
import json
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import CALENDAR, CHARTER  # noqa: E402
from openapi import CheckedDaemon, _validate  # noqa: E402

STATEMENT = "We know, and will be back."
WITH_STATEMENT = CHARTER + f'crisis: {{statement: "{STATEMENT}", contacts: ["Anna, +33 4 00"]}}\n'


@pytest.fixture()
def daemon():
    with CheckedDaemon(charter=WITH_STATEMENT) as running:
        yield running


def good(daemon, method, path, body=None, **more):
    answer = daemon.api(method, path, body, **more)
    assert answer.status < 300, (path, answer)
    return answer.json


def start(daemon, **more):
    return good(daemon, "POST", "/v1/crisis/start", {"why": "an accident", **more})


def end(daemon, **more):
    return good(daemon, "POST", "/v1/crisis/end", more)


def who(daemon):
    return good(daemon, "GET", "/v1/crisis")["crises"][0]["who"]


def add(daemon, post, *accounts, at="now", text=None):
    good(daemon, "POST", "/v1/posts", {"id": post, "to": list(accounts) or ["site"], "text": text or f"It is {post}.", "at": at})


def state(daemon, post, account="site"):
    return daemon.delivery(post, account)["state"]


def still(daemon, *posts):
    """They are not published, though there was time enough for it."""
    time.sleep(0.3)
    assert {state(daemon, post) for post in posts} == {"ready"}


def test_nothing_goes_out_and_everything_shows_it(daemon):
    status = good(daemon, "GET", "/v1/status")
    assert status["crises"] == [] and daemon.calctl("crisis").returncode == 0
    began = start(daemon)
    assert [(c["account"], c["why"]) for c in began["crises"]] == [("*", "an accident")] and began["in_flight"] == []
    assert began["statement"] == STATEMENT and began["contacts"] == ["Anna, +33 4 00"]
    add(daemon, "a")
    add(daemon, "b", "site", "silent")
    now = good(daemon, "POST", "/v1/posts/b/now")
    assert {(f["rule"], f["account"]) for f in now["findings"]} == {("crisis", "site"), ("crisis", "silent")}
    assert "there is a crisis" in daemon.calctl("move", "far-away", "2035-01-02 09:00").stderr
    good(daemon, "POST", "/v1/resume")
    still(daemon, "a", "b")
    status = good(daemon, "GET", "/v1/status")
    assert {a["state"] for a in status["accounts"]} == {"crisis"}
    assert [a for a in status["attention"] if a.get("daemon") == "crisis"]
    shown = daemon.calctl("status")
    assert "kept back" in shown.stdout and "crisis: crisis" not in shown.stdout
    assert shown.returncode == 6 and "CRISIS    everything since" in shown.stdout and "an accident" in shown.stdout
    shown = daemon.calctl("crisis")
    assert shown.returncode == 6 and "3 fell due" in shown.stdout and "Anna" in shown.stdout
    assert json.loads(daemon.calctl("crisis", "--json").stdout)["overdue"] == 3
    metrics = daemon.api("GET", "/metrics").body.decode()
    assert 'cald_crisis{account="*"} 1' in metrics and 'cald_crisis{account="site"} 1' in metrics
    assert "There is a crisis" in daemon.calctl("explain", "a").stdout
    assert daemon.api("POST", "/v1/crisis/start", {"why": "again"}).status == 409
    for wrong in ({}, {"why": " "}, {"why": "x" * 501}, {"why": "x", "acount": "site"}):
        assert daemon.api("POST", "/v1/crisis/start", wrong).status == 400, wrong
    assert daemon.api("POST", "/v1/crisis/start", {"why": "x", "account": "nobody"}).status == 404


def test_it_survives_kill_9_and_a_restart(daemon):
    start(daemon)
    add(daemon, "a")
    for stop in (daemon.kill, daemon.stop):
        stop()
        daemon.start()
        still(daemon, "a")
        assert daemon.calctl("crisis").returncode == 6


def test_only_what_is_released_goes_out_and_a_change_takes_that_back(daemon):
    start(daemon)
    for post in ("a", "b", "c"):
        add(daemon, post)
    add(daemon, "far", at="2034-01-02 09:00")
    good(daemon, "POST", "/v1/posts/c/hold")
    done = daemon.calctl("crisis", "release", "a/site", "c")
    assert done.returncode == 0 and "released in the crisis" in done.stdout, done
    daemon.wait_state("a", "site", "published")
    daemon.wait_state("c", "site", "published")
    still(daemon, "b")
    good(daemon, "POST", "/v1/crisis/posts/far/release")
    assert good(daemon, "GET", "/v1/crisis")["released"].count("far/site") == 1
    good(daemon, "PATCH", "/v1/posts/far", {"text": "Other words."})
    assert "far/site" not in good(daemon, "GET", "/v1/crisis")["released"]
    good(daemon, "POST", "/v1/crisis/posts/far/release")
    good(daemon, "POST", "/v1/posts/far/now")
    still(daemon, "b", "far")
    assert daemon.api("POST", "/v1/crisis/posts/a/release").status == 409
    assert daemon.api("POST", "/v1/crisis/posts/none/release").status == 404


def test_what_is_overdue_by_hours_can_be_released(daemon):
    """The policy for late posts is not asked: a person is."""
    start(daemon)
    late = datetime.now(timezone.utc) - timedelta(hours=5)
    daemon.write("calendar.yaml", CALENDAR.replace("Europe/Paris", "UTC") +
                 f"  - {{id: late, at: {late:%Y-%m-%d %H:%M}, to: [site], text: Late., publish_late: true}}\n")
    good(daemon, "POST", "/v1/reload")
    still(daemon, "late")
    daemon.write("calendar.yaml", (daemon.directory / "calendar.yaml").read_text().replace(", publish_late: true", ""))
    good(daemon, "POST", "/v1/reload")
    good(daemon, "POST", "/v1/crisis/posts/late/release")
    daemon.wait_state("late", "site", "published")


def test_one_account_s_crisis_leaves_the_others_alone(daemon):
    start(daemon, account="site")
    add(daemon, "a", "site", "silent")
    daemon.wait_state("a", "silent", "published")
    still(daemon, "a")
    assert daemon.api("POST", "/v1/crisis/end", {"account": "silent"}).status == 409
    assert daemon.api("POST", "/v1/crisis/posts/a/release", {}).status == 200
    daemon.wait_state("a", "site", "published")
    assert start(daemon)["crises"][0]["account"] == "*"
    assert daemon.api("POST", "/v1/crisis/end", {"account": "site"}).status == 409
    assert end(daemon)["ended"] == ["*", "site"]
    assert daemon.api("POST", "/v1/crisis/end").status == 409


# ---- the statement ----

def test_the_holding_statement_is_one_command_away_and_told_once(daemon):
    assert daemon.calctl("crisis", "statement").returncode == 5
    start(daemon)
    add(daemon, "a")
    dry = daemon.calctl("crisis", "statement", "--dry-run")
    assert dry.returncode == 0 and "would publish: " + STATEMENT in dry.stdout, dry
    said = json.loads(daemon.calctl("crisis", "statement", "--to", "site", "--json").stdout)
    assert said["text"] == STATEMENT and len(said["deliveries"]) == 1
    post = said["deliveries"][0].split("/")[0]
    assert daemon.wait_state(post, "site", "published")["content"]["parts"][0]["text"] == STATEMENT
    again = daemon.calctl("crisis", "statement", "--to", "site")
    assert again.returncode == 5 and "told already" in again.stderr
    rest = good(daemon, "POST", "/v1/crisis/statement")
    assert {d.split("/")[1] for d in rest["deliveries"]} == {"other", "silent", "no", "doubt", "later"}
    assert rest["kept"] == [{"account": "site", "why": f"it was told already in this crisis: 'calctl edit {post}' changes its words"}]
    daemon.wait_state(post, "silent", "published")
    daemon.wait_state(post, "no", "refused")
    again = daemon.calctl("crisis", "statement", "--to", "no")  # nobody must believe that it is out there
    assert again.returncode == 5 and f"is refused: 'calctl explain {post}/no'" in again.stderr and "told" not in again.stderr
    still(daemon, "a")


def test_a_charter_without_a_statement_says_where_it_belongs():
    with CheckedDaemon() as daemon:
        start(daemon)
        answer = daemon.api("POST", "/v1/crisis/statement")
        assert answer.status == 422 and "'statement' under 'crisis'" in answer.json["detail"]


def test_a_pause_besides_the_crisis_is_told(daemon):
    good(daemon, "POST", "/v1/pause", {"why": "first thought"})
    start(daemon)
    add(daemon, "a")
    for words in (["statement"], ["release", "a"]):
        done = daemon.calctl("crisis", *words)
        assert done.returncode == 5 and "'calctl resume'" in done.stderr, done
    good(daemon, "POST", "/v1/resume")
    assert daemon.calctl("crisis", "statement", "--to", "site").returncode == 0


# ---- the end ----

def test_without_a_rule_what_fell_due_is_held_and_what_is_ahead_keeps_its_time(daemon):
    start(daemon)
    add(daemon, "a")
    add(daemon, "ahead", at="2034-01-02 09:00")
    ended = end(daemon)
    assert [h["delivery"] for h in ended["held"]] == ["a/site"] and not ended["moved"] and not ended["dropped"]
    time.sleep(0.3)
    assert state(daemon, "a") == "held" and daemon.delivery("ahead", "site")["slot"] == "2034-01-02T08:00:00Z"
    assert daemon.calctl("status").returncode == 6
    assert good(daemon, "GET", "/v1/crisis")["crises"] == []
    good(daemon, "POST", "/v1/posts/a/release")
    daemon.wait_state("a", "site", "published")
    add(daemon, "b")
    daemon.wait_state("b", "site", "published")


def test_whoever_ends_it_sees_what_goes_out_next(daemon):
    start(daemon)
    add(daemon, "a")
    add(daemon, "promotion", at="in 20m", text="Buy, buy!")
    add(daemon, "dropped", at="in 10m")
    for dry in (["--dry-run"], []):
        said = daemon.calctl("crisis", "end", "--drop", "dropped", *dry)
        assert said.returncode == 0 and "dropped   dropped/site" in said.stdout, said
        line = next(line for line in said.stdout.splitlines() if line.startswith("next "))
        assert "promotion/site" in line and "(in " in line and "Buy, buy!" in line
        assert "next      a/site" not in said.stdout and "'calctl hold ID'" in said.stdout
    assert state(daemon, "promotion") == "ready"


def test_what_is_moved_takes_free_times_one_after_the_other(daemon):
    start(daemon)
    posts = [f"p{i}" for i in range(5)]
    for post in posts:
        add(daemon, post)
    add(daemon, "other", "other")
    dry = daemon.calctl("crisis", "end", "--rule", "move", "--dry-run", "--json")
    assert daemon.calctl("crisis").returncode == 6
    ended = end(daemon, rule="move", drop=["p4"])
    assert json.loads(dry.stdout)["moved"][:4] == ended["moved"]
    assert [m["delivery"] for m in ended["moved"]] == [f"{p}/site" for p in posts[:4]] and ended["dropped"] == ["p4/site"]
    slots = [m["to"] for m in ended["moved"]]
    assert slots == sorted(set(slots)) and all(slot > datetime.now(timezone.utc).isoformat() for slot in slots)
    assert ended["held"][0]["delivery"] == "other/other" and "no other time" in ended["held"][0]["why"]
    assert [daemon.delivery(p, "site")["slot"] for p in posts[:4]] == slots
    assert state(daemon, "p4") == "cancelled" and state(daemon, "other", "other") == "held"
    assert daemon.api("GET", "/v1/status").json["counts"]["published"] == 0


def test_a_time_that_the_charter_is_against_is_passed_over():
    quiet = WITH_STATEMENT + 'pace: {quiet: ["08:00-10:00"]}\n'
    with CheckedDaemon(charter=quiet, calendar=CALENDAR.replace("01-01 09:00", "01-01 12:00")) as daemon:
        start(daemon)
        good(daemon, "POST", "/v1/posts", {"id": "a", "to": ["site"], "text": "x", "override": {"reason": "now"}})
        moved = end(daemon, rule="move")["moved"]
        assert datetime.fromisoformat(moved[0]["to"].replace("Z", "+00:00")).hour in (16, 17)  # 18:00 in Paris


def test_single_posts_are_decided_by_hand(daemon):
    start(daemon)
    for post in ("a", "b", "c"):
        add(daemon, post, "site", "silent")
    add(daemon, "ahead", at="2034-01-02 09:00")
    for wrong, status in (({"keep": ["none"]}, 404), ({"drop": ["a"], "move": ["a/site"]}, 400), ({"rule": "send"}, 400),
                          ({"keep": [1]}, 400)):
        assert daemon.api("POST", "/v1/crisis/end", wrong).status == status, wrong
    done = daemon.calctl("crisis", "end", "--rule", "drop", "--keep", "a", "--move", "b/site,ahead")
    assert done.returncode == 0 and "the crisis is over" in done.stdout, done
    found = {(p, a): state(daemon, p, a) for p in "abc" for a in ("site", "silent")}
    assert found == {("a", "site"): "held", ("a", "silent"): "held", ("b", "site"): "ready", ("b", "silent"): "cancelled",
                     ("c", "site"): "cancelled", ("c", "silent"): "cancelled"}
    assert daemon.delivery("ahead", "site")["slot"] < "2033"


def test_what_was_in_doubt_is_left_to_a_person(daemon):
    add(daemon, "d", "doubt")
    daemon.wait_state("d", "doubt", "unsure")
    start(daemon)
    ended = end(daemon, rule="drop")
    assert ended["unsure"] == ["d/doubt"] and daemon.delivery("d", "doubt")["due"] is None


# ---- who, and what is kept of it ----

def test_it_needs_the_role_editor_and_is_in_the_audit_trail(daemon):
    author, editor = daemon.token("anna", "author"), daemon.token("zoe", "editor")
    for path in ("start", "statement", "end", "posts/far-away/release"):
        answer = daemon.api("POST", f"/v1/crisis/{path}", {"why": "x"} if path == "start" else {}, tcp=True, token=author)
        assert answer.status == 403, path
    assert daemon.api("GET", "/v1/crisis", tcp=True, token=author).status == 200
    good(daemon, "POST", "/v1/crisis/start", {"why": "an accident"}, tcp=True, token=editor)
    add(daemon, "a")
    good(daemon, "POST", "/v1/crisis/posts/a/release", tcp=True, token=editor)
    good(daemon, "POST", "/v1/crisis/end", {"why": "it is over"}, tcp=True, token=editor)
    trail = daemon.api("GET", "/v1/audit?kind=crisis&order=number").json["items"]
    assert [(e["account"], e["post"], e["from"], e["to"], e["why"]) for e in trail] == [
        ("*", None, "running", "crisis", "an accident"), ("site", "a", "ready", "ready", "released in the crisis"),
        ("*", None, "crisis", "running", "it is over")]
    assert {e["who"] for e in trail} == {"token zoe"}
    assert daemon.calctl("audit", "verify").returncode == 0


def test_whoever_listens_is_told(daemon):
    from daemon import UnixConnection
    connection, told = UnixConnection(daemon.socket), []
    connection.request("GET", "/v1/events")
    response = connection.getresponse()

    def listen():
        while len(told) < 2:
            line = response.readline().decode()
            if line == "event: crisis\n":
                told.append(json.loads(response.readline().decode().removeprefix("data: ")))
    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    start(daemon, account="site")
    end(daemon)
    thread.join(10)
    assert [(t["account"], t["active"]) for t in told] == [("site", True), ("site", False)]
    for event in told:
        _validate(event, {"$ref": "#/components/schemas/CrisisEvent"}, "event")
    response.close()
    connection.close()


def test_the_hook_is_told_once_each_crisis(daemon):
    def told():
        items = daemon.api("GET", "/v1/alerts?event=crisis").json["items"]
        return [(a["account"], a["message"]) for a in reversed(items)]
    assert told() == []
    start(daemon, account="site")
    start(daemon)
    assert told() == [("site", "crisis on site: nothing is published any more but what is let go: an accident (" + who(daemon) + ")"),
                      (None, "crisis: nothing is published any more but what is let go: an accident (" + who(daemon) + ")")]
    good(daemon, "POST", "/v1/crisis/end?dry_run=true", {})
    assert daemon.api("POST", "/v1/crisis/start", {"why": "again"}).status == 409 and len(told()) == 2
    end(daemon)
    start(daemon)
    assert len(told()) == 3


def test_the_front_page_tells_the_public_that_and_those_who_may_look_why(daemon):
    token = daemon.token("anna", "viewer")

    def page(**more):
        return daemon.api("GET", "/", tcp=True, **more).body.decode()
    calm = page()
    assert "at the moment" not in calm and page(token=token) == calm
    start(daemon, account="other")
    assert page().count("(nothing new at the moment)") == 1 and "an accident" not in page() and "risis" not in page()
    assert "Crisis of other</strong>: an accident" in page(token=token)
    start(daemon, why="fire <b>")
    assert page().count("(nothing new at the moment)") == 2 and "risis" not in page()
    assert "but what is let go</strong>: fire &lt;b&gt;" in page(token=token)
    end(daemon)
    assert page() == calm
    good(daemon, "POST", "/v1/accounts/site/pause", {"why": "a pause"})
    assert page().count("(nothing new at the moment)") == 1 and "a pause" not in page()
    assert "Paused: site</strong>: a pause" in page(token=token)
    good(daemon, "POST", "/v1/pause", {})
    assert "Everything is paused</strong>: no reason was given" in page(token=token)


@pytest.mark.parametrize("words", [["start"], ["strat"], ["end", "a"], ["release"], ["--why", "x"], ["start", "--rule", "move"],
                                   ["statement", "--why", "x"], ["release", "a", "--why", "x"], ["end", "--rule"]])
def test_calctl_refuses_what_makes_no_sense(daemon, words):
    assert daemon.calctl("crisis", *words).returncode == 2

"""Who approves what, from outside: several people over the socket and by token, levels by bucket, nobody their own, a change
needs a new approval, what is not approved in time is held and told. The rules themselves: unit/test_approval.c."""
import re
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import BUILD, CALD, CALENDAR, Daemon  # noqa: E402
from openapi import CheckedDaemon  # noqa: E402

CHARTER = """approval:
  own: false
  rules:
    - {to: [site], except: [routine], stages: [{by: [editor]}]}
    - {buckets: [promo], stages: [{by: [editor]}, {by: [boss]}]}
"""
AT = "2034-01-02 09:00"


class Team:
    def __init__(self, daemon):
        self.daemon = daemon
        self.tokens = {name: daemon.token(name, role) for name, role in
                       (("anna", "author"), ("eve", "editor"), ("ida", "editor"), ("boss", "author"))}

    def ask(self, who, method, path, body=None, **more):
        return self.daemon.api(method, path, body, tcp=True, token=self.tokens[who], **more)

    def do(self, who, action, post, body=None, status=200, **more):
        answer = self.ask(who, "POST", f"/v1/posts/{post}/{action}", body or {}, **more)
        assert answer.status == status, answer
        return answer.json

    def waiting(self, who, whom="me"):
        return sorted(item["post"] for item in self.ask(who, "GET", f"/v1/deliveries?waiting_for={whom}").json["items"])

    def state(self, post):
        return self.daemon.delivery(post, "site")["state"]


@pytest.fixture(scope="module")
def team():
    with CheckedDaemon(charter=CHARTER) as daemon:
        yield Team(daemon)


def add(team, post, who="eve", **more):
    answer = team.ask(who, "POST", "/v1/posts", {"id": post, "to": ["site"], "text": "Un.", "at": AT, **more})
    assert answer.status == 201, answer
    return answer.json


def test_what_the_charter_wants_approved_waits_and_says_for_whom(team):
    added = add(team, "a")
    assert added["state"] == "draft" and "an editor" in added["findings"][0]["message"]
    assert add(team, "routine", bucket="routine")["state"] == "ready"
    assert "a" in team.waiting("ida") and "a" not in team.waiting("boss") and "a" in team.waiting("boss", "editor")
    assert "a" not in team.waiting("eve")  # her own
    assert "nobody approves their own" in team.do("eve", "approve", "a", status=409)["detail"]
    team.do("anna", "approve", "a", status=403)
    assert team.do("ida", "approve", "a")["state"] == "ready"
    assert "a" not in team.waiting("ida")


def test_levels_come_one_after_the_other(team):
    add(team, "p", bucket="promo")
    assert "it waits for an editor" in team.do("boss", "approve", "p", status=409)["detail"]
    half = team.do("ida", "approve", "p")
    assert half["state"] == "draft" and half["deliveries"][0]["approval"]["waits_for"] == "boss"
    assert team.waiting("boss") == ["p"]
    assert team.do("boss", "approve", "p")["state"] == "ready"
    said = team.daemon.delivery("p", "site")["approval"]["said"]
    assert [(word["kind"], word["who"]) for word in said] == [("approved", "token ida"), ("approved", "token boss")]


def test_any_change_of_what_was_approved_needs_a_new_approval(team):
    add(team, "c")
    team.do("ida", "approve", "c")
    assert team.ask("eve", "PATCH", "/v1/posts/c", {"text": "Deux."}).json["state"] == "draft"
    assert "c" in team.waiting("ida")
    assert team.ask("eve", "PATCH", "/v1/posts/c", {"text": "Un."}).json["state"] == "draft"
    assert team.ask("eve", "POST", "/v1/posts/c/move", {"at": "2034-01-05 09:00"}).json["state"] == "draft"
    team.do("ida", "approve", "c", status=200)


def test_who_gives_back_says_why_and_the_author_sees_it(team):
    assert team.ask("anna", "POST", "/v1/posts", {"id": "r", "to": ["site"], "text": "Un.", "at": AT,
                                                  "draft": True}).status == 201
    assert "r" not in team.waiting("ida")
    team.do("anna", "submit", "r")
    assert "r" in team.waiting("ida")
    team.do("ida", "reject", "r", status=400)
    given = team.do("ida", "reject", "r", {"why": "too long"})
    assert given["state"] == "draft" and given["deliveries"][0]["message"] == "rejected: too long"
    assert "r" in team.waiting("anna") and "r" not in team.waiting("ida")
    assert team.ask("anna", "PATCH", "/v1/posts/r", {"text": "Court."}).status == 200
    team.do("anna", "submit", "r")
    assert team.do("ida", "approve", "r")["state"] == "ready"
    assert team.do("ida", "unapprove", "r")["state"] == "draft"


def test_what_was_looked_at_is_what_is_approved(team):
    add(team, "m")
    tag = team.ask("ida", "GET", "/v1/posts/m").headers["etag"]
    team.ask("eve", "PATCH", "/v1/posts/m", {"text": "Autre."})
    for action, body in (("approve", {}), ("reject", {"why": "x"}), ("submit", {})):
        team.do("ida", action, "m", body, status=412, headers={"If-Match": tag})
    assert team.state("m") == "draft"


def test_what_is_not_approved_in_time_is_held_and_told_and_needs_another_time(team):
    soon = (datetime.now(timezone.utc) + timedelta(seconds=2)).isoformat()
    add(team, "late", at=soon)
    team.daemon.wait_state("late", "site", "held")
    told = team.daemon.api("GET", "/v1/alerts?event=held").json["items"]
    assert any(alert["delivery"] == "late/site" and "not approved" in alert["message"] for alert in told)
    why = team.daemon.api("GET", "/v1/deliveries/late/site/explain").json
    assert "held-unapproved" in [line["cause"] for line in why["why"]]
    assert "late" in team.waiting("ida")
    assert "not approved" in team.do("eve", "release", "late", status=409)["detail"]
    assert "its time has passed" in team.do("ida", "approve", "late", status=409)["detail"]
    team.do("ida", "approve", "late", {"now": True})
    team.daemon.wait_state("late", "site", "published")


def test_the_calendar_file_is_under_the_same_rules(team):
    def load(text, extra=""):
        team.daemon.write("calendar.yaml", CALENDAR + f'  - {{id: file, at: {AT}, to: [site], text: "{text}"{extra}}}\n')
        assert team.daemon.api("POST", "/v1/reload").status == 200
        return team.state("file")
    assert load("Un.") == "draft" and "file" in team.waiting("ida")
    assert team.do("ida", "approve", "file")["state"] == "ready"
    assert load("Un.") == "ready"
    assert load("Deux.") == "draft"
    assert load("Un.") == "ready"  # exactly what was approved is back
    assert load("Un.", ", draft: true") == "draft"
    team.daemon.write("charter.yaml", "approval: {rules: []}\n")
    assert team.daemon.api("POST", "/v1/reload").status == 200
    assert team.state("file") == "draft" and team.state("m") == "ready"
    team.daemon.write("charter.yaml", CHARTER)
    assert team.daemon.api("POST", "/v1/reload").status == 200
    assert team.state("m") == "draft"


def test_status_metrics_and_calctl_say_what_waits(team):
    count = team.daemon.api("GET", "/v1/status").json["waiting_for_approval"]
    assert count > 0 and f"cald_waiting_for_approval {count}" in str(team.daemon.api("GET", "/metrics").body)
    assert re.search(rf"^approval +{count} waits? for it", team.daemon.calctl("status").stdout, re.M)
    assert "m/site" in team.daemon.calctl("list", "--waiting-for", "editor").stdout
    assert "waits for an editor" in team.daemon.calctl("show", "m").stdout
    assert team.daemon.calctl("reject", "m").returncode == 2
    assert team.daemon.calctl("reject", "m", "--why", "non").returncode == 0
    assert "rejected" in team.daemon.calctl("show", "m").stdout


def test_in_a_crisis_only_what_is_approved_is_released(team):
    add(team, "yes"), add(team, "no")
    team.do("ida", "approve", "yes")
    assert team.daemon.calctl("crisis", "start", "--why", "avalanche").returncode == 0
    try:
        assert team.daemon.calctl("crisis", "release", "no").returncode != 0
        assert team.state("no") == "draft"
        done = team.daemon.calctl("crisis", "release", "yes")
        assert done.returncode == 0, done
    finally:
        assert team.daemon.calctl("crisis", "end", "--rule", "keep").returncode == 0


def test_where_the_charter_says_so_another_time_needs_a_new_approval(team):
    add(team, "t")
    team.do("ida", "approve", "t")
    assert team.ask("eve", "POST", "/v1/posts/t/move", {"at": "2034-01-05 09:00"}).json["state"] == "ready"
    team.daemon.write("charter.yaml", CHARTER.replace("own: false", "own: false\n  time: true"))
    assert team.daemon.api("POST", "/v1/reload").status == 200
    assert team.state("t") == "draft"
    team.do("ida", "approve", "t")
    assert team.ask("eve", "POST", "/v1/posts/t/move", {"at": "2034-01-06 09:00"}).json["state"] == "draft"
    team.daemon.write("charter.yaml", CHARTER)
    assert team.daemon.api("POST", "/v1/reload").status == 200


@pytest.mark.parametrize("program,state", [(CALD, "held"), (BUILD / "tests/cald-NO_GATE", "published")])
def test_what_became_ready_without_an_approval_is_stopped_at_the_last_moment(program, state):
    """Whatever made it ready; and a cald that does not look again is found out."""
    if not program.exists():
        pytest.skip(f"{program} is not built")
    with Daemon(calendar="version: 1\ntimezone: UTC\nposts: []\n", charter=CHARTER, program=program) as daemon:
        soon = (datetime.now(timezone.utc) + timedelta(seconds=3)).isoformat()
        assert daemon.api("POST", "/v1/posts", {"id": "g", "to": ["site"], "text": "Un.", "at": soon}).json["state"] == "draft"
        with sqlite3.connect(daemon.directory / "state/cald.db", timeout=10) as database:
            assert database.execute("UPDATE delivery SET state = 'ready' WHERE state = 'draft'").rowcount == 1
            database.execute("UPDATE account SET draft = draft - 1, ready = ready + 1 WHERE name = 'site'")
        database.close()
        wakes = {"id": "w", "to": ["site"], "text": "Deux.", "at": soon, "bucket": "routine"}  # its account is looked at
        assert daemon.api("POST", "/v1/posts", wakes).json["state"] == "ready"
        daemon.wait_state("g", "site", state)


# Which names of 'by' are nobody's, and what is said of each; 'boss' has a token, 'root' is a user of any machine.
STRANGERS = [
    ("{by: [boss]}, {by: [root]}, {by: [editor]}", []),
    ("{by: [bos]}", ["8:22: warning: nobody is 'bos': no role, token or user has that name, and what waits for it never goes out; "
                     "did you mean 'boss'?"]),
    ("{by: [edtor, boss]}", ["8:22: warning: nobody is 'edtor': no role, token or user has that name; did you mean 'editor'?"]),
    ("{by: [boss, zzz-nobody], count: 2}", ["8:28: warning: nobody is 'zzz-nobody': no role, token or user has that name, and "
                                            "what waits for it never goes out"]),
    ("{by: [editor]}, {by: [zzz, yyy-zzz]}", [
        "8:38: warning: nobody is 'zzz': no role, token or user has that name, and what waits for it never goes out",
        "8:43: warning: nobody is 'yyy-zzz': no role, token or user has that name, and what waits for it never goes out"]),
]


def strangers(text):
    return [line.split("charter.yaml:", 1)[1] for line in text.splitlines() if "nobody is" in line]


def asks_for(daemon, stages):
    daemon.write("charter.yaml", "version: 1\nbrand: {name: Test}\napproval:\n  own: true\n  rules:\n"
                                 f"    -\n      to: [site]\n      stages: [{stages}]\n")


@pytest.fixture(scope="module")
def house():
    with Daemon() as daemon:
        daemon.token("boss", "author")
        yield daemon


@pytest.mark.parametrize("stages, said", STRANGERS)
def test_an_approver_who_is_nobody_is_told_on_every_way_in(house, stages, said):
    asks_for(house, stages)
    checked = house.calctl("check")
    assert checked.returncode == 0 and strangers(checked.stdout) == said
    start = subprocess.run([str(CALD), "--check", "--config", str(house.config)], capture_output=True, text=True)
    assert start.returncode == 0 and strangers(start.stderr) == said
    before = len(house.log())
    assert strangers(house.calctl("plan").stderr) == said
    assert strangers(house.calctl("reload").stderr) == said
    assert set(strangers(house.log()[before:])) == set(said)  # the saved file may have been noticed before
    assert len([w for w in house.api("GET", "/v1/status").json["documents"]["warnings"] if w["rule"] == "approver"]) == len(said)


def test_where_it_cannot_be_told_whether_an_approver_is_anybody_nothing_is_said(house):
    """The tokens file is not for who asks; the documents are another machine's; there is no cald.yaml."""
    asks_for(house, "{by: [bos]}")
    settings = house.config.read_text()
    tokens = house.directory / "tokens"
    tokens.chmod(0o644)  # as good as unreadable: it is refused
    assert strangers(house.calctl("check").stdout) == []
    tokens.chmod(0o600)
    assert len(strangers(house.calctl("check").stdout)) == 1
    house.write("cald.yaml", settings.replace("  tokens: tokens\n", "  tokens: tokens\n  roles: [{group: zzz-elsewhere, role: editor}]\n"))
    assert strangers(house.calctl("check").stdout) == []
    start = subprocess.run([str(CALD), "--check", "--config", str(house.config)], capture_output=True, text=True)
    assert len(strangers(start.stderr)) == 1  # there the daemon is here
    house.write("cald.yaml", settings)
    loose = house.calctl("check", str(house.directory / "charter.yaml"), str(house.directory / "calendar.yaml"))
    assert loose.returncode == 0 and strangers(loose.stdout) == []


def test_a_user_or_the_member_of_a_group_that_cald_yaml_names_is_the_nearest(house):
    asks_for(house, "{by: [rot]}")
    settings = house.config.read_text()
    house.write("cald.yaml", settings.replace("  tokens: tokens\n", "  tokens: tokens\n  roles: [{user: root, role: admin}]\n"))
    assert "did you mean 'root'?" in house.calctl("check").stdout
    house.write("cald.yaml", settings)

"""Every state of a real delivery is explained: by the API, whose answers are held against openapi.yaml, and by calctl."""
import datetime
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import ACCOUNTS, CALENDAR  # noqa: E402
from openapi import CheckedDaemon  # noqa: E402

LATER = "2034-06-01 10:00"
QUIET = """\
version: 1
brand: {name: Test}
pace: {quiet: ["21:00-07:00"]}
"""
NIGHT = CALENDAR + """\
series:
  - {id: night, rrule: "FREQ=DAILY", at: "23:00", to: [site], text: "At night."}
"""


@pytest.fixture(scope="module")
def daemon():
    with CheckedDaemon() as running:
        yield running


def explain(daemon, post, account="site"):
    answer = daemon.api("GET", f"/v1/deliveries/{post}/{account}/explain")
    assert answer.status == 200, answer
    return answer.json


def causes(explanation, part):
    return [line["cause"] for line in explanation[part]]


def add(daemon, name, account="site", **more):
    answer = daemon.api("POST", "/v1/posts", {"to": [account], "text": f"{name}.", "id": name, "at": LATER, **more})
    assert answer.status == 201, answer


# name, account, what is done to it, state, cause, one of the commands
STATES = [
    ("draft", "site", {"draft": True}, [], "draft", "draft", "calctl approve draft/site"),
    ("ready", "site", {}, [], "ready", "planned", "calctl now ready/site"),
    ("held", "site", {}, [("hold", {"why": "wait for Tom"})], "held", "held", "calctl release held/site"),
    ("cancelled", "site", {}, [("cancel", {"why": "enough"})], "cancelled", "cancelled", "calctl retry cancelled/site"),
    ("published", "site", {"at": "now"}, [], "published", "published", "calctl history published/site"),
    ("refused", "no", {"at": "now"}, [], "refused", "refused", "calctl retry refused/no"),
    ("unsure", "doubt", {"at": "now"}, [], "unsure", "unsure", "calctl resolve unsure/doubt --published"),
    ("waiting", "later", {"at": "now"}, [], "waiting", "tried", "calctl retry waiting/later"),
]


@pytest.mark.parametrize("name, account, post, actions, state, cause, command", STATES)
def test_each_state_is_explained(daemon, name, account, post, actions, state, cause, command):
    add(daemon, name, account, **post)
    for action, body in actions:
        assert daemon.api("POST", f"/v1/posts/{name}/{action}", body).status == 200
    daemon.wait_state(name, account, state)
    e = explain(daemon, name, account)
    assert cause in causes(e, "why") and e["next"] and e["delivery"]["state"] == state
    assert any(c["command"].startswith(command) for c in e["commands"]), e["commands"]
    if actions and "why" in actions[0][1]:
        assert actions[0][1]["why"] in e["why"][0]["text"]
    text = daemon.calctl("explain", f"{name}/{account}")
    assert text.returncode == 0 and all(line["text"].split("\n")[0] in text.stdout for line in e["why"]), text
    assert command in text.stdout


def test_the_time_is_said_once_as_civil_time_and_in_utc_for_machines(daemon):
    add(daemon, "when")
    line = next(line for line in explain(daemon, "when")["next"] if line["cause"] == "publish")
    assert line["text"] == "It goes out on 2034-06-01 10:00 (Europe/Paris)."
    assert (line["at"], line["local"]) == ("2034-06-01T08:00:00Z", "2034-06-01T10:00:00+02:00")


def test_what_was_missed_is_explained():
    accounts = ACCOUNTS + '  strict: {network: "null", late: {grace: 0s, then: missed}}\n'
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=2)
    calendar = CALENDAR.replace("Europe/Paris", "UTC") + \
        f"  - {{id: old, at: {past:%Y-%m-%d %H:%M}, to: [strict, site], text: Old.}}\n"
    with CheckedDaemon(accounts=accounts, calendar=calendar) as daemon:
        assert causes(explain(daemon, "old", "strict"), "why")[0] == "missed"
        assert causes(explain(daemon, "old", "site"), "why")[0] == "held-late"


def test_a_pause_stands_in_the_way(daemon):
    add(daemon, "paused", "silent")
    for path, cause, command in (("/v1", "all-paused", "calctl resume"), ("/v1/accounts/silent", "paused", "calctl resume silent")):
        daemon.api("POST", f"{path}/pause", {"why": "a strike"})
        e = explain(daemon, "paused", "silent")
        daemon.api("POST", f"{path}/resume")
        assert causes(e, "obstacles") == [cause] and "a strike" in e["obstacles"][0]["text"]
        assert command in [c["command"] for c in e["commands"]]
    assert explain(daemon, "paused", "silent")["obstacles"] == []


def test_what_the_charter_and_the_file_do_is_told_in_their_words():
    """The causes that are recognised by the words of a message, at the places that write them."""
    with CheckedDaemon(calendar=NIGHT, charter=QUIET) as daemon:
        night = daemon.api("GET", "/v1/deliveries?series=night").json["items"][0]["post"]
        assert causes(explain(daemon, night), "why")[0] == "held-for-charter"
        assert "released by itself" in explain(daemon, night)["next"][0]["text"]
        daemon.api("POST", "/v1/posts", {"to": ["other"], "text": "x", "id": "orphan", "at": LATER})
        daemon.write("calendar.yaml", NIGHT.split("posts:")[0])
        daemon.write("cald.yaml", "\n".join(line for line in daemon.config.read_text().splitlines()
                                            if not line.startswith("  other:")) + "\n")
        daemon.calctl("reload")
        assert causes(explain(daemon, "far-away"), "why")[0] == "removed"
        e = explain(daemon, "orphan", "other")
        assert causes(e, "why")[0] == "held-account-gone" and causes(e, "obstacles") == ["account-gone"]


def test_the_charter_of_today_is_shown(daemon):
    override = {"override": {"reason": "the mayor asked"}}
    answer = daemon.api("POST", "/v1/posts", {"to": ["site"], "text": "Cheap!", "id": "cheap", "at": LATER, **override})
    assert answer.status == 201
    e = explain(daemon, "cheap")
    assert {"charter", "charter-overridden"} <= set(causes(e, "why"))
    assert [f["rule"] for f in e["findings"] if f["level"] == "error"] == ["forbidden-word"]
    assert "the mayor asked" in daemon.calctl("explain", "cheap").stdout


def test_calctl_explains_all_accounts_of_a_post_also_as_json(daemon):
    daemon.api("POST", "/v1/posts", {"to": ["site", "silent"], "text": "x", "id": "both", "at": LATER})
    all_of_it = json.loads(daemon.calctl("explain", "both", "--json").stdout)
    assert [e["delivery"]["account"] for e in all_of_it] == ["silent", "site"]
    assert len(json.loads(daemon.calctl("explain", "both", "--account", "site", "--json").stdout)) == 1


def test_what_happened_before_is_told_too(daemon):
    add(daemon, "long")
    for action in ("hold", "release", "hold", "release"):
        daemon.api("POST", f"/v1/posts/long/{action}")
    line = next(line for line in explain(daemon, "long")["why"] if line["cause"] == "history")
    assert line["text"].startswith("Before that: held by ") and line["text"].count(" by ") == 3, line
    assert line["text"].index("; ready by") < line["text"].index("; held by")


@pytest.mark.parametrize("name", ["nowhere", "nowhere/site", "far-away/silent"])
def test_what_is_not_there_cannot_be_explained(daemon, name):
    assert daemon.calctl("explain", name).returncode == 4

"""calctl simulate: without a daemon; and a daemon does what was simulated. Much of it in virtual time: tests/unit/test_simulate.c."""
import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import CALCTL, Daemon  # noqa: E402

SETTINGS = """\
version: 1
calendar: calendar.yaml
charter: charter.yaml
state: state
late: {grace: 30m, then: hold}
accounts:
  site: {network: feed}
  drop: {network: "null", late: {grace: 10m, then: missed}}
  near: {network: webhook, url: "http://127.0.0.1:9/", id: /id, spacing: 4m}
"""
CALENDAR = """\
version: 1
timezone: Europe/Paris
slots:
  noon: {days: [mon], at: "12:00", to: [site]}
series:
  - {id: night, rrule: "FREQ=DAILY", from: 2034-03-25, at: "02:30", to: [drop], text: Nuit.}
  - {id: quiet, rrule: "FREQ=WEEKLY;BYDAY=SA", from: 2034-03-25, at: "23:00", to: [site], text: Tard.}
posts:
  - {id: one, at: 2034-03-27 10:00, to: [near], text: Un.}
  - {id: two, at: 2034-03-27 10:00, to: [near], text: Deux.}
  - {id: draft, at: 2034-03-27 11:00, to: [site], text: Brouillon., draft: true}
  - {id: s1, slot: noon, text: Premier.}
  - {id: s2, slot: noon, text: Second.}
"""
CHARTER = 'version: 1\nbrand: {name: T}\npace: {quiet: ["22:00-01:00"]}\n'
SPAN = ["--from", "2034-03-25", "--until", "2034-03-28"]


@pytest.fixture
def house(tmp_path):
    for name, text in (("cald.yaml", SETTINGS), ("calendar.yaml", CALENDAR), ("charter.yaml", CHARTER)):
        (tmp_path / name).write_text(text)
    return tmp_path


def run(house, *words):
    return subprocess.run([str(CALCTL), "--config", str(house / "cald.yaml"), "simulate", *words], capture_output=True,
                          text=True, env={**os.environ, "COLUMNS": "200"})


def simulate(house, *words):
    answer = run(house, "--json", *words)
    return json.loads(answer.stdout), answer.returncode


def fates(said):
    return {(i["post"], i["account"]): (i["fate"], i["local"]) for i in said["items"]}


def test_each_fate_is_told_with_its_time_and_why(house):
    said, code = simulate(house, *SPAN)
    assert code == 6 and said["errors"] == []
    assert fates(said) == {
        ("night@2034-03-25", "drop"): ("published", "2034-03-25T02:30:00+01:00"),
        ("quiet@2034-03-25", "site"): ("held", "2034-03-25T23:00:00+01:00"),
        ("night@2034-03-26", "drop"): ("published", "2034-03-26T03:30:00+02:00"),
        ("night@2034-03-27", "drop"): ("published", "2034-03-27T02:30:00+02:00"),
        ("one", "near"): ("published", "2034-03-27T10:00:00+02:00"),
        ("two", "near"): ("published", "2034-03-27T10:04:00+02:00"),
        ("draft", "site"): ("draft", "2034-03-27T11:00:00+02:00"),
        ("s1", "site"): ("published", "2034-03-27T12:00:00+02:00"),
        ("s2", None): ("unplaced", None),
    }
    why = {i["post"]: i["why"] for i in said["items"]}
    assert "change of hour" in why["night@2034-03-26"] and why["night@2034-03-25"] is None
    assert "quiet hours" in why["quiet@2034-03-25"] and "distance" in why["two"] and "draft" in why["draft"]
    assert said["counts"] == {"published": 6, "held": 1, "missed": 0, "draft": 1, "unplaced": 1}


def test_an_absence_makes_what_it_delays_late_held_or_missed(house):
    said, _ = simulate(house, *SPAN, "--away", "2034-03-27 02:00/2034-03-27 10:20")
    assert fates(said)[("night@2034-03-27", "drop")][0] == "missed"
    assert fates(said)[("one", "near")] == ("published", "2034-03-27T10:20:00+02:00")
    assert "nothing could be published before" in next(i["why"] for i in said["items"] if i["post"] == "one")
    said, _ = simulate(house, *SPAN, "--away", "near=2034-03-27/2034-03-27 11:00", "--away", "site=2034-03-27 11:50/2034-03-27 12:10")
    assert fates(said)[("one", "near")][0] == "held" and fates(said)[("night@2034-03-27", "drop")][0] == "published"
    assert fates(said)[("s1", "site")] == ("published", "2034-03-27T12:10:00+02:00")


def test_what_is_shown_can_be_narrowed_and_the_text_says_the_same(house):
    said, _ = simulate(house, *SPAN, "--account", "near")
    assert {i["post"] for i in said["items"]} == {"one", "two"}
    assert {i["post"] for i in simulate(house, *SPAN, "--account", "site")[0]["items"]} == \
        {"quiet@2034-03-25", "draft", "s1", "s2"}
    text = run(house, *SPAN, "--fate", "held,unplaced")
    assert text.returncode == 6 and "quiet@2034-03-25/site" in text.stdout and "one/near" not in text.stdout
    assert "6 published, 1 held, 0 missed, 1 draft, 1 unplaced until" in text.stdout


def test_all_well_is_zero(house):
    assert simulate(house, "--from", "2034-03-25", "--until", "2034-03-25 12:00")[1] == 0


def test_documents_with_errors_are_not_simulated(house):
    (house / "calendar.yaml").write_text(CALENDAR.replace("to: [near], text: Un.", "to: [nowhere], text: Un."))
    said, code = simulate(house, *SPAN)
    assert code == 1 and "nowhere" in said["errors"][0]["message"]
    assert run(house, *SPAN).stderr.count("nowhere") >= 1


@pytest.mark.parametrize("words, code", [([], 2), (["--until", "whenever"], 2), (["--until", "2001-01-01"], 2),
                                         (["--until", "in 9d", "--away", "tomorrow 9:00"], 2),
                                         (["--until", "in 9d", "--away", "nobody=2034-01-01/2034-01-02"], 2),
                                         (["--until", "in 9d", "--takes", "2d"], 2)])
def test_what_cannot_be_understood_is_told(house, words, code):
    answer = run(house, *words)
    assert answer.returncode == code and answer.stdout == "" and answer.stderr.startswith("calctl: ")


def test_a_daemon_then_does_just_that():
    """A few seconds of a real one, with the feed and the null network."""
    now = datetime.datetime.now(datetime.timezone.utc)
    at = [(now + datetime.timedelta(seconds=s)).strftime("%Y-%m-%d %H:%M:%S") for s in (5, 6, 7, -1200)]
    calendar = ("version: 1\ntimezone: UTC\nposts:\n"
                f"  - {{id: a, at: {at[0]}, to: [site, silent], text: A.}}\n  - {{id: b, at: {at[1]}, to: [site], text: B.}}\n"
                f"  - {{id: c, at: {at[2]}, to: [silent], text: C., draft: true}}\n"
                f"  - {{id: d, at: {at[3]}, to: [site, strict], text: D.}}\n")
    accounts = '  site: {network: feed}\n  silent: {network: "null"}\n  strict: {network: "null", late: {grace: 1m, then: missed}}\n'
    daemon = Daemon(calendar=calendar, accounts=accounts)
    said = json.loads(daemon.calctl("simulate", "--until", "in 1h", "--json").stdout)
    assert said["counts"] == {"published": 4, "held": 0, "missed": 1, "draft": 1, "unplaced": 0}
    with daemon:
        for item in said["items"]:
            truth = daemon.wait_state(item["post"], item["account"], item["fate"])
            if item["fate"] == "published" and item["post"] != "d":
                late = datetime.datetime.fromisoformat(truth["published"].replace("Z", "+00:00")) - \
                    datetime.datetime.fromisoformat(item["at"].replace("Z", "+00:00"))
                assert datetime.timedelta(0) <= late < datetime.timedelta(seconds=2), (item, truth)
        assert len(daemon.api("GET", "/v1/deliveries").json["items"]) == len(said["items"])

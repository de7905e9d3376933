"""What campaigns and months cost: planned and spent, against the charter's budget."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from openapi import CheckedDaemon  # noqa: E402

CALENDAR = """\
version: 1
timezone: Europe/Paris
slots:
  morning: {days: [mon, tue, wed, thu, fri, sat, sun], at: "09:00", to: [site]}
campaigns:
  winter: {embargo: 2034-12-01 00:00}
  spring: {}
posts:
  - {id: old, at: 2020-01-01 09:00, to: [site], text: "Long ago.", campaign: spring, cost: 1}
  - {id: a, at: 2035-01-10 09:00, to: [site, other], text: "One.", campaign: winter, cost: 40}
  - {id: b, at: 2035-01-31 23:30, to: [site], text: "Two.", campaign: winter, cost: 70}
  - {id: c, at: 2035-02-10 09:00, to: [site], text: "Three.", campaign: winter, closing: true}
  - {id: d, at: 2035-02-11 09:00, to: [site], text: "Four.", cost: 5, bucket: news}
  - {id: e, slot: morning, text: "Five.", campaign: spring, cost: 3}
series:
  - {id: weekly, rrule: "FREQ=WEEKLY;COUNT=2", from: 2035-03-01, at: "09:00", to: [site], text: "Again.", campaign: spring, cost: 2}
"""
CHARTER = """\
version: 1
budget: {per_month: 100, campaigns: {winter: 150}}
"""


@pytest.fixture()
def daemon():
    with CheckedDaemon(calendar=CALENDAR, charter=CHARTER) as running:
        yield running


def bill(daemon):
    page = daemon.api("GET", "/v1/campaigns").json
    return {c["name"]: c for c in page["items"]}, {m["month"]: m for m in page["months"]}


def test_each_post_counts_once_in_its_campaign_and_its_month(daemon):
    campaigns, months = bill(daemon)
    winter, spring = campaigns["winter"], campaigns["spring"]
    assert (winter["posts"], winter["cost"], winter["spent"], winter["budget"], winter["over"]) == (3, 110, 0, 150, False)
    assert winter["closing"] == "c" and winter["embargo"] == "2034-11-30T23:00:00Z"
    assert winter["first"].startswith("2035-01-10") and winter["last"].startswith("2035-02-10")
    assert spring["budget"] is None and spring["cost"] == 4 and spring["posts"] == 2  # the series is beyond the horizon
    # 23:30 on the last of January in Paris; months without costs are not there
    assert (months["2035-01"]["cost"], months["2035-01"]["budget"], months["2035-01"]["over"]) == (110, 100, True)
    assert months["2035-02"]["posts"] == 1 and months["2035-02"]["cost"] == 5 and not months["2035-02"]["over"]
    shown = daemon.calctl("campaigns").stdout
    assert "winter" in shown and "100 overspent" in shown


def test_what_is_out_is_spent_and_what_is_given_up_costs_nothing(daemon):
    assert daemon.api("POST", "/v1/posts/a/now", {"override": {"rules": ["embargo"], "reason": "why not"}}).status == 200
    daemon.wait_state("a", "site", "published")
    assert daemon.api("POST", "/v1/posts/b/cancel", {}).status == 200
    winter = bill(daemon)[0]["winter"]
    assert (winter["posts"], winter["published"], winter["cost"], winter["spent"]) == (2, 1, 40, 40)
    assert "2035-01" not in bill(daemon)[1]  # it went out today


def test_a_list_can_be_of_one_campaign(daemon):
    page = daemon.api("GET", "/v1/deliveries?campaign=winter").json["items"]
    assert [d["id"] for d in page] == ["a/other", "a/site", "b/site", "c/site"]
    assert {(d["campaign"], d["cost"]) for d in page} == {("winter", 40), ("winter", 70), ("winter", 0)}
    assert [d["id"] for d in daemon.api("GET", "/v1/deliveries?campaign=winter&account=other").json["items"]] == ["a/other"]
    wrong = daemon.api("GET", "/v1/deliveries?campaign=wintr")
    assert wrong.status == 404 and wrong.json["nearest"] == "winter"
    listed = daemon.calctl("list", "--campaign", "winter").stdout
    assert "c/site" in listed and "d/site" not in listed
    assert "campaign     winter" in daemon.calctl("show", "a").stdout


def test_names_that_only_the_files_have_are_known_and_suggested(daemon):
    for query in ("series=weekly", "bucket=news&until=2034-01-01"):
        assert daemon.api("GET", f"/v1/deliveries?{query}").json == {"items": [], "next": None}
    for query, nearest in (("series=weeky", "weekly"), ("bucket=nwes", "news"), ("series=a", None)):
        answer = daemon.api("GET", f"/v1/deliveries?{query}")
        assert answer.status == 404 and answer.json.get("nearest") == nearest, answer


def test_without_campaigns_it_says_so():
    with CheckedDaemon() as daemon:
        assert bill(daemon) == ({}, {}) and daemon.calctl("campaigns").stdout == "no campaigns\n"

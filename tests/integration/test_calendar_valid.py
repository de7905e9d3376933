"""/calendar.ics as readers that know nothing of us see it (icalendar; vobject, which validates), with texts that try to
break out of their property."""
import sys
from datetime import datetime, timezone
from pathlib import Path

import icalendar
import pytest
import vobject

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import Daemon

AWKWARD = {
    "plain": "Le col est fermé.",
    "marks": "a, b; c\\ d: e \"f\" 'g' ,;,",  # a backslash before n or a comma is what icalendar 4 itself reads wrongly
    "lines": "one\ntwo\n\n\nthree\n",
    "break-out": "x\nEND:VEVENT\nEND:VCALENDAR\nBEGIN:VCALENDAR\nX-EVIL:1\n ATTENDEE:mailto:x@example.org",
    "folded": "é" * 37 + "🏔" * 40 + "\n" + "abc" * 300,
    "odd-spaces": "a \u2028b \u2029c d \ufeffe \u200bf\tg",
    "empty-looking": "   .\n   \n",
}
@pytest.fixture(scope="module")
def daemon():
    with Daemon(accounts="  site: {network: feed, title: T}\n", calendar="timezone: Europe/Paris\n") as daemon:
        posts = [{"id": name, "at": f"2034-08-0{n} 09:00", "bucket": "news", "text": text}
                 for n, (name, text) in enumerate(AWKWARD.items(), 1)]
        for post in posts + [{"id": "out", "title": "T;,\\", "text": "Out."}]:
            answer = daemon.api("POST", "/v1/posts", {"to": ["site"], **post})
            assert answer.status == 201, answer
        daemon.wait_state("out", "site", "published")
        yield daemon


def text_of(daemon):
    answer = daemon.api("GET", "/calendar.ics")
    assert answer.status == 200
    return answer.body.decode()


def said(text):
    """What a calendar can say of it: no control characters but line ends."""
    return "".join(c for c in text if c == "\n" or c >= " ")


def test_icalendar_reads_each_event_whole(daemon):
    calendar = icalendar.Calendar.from_ical(text_of(daemon))
    events = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    assert not [event.errors for event in events.values() if event.errors]
    assert set(events) == {f"{name}/site@cald" for name in [*AWKWARD, "out"]}
    for n, (name, text) in enumerate(AWKWARD.items(), 1):
        event = events[f"{name}/site@cald"]
        kept = daemon.delivery(name, "site")["content"]["parts"][0]["text"]
        assert event.decoded("DTSTART") == datetime(2034, 8, n, 7, tzinfo=timezone.utc)
        assert str(event["DESCRIPTION"]).endswith("\n\n" + said(kept)), (name, event["DESCRIPTION"], kept)
        assert str(event["SUMMARY"]).startswith("site: ") and "\n" not in event["SUMMARY"]
        assert set(event) <= {"UID", "DTSTAMP", "DTSTART", "SEQUENCE", "STATUS", "TRANSP", "SUMMARY", "DESCRIPTION",
                              "CATEGORIES", "URL"}, event
    assert [str(c) for c in events["plain/site@cald"]["CATEGORIES"].cats] == ["news"]
    assert str(events["out/site@cald"]["SUMMARY"]) == "site: T;,\\" and "/feed/site/" in events["out/site@cald"]["URL"]


def test_vobject_finds_it_valid(daemon):
    calendars = list(vobject.readComponents(text_of(daemon)))
    assert len(calendars) == 1
    assert calendars[0].validate(raiseException=True)
    assert len(calendars[0].vevent_list) == len(AWKWARD) + 1
    assert all(event.validate(raiseException=True) for event in calendars[0].vevent_list)


def test_a_post_keeps_its_uid_when_it_changes(daemon):
    def event():
        calendar = icalendar.Calendar.from_ical(text_of(daemon))
        return next(e for e in calendar.walk("VEVENT") if str(e["UID"]) == "plain/site@cald")
    before = event()
    assert daemon.api("PATCH", "/v1/posts/plain", {"text": "Otherwise.", "at": "2034-09-01 09:00"}).status == 200
    after = event()
    assert after["SEQUENCE"] > before["SEQUENCE"] and after.decoded("DTSTART").month == 9
    assert str(after["DESCRIPTION"]).endswith("Otherwise.")

"""/calendar.ics as readers that know nothing of us see it (icalendar; vobject, which validates), with texts that try to
break out of their property."""
import shutil
import sqlite3
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


def uid(daemon, name):
    return f"{name}/site@{daemon.api('GET', '/v1/status').json['installation']}"


def said(text):
    """What a calendar can say of it: no control characters but line ends."""
    return "".join(c for c in text if c == "\n" or c >= " ")


def test_icalendar_reads_each_event_whole(daemon):
    calendar = icalendar.Calendar.from_ical(text_of(daemon))
    events = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    assert not [event.errors for event in events.values() if event.errors]
    assert set(events) == {uid(daemon, name) for name in [*AWKWARD, "out"]}
    for n, (name, text) in enumerate(AWKWARD.items(), 1):
        event = events[uid(daemon, name)]
        kept = daemon.delivery(name, "site")["content"]["parts"][0]["text"]
        assert event.decoded("DTSTART") == datetime(2034, 8, n, 7, tzinfo=timezone.utc)
        assert str(event["DESCRIPTION"]).endswith("\n\n" + said(kept)), (name, event["DESCRIPTION"], kept)
        assert str(event["SUMMARY"]).startswith("site: ") and "\n" not in event["SUMMARY"]
        assert set(event) <= {"UID", "DTSTAMP", "DTSTART", "SEQUENCE", "STATUS", "TRANSP", "SUMMARY", "DESCRIPTION",
                              "CATEGORIES", "URL"}, event
    assert [str(c) for c in events[uid(daemon, "plain")]["CATEGORIES"].cats] == ["news"]
    assert str(events[uid(daemon, "out")]["SUMMARY"]) == "site: T;,\\" and "/feed/site/" in events[uid(daemon, "out")]["URL"]


def test_vobject_finds_it_valid(daemon):
    calendars = list(vobject.readComponents(text_of(daemon)))
    assert len(calendars) == 1
    assert calendars[0].validate(raiseException=True)
    assert len(calendars[0].vevent_list) == len(AWKWARD) + 1
    assert all(event.validate(raiseException=True) for event in calendars[0].vevent_list)


def test_a_post_keeps_its_uid_when_it_changes(daemon):
    def event():
        calendar = icalendar.Calendar.from_ical(text_of(daemon))
        return next(e for e in calendar.walk("VEVENT") if str(e["UID"]) == uid(daemon, "plain"))
    before = event()
    assert daemon.api("PATCH", "/v1/posts/plain", {"text": "Otherwise.", "at": "2034-09-01 09:00"}).status == 200
    after = event()
    assert after["SEQUENCE"] > before["SEQUENCE"] and after.decoded("DTSTART").month == 9
    assert str(after["DESCRIPTION"]).endswith("Otherwise.")


def uids(daemon):
    exported = daemon.calctl("export", "--format", "ics", "--all").stdout
    found = [{str(e["UID"]) for e in icalendar.Calendar.from_ical(text).walk("VEVENT")} for text in (text_of(daemon), exported)]
    assert found[0] == found[1] and all(len(one.encode()) <= 255 for one in found[0])  # RFC 7986 section 5.3
    return found[0]


def twin():
    return Daemon(accounts="  site: {network: feed, title: T}\n", calendar="timezone: Europe/Paris\nposts:\n"
                  "  - {id: noel, at: 2034-12-24 09:00, to: [site], text: Joyeux Noël.}\n")


def test_who_subscribes_to_two_brands_with_the_same_ids_loses_no_event_and_a_backup_keeps_them(tmp_path):
    with twin() as one, twin() as other:
        first = uids(one)
        assert len(first | uids(other)) == 2
        assert {name.rsplit("@")[0] for name in first} == {"noel/site"}
        assert one.calctl("backup", str(tmp_path / "kept.db")).returncode == 0
        one.stop()
        one.start()
        assert uids(one) == first
        one.stop()
        shutil.rmtree(one.state)
        one.state.mkdir(mode=0o700)
        shutil.copyfile(tmp_path / "kept.db", one.state / "cald.db")
        one.start()
        assert "--restored" in one.calctl("status").stdout  # another state directory, the same installation
        assert uids(one) == first
        assert one.calctl("resume", "--restored").returncode == 0
        assert uids(one) == first


def test_a_database_from_before_gets_its_id_once():
    with twin() as daemon:
        daemon.stop()
        with sqlite3.connect(daemon.state / "cald.db") as database:
            assert database.execute("DELETE FROM note WHERE name = 'installation'").rowcount == 1
        database.close()
        daemon.start()
        first = uids(daemon)
        daemon.stop()
        daemon.start()
        assert uids(daemon) == first

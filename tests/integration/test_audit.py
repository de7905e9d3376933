"""The audit trail from outside: everything that changes something is in it, each entry's hash is what anybody can work out,
and what was done to a database, a backup or an export shows. The chain itself: unit/test_audit.c."""
import csv
import hashlib
import io
import json
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import CALCTL, CALENDAR, SOURCE, Daemon  # noqa: E402
from openapi import CheckedDaemon  # noqa: E402
from pictures import png  # noqa: E402


def work(daemon):
    """A life with everything that is recorded."""
    token = daemon.token("redaction", "editor")

    def good(method, path, body=None, **more):
        answer = daemon.api(method, path, body, **more)
        assert answer.status < 300, answer
        return answer
    good("POST", "/v1/posts", {"id": "p", "to": ["site"], "text": "One.", "at": "2034-01-02 09:00", "draft": True})
    good("POST", "/v1/posts/p/approve", tcp=True, token=token)
    good("POST", "/v1/posts/p/move", {"at": "2034-01-03 09:00"})
    good("PATCH", "/v1/posts/p", {"text": 'Two: "é" \\ \t'})
    good("POST", "/v1/posts/p/cancel", {"why": "=2+2, it \"is\" enough"})
    good("POST", "/v1/posts", {"id": "q", "to": ["site", "no"], "text": "y"})
    daemon.wait_state("q", "site", "published")
    daemon.wait_state("q", "no", "refused")
    good("POST", "/v1/accounts/site/pause", {"why": "holidays"})
    good("POST", "/v1/accounts/site/resume")
    good("POST", "/v1/pause", {"why": "all"})
    good("POST", "/v1/resume")
    good("POST", "/v1/resume", {"clock": True})
    daemon.write("calendar.yaml", CALENDAR + '  - {id: new, at: 2035-01-02 09:00, to: [site], text: "New."}\n')
    good("POST", "/v1/reload")


@pytest.fixture(scope="module")
def daemon():
    with CheckedDaemon() as running:
        work(running)
        yield running


def entries(daemon, query=""):
    found, cursor = [], ""
    while cursor is not None:
        page = daemon.api("GET", f"/v1/audit?order=number&limit=7{query}{cursor and '&cursor=' + cursor}").json
        found += page["items"]
        cursor = page["next"]
    return found


def hash_of(entry):
    """As queue/audit.h says it, without any of our code."""
    hashed = {name: value for name, value in entry.items() if name not in ("hash", "local")}
    return hashlib.sha256(json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def test_the_chain_can_be_worked_out_by_anybody(daemon):
    before = None
    for number, entry in enumerate(entries(daemon), 1):
        assert entry["number"] == number
        assert entry["previous"] == before
        assert entry["hash"] == hash_of(entry)
        before = entry["hash"]


WHO = object()  # the one who runs the tests


@pytest.mark.parametrize("kind, about, change, who, via, why, before, after", [
    ("documents", (None, None), (None, "in force"), "start", "cald", "1 added", None, {"hash"}),
    ("delivery", ("far-away", "site"), (None, "ready"), "start", "cald", "added", None, {"slot", "content_hash"}),
    ("delivery", ("p", "site"), (None, "draft"), WHO, "socket", "added", None, {"slot", "content_hash"}),
    ("approval", ("p", "site"), ("draft", "ready"), "token redaction", "tcp 127.0.0.1", "approved", None, None),
    ("delivery", ("p", "site"), ("ready", "ready"), WHO, "socket", "moved from", {"slot"}, {"slot"}),
    ("approval", ("p", "site"), ("ready", "draft"), WHO, "socket", "edited", {"content"}, {"content"}),
    ("delivery", ("p", "site"), ("draft", "cancelled"), WHO, "socket", "cancelled: =2+2", None, None),
    ("delivery", ("q", "site"), ("ready", "published"), "cald", "cald", "", None, None),
    ("delivery", ("q", "no"), ("ready", "refused"), "cald", "cald", "", None, None),
    ("account", (None, "site"), ("running", "paused"), WHO, "socket", "holidays", None, None),
    ("account", (None, "site"), ("paused", "running"), WHO, "socket", "", None, None),
    ("account", (None, "*"), ("running", "paused"), WHO, "socket", "all", None, None),
    ("account", (None, "*"), ("paused", "running"), WHO, "socket", "", None, None),
    ("trust", (None, "*"), ("held", "running"), WHO, "socket", "the clock is right", None, None),
    ("documents", (None, None), ("in force", "in force"), None, None, "1 added", {"hash"}, {"hash"}),
])
def test_every_change_is_in_it(daemon, kind, about, change, who, via, why, before, after):
    def fits(entry):
        right = (entry["kind"], entry["post"], entry["account"], entry["from"], entry["to"]) == (kind, *about, *change)
        by = who is None or (entry["who"].startswith("uid ") if who is WHO else entry["who"] == who)
        sides = all((side and set(side)) == wanted for side, wanted in ((entry["before"], before), (entry["after"], after)))
        return right and by and (via is None or entry["via"] == via) and why in (entry["why"] or "") and sides
    assert [entry for entry in entries(daemon) if fits(entry)], entries(daemon)


def test_before_and_after_hold_what_was_said(daemon):
    edit = next(entry for entry in entries(daemon, "&post=p") if entry["why"] == "edited")
    assert edit["before"]["content"]["parts"][0]["text"] == "One." and edit["after"]["content"]["parts"][0]["text"] == 'Two: "é" \\ \t'
    documents = entries(daemon, "&kind=documents")
    assert documents[-1]["before"] == documents[-2]["after"]
    assert documents[-1]["after"]["hash"] == daemon.api("GET", "/v1/status").json["documents"]["hash"]


def test_filters_and_pages(daemon):
    everything = entries(daemon)
    for query, fits in (("&post=p", lambda e: e["post"] == "p"), ("&account=no", lambda e: e["account"] == "no"),
                        ("&who=token%20redaction", lambda e: e["who"] == "token redaction"),
                        ("&who=redaction", lambda e: e["who"] == "token redaction"),
                        (f"&who={os.getuid()}", lambda e: e["who"].startswith(f"uid {os.getuid()}")),
                        (f"&who={pwd.getpwuid(os.getuid()).pw_name}", lambda e: e["who"].startswith(f"uid {os.getuid()}")),
                        ("&kind=account", lambda e: e["kind"] == "account"),
                        (f"&since={everything[5]['at']}", lambda e: e["at"] >= everything[5]["at"]),
                        (f"&until={everything[5]['at']}", lambda e: e["at"] < everything[5]["at"])):
        assert entries(daemon, query) == [e for e in everything if fits(e)] != everything, query
    newest = daemon.api("GET", "/v1/audit?limit=3").json
    assert newest["items"] == everything[:-4:-1] and newest["next"]
    for wrong in ("kind=deed", "order=at", "cursor=x", "limit=0", "since=never"):
        assert daemon.api("GET", f"/v1/audit?{wrong}").status == 400, wrong


def test_calctl_shows_and_exports(daemon):
    everything = entries(daemon)
    shown = daemon.calctl("audit", "--kind", "account", "--account", "site").stdout
    assert "running → paused" in shown and "holidays" in shown and "everything" not in shown
    assert daemon.calctl("audit", "--who", "nobody").stdout == "nothing\n"
    lines = [json.loads(line) for line in daemon.calctl("audit", "--json").stdout.splitlines()]
    assert lines == everything
    rows = list(csv.DictReader(io.StringIO(daemon.calctl("audit", "--csv").stdout, newline="")))
    assert [row["hash"] for row in rows] == [entry["hash"] for entry in everything]
    cancelled = next(entry for entry in everything if entry["to"] == "cancelled")
    row = rows[cancelled["number"] - 1]
    assert row["why"] == cancelled["why"] and row["before"] == ""
    for wrong in (["verfy"], ["verify", "--kind", "account"], ["--contains", "x"], ["--limit", "0"], ["verify", "a", "b"]):
        assert daemon.calctl("audit", *wrong).returncode == 2, wrong


def test_every_list_takes_a_whole_span(daemon):
    def found(command, span, *more):
        done = daemon.calctl(command, "--during", span, *more, "--json")
        assert done.returncode == 0, done
        return done.stdout.splitlines() if command == "audit" else json.loads(done.stdout)["items"]

    assert {d["id"] for d in found("list", "2034-01-03")} == {"p/site"}, "cancelled, too: a span is a filter"
    assert {d["id"] for d in found("list", "janvier 2034")} == {"p/site"} and not found("list", "2034-W02")
    assert {d["id"] for d in found("list", "2034-W01")} == {"p/site"} and not found("list", "2034-02-04")
    assert "refused" in {a["event"] for a in found("alerts", "this year")} and not found("alerts", "l'an dernier")
    assert found("audit", "cette année") and not found("audit", "next-week")
    assert len(found("slots", "2034", "--limit", "9")) == len(found("slots", "2034-W20", "--limit", "9")) > 0


# ---- what a person let pass ----

def test_an_override_is_beside_the_post_for_ever(daemon):
    cheap = {"id": "cheap", "to": ["site", "silent"], "text": "Very cheap.", "at": "2034-02-02 09:00"}
    for override, status in (({"reason": "so", "rules": ["gap"]}, 422), ({"reason": "so", "rules": ["forbidden-wrd"]}, 400),
                             ({"reason": "so", "rules": []}, 400), ({"reason": "so", "rules": [1]}, 400),
                             ({"rules": ["forbidden-word"]}, 400)):
        assert daemon.api("POST", "/v1/posts", dict(cheap, override=override)).status == status, override
    answer = daemon.api("POST", "/v1/posts", dict(cheap, override={"reason": "a quotation", "rules": ["forbidden-word"]}))
    assert answer.status == 201
    daemon.api("POST", "/v1/posts/cheap/hold")
    released = daemon.calctl("release", "cheap/site", "--override", "forbidden-word,gap", "--why", "still one")
    assert released.returncode == 0, released
    daemon.api("POST", "/v1/posts/cheap/cancel")
    beside = daemon.delivery("cheap", "site")["overrides"]
    assert [(o["why"], [f["rule"] for f in o["findings"]]) for o in beside] == \
        [("a quotation", ["forbidden-word"]), ("still one", ["forbidden-word"])]
    assert len(daemon.delivery("cheap", "silent")["overrides"]) == 1 and daemon.delivery("p", "site")["overrides"] == []
    kept = [e for e in entries(daemon, "&kind=override") if e["account"] == "site"]
    assert [e["why"] for e in kept] == ["a quotation", "still one"] and kept[0]["from"] == kept[0]["to"] == "ready"
    assert "forbidden-word by uid" in daemon.calctl("show", "cheap/site").stdout


def test_an_override_needs_a_reason(daemon):
    for arguments in (["add", "--to", "site", "cheap"], ["release", "cheap"], ["move", "cheap", "in 2h"]):
        done = daemon.calctl(*arguments, "--override", "all")
        assert done.returncode == 2 and "--why" in done.stderr, done
    done = daemon.calctl("add", "--to", "site", "--at", "2034-03-02 09:00", "So cheap", "--override", "all", "--why", "so")
    assert done.returncode == 0, done


def test_a_refusal_says_how_it_is_overridden(daemon):
    words = ["--to", "site", "--at", "2034-03-04 09:00"]
    refused = daemon.calctl("add", *words, "So cheap, cheap.")
    last = refused.stderr.splitlines()[-1]
    assert refused.returncode == 1 and last == "to let it pass all the same: --override forbidden-word --why REASON", refused
    options = last.split(": ")[1].replace("REASON", "so").split()
    assert daemon.calctl("add", *words, "--id", "offered", "So cheap.", *options).returncode == 0
    edit = daemon.calctl("edit", "offered", "--text", "Cheaper: cheap.")
    assert edit.stderr.count("--override forbidden-word --why") == 1, edit
    assert daemon.calctl("edit", "offered", "--text", "Cheaper: cheap.", *options).returncode == 0
    assert "--override" not in daemon.calctl("add", "--to", "sitte", "Cheap.").stderr, "nobody takes a typing error for the charter"


def test_a_refusal_in_the_api_offers_what_the_one_who_asks_may_do(daemon):
    post = {"to": ["site"], "text": "Very cheap.", "at": "2034-03-06 09:00"}
    refused = daemon.api("POST", "/v1/posts", post).json
    assert refused["override"] == {"allowed": True, "rules": ["forbidden-word"], "why_not": None}
    assert "override" not in daemon.api("POST", "/v1/posts", dict(post, to=["sitte"])).json
    author = daemon.token("intern", "author")
    asked = daemon.api("POST", "/v1/posts", dict(post, draft=True), tcp=True, token=author).json["override"]
    assert not asked["allowed"] and asked["rules"] == ["forbidden-word"] and "needs the role editor" in asked["why_not"]
    image = {"file": daemon.api("POST", "/v1/media", png(1, 1, 9), {"Content-Type": "application/octet-stream"}).json["file"], "alt": "A dot."}
    limit = daemon.api("POST", "/v1/posts", dict(post, to=["silent"], media=[image])).json["override"]
    assert limit == {"allowed": False, "rules": [], "why_not": "what a network does not take cannot be overridden"}


def test_a_file_is_told_that_it_overrides_nothing():
    advice = "refused by forbidden-word: a file overrides nothing; change the post, or the rule in charter.yaml"
    with CheckedDaemon() as running:
        running.write("calendar.yaml", CALENDAR + '  - {id: new, at: 2035-01-02 09:00, to: [site], text: "Cheap, cheap."}\n')
        answer = running.api("POST", "/v1/reload").json["override"]
        assert not answer["allowed"] and answer["rules"] == ["forbidden-word"]
        for words in (["check"], ["reload"], ["plan"], ["apply", "--yes"], ["status"], ["simulate", "--until", "in 9d"]):
            said = running.calctl(*words)
            assert (said.stdout + said.stderr).count(advice) == 1, said


def test_each_post_of_a_file_overrides_for_itself(daemon):
    posts = [{"id": f"each{i}", "to": ["site"], "text": text, "at": f"2034-03-{10 + i} 09:00"}
             for i, text in enumerate(("Fine.", "Cheap.", "So cheap."))]

    def add(*more):
        return daemon.calctl("add", "--from", "-", input="\n".join(json.dumps(post) for post in [*posts, *more]))

    refused = add()
    last = refused.stderr.splitlines()[-1]
    assert last == 'to let them pass all the same, write into each: "override": {"rules": ["forbidden-word"], "reason": "…"}', refused
    mixed = add({"id": "each9", "to": ["sitte"], "text": "x"}).stderr.splitlines()[-1]
    assert mixed == f"{last}; 1 of the 3 cannot be overridden"
    for post in posts[1:]:
        post.update(json.loads("{" + last.split("each: ")[1] + "}"))
    assert add().returncode == 0


# ---- verifying ----

def verified(*arguments):
    return subprocess.run([CALCTL, "audit", "verify", *map(str, arguments)], capture_output=True, text=True)


def test_the_daemon_s_trail_its_database_and_an_export_are_whole(daemon, tmp_path):
    everything = entries(daemon)
    export = tmp_path / "export.jsonl"
    export.write_text(daemon.calctl("audit", "--json").stdout)
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(f"file:{daemon.state}/cald.db?mode=ro", uri=True)) as live, \
            closing(sqlite3.connect(backup)) as copy:
        live.backup(copy)
    sentence = f"the audit trail is whole: {len(everything)} entries, the last is {len(everything)} with the hash " \
               f"{everything[-1]['hash']}\n"
    assert daemon.calctl("audit", "verify").stdout == sentence
    for path in (daemon.state / "cald.db", export, backup):
        done = verified(path)
        assert (done.returncode, done.stdout, done.stderr) == (0, sentence, ""), path
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.db", "export.jsonl"]
    assert daemon.calctl("audit", "verify", "--contains", everything[0]["hash"]).returncode == 0
    assert json.loads(daemon.calctl("audit", "verify", "--json").stdout)["whole"] is True


@pytest.fixture(scope="module")
def ended(daemon, tmp_path_factory):
    """A copy of the database, to be forged."""
    path = tmp_path_factory.mktemp("ended") / "cald.db"
    with closing(sqlite3.connect(f"file:{daemon.state}/cald.db?mode=ro", uri=True)) as live, \
            closing(sqlite3.connect(path)) as copy:
        live.backup(copy)
    return path


@pytest.mark.parametrize("sql", ["DELETE FROM history WHERE id = 3", "UPDATE history SET who = 'me' WHERE id = 3"])
def test_the_database_refuses_to_change_it(ended, sql):
    with closing(sqlite3.connect(ended)) as database, pytest.raises(sqlite3.IntegrityError, match="history is never"):
        database.execute(sql)


@pytest.mark.parametrize("sql, fault", [
    ("UPDATE history SET who = 'me' WHERE id = 3", "entry 3 is not as it was written"),
    ("UPDATE history SET at = at + 1 WHERE id = 4", "entry 4 is not as"),
    ("UPDATE history SET before_json = NULL WHERE why = 'edited'", "is not as it was written"),
    ("UPDATE history SET hash = NULL WHERE id = 2", "entry 2 has no hash"),
    ("DELETE FROM history WHERE id = 5", "entry 5 is missing"),
    ("DELETE FROM history WHERE id IN (2, 3)", "entries 2 to 3 are missing"),
    ("UPDATE delivery SET post_id = 'other' WHERE post_id = 'p'", "is not as it was written"),
    ("DELETE FROM history WHERE id > 5", None),
])
def test_what_was_done_to_a_database_shows(daemon, ended, tmp_path, sql, fault):
    forged = tmp_path / "forged.db"
    shutil.copy(ended, forged)
    with closing(sqlite3.connect(forged)) as database:
        for trigger in ("history_stays", "history_is_fixed", "delivery_key_stays"):
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute(sql)
        database.commit()
    done = verified(forged) if fault else verified(forged, "--contains", entries(daemon)[-1]["hash"])
    assert done.returncode == 1 and (fault or "no entry has the hash") in done.stderr and not done.stdout, done


def test_what_was_done_to_an_export_shows(daemon, tmp_path):
    lines = daemon.calctl("audit", "--json").stdout.splitlines()
    forged = json.loads(lines[2])
    forged["who"] = "me"
    forged["hash"] = hash_of(forged)
    for name, text in (("cut", lines[:2] + lines[3:]), ("changed", lines[:2] + [json.dumps(forged)] + lines[3:]),
                       ("no-json", lines[:2] + ["{"] + lines[3:])):
        path = tmp_path / name
        path.write_text("\n".join(text) + "\n")
        assert verified(path).returncode == 1, name
    assert verified(tmp_path / "none").returncode == 7
    (tmp_path / "other.db").write_bytes(b"")
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        database.execute("CREATE TABLE t (x)")
    assert "has no audit trail" in verified(tmp_path / "other.db").stderr


def test_a_database_from_before_the_chain_gets_it_from_then_on():
    daemon = Daemon(tcp=False)
    daemon.state.mkdir()
    with closing(sqlite3.connect(daemon.state / "cald.db")) as database:
        database.executescript((SOURCE / "tests/fault/released/001.sql").read_text())
        older = database.execute("SELECT count(*) FROM history").fetchone()[0]
    with daemon:
        daemon.api("POST", "/v1/resume", {"restored": True})
        done = daemon.calctl("audit", "verify")
        assert done.returncode == 0 and f"{older} entries are older than the chain" in done.stdout, done
        first = next(entry for entry in entries(daemon) if entry["hash"])
        assert first["number"] == older + 1 and first["previous"] is None
        assert {entry["via"] for entry in entries(daemon)[:older]} == {None}

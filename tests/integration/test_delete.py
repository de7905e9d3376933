"""What is published is deleted where a person asks for it: on the command line, in what lists it, in the feed and its hubs."""
import json
import os
import pty
import select
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from chat_servers import Slack, SlackServer  # noqa: E402
from daemon import CALCTL, Daemon  # noqa: E402
from scripted import ScriptedServer  # noqa: E402

CALENDAR = """\
version: 1
timezone: Europe/Paris
posts:
  - {id: far, at: 2035-01-01 09:00, to: [site], text: "Far away."}
"""
PUBLIC = "https://news.example.org/cald"


class Hub:
    told = ()

    def answer(self, request):
        self.told += (urllib.parse.parse_qs(request.body.decode())["hub.url"][0],)
        return 204, b""


@pytest.fixture(scope="module")
def world():
    with ScriptedServer(Hub()) as hub:
        accounts = (f'  site: {{network: feed, url: "{PUBLIC}", hubs: ["{hub.url}/hub"]}}\n'
                    '  silent: {network: "null"}\n  doubt: {network: "null", answer: unsure}\n'
                    f'  hook: {{network: webhook, url: "{hub.url}/"}}\n')
        with Daemon(accounts=accounts, calendar=CALENDAR) as daemon:
            yield daemon, hub.mind


def wait(condition, daemon, patience=60):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.02)


def add(daemon, post, *to):
    answer = daemon.api("POST", "/v1/posts", {"to": list(to) or ["site"], "at": "now", "id": post, "text": f"{post} is out"})
    assert answer.status == 201, answer
    for account in to or ["site"]:
        daemon.wait_state(post, account, "published")


def gone(daemon, post, account="site"):
    wait(lambda: daemon.delivery(post, account)["deleted"], daemon)
    return daemon.delivery(post, account)


def test_a_feed_s_entry_is_on_none_of_its_pages_and_its_hubs_are_told(world):
    daemon, hub = world
    add(daemon, "one")
    add(daemon, "two")
    wait(lambda: daemon.log().count("hub told") >= 1, daemon)
    before = len(hub.told)
    time.sleep(1.1)  # Last-Modified counts whole seconds
    since = {"If-Modified-Since": daemon.api("GET", "/feed/site/atom.xml").headers["last-modified"]}
    assert daemon.api("GET", "/feed/site/atom.xml", headers=since).status == 304
    done = daemon.calctl("delete", "one", "--yes", "--why", "a wrong price")
    assert done.returncode == 0 and "deleting one" in done.stdout, done
    delivery = gone(daemon, "one")
    assert delivery["state"] == "published" and delivery["published"] and not delivery["deleting"]
    assert daemon.api("GET", "/feed/site/atom.xml", headers=since).status == 200
    for page in ("", "atom.xml", "feed.json"):
        body = daemon.api("GET", f"/feed/site/{page}").body.decode()
        assert "two is out" in body and "one is out" not in body
    assert daemon.api("GET", "/feed/site/posts/one").status == 404
    assert daemon.api("GET", "/feed/site/posts/two").status == 200
    wait(lambda: len(hub.told) >= before + 2, daemon)


def test_who_why_and_when_stay_and_every_list_says_so(world):
    daemon, _ = world
    add(daemon, "three", "site", "silent")
    daemon.calctl("delete", "three/silent", "--yes", "--why", "a typo")
    gone(daemon, "three", "silent")
    assert not daemon.delivery("three", "site")["deleted"]
    history = daemon.calctl("history", "three/silent").stdout
    assert "published → deleting" in history and "deleting → deleted" in history and "to be deleted: a typo" in history
    entries = [json.loads(line) for line in daemon.calctl("audit", "--kind", "deletion", "--post", "three", "--json").stdout.splitlines()]
    assert [e["to"] for e in entries] == ["deleting", "deleted"] and entries[0]["who"].startswith("uid ")
    assert daemon.calctl("audit", "verify").returncode == 0
    shown = daemon.calctl("show", "three/silent").stdout
    assert "deleted  " in shown and "published  " in shown
    listed = daemon.calctl("list", "--all", "--account", "silent").stdout
    assert "deleted" in listed
    explained = daemon.calctl("explain", "three/silent").stdout
    assert "It was deleted there: gone since 2" in explained and "Nothing more happens: it was deleted" in explained
    assert "calctl delete three/site" in daemon.calctl("explain", "three/site").stdout
    rows = daemon.calctl("export", "--all", "--account", "silent").stdout.splitlines()
    events = daemon.calctl("export", "--all", "--account", "silent", "--format", "ics").stdout
    assert "STATUS:CANCELLED" in events and "published\\, then deleted" in events
    assert "deleted_at" in rows[0] and daemon.delivery("three", "silent")["deleted"][:10] in rows[1]


def test_what_is_not_published_or_cannot_be_deleted_says_what_to_do_instead(world):
    daemon, _ = world
    for post, words in (("far", "it is not published: cancel it"), ("one", "it is deleted already")):
        done = daemon.calctl("delete", post, "--yes")
        assert done.returncode == 5 and words in done.stderr, done
    daemon.api("POST", "/v1/posts", {"to": ["doubt"], "at": "now", "id": "doubted", "text": "x"})
    daemon.wait_state("doubted", "doubt", "unsure")
    assert "it may have been published: resolve it first" in daemon.calctl("delete", "doubted", "--yes").stderr
    done = daemon.calctl("cancel", "two")
    assert done.returncode == 5 and "calctl delete" in done.stderr, done
    assert daemon.calctl("delete", "nothing", "--yes").returncode == 4


def test_what_another_account_keeps_is_named(world):
    daemon, _ = world
    add(daemon, "four")
    daemon.api("POST", "/v1/posts", {"to": ["site", "hook"], "at": "now", "id": "five", "text": "five"})
    daemon.wait_state("five", "site", "published")
    done = daemon.calctl("delete", "five", "--yes")
    assert done.returncode == 0 and "five/hook stays: " in done.stderr, done
    gone(daemon, "five")


def test_a_role_below_editor_may_not(world):
    daemon, _ = world
    token = daemon.token("anna", "author")
    wait(lambda: daemon.api("GET", "/v1/status", tcp=True, token=token).status == 200, daemon)
    assert daemon.api("POST", "/v1/posts/four/delete", {}, tcp=True, token=token).status == 403
    assert not daemon.delivery("four", "site")["deleting"] and not daemon.delivery("four", "site")["deleted"]


def at_terminal(daemon, answer, *arguments):
    """(status, what was shown): calctl with a person in front of it, who types this when asked."""
    leader, follower = pty.openpty()
    process = subprocess.Popen([str(CALCTL), "--config", str(daemon.config), *arguments], stdin=follower, stdout=follower,
                               stderr=follower)
    os.close(follower)
    shown, typed = b"", False
    while select.select([leader], [], [], 30)[0]:
        try:
            some = os.read(leader, 4096)
        except OSError:  # it has ended
            break
        shown += some
        if b"[y/N]" in shown and not typed:
            typed = True
            os.write(leader, answer)
    os.close(leader)
    return process.wait(30), shown.decode()


def test_it_asks_first_and_shows_what(world):
    daemon, _ = world
    assert daemon.calctl("delete", "four").returncode == 2
    status, shown = at_terminal(daemon, b"n\n", "delete", "four")
    assert status == 1 and "four is out" in shown and "nothing was deleted" in shown, shown
    assert not daemon.delivery("four", "site")["deleted"]
    status, shown = at_terminal(daemon, b"y\n", "delete", "four")
    assert status == 0, shown
    gone(daemon, "four")


def test_what_is_out_of_a_thread_that_failed_goes_after_it_was_asked_about(world):
    daemon, _ = world
    with SlackServer() as team:
        daemon.write("equipe", Slack.TOKEN, 0o600)
        daemon.write("cald.yaml", daemon.config.read_text().replace(
            "  silent:", f'  equipe: {{network: slack, url: "{team.url}/api", channel: C1, token: {{file: equipe}}}}\n  silent:'))
        assert daemon.calctl("reload").returncode == 0
        team.script({"path": "/chat.postMessage$", "do": "answer", "status": 200, "value": {"ok": False, "error": "msg_too_long"},
                     "skip": 2})
        assert daemon.api("POST", "/v1/posts", {"to": ["equipe"], "id": "fil", "thread": ["un", "deux", "trois"]}).status == 201
        assert daemon.wait_state("fil", "equipe", "refused")["parts_out"] == 2
        assert "parts out    2 of 3" in daemon.calctl("show", "fil").stdout
        explained = daemon.calctl("explain", "fil").stdout
        assert "2 of its parts are out." in explained and "calctl delete fil" in explained and "calctl retry fil" in explained
        status, shown = at_terminal(daemon, b"n\n", "delete", "fil")
        assert status == 1 and "refused, 2 of its parts out" in shown and len(team.mind.messages) == 2, shown
        assert daemon.calctl("delete", "fil", "--yes", "--why", "half of it").returncode == 0
        gone(daemon, "fil", "equipe")
        assert team.mind.messages == [] and daemon.delivery("fil", "equipe")["state"] == "refused"
        done = daemon.calctl("retry", "fil")
        assert done.returncode == 5 and "what was out of it is deleted on its network: add it anew" in done.stderr, done
        explained = daemon.calctl("explain", "fil").stdout
        assert "Of what was out: It was deleted there" in explained and "calctl retry" not in explained, explained


def test_the_answer_as_json_is_the_post(world):
    daemon, _ = world
    add(daemon, "six")
    done = daemon.calctl("delete", "six", "--yes", "--json")
    post = json.loads(done.stdout)
    assert post["id"] == "six" and post["kept"] == []
    assert post["deliveries"][0]["deleting"] or post["deliveries"][0]["deleted"]

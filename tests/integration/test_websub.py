"""WebSub: hubs are told that a feed has changed once its new entry can be fetched; until they took it, whoever dies."""
import contextlib
import os
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import feedparser

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from daemon import Daemon  # noqa: E402
from scripted import ScriptedServer  # noqa: E402

CALENDAR = "version: 1\ntimezone: Europe/Paris\n"
PUBLIC = "https://news.example.org/cald"
FEEDS = [f"{PUBLIC}/feed/site/atom.xml", f"{PUBLIC}/feed/site/feed.json"]


class Hub:
    """Fetches what it is told of, as a hub does, from the listener behind the public address."""

    def __init__(self):
        self.daemon, self.told, self.seen = None, [], []

    def answer(self, request):
        fields = urllib.parse.parse_qs(request.body.decode(), strict_parsing=True)
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        assert fields.pop("hub.mode") == ["publish"]
        topic, = fields.pop("hub.url")
        assert not fields
        self.told.append(topic)
        path = topic.removeprefix(PUBLIC)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.daemon.port}{path}", timeout=20) as answer:
            self.seen.append(answer.read().decode())
        return 204, b""


@contextlib.contextmanager
def world(count=1):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(ScriptedServer(Hub())) for _ in range(count)]
        hubs = ", ".join(f'"{server.url}/hub"' for server in servers)
        daemon = Daemon(accounts=f'  site: {{network: feed, url: "{PUBLIC}", hubs: [{hubs}]}}\n', calendar=CALENDAR)
        for server in servers:
            server.mind.daemon = daemon
        stack.enter_context(daemon)
        yield daemon, *servers


def add(daemon, post):
    assert daemon.api("POST", "/v1/posts", {"to": ["site"], "at": "now", "id": post, "text": f"{post} is out"}).status == 201
    daemon.wait_state(post, "site", "published")


def wait(condition, daemon, patience=60):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.02)


def told(daemon):
    return daemon.log().count("hub told")


def test_each_hub_is_told_of_both_feeds_when_they_have_the_post():
    with world(2) as (daemon, one, two):
        add(daemon, "first")
        wait(lambda: told(daemon) == 2, daemon)
        for server in (one, two):
            assert server.mind.told == FEEDS and all("first is out" in seen for seen in server.mind.seen)
        answer = daemon.api("GET", "/feed/site/atom.xml")
        links = {(link.rel, link.href) for link in feedparser.parse(answer.body).feed.links}
        hubs = [server.url + "/hub" for server in (one, two)]
        assert {("hub", hub) for hub in hubs} | {("self", FEEDS[0])} <= links
        assert answer.headers["link"] == f'<{FEEDS[0]}>; rel="self"' + "".join(f', <{hub}>; rel="hub"' for hub in hubs)
        answer = daemon.api("GET", "/feed/site/feed.json")
        assert answer.json["hubs"] == [{"type": "WebSub", "url": hub} for hub in hubs]
        assert f'<{FEEDS[1]}>; rel="self"' in answer.headers["link"]


def test_what_may_pass_is_tried_again_also_by_another_life():
    with world() as (daemon, hub):
        hub.script({"method": "POST", "path": "/hub", "do": "answer", "status": 503, "times": 1})
        hub.script({"method": "POST", "path": "/hub", "do": "act-and-drop", "times": 1})
        add(daemon, "first")
        wait(lambda: told(daemon) == 1, daemon)
        assert hub.mind.told == [FEEDS[0]] + FEEDS  # of the first feed twice, for the first answer was lost
        assert "answered HTTP 503; tried again" in daemon.log()
        hub.script({"method": "POST", "path": "/hub", "do": "answer", "status": 503, "times": 1})
        add(daemon, "second")
        wait(lambda: len(hub.requests()) == 5, daemon)
        daemon.kill()
        daemon.start()
        wait(lambda: told(daemon) == 2, daemon)
        assert hub.mind.told[-2:] == FEEDS and "second is out" in hub.mind.seen[-1]
        before = len(hub.mind.told)
        daemon.kill()
        daemon.start()  # and it is over
        add(daemon, "third")
        wait(lambda: told(daemon) == 3, daemon)
        assert hub.mind.told[before:] == FEEDS


def test_a_hub_that_refuses_is_asked_again_when_the_feed_changes():
    with world() as (daemon, hub):
        hub.script({"method": "POST", "path": "/hub", "do": "answer", "status": 404, "times": 1})
        add(daemon, "first")
        wait(lambda: "is not asked again until it changes: it answered HTTP 404" in daemon.log(), daemon)
        add(daemon, "second")
        wait(lambda: told(daemon) == 1, daemon)
        assert hub.mind.told == FEEDS and len(hub.requests()) == 3


def test_hubs_that_cannot_work_are_refused(tmp_path):
    for options, says in [('hubs: ["https://hub.example/"]', "'hubs' needs 'url'"),
                          (f'url: "{PUBLIC}", hubs: ["ftp://hub.example/"]', "no address of a hub"),
                          (f'url: "{PUBLIC}", hubs: ["http://hub.example/"]', "no address of a hub"),
                          (f'url: "{PUBLIC}", hubs: []', "'hubs' is empty")]:
        daemon = Daemon(accounts=f"  site: {{network: feed, {options}}}\n", calendar=CALENDAR, directory=tmp_path)
        done = daemon.calctl("check")
        assert done.returncode == 1 and says in done.stdout, (options, done.stdout)

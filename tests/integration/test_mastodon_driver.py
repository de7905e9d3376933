"""Mastodon's driver against the scripted server: published once, whatever happens to the answers."""
import os
import sys
import time
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from driver_walk import TOOL, Lost, Walk, png  # noqa: E402
from mastodon_server import MastodonServer  # noqa: E402

pytestmark = pytest.mark.skipif(not TOOL.exists(), reason=f"{TOOL} is not built")
LONG = "Ouverture ! @bob@other.example #Hiver\n\nLe chalet & « l'été » < 3 😀 voir https://example.org/a/very/long/path?x=1&y=2"


def walk(server, *texts, **content):
    files = content.pop("files", {})
    parts = [text if isinstance(text, dict) else {"text": text} for text in texts]
    return Walk("mastodon", {"url": server.url}, {"token": server.token}, {"parts": parts, "visibility": "public"} | content,
                int(time.time() * 1000), files=files)


@pytest.fixture
def server():
    with MastodonServer() as one:
        yield one


def texts(server):
    return [s["text"] for s in server.statuses()]


def test_a_post_with_everything_is_published(server):
    picture = png(4, 3)
    part = {"text": LONG, "media": [Walk.media("a.png", picture, 4, 3, "le chalet « sous » la neige")]}
    with walk(server, part, link="https://example.org/hiver", warning="neige", language="fr", visibility="unlisted",
              files={"a.png": picture}) as w:
        outcome = w.run()
        assert outcome["kind"] == "done" and outcome["url"] == f"{server.url}/@alice/{outcome['id']}"
        assert w.names == ["session", "who we are", "upload 1/1", "publish 1/1"]
        assert w.step() is None
    made = server.statuses()[0]
    assert made["text"] == LONG + "\n\nhttps://example.org/hiver"
    assert (made["spoiler_text"], made["language"], made["visibility"]) == ("neige", "fr", "unlisted")
    assert server.server.mind.media[made["media_ids"][0]]["description"] == "le chalet « sous » la neige"


def test_processing_is_waited_for(server):
    server.configure({"processing": 60})
    picture = png(4, 3)
    part = {"text": "x", "media": [Walk.media("a.png", picture, 4, 3, "")]}
    with walk(server, part, files={"a.png": picture}) as w:
        assert w.run()["kind"] == "wait"
        assert w.run()["kind"] == "wait"
        server.configure({"clock": 61})
        assert w.run()["kind"] == "done"


def test_a_thread_is_a_chain(server):
    with walk(server, "one", "two", "three") as w:
        assert w.run()["kind"] == "done"
    one, two, three = server.statuses()
    assert (two["in_reply_to_id"], three["in_reply_to_id"]) == (one["id"], two["id"])


def test_a_lost_answer_is_settled_by_the_same_key(server):
    server.script({"method": "POST", "path": "/statuses$", "do": "act-and-drop"})
    with walk(server, "once") as w:
        with pytest.raises(Lost):
            w.run()
        assert w.run()["kind"] == "done"
    assert texts(server) == ["once"]


@pytest.mark.parametrize("what, made", [("act-and-drop", True), ("half", True), ("receive-and-drop", False), ("drop", False)])
@pytest.mark.parametrize("text", ["plain", LONG])
def test_a_lost_answer_is_settled_by_looking(what, made, text):
    with MastodonServer(flavour="gotosocial") as server:
        with walk(server, "hello from before") as before:
            before.run()
        server.script({"method": "POST", "path": "/statuses$", "do": what})
        with walk(server, text) as w:
            with pytest.raises(Lost):
                w.run()
            assert made or w.run("find")["kind"] == "retry"  # it may still come
            w.later(61)
            outcome = w.run("find")
            assert outcome["kind"] == ("done" if made else "not-found"), outcome
            if not made:
                assert w.run()["kind"] == "done"
        assert texts(server) == ["hello from before", text]


def test_a_lost_answer_in_the_middle_of_a_thread_is_found_and_gone_on_from():
    with MastodonServer(flavour="gotosocial") as server:
        server.script({"method": "POST", "path": "/statuses$", "do": "act-and-drop", "skip": 1})
        with walk(server, "same", "same", "end") as w:
            with pytest.raises(Lost):
                w.run()
            w.later(61)
            assert w.run("find")["kind"] == "not-found"  # the second was found, the third never sent
            assert w.run()["kind"] == "done"
        assert texts(server) == ["same", "same", "end"]


def test_a_post_is_found_among_many_newer_ones():
    with MastodonServer(flavour="gotosocial") as server:
        server.script({"method": "POST", "path": "/statuses$", "do": "act-and-drop"})
        with walk(server, "mine") as w:
            with pytest.raises(Lost):
                w.run()
            mind = server.server.mind
            for i in range(100):
                mind.add_status({"status": f"newer {i}"}, None)
            assert w.run("find")["kind"] == "done"
            assert w.names.count("look") == 3  # pages of 40


def test_pixelfeds_seen_key_is_in_doubt_and_looked_for():
    with MastodonServer(flavour="pixelfed") as server:
        picture = png(4, 3)
        part = {"text": "a picture", "media": [Walk.media("a.png", picture, 4, 3, "alt")]}
        server.script({"method": "POST", "path": "/statuses$", "do": "act-and-drop"})
        with walk(server, part, files={"a.png": picture}) as w:
            with pytest.raises(Lost):
                w.run()
            assert w.run()["kind"] == "unsure"  # 400 Duplicate idempotency key
            assert w.run("find")["kind"] == "done"
        assert len(server.statuses()) == 1


def test_the_server_says_no_or_not_yet(server):
    for rule, kind, scope in (({"do": "rate-limit", "reset": 30}, "retry", "account"),
                              ({"do": "answer", "status": 401, "body": ""}, "refused", "account"),
                              ({"do": "answer", "status": 500, "body": "<html>"}, "unsure", "post"),
                              ({"do": "answer", "status": 301, "headers": {"Location": server.url}}, "refused", "account")):
        server.script({"method": "POST", "path": "/statuses$"} | rule)
        with walk(server, "x") as w:
            outcome = w.run()
            assert (outcome["kind"], outcome["scope"]) == (kind, scope), outcome
            if rule["do"] == "rate-limit":
                assert 25000 < outcome["at"] - time.time() * 1000 < 31000
    with walk(server, "x" * 501) as w:
        assert w.run()["kind"] == "refused"
    assert texts(server) == []


def test_who_we_are(server):
    with walk(server, "x") as w:
        assert w.run("verify")["message"] == "@alice@127.0.0.1"
    server.configure({"token": "another"})
    with walk(server, "x") as w:
        assert w.run("verify")["reconnect"] is True
    server.configure({"token": server.token, "no_v2": True})
    with walk(server, "x") as w:
        assert w.run("verify")["kind"] == "done"

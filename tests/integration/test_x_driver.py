"""X against a scripted server: published once, whatever happens to the answers; every request as X describes it, with
the new spelling of its fields and with the old one."""
import os
import sys
import time
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from driver_walk import TOOL, Lost, Walk, png  # noqa: E402
from contract import needs_contract  # noqa: E402
from x_server import CLIENT, CLIENT_SECRET, CONSUMER, CONSUMER_SECRET, TOKEN, TOKEN_SECRET, XServer  # noqa: E402

pytestmark = pytest.mark.skipif(not TOOL.exists(), reason=f"{TOOL} is not built")
SLOT = int(time.time() * 1000)


def content(*texts, **more):
    parts = [text if isinstance(text, dict) else {"text": text} for text in texts]
    return {"parts": parts, "visibility": "public"} | more


def signed(server, *texts, files=None, **more):
    """With OAuth 1.0a."""
    return Walk("x", {"consumer_key": CONSUMER, "url": server.url},
                {"consumer_secret": CONSUMER_SECRET, "access_token": TOKEN, "access_token_secret": TOKEN_SECRET},
                content(*texts, **more), SLOT, files=files)


def logged_in(server, *texts, made=0, **more):
    """With OAuth 2, after a login so many seconds ago."""
    walk = Walk("x", {"client_id": CLIENT, "url": server.url}, {"client_secret": CLIENT_SECRET}, content(*texts, **more), SLOT)
    walk.asked["session"] = {"login": server.mind.login(made)}
    return walk


@pytest.fixture(params=["post", "tweet"])
def server(request):
    with XServer(contract="x" if request.param == "post" else None, spelling=request.param) as server:
        yield server


@needs_contract("x")
def test_a_thread_with_images_is_as_x_describes_it(server):
    one, two = png(10, 10), png(20, 10, 9)
    media = [Walk.media("a.png", one, 10, 10, "le chalet"), Walk.media("b.png", two, 20, 10, "")]
    with signed(server, {"text": "un & <deux>", "media": media}, "trois", link="https://example.org/?a=1&b=2",
                files={"a.png": one, "b.png": two}) as walk:
        outcome = walk.run()
        assert (outcome["kind"], outcome["url"]) == ("done", f"https://x.com/chalet/status/{server.mind.posts[0]['id']}")
    first, second = server.mind.posts
    assert first["told"]["text"] == "un & <deux>\n\nhttps://example.org/?a=1&b=2"
    assert first["alts"] == ["le chalet", None] and second["parent"] == first["id"]
    assert [server.mind.media[i]["bytes"] for i in first["images"]] == [one, two]


@pytest.mark.parametrize("what, made", [("act-and-drop", 1), ("half", 1), ("receive-and-drop", 0), ("drop", 0)])
@pytest.mark.parametrize("part", [0, 1])
def test_a_lost_answer_is_settled_by_looking(server, what, made, part):
    server.script({"method": "POST", "path": "/2/tweets$", "do": what, "skip": part})
    with signed(server, "un https://example.org/?a&b", "deux") as walk:
        with pytest.raises(Lost):
            walk.run()
        assert len(server.mind.posts) == part + made
        outcome = walk.run("find")
        for _ in range(3):
            if outcome["kind"] != "retry":
                break
            walk.later(130)
            outcome = walk.run("find")
        walk.asked["lost"] = False
        assert outcome["kind"] == ("done" if made and part else "not-found")
        if outcome["kind"] != "done":
            assert walk.run()["kind"] == "done"
    assert [p["told"]["text"] for p in server.mind.posts] == ["un https://example.org/?a&b", "deux"]


def test_what_x_calls_a_duplicate_after_a_doubt_is_there(server):
    server.script({"method": "POST", "path": "/2/tweets$", "do": "act-and-drop"},
                  {"method": "GET", "path": "/2/users/42/tweets", "do": "answer", "times": 2, "status": 200,
                   "value": {"meta": {"result_count": 0}}})
    with signed(server, "une fois") as walk:
        with pytest.raises(Lost):
            walk.run()
        assert walk.run("find")["kind"] == "retry"  # the list is behind
        walk.later(130)
        assert walk.run("find")["kind"] == "not-found"
        walk.asked["lost"] = False
        assert walk.run()["kind"] == "unsure"
        assert walk.run("find")["kind"] == "done"
    assert len(server.mind.posts) == 1


def test_a_token_that_ends_is_renewed_once_and_another_refusal_is_a_persons(server):
    with logged_in(server, "bonjour", made=7000) as walk:
        assert walk.run()["kind"] == "done"
        assert walk.names == ["refresh", "who we are", "publish 1/1"]
        assert walk.asked["session"]["login"]["refresh_token"] == server.mind.issued[1]["refresh_token"]
    with logged_in(server, "bonsoir", made=100) as walk:
        server.mind.access = set()  # withdrawn before its time
        assert walk.run()["kind"] == "done"
        assert walk.names == ["who we are", "refresh", "who we are", "publish 1/1"]
    with logged_in(server, "non", made=7000) as walk:
        server.mind.refresh = set()
        outcome = walk.run()
        assert (outcome["kind"], outcome["scope"], outcome["reconnect"]) == ("refused", "account", True)
    assert len(server.mind.posts) == 2


def test_who_we_are(server):
    with signed(server, "x") as walk:
        assert walk.run("verify")["message"] == "@chalet"
    with signed(server, "x") as walk:
        walk.asked["secrets"]["access_token_secret"] = "wrong"
        walk.later(1)
        assert walk.run("verify")["kind"] == "refused"

"""An endpoint is told of what is edited and deleted: where posts go, for who tells them apart by what they say, and at an
address of each post; a lost answer means the same again, under the same key, and an account without these says so."""
import json
import os
import sys
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
sys.path.insert(0, str(Path(__file__).parent))
from daemon import Daemon  # noqa: E402
from scripted import ScriptedServer  # noqa: E402
from test_delete import wait  # noqa: E402

CALENDAR = "version: 1\ntimezone: UTC\nposts: []\n"
ACCOUNTS = """\
  flow: {{network: webhook, url: "{url}/flow", edit_url: "{url}/flow", delete_url: "{url}/flow", key_header: Idempotency-Key}}
  rest: {{network: webhook, url: "{url}/posts", id: /id, edit_url: "{url}/posts/{{{{id}}}}", edit_method: PUT,
          edit_body: '{{"words": {{{{text}}}}}}', delete_url: "{url}/posts/{{{{id}}}}", delete_method: DELETE}}
  deaf: {{network: webhook, url: "{url}/deaf"}}
"""


class Endpoint:
    """/flow keeps what it is told, each key once; /posts is a store of posts."""

    def __init__(self):
        self.told, self.posts = {}, {}

    def answer(self, request):
        if request.path == "/flow":
            self.told.setdefault(request.headers["idempotency-key"], request.fields())
            return 200, {}
        if request.method == "POST":
            self.posts[f"n{len(self.posts)}"] = request.fields()["text"] if request.body else None
            return 201, {"id": f"n{len(self.posts) - 1}"}
        name = request.path.rsplit("/", 1)[1]
        if request.method == "DELETE":
            return (200, {}) if self.posts.pop(name, None) else (404, {})
        if name not in self.posts:
            return 404, {}
        self.posts[name] = request.fields()["words"]
        return 200, {}


@pytest.fixture(scope="module")
def world():
    with ScriptedServer(Endpoint()) as server, Daemon(accounts=ACCOUNTS.format(url=server.url), calendar=CALENDAR) as daemon:
        for account in ("flow", "rest", "deaf"):
            assert daemon.api("POST", "/v1/posts", {"to": [account], "id": account, "text": "teh words"}).status == 201
            daemon.wait_state(account, account, "published")
        yield daemon, server


def run(daemon, *arguments, code=0):
    done = daemon.calctl(*arguments)
    assert done.returncode == code, done
    return done.stdout + done.stderr


def change(daemon, post):
    run(daemon, "edit", post, "--yes", "--text", "the words")
    wait(lambda: daemon.delivery(post, post)["edited"], daemon)
    run(daemon, "delete", post, "--yes", "--why", "done")
    wait(lambda: daemon.delivery(post, post)["deleted"], daemon)


def test_where_posts_go_each_event_comes_once_whatever_becomes_of_its_answer(world):
    daemon, server = world
    server.script({"path": "/flow$", "do": "act-and-drop"}, {"path": "/flow$", "do": "act-and-drop", "skip": 1})
    change(daemon, "flow")
    post, edit, delete = server.mind.told.values()
    assert "event" not in post and (edit["event"], edit["text"]) == ("edit", "the words")
    assert (delete["event"], sorted(delete)) == ("delete", ["account", "event", "id", "key", "post_id", "slot"])
    assert post["key"] == edit["id"] == delete["id"] and len(server.mind.told) == 3
    assert [r.path for r in server.requests()].count("/flow") == 5  # two answers were lost


def test_at_the_post_s_own_address(world):
    daemon, server = world
    run(daemon, "edit", "rest", "--yes", "--text", "the words")
    wait(lambda: daemon.delivery("rest", "rest")["edited"], daemon)
    assert server.mind.posts["n0"] == "the words"
    server.mind.posts.pop("n0")  # somebody was quicker
    assert "not there any more" in json.dumps(change_again(daemon))
    run(daemon, "delete", "rest", "--yes", "--why", "done")
    wait(lambda: daemon.delivery("rest", "rest")["deleted"], daemon)
    assert "calctl edit flow" not in run(daemon, "explain", "flow")  # it is gone


def change_again(daemon):
    """What is said of an edit of what is not there."""
    run(daemon, "edit", "rest", "--yes", "--text", "other words")
    wait(lambda: not daemon.delivery("rest", "rest")["editing"], daemon)
    return daemon.delivery("rest", "rest")["message"]


def test_an_account_that_has_no_addresses_for_them_says_so(world):
    daemon, server = world
    before = len(server.requests())
    assert "no 'edit_url' in cald.yaml: change it there" in run(daemon, "edit", "deaf", "--yes", "--text", "x", code=5)
    assert "no 'delete_url' in cald.yaml: delete it there" in run(daemon, "delete", "deaf", "--yes", code=5)
    assert "calctl delete" not in run(daemon, "explain", "deaf") and len(server.requests()) == before

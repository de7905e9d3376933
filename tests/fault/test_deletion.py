"""A deletion whose answer was lost is repeated until the post is gone, also by another life; nothing else is ever deleted."""
import os
import sys
import time
from pathlib import Path

import pytest

SOURCE = Path(os.environ.get("CALD_SOURCE", Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests/support"))
from daemon import Daemon  # noqa: E402
from mastodon_server import MastodonServer  # noqa: E402

CALENDAR = "version: 1\ntimezone: Europe/Paris\n"
DELETE = {"method": "DELETE", "path": "/api/v1/statuses/"}


def wait(condition, daemon, patience=120):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.02)


def publish(daemon, post, texts):
    answer = daemon.api("POST", "/v1/posts", {"to": ["masto"], "at": "now", "id": post, "thread": [{"text": t} for t in texts]})
    assert answer.status == 201, answer
    daemon.wait_state(post, "masto", "published", patience=60)


def deletions(server):
    return [r["path"].rsplit("/", 1)[1] for r in server.log() if r["method"] == "DELETE"]


def standing(server):
    return [s["text"] for s in server.statuses() if not s["deleted"]]


@pytest.mark.parametrize("doing", ["act-and-drop", "receive-and-drop"])
def test_an_unanswered_deletion_is_repeated_and_nothing_else_goes(doing):
    with MastodonServer() as server:
        account = f'  masto: {{network: mastodon, url: "{server.url}", token: {{file: token}}}}\n'
        daemon = Daemon(accounts=account, calendar=CALENDAR)
        daemon.write("token", "test-token", 0o600)
        with daemon:
            publish(daemon, "other", ["one before", "and its answer"])
            publish(daemon, "p", ["to go", "with this"])
            publish(daemon, "last", ["one after"])
            kept = ["one before", "and its answer", "one after"]
            ids = {s["text"]: s["id"] for s in server.statuses()}
            server.script(DELETE | {"do": doing, "times": 1})
            assert daemon.calctl("delete", "p", "--yes").returncode == 0
            if doing == "act-and-drop":
                wait(lambda: deletions(server), daemon)
                daemon.kill()  # while it is in doubt
                daemon.start()
            wait(lambda: daemon.delivery("p", "masto")["deleted"], daemon)
            assert sorted(standing(server)) == sorted(kept)
            assert set(deletions(server)) == {ids["to go"], ids["with this"]}
            daemon.kill()
            daemon.start()
            publish(daemon, "more", ["later"])  # and it is over
            assert sorted(standing(server)) == sorted(kept + ["later"])
            assert set(deletions(server)) == {ids["to go"], ids["with this"]}


def test_an_account_that_moved_to_another_server_deletes_nothing_there():
    with MastodonServer() as one, MastodonServer() as two:
        account = '  masto: {{network: mastodon, url: "{}", token: {{file: token}}}}\n'
        daemon = Daemon(accounts=account.format(one.url), calendar=CALENDAR)
        daemon.write("token", "test-token", 0o600)
        with daemon:
            publish(daemon, "p", ["here"])
            config = daemon.config.read_text().replace(one.url, two.url.replace("127.0.0.1", "localhost"))
            daemon.stop()
            daemon.write("cald.yaml", config)
            daemon.start()
            done = daemon.calctl("delete", "p", "--yes")
            assert done.returncode == 5 and "another address" in done.stderr, done
            assert not deletions(one) and not deletions(two)

"""An edit whose answer was lost is repeated until the network says what it is to say, also by another life; nothing else is
ever changed, nothing is published twice."""
import os
import sys
from pathlib import Path

import pytest

SOURCE = Path(os.environ.get("CALD_SOURCE", Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests/support"))
sys.path.insert(0, str(Path(__file__).parent))
from daemon import Daemon  # noqa: E402
from mastodon_server import MastodonServer  # noqa: E402
from test_deletion import CALENDAR, publish, standing, wait  # noqa: E402

PUT = {"method": "PUT", "path": "/api/v1/statuses/"}


@pytest.mark.parametrize("doing", ["act-and-drop", "receive-and-drop"])
def test_an_unanswered_edit_is_repeated_and_nothing_else_changes(doing):
    with MastodonServer() as server:
        account = f'  masto: {{network: mastodon, url: "{server.url}", token: {{file: token}}}}\n'
        daemon = Daemon(accounts=account, calendar=CALENDAR)
        daemon.write("token", "test-token", 0o600)
        with daemon:
            publish(daemon, "other", ["one before", "and its answer"])
            publish(daemon, "p", ["teh typo", "and teh other"])
            ids = {s["text"]: s["id"] for s in server.statuses()}
            server.script(PUT | {"do": doing, "times": 1})
            change = {"thread": [{"text": "the typo"}, {"text": "and the other"}]}
            assert daemon.api("PATCH", "/v1/posts/p?published=true", change).status == 200
            wait(lambda: any(r["method"] == "PUT" for r in server.log()), daemon)
            if doing == "act-and-drop":
                daemon.kill()  # while it is in doubt
                daemon.start()
            wait(lambda: daemon.delivery("p", "masto")["edited"], daemon)
            daemon.kill()
            daemon.start()
            publish(daemon, "more", ["later"])  # and it is over
            assert standing(server) == ["one before", "and its answer", "the typo", "and the other", "later"]
            changed = [r["path"].rsplit("/", 1)[1] for r in server.log() if r["method"] == "PUT"]
            assert set(changed) == {ids["teh typo"], ids["and teh other"]} and len(changed) > 2
            seen = [s.get("edits", []) for s in server.statuses()]  # a repeated one changes nothing
            assert seen == [[], [], ["teh typo"], ["and teh other"], []]
            assert daemon.delivery("p", "masto")["content"]["parts"][1]["text"] == "and the other"

"""A post that is cancelled after its preparation leaves nothing on the site, whatever dies in between."""
import datetime
import os
import sys
import time
import zoneinfo
from pathlib import Path

import pytest

SOURCE = Path(os.environ["CALD_SOURCE"])
sys.path.insert(0, str(SOURCE / "tests/support"))
from daemon import Daemon  # noqa: E402
from pictures import png  # noqa: E402
from wordpress_server import PASSWORD, USER, WordPressServer  # noqa: E402

ACCOUNT = """\
  blog: {{network: wordpress, url: "{url}", user: {user}, application_password: {{file: password}}}}
"""
HEAD = "version: 1\ntimezone: Europe/Paris\nposts:\n"
FAR = '  - {id: far, at: "2035-01-01 09:00", to: [blog], text: far}\n'


def entry(id):
    at = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Paris")) + datetime.timedelta(minutes=4)
    return (f'  - {{id: {id}, at: "{at:%Y-%m-%d %H:%M:%S}", to: [blog], title: {id}, text: Soon., '
            f"media: [{{file: dot.png, alt: a dot}}]}}\n")


def wait_for(condition, daemon, patience=20):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.02)


@pytest.fixture
def site(tmp_path):
    """A site with two prepared posts, and cald."""
    with WordPressServer(tmp_path / "requests") as server:
        daemon = Daemon(accounts=ACCOUNT.format(url=server.url, user=USER), calendar=HEAD + FAR + entry("one") + entry("two"))
        daemon.write("password", PASSWORD, 0o600)
        daemon.write("dot.png", png(4, 3, 1))
        with daemon:
            wait_for(lambda: sum(bool(p.get("content")) for p in server.mind.posts.values()) == 2, daemon)
            yield server.mind, daemon


def titles(mind):
    return sorted(post["title"] for post in mind.posts.values())


def test_a_cancelled_post_s_draft_and_images_go_and_the_others_stay(site):
    mind, daemon = site
    assert daemon.calctl("cancel", "one").returncode == 0
    wait_for(lambda: titles(mind) == ["two"] and len(mind.media) == 1, daemon)
    wait_for(lambda: "its draft in WordPress was deleted" in daemon.calctl("history", "one").stdout, daemon)
    assert daemon.delivery("one", "blog")["state"] == "cancelled"
    assert daemon.calctl("retry", "one").returncode == 0  # a person thinks better of it
    wait_for(lambda: titles(mind) == ["one", "two"] and len(mind.media) == 2, daemon)
    daemon.write("calendar.yaml", HEAD + FAR)  # and the file has the last word
    wait_for(lambda: not mind.posts and not mind.media, daemon)


def test_what_was_cancelled_before_a_death_goes_after_it(site):
    mind, daemon = site
    mind.drops = True  # no deletion is answered
    answer = mind.answer

    def deaf(request):
        while request.method == "DELETE" and mind.drops:
            time.sleep(0.05)
        return answer(request)
    mind.answer = deaf
    daemon.calctl("cancel", "one")
    wait_for(lambda: "find what to discard" in daemon.log(), daemon)
    daemon.kill()
    mind.drops = False
    daemon.start()
    wait_for(lambda: titles(mind) == ["two"] and len(mind.media) == 1, daemon)

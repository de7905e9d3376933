"""calctl preview, and the same over the API: a post as each network will show and count it."""
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import ACCOUNTS, CALCTL  # noqa: E402
from openapi import CheckedDaemon  # noqa: E402
from pictures import png  # noqa: E402

MORE = """\
  toot: {network: mastodon, url: "https://m.example", max_characters: 50, token: {file: secret}}
  sky: {network: bluesky, handle: me.example.org, app_password: {file: secret}}
"""
CALENDAR = """\
version: 1
timezone: Europe/Paris
posts:
  - id: snow
    at: 2035-01-01 09:00
    to: [toot, sky, site]
    text: "Il neige #Col @anna https://example.org/une-longue-adresse-de-la-page"
    media: [{file: p.png, alt: "Le toit"}]
    variants:
      sky: {thread: ["Un 👩‍👩‍👧", "Deux"]}
      site: {title: "Neige", body: "Un *article*."}
  - {id: long, at: 2035-01-02 09:00, to: [toot], text: "Des mots assez longs pour que la limite de cinquante les coupe."}
"""
CHARTER = "version: 1\nchecks: {hashtags: {max: 0}}\n"


@pytest.fixture()
def daemon():
    made = CheckedDaemon(accounts=ACCOUNTS + MORE, calendar=CALENDAR, charter=CHARTER)
    made.write("secret", "a-secret\n", 0o600)
    made.write("p.png", png(40, 30, 100))
    return made


def preview(daemon, *words, input=None):
    done = subprocess.run([CALCTL, "--config", daemon.config, *words], capture_output=True, text=True, input=input)
    return done, {i["account"]: i for i in json.loads(done.stdout)["items"]} if "--json" in words else None


def test_a_post_of_the_calendar_is_shown_without_the_daemon(daemon):
    done, shown = preview(daemon, "--json", "preview", "snow")
    assert done.returncode == 0 and set(shown) == {"toot", "sky", "site"}, done.stderr
    part = shown["toot"]["parts"][0]
    # a link counts 23 on Mastodon, however long it is
    assert part["length"] == len("Il neige #Col @anna ") + 23 and part["limit"] == 50 and part["fits"] and part["cut"] is None
    assert [(e["kind"], e["counts"]) for e in part["entities"]] == [("hashtag", 4), ("mention", 5), ("link", 23)]
    assert [(m["file"], m["type"], m["width"], m["height"], m["alt"], m["alt_length"]) for m in part["media"]] == [
        ("p.png", "image/png", 40, 30, "Le toit", 7)]
    assert [f["rule"] for f in shown["toot"]["findings"]] == ["hashtags"]
    sky = shown["sky"]["parts"]
    assert [(p["number"], p["of"], p["text"], p["length"]) for p in sky] == [(1, 2, "Un 👩‍👩‍👧", 4), (2, 2, "Deux", 4)]
    assert shown["site"]["fields"]["title"] == "Neige" and shown["site"]["article"] == "Un *article*."
    assert shown["sky"]["limits"]["images"] == 4 and "title" not in shown["sky"]["fields"]


def test_where_the_limit_cuts_is_shown_and_it_is_an_error(daemon):
    done, shown = preview(daemon, "--json", "preview", "long")
    part = shown["toot"]["parts"][0]
    assert done.returncode == 1 and not part["fits"] and part["cut"] == 50 and part["length"] == 63
    done, _ = preview(daemon, "preview", "long")
    text = part["text"]
    assert done.returncode == 1 and f"  | {text[:50].rstrip()}" in done.stdout and f"  x {text[50:]}" in done.stdout
    assert "63 of 50 graphemes, too long" in done.stdout


def test_a_cut_leaves_characters_whole(daemon):
    _, shown = preview(daemon, "--json", "preview", "-", "-t", "sky", input="é" * 400 + "\n")
    assert shown["sky"]["parts"][0]["cut"] == 600  # 300 letters of two bytes


def test_a_text_goes_to_the_accounts_that_are_named(daemon, tmp_path):
    done, shown = preview(daemon, "--json", "preview", "-", "--account", "toot,site", input="Bonjour\n")
    assert done.returncode == 0 and set(shown) == {"toot", "site"} and shown["toot"]["parts"][0]["text"] == "Bonjour"
    path = tmp_path / "post"
    path.write_text(json.dumps({"to": ["sky"], "thread": ["Un", "Deux"]}))
    done, shown = preview(daemon, "--json", "preview", path)
    assert list(shown) == ["sky"] and len(shown["sky"]["parts"]) == 2
    path.write_text(json.dumps({"to": ["skyy"], "text": "x"}))
    done, _ = preview(daemon, "preview", path)
    assert done.returncode == 1 and "skyy" in done.stderr and "sky" in done.stderr
    assert preview(daemon, "preview", "snow", "-t", "other")[0].returncode == 4
    done, _ = preview(daemon, "preview", "snow", "-t", "skyy")
    assert done.returncode == 4 and "unknown account 'skyy', did you mean 'sky'?" in done.stderr
    assert preview(daemon, "preview", "nothing-of-that-name")[0].returncode == 3  # nobody to ask


def test_the_api_shows_the_same_and_what_only_the_queue_has(daemon):
    _, offline = preview(daemon, "--json", "preview", "snow")
    daemon.write("calendar.yaml", CALENDAR[:CALENDAR.index("  - {id: long")])
    with daemon:
        daemon.api("POST", "/v1/posts", {"id": "mine", "to": ["other"], "at": "2035-02-01 09:00", "text": "À moi."})
        done, shown = preview(daemon, "--json", "preview", "mine")
        assert done.returncode == 0 and shown["other"]["parts"][0]["text"] == "À moi.", done.stderr
        stored = daemon.api("GET", "/v1/posts/snow/preview").json["items"]
        assert {i["account"]: i["parts"] for i in stored} == {name: i["parts"] for name, i in offline.items()}
        assert [i["account"] for i in daemon.api("GET", "/v1/posts/snow/preview?account=sky").json["items"]] == ["sky"]
        new = daemon.api("POST", "/v1/preview", {"to": ["sky"], "text": "Bonjour @anna.example.org"})
        assert new.json["items"][0]["parts"][0]["entities"][0]["kind"] == "mention"
        assert daemon.api("POST", "/v1/preview", {"to": ["skyy"], "text": "x"}).status == 422
        assert daemon.api("GET", "/v1/posts/nothing/preview").status == 404
        assert len(daemon.api("GET", "/v1/deliveries?limit=100").json["items"]) == 4  # nothing was added
        author, viewer = daemon.token("anna", "author"), daemon.token("zoe", "viewer")
        for token, status in ((author, 200), (viewer, 403)):
            assert daemon.api("POST", "/v1/preview", {"to": ["sky"], "text": "x"}, tcp=True, token=token).status == status


def test_a_terminal_breaks_lines_between_words(daemon):
    import fcntl
    import struct
    import termios
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    done = subprocess.Popen([CALCTL, "--config", daemon.config, "--no-color", "preview", "long"], stdout=slave, stdin=slave)
    os.close(slave)
    said = b""
    while True:
        try:
            some = os.read(master, 4096)
        except OSError:
            break
        if not some:
            break
        said += some
    os.close(master)
    assert done.wait(20) == 1
    lines = [line.rstrip() for line in said.decode().splitlines() if line.startswith("  | ")]
    assert len(lines) == 2 and all(len(line) <= 40 for line in lines) and lines[0] == "  | Des mots assez longs pour que la"

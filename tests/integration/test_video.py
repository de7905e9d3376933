"""Videos as a user has them: recognised by their bytes, judged before their time, shown in the preview, sent as they are."""
import json
import os
import subprocess
import sys
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from daemon import CALCTL  # noqa: E402
from films import film  # noqa: E402
from openapi import CheckedDaemon  # noqa: E402
from scripted import ScriptedServer  # noqa: E402

HEAD = "version: 1\ntimezone: UTC\n"
POST = """\
posts:
  - {{id: film, at: 2035-01-01 09:00, to: [{to}], text: Le col, media: [{{file: {file}, alt: Le col sous la neige}}]}}
"""


class Mind:
    @staticmethod
    def answer(_):
        return 200, {"id": "7"}


@pytest.fixture
def house():
    with ScriptedServer(Mind()) as server:
        daemon = CheckedDaemon(
            accounts=f"""\
  hook: {{network: webhook, url: "{server.url}", content_type: multipart/form-data, file_field: "media{{{{index}}}}",
          fields: {{text: "{{{{text}}}}"}}, id: /id}}
  site: {{network: feed, title: Site, url: "https://news.example.org"}}
""", calendar=HEAD, charter="version: 1\n")
        daemon.server = server
        yield daemon


def calctl(daemon, *words):
    return subprocess.run([CALCTL, "--config", daemon.config, *words], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name, data, to, words", [
    ("a.mp4", film(size=100), "hook", None),
    ("phone.mov", film(1920, 1080, turned=True, brand=b"qt  ", moov_last=True, size=100), "hook", None),
    ("a.mp4", film(size=100)[:-60], "hook", "'a.mp4' is cut off or damaged: its 'mdat' at byte"),
    ("a.mp4", film(size=100, moov_last=True)[:128], "hook", "'a.mp4' holds no film ('moov' is missing)"),
    ("a.webm", b"\x1a\x45\xdf\xa3" + bytes(200), "hook", "'a.webm' is not a PNG, JPEG, GIF or WebP image, nor an MP4 or QuickTime video"),
    ("a.mp4", film(size=100), "site", "feed takes no videos"),
], ids=["mp4", "quicktime", "cut off", "not ended", "webm", "nowhere to show it"])
def test_a_video_is_judged_when_it_is_planned(house, name, data, to, words):
    house.write(name, data)
    house.write("calendar.yaml", HEAD + POST.format(to=to, file=name))
    done = calctl(house, "check")
    assert done.returncode == (1 if words else 0) and (words or "") in done.stdout + done.stderr, done
    assert (done.stdout + done.stderr).count(name) <= 2  # said once, with what is wrong


def test_a_video_is_previewed_and_sent_as_it_is(house):
    data = film(1920, 1080, 12.34, turned=True, moov_last=True, size=300000)
    house.write("col.mp4", data)
    house.write("calendar.yaml", HEAD + POST.format(to="hook", file="col.mp4"))
    shown = json.loads(calctl(house, "--json", "preview", "film").stdout)["items"][0]
    media = shown["parts"][0]["media"][0]
    assert (media["type"], media["width"], media["height"], media["length_ms"], media["codec"], media["sound"]) == (
        "video/mp4", 1080, 1920, 12340, "avc1", "mp4a")
    assert shown["limits"]["video"]["videos"] == 50
    assert "video    col.mp4, 1080 × 1920" in calctl(house, "preview", "film").stdout
    with house:
        kept = house.api("POST", "/v1/media", data, {"Content-Type": "application/octet-stream"})
        assert kept.status == 201 and kept.json["mime"] == "video/mp4" and kept.json["length_ms"] == 12340
        house.api("POST", "/v1/posts", {"id": "now", "to": ["hook"], "text": "Maintenant", "media": [
            {"file": kept.json["file"], "alt": "Le col"}]})
        house.wait_state("now", "hook", "published")
        request = next(r for r in house.server.requests() if r.method == "POST")
        assert house.api("GET", "/v1/posts/film/preview").json["items"][0]["parts"][0]["media"] == [media]
        assert house.api("GET", "/v1/deliveries?limit=10").status == 200
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = list(BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts())
    assert [p.get_content_type() for p in parts] == ["text/plain", "video/mp4"]
    assert parts[1].get_payload(decode=True) == data

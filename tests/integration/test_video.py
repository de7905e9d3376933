"""Videos as a user has them: recognised by their bytes, judged before their time, shown in the preview, sent as they are."""
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import urllib.parse
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path

import pytest
from PIL import Image

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from daemon import CALCTL, Daemon  # noqa: E402
from films import film  # noqa: E402
from openapi import CheckedDaemon  # noqa: E402
from chat_servers import Telegram, TelegramServer  # noqa: E402
from bluesky_server import HANDLE, PASSWORD, BlueskyServer  # noqa: E402
from contract import Contract, parts_of  # noqa: E402
from mastodon_server import MastodonServer  # noqa: E402
from scripted import ScriptedServer  # noqa: E402
from x_server import CONSUMER, CONSUMER_SECRET, TOKEN, TOKEN_SECRET, XServer  # noqa: E402

sys.path.insert(0, str(SUPPORT.parent / "integration"))
from test_graph import LISTENER, TOKENS, Graph, accounts as graph_accounts  # noqa: E402

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
  dev: {{network: devto, api_key: {{file: dev.secret}}}}
""", calendar=HEAD, charter="version: 1\n")
        daemon.server = server
        daemon.write("dev.secret", "x\n", 0o600)
        yield daemon


def photo():
    out = io.BytesIO()
    Image.effect_noise((40, 30), 60).save(out, "JPEG")
    return out.getvalue()


def calctl(daemon, *words):
    return subprocess.run([CALCTL, "--config", daemon.config, *words], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name, data, to, words", [
    ("a.mp4", film(size=100), "hook", None),
    ("phone.mov", film(1920, 1080, turned=True, brand=b"qt  ", moov_last=True, size=100), "hook", None),
    ("a.mp4", film(size=100)[:-60], "hook", "'a.mp4' is cut off or damaged: its 'mdat' at byte"),
    ("a.mp4", film(size=100, moov_last=True)[:128], "hook", "'a.mp4' holds no film ('moov' is missing)"),
    ("a.webm", b"\x1a\x45\xdf\xa3" + bytes(200), "hook", "'a.webm' is a WebM or Matroska video: export it as MP4"),
    ("a.jpg", photo(), "hook, site", None),
    ("a.jpg", photo()[:-2], "hook", "'a.jpg' is cut off: the end of the picture is missing"),
    ("a.mp4", film(size=100), "dev", "devto takes no videos"),
    ("a.pdf", b"%PDF-1.7\n%%EOF", "dev", "devto takes no documents"),
    ("a.pdf", b"%PDF-1.7\n%%EOF" + bytes(1024), "hook", "'a.pdf' is cut off or damaged: a PDF has '%%EOF' at its end"),
    ("a.pdf", b"%PDF-1.7\n%%EOF\n", "hook, site", None),
], ids=["mp4", "quicktime", "cut off", "not ended", "webm", "picture", "half a picture", "nowhere to show it", "nowhere to show a document",
        "half a document", "document"])
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
        house.api("POST", "/v1/posts", {"id": "now", "to": ["hook", "site"], "text": "Maintenant", "media": [
            {"file": kept.json["file"], "alt": "Le col"}]})
        house.wait_state("now", "hook", "published")
        house.wait_state("now", "site", "published")
        entry = house.api("GET", "/feed/site/feed.json", tcp=True).json["items"][0]
        assert [(a["mime_type"], a["size_in_bytes"]) for a in entry["attachments"]] == [("video/mp4", len(data))] and "image" not in entry
        assert '<video controls="controls"' in entry["content_html"] and 'title="Le col"' in entry["content_html"]
        served = house.api("GET", urllib.parse.urlsplit(entry["attachments"][0]["url"]).path, tcp=True)
        assert served.body == data and served.headers["content-type"] == "video/mp4"
        request = next(r for r in house.server.requests() if r.method == "POST")
        assert house.api("GET", "/v1/posts/film/preview").json["items"][0]["parts"][0]["media"] == [media]
        assert house.api("GET", "/v1/deliveries?limit=10").status == 200
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = list(BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts())
    assert [p.get_content_type() for p in parts] == ["text/plain", "video/mp4"]
    assert parts[1].get_payload(decode=True) == data


# ---- the networks that take videos ----

class Meta(Graph):
    """Reels, videos on Threads, and a page's video, sent in a session in pieces of the page's choice."""

    def __init__(self):
        super().__init__()
        self.sessions, self.quota = {}, 100

    def container(self, fields):
        if "video_url" in fields:
            answer, body = self.fetch(fields["video_url"])
            assert answer.status == 200 and answer.getheader("Content-Type") == "video/mp4"
            self.fetched.append((fields["media_type"], body))
        return super().container(fields)

    def piece(self, session):
        start = len(session["bytes"])
        return {"start_offset": str(start), "end_offset": str(min(start + 200000, session["size"]))}

    def videos(self, request):
        fields = parts_of(request) if "multipart" in request.headers["content-type"] else \
            dict(urllib.parse.parse_qsl(request.body.decode()))
        if fields["upload_phase"] == "start":
            number = self.new_id()
            self.sessions[number] = {"id": number, "size": int(fields["file_size"]), "bytes": b"", "description": None, "asked": 0}
            return 200, {"video_id": number, "upload_session_id": number} | self.piece(self.sessions[number])
        session = self.sessions[fields["upload_session_id"]]
        if fields["upload_phase"] == "transfer":
            assert int(fields["start_offset"]) == len(session["bytes"])
            session["bytes"] += fields["video_file_chunk"]
            return 200, self.piece(session)
        assert fields["upload_phase"] == "finish" and len(session["bytes"]) == session["size"]
        session["description"] = fields.get("description")
        return 200, {"success": True}

    def answer(self, request):
        *_, node = request.path.split("/")
        if node == "videos":
            assert request.headers["authorization"] == f"Bearer {TOKENS['page']}"
            return self.videos(request)
        if node in self.sessions:
            done = self.sessions[node]["description"] is not None
            return 200, {"id": node, "permalink_url": f"/77/videos/{node}/", "status": {
                "video_status": "ready" if done else "uploading"}}
        return super().answer(request)


@pytest.fixture
def everywhere():
    with ScriptedServer(Meta()) as graph, MastodonServer(processing=0.3) as mastodon, TelegramServer() as telegram, \
            XServer() as x, BlueskyServer(None, Contract.find("atproto")) as sky:
        daemon = Daemon(accounts=graph_accounts(graph.url) + f"""\
  toot: {{network: mastodon, url: "{mastodon.url}", token: {{file: toot.token}}}}
  chat: {{network: telegram, url: "{telegram.url}", chat: "@chalet", token: {{file: chat.token}}}}
  sky: {{network: bluesky, url: "{sky.url}", video_url: "{sky.url}", handle: {HANDLE}, app_password: {{file: sky.secret}}}}
  x: {{network: x, url: "{x.url}", consumer_key: {CONSUMER}, consumer_secret: {{file: x.one}}, access_token: {{file: x.two}},
      access_token_secret: {{file: x.three}}}}
""", calendar=HEAD, charter="version: 1\n", settings=LISTENER)
        for name, secret in {**TOKENS, "toot": mastodon.token, "chat": Telegram.TOKEN}.items():
            daemon.write(f"{name}.token", secret + "\n", 0o600)
        for name, secret in (("one", CONSUMER_SECRET), ("two", TOKEN), ("three", TOKEN_SECRET)):
            daemon.write(f"x.{name}", secret + "\n", 0o600)
        daemon.write("sky.secret", PASSWORD + "\n", 0o600)
        daemon.servers = {"sky": sky, "graph": graph, "mastodon": mastodon, "telegram": telegram, "x": x}
        with daemon:
            graph.mind.port = int(re.search(r"served on http://127\.0\.0\.1:(\d+)/", daemon.log()).group(1))
            yield daemon
        for request in graph.requests():
            judge = Contract.find("threads" if request.path.startswith("/v1.0/") else "meta")
            assert not judge or request.method == "HEAD" or judge.complaints(request) == []


def test_a_video_goes_to_each_network_that_takes_it(everywhere):
    data, servers = film(1080, 1920, 12.0, size=500000), everywhere.servers
    digest = hashlib.sha256(data).hexdigest()
    file = everywhere.api("POST", "/v1/media", data, {"Content-Type": "application/octet-stream"}).json["file"]
    to = ["page", "insta", "threads", "toot", "chat", "x", "sky"]
    made = everywhere.api("POST", "/v1/posts", {"id": "film", "to": to, "text": "Le col", "media": [
        {"file": file, "alt": "Le col sous la neige"}]})
    assert made.status == 201, made
    urls = {name: everywhere.wait_state("film", name, "published", 60)["url"] for name in to}
    graph, x = servers["graph"].mind, servers["x"].mind
    assert sorted(graph.fetched) == [("REELS", data), ("VIDEO", data)]
    assert [(p["kind"], p["media_type"], p.get("alt_text")) for p in sorted(graph.posts, key=lambda p: p["kind"])] == [
        ("insta", "REELS", None), ("threads", "VIDEO", "Le col sous la neige")]
    page = list(graph.sessions.values())
    assert [(one["bytes"] == data, one["description"]) for one in page] == [(True, "Le col")]
    assert urls["page"] == f"https://www.facebook.com/77/videos/{page[0]['id']}/"
    media = list(servers["mastodon"].server.mind.media.values())
    assert [(one["sha256"], one["description"], bool(one["status"])) for one in media] == [(digest, "Le col sous la neige", True)]
    assert servers["telegram"].mind.files == [("sendVideo", "video", data)]
    assert [x.media[i]["bytes"] == data and x.media[i]["kind"] for i in x.posts[0]["images"]] == ["tweet_video"]
    (job,), (record,) = servers["sky"].mind.jobs.values(), servers["sky"].mind.records.values()
    assert job["bytes"] == data and record["record"]["embed"]["$type"] == "app.bsky.embed.video"
    assert (record["record"]["embed"]["alt"], record["record"]["embed"]["aspectRatio"]) == ("Le col sous la neige", {"width": 1080, "height": 1920})


def test_a_video_on_bluesky_whose_answers_are_lost_is_processed_and_published_once(everywhere):
    sky = everywhere.servers["sky"]
    sky.script({"method": "POST", "path": "uploadVideo$", "do": "act-and-drop"}, {"method": "POST", "path": "putRecord$", "do": "act-and-drop"})
    file = everywhere.api("POST", "/v1/media", film(size=100000), {"Content-Type": "application/octet-stream"}).json["file"]
    everywhere.api("POST", "/v1/posts", {"id": "film", "to": ["sky"], "text": "Le col", "media": [{"file": file, "alt": "x"}]})
    everywhere.wait_state("film", "sky", "published", 60)
    assert len(sky.mind.jobs) == len(sky.mind.records) == 1
    assert not any(lent in everywhere.log() for lent in sky.mind.service)


def test_a_page_video_whose_end_was_not_answered_is_published_once(everywhere):
    everywhere.servers["graph"].script({"method": "POST", "path": "/videos$", "skip": 2, "do": "act-and-drop"})
    data = film(size=100000)
    file = everywhere.api("POST", "/v1/media", data, {"Content-Type": "application/octet-stream"}).json["file"]
    everywhere.api("POST", "/v1/posts", {"id": "film", "to": ["page"], "text": "Le col", "media": [{"file": file, "alt": "x"}]})
    everywhere.wait_state("film", "page", "published", 60)
    ends = [r for r in everywhere.servers["graph"].requests() if b"upload_phase=finish" in r.body]
    assert len(ends) == 1 and len(everywhere.servers["graph"].mind.sessions) == 1

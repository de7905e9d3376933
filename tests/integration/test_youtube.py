"""YouTube as a user has it: a login, a video uploaded in pieces through breaks and a kill, shown at the slot; what YouTube
keeps private is told; each request as Google's own description has it, where that is at hand."""
import base64
import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from contract import Contract  # noqa: E402
from daemon import CALCTL, Daemon  # noqa: E402
from films import film  # noqa: E402
from scripted import Refused, ScriptedServer  # noqa: E402

FILM = film(size=34 << 20)  # more than a piece
JPEG = (b"\xff\xd8\xff\xc0\x00\x0b\x08" + (600).to_bytes(2, "big") + (800).to_bytes(2, "big") + b"\x01\x01\x11\x00"
        + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x55" * 500 + b"\xff\xd9")
SECRET = "google-client-secret"


class YouTube:
    """Uploads by an address of their own, videos, the token endpoint; Google's limits of a piece."""

    def __init__(self):
        self.url, self.codes, self.tokens, self.uploads, self.videos = None, {}, [], {}, {}
        self.audited, self.polls, self.life, self.keep = True, 0, 3600, None  # keep: bytes of the next piece; None: all

    # ---- the login ----

    def agree(self, url):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        assert query["access_type"] == "offline" and query["prompt"] == "consent" and "youtube.upload" in query["scope"]
        self.codes["4/code"] = query
        return f"{query['redirect_uri']}?state={query['state']}&code=4/code\n"

    def token(self, request):
        form = dict(urllib.parse.parse_qsl(request.body.decode()))
        assert (form["client_id"], form["client_secret"]) == ("app", SECRET)
        self.tokens.append(f"ya29.access-{len(self.tokens):04}")
        answer = {"access_token": self.tokens[-1], "expires_in": self.life, "token_type": "Bearer"}
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != "1//refresh-0001":
                raise Refused(400, {"error": "invalid_grant"})
            return 200, answer  # Google does not tell it anew
        query = self.codes.pop(form["code"])
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        assert query["code_challenge"] == digest and query["redirect_uri"] == form["redirect_uri"]
        return 200, answer | {"refresh_token": "1//refresh-0001", "scope": query["scope"]}

    # ---- uploads ----

    def open(self, request):
        assert request.headers["x-upload-content-type"] == "video/mp4"
        name = f"u{len(self.uploads)}"
        self.uploads[name] = {"body": request.fields(), "size": int(request.headers["x-upload-content-length"]), "kept": b""}
        return 200, {}, {"Location": f"{self.url}/upload/youtube/v3/videos?uploadType=resumable&upload_id={name}"}

    def put(self, upload, request):
        span, total = request.headers["content-range"].removeprefix("bytes ").split("/")
        assert int(total) == upload["size"]
        if span != "*":
            first, last = map(int, span.split("-"))
            assert first == len(upload["kept"]) and last + 1 - first == len(request.body)
            assert len(request.body) % (256 << 10) == 0 or last + 1 == upload["size"]
            upload["kept"] += request.body[:self.keep]
            self.keep = None
        if len(upload["kept"]) == upload["size"]:
            return 200, self.made(upload)
        kept = len(upload["kept"])
        return 308, {}, {"Range": f"bytes=0-{kept - 1}"} if kept else {}

    def made(self, upload):
        if "video" not in upload:
            upload["video"] = f"v{len(self.videos)}"
            self.videos[upload["video"]] = {"id": upload["video"], **upload["body"], "polls": self.polls}
        return self.videos[upload["video"]]

    def list(self, video):
        if video is None:
            return 200, {"items": []}
        video["polls"] -= 1
        return 200, {"items": [{"id": video["id"], "status": video["status"] | {
            "uploadStatus": "processed" if video["polls"] < 0 else "uploaded"}}]}

    def answer(self, request):
        if request.path == "/token":
            return self.token(request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens[-1:]:
            raise Refused(401, {"error": {"code": 401, "message": "Invalid Credentials", "errors": [{"reason": "authError"}]}})
        if "upload_id" in request.query:
            return self.put(self.uploads[request.query["upload_id"]], request)
        if request.path == "/upload/youtube/v3/videos":
            return self.open(request)
        if request.path == "/upload/youtube/v3/thumbnails/set":
            self.videos[request.query["videoId"]]["thumbnail"] = request.body
            return 200, {"kind": "youtube#thumbnailSetResponse"}
        if request.path == "/youtube/v3/channels":
            return 200, {"items": [{"id": "UC1", "snippet": {"title": "Chalet"},
                                    "contentDetails": {"relatedPlaylists": {"uploads": "UU1"}}}]}
        video = self.videos.get(request.query.get("id") or request.fields()["id"])
        if request.method == "DELETE":
            del self.videos[video["id"]]
            return 204, {}
        if request.method == "PUT":
            video["status"] = request.fields()["status"] | ({} if self.audited else {"privacyStatus": "private"})
            return 200, {"id": video["id"], "status": video["status"]}
        return self.list(video)


class House:
    def __init__(self):
        self.tube = YouTube()

    def __enter__(self):
        self.server = ScriptedServer(self.tube).__enter__()
        self.daemon = Daemon(accounts=f"  tube: {{network: youtube, url: '{self.server.url}', client_id: app, "
                             "client_secret: {file: client.secret}, spacing: 0s}\n",
                             calendar="version: 1\ntimezone: UTC\n", charter="version: 1\n")
        self.daemon.write("client.secret", SECRET + "\n", 0o600)
        self.daemon.write("col.mp4", FILM)
        self.daemon.write("col.jpg", JPEG)
        self.daemon.__enter__()
        self.login()
        return self

    def __exit__(self, kind, *rest):
        try:
            self.daemon.__exit__(kind, *rest)
            assert SECRET not in self.daemon.log() and "1//refresh" not in self.daemon.log()
            if kind is None:
                self.hold_against_description()
        finally:
            self.server.__exit__(kind, *rest)

    def hold_against_description(self):
        judge = Contract.find("youtube")
        for request in self.server.requests():
            if judge and request.method != "HEAD" and request.path != "/token" and "upload_id" not in request.query:
                assert judge.complaints(request) == []

    def login(self):
        visit = subprocess.Popen([str(CALCTL), "--config", str(self.daemon.config), "login", "tube", "--stdin"], text=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        url = next(line.strip() for line in visit.stderr if line.strip().startswith("http"))
        out, err = visit.communicate(self.tube.agree(url), timeout=60)
        assert visit.returncode == 0 and "Chalet" in out, (out, err)

    def post(self, id, **more):
        entry = {"id": id, "at": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()), "to": ["tube"], "title": "Le col",
                 "text": "Sous la neige.", "tags": ["hiver"],
                 "media": [{"file": "col.mp4", "alt": "Le col"}, {"file": "col.jpg", "alt": "Le col"}]} | more
        self.daemon.write("calendar.yaml", "version: 1\ntimezone: UTC\nposts: " + json.dumps([entry]) + "\n")
        done = self.daemon.calctl("reload")
        assert done.returncode == 0, done.stdout + done.stderr

    def sent(self, method, path):
        return [r for r in self.server.requests() if r.method == method and path in r.path]


@pytest.fixture
def house():
    with House() as one:
        yield one


def test_a_video_is_uploaded_through_a_break_and_shown_once(house):
    house.tube.keep = 5 << 20
    house.server.script({"method": "PUT", "path": "upload_id", "do": "act-and-drop"})
    house.post("film")
    done = house.daemon.wait_state("film", "tube", "published", 60)
    assert done["url"] == "https://www.youtube.com/watch?v=v0"
    upload, video = house.tube.uploads["u0"], house.tube.videos["v0"]
    assert len(house.tube.uploads) == 1 and upload["kept"] == FILM
    assert upload["body"]["snippet"] == {"title": "Le col", "description": "Sous la neige.", "tags": ["hiver"], "categoryId": "22"}
    assert upload["body"]["status"]["privacyStatus"] == "private" and video["status"]["privacyStatus"] == "public"
    assert video["thumbnail"] == JPEG and len(house.sent("PUT", "/youtube/v3/videos")) >= 1
    told = json.dumps(house.daemon.api("GET", "/v1/deliveries/film/tube/history").json)
    assert "upload" in told and "upload_id" not in told and "upload_id" not in house.daemon.log()
    checked = house.daemon.calctl("accounts", "--check", "tube")
    assert checked.returncode == 0 and "Chalet; " in checked.stdout and "1 of 100 uploads of today" in checked.stdout


def test_a_killed_daemon_goes_on_where_the_upload_was(house):
    house.tube.keep = 6 << 20
    house.server.script({"method": "PUT", "path": "upload_id", "do": "act-and-drop"},
                        {"method": "PUT", "path": "upload_id", "skip": 1, "do": "answer", "status": 503, "times": -1})
    house.post("film")
    end = time.monotonic() + 30
    while len(house.sent("PUT", "/upload/")) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    house.daemon.kill()
    with house.server.server.lock:
        house.server.server.rules.clear()
    before = len(house.server.requests())
    house.daemon.start()
    house.daemon.wait_state("film", "tube", "published", 60)
    first = next(r for r in house.server.requests()[before:] if "upload_id" in r.query)
    assert first.headers["content-range"] == f"bytes */{len(FILM)}"  # asked, before anything is sent
    assert len(house.tube.uploads) == 1 and house.tube.uploads["u0"]["kept"] == FILM


def test_what_youtube_keeps_private_is_told(house):
    house.tube.audited = False
    house.post("film")
    refused = house.daemon.wait_state("film", "tube", "refused", 60)
    assert "has not audited: it is at https://studio.youtube.com/video/v0/edit" in json.dumps(house.daemon.api("GET", "/v1/deliveries/film/tube").json), refused
    assert house.daemon.calctl("status").returncode != 0


def test_a_token_that_ends_is_renewed_and_a_cancelled_video_is_taken_back(house):
    house.tube.polls = 10 ** 6  # it is never done with
    house.tube.life = 1
    house.login()
    time.sleep(1)  # its life
    house.tube.life = 3600
    later = time.strftime("%Y-%m-%d %H:%M", time.gmtime(time.time() + 1800))
    house.post("film", at=later)  # half an hour ahead: videos take their time
    end = time.monotonic() + 60
    while not house.tube.videos and time.monotonic() < end:
        time.sleep(0.05)
    assert house.tube.videos and [r for r in house.sent("POST", "/token") if b"refresh_token" in r.body]
    assert house.daemon.calctl("cancel", "film").returncode == 0
    while house.tube.videos and time.monotonic() < end:
        time.sleep(0.05)
    assert not house.tube.videos and len(house.sent("DELETE", "/youtube/v3/videos")) == 1

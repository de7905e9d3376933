"""Bluesky's driver against the reference PDS: the records it makes, and what it makes of the server's answers."""
import base64
import hashlib
import hmac
import json
import os
import re
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2]))
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/interop")]
from driver_walk import TOOL, Walk, png  # noqa: E402
from films import film  # noqa: E402
from scripted import ScriptedServer  # noqa: E402
from servers import Pds  # noqa: E402

pytestmark = pytest.mark.skipif(not TOOL.exists(), reason=f"{TOOL} is not built")


@pytest.fixture(scope="module")
def pds(tmp_path_factory):
    server = Pds(tmp_path_factory.mktemp("pds"))
    try:
        yield server.start()
    finally:
        server.stop()


JWT_SECRET = re.search(r"PDS_JWT_SECRET: '(\w+)'\.repeat\(16\)", (ROOT / "tests/interop/pds/server.cjs").read_text()).group(1) * 16
KEYS = iter(range(1, 1000))


def walk(pds, *texts, password=None, **content):
    files = content.pop("files", {})
    parts = [text if isinstance(text, dict) else {"text": text} for text in texts]
    key = hashlib.sha256(str(next(KEYS)).encode()).hexdigest()[:32]
    return Walk("bluesky", {"url": pds.url, "handle": pds.handle}, {"app_password": password or pds.password},
                {"parts": parts, "visibility": "public"} | content, int(time.time() * 1000), key=key, files=files)


def read(pds, uri):
    did, collection, rkey = uri.removeprefix("at://").split("/")
    status, _, body = pds.call("GET", f"com.atproto.repo.getRecord?repo={did}&collection={collection}&rkey={rkey}")
    assert status == 200, body
    return json.loads(body)


def test_text_links_mentions_hashtags_and_card(pds):
    text = f"é 😀 @{pds.handle} @nobody.test #Hiver voir https://example.org/x."
    with walk(pds, text, link="https://example.org/x", title="Hiver", summary="La saison", language="fr") as w:
        outcome = w.run()
        assert outcome["kind"] == "done", outcome
        assert w.names == ["session", f"resolve @{pds.handle}", "resolve @nobody.test", "publish 1/1"]
        assert outcome["url"].startswith(f"https://bsky.app/profile/{pds.handle}/post/")
    value = read(pds, outcome["id"])["value"]
    pieces = [(text.encode()[f["index"]["byteStart"]:f["index"]["byteEnd"]].decode(), f["features"][0]) for f in value["facets"]]
    assert pieces == [
        (f"@{pds.handle}", {"$type": "app.bsky.richtext.facet#mention", "did": pds.did}),
        ("#Hiver", {"$type": "app.bsky.richtext.facet#tag", "tag": "Hiver"}),
        ("https://example.org/x", {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/x"})]
    assert value["embed"]["external"] == {"uri": "https://example.org/x", "title": "Hiver", "description": "La saison"}
    assert value["langs"] == ["fr"] and value["text"] == text


class VideoService:
    """Does what Bluesky's does but the processing: it puts the video on the account's server, by the token that it was given."""

    def __init__(self, pds):
        self.pds, self.jobs = pds, []

    def answer(self, request):
        if request.path.endswith(".uploadVideo"):
            assert request.query["did"] == self.pds.did
            status, _, body = self.pds.call("POST", "com.atproto.repo.uploadBlob", request.body,
                                            {"Authorization": request.headers["authorization"], "Content-Type": "video/mp4"})
            assert status == 200, body
            self.jobs.append(json.loads(body)["blob"])
            return 200, {"did": self.pds.did, "jobId": str(len(self.jobs) - 1), "state": "JOB_STATE_CREATED"}
        return 200, {"jobStatus": {"jobId": request.query["jobId"], "did": self.pds.did, "state": "JOB_STATE_COMPLETED",
                                   "blob": self.jobs[int(request.query["jobId"])]}}


def test_a_video_is_put_there_by_who_processes_it_with_the_token_that_the_server_lends(pds):
    data = film(size=5000)
    media = [Walk.media("a.mp4", data, 1280, 720, "le col", "video/mp4", length=10000, codec="avc1")]
    with ScriptedServer(VideoService(pds)) as service, \
            walk(pds, {"text": "film", "media": media}, files={"a.mp4": data}) as w:
        w.asked["options"]["video_url"] = service.url
        outcome = w.run()
        assert outcome["kind"] == "done", outcome
        assert w.names == ["session", "video token", "send video 1/1", "processing 1/1", "publish 1/1"]
    embed = read(pds, outcome["id"])["value"]["embed"]
    assert (embed["$type"], embed["alt"], embed["aspectRatio"]) == ("app.bsky.embed.video", "le col", {"width": 1280, "height": 720})
    status, _, body = pds.call("GET", f"com.atproto.sync.getBlob?did={pds.did}&cid={embed['video']['ref']['$link']}")
    assert (status, body) == (200, data)


def test_images_are_the_same_bytes(pds):
    pictures = [png(4, 3, shade) for shade in (1, 2)]
    media = [Walk.media(f"{i}.png", p, 4, 3, f"image {i}") for i, p in enumerate(pictures)]
    with walk(pds, {"text": "two", "media": media}, link="https://example.org/",
              files={f"{i}.png": p for i, p in enumerate(pictures)}) as w:
        outcome = w.run()
        assert outcome["kind"] == "done", outcome
    value = read(pds, outcome["id"])["value"]
    assert value["text"] == "two\n\nhttps://example.org/"
    for picture, image in zip(pictures, value["embed"]["images"]):
        assert image["aspectRatio"] == {"width": 4, "height": 3}
        status, _, body = pds.call("GET", f"com.atproto.sync.getBlob?did={pds.did}&cid={image['image']['ref']['$link']}")
        assert (status, body) == (200, picture)


def test_a_thread_answers_its_own_parts(pds):
    with walk(pds, "one", "two", "three") as w:
        outcome = w.run()
        assert outcome["kind"] == "done", outcome
        posts = [read(pds, w.asked["memo"][f"post-{i}"]["uri"]) for i in range(3)]
    assert [p["value"]["text"] for p in posts] == ["one", "two", "three"]
    assert posts[2]["value"]["reply"] == {"root": {"uri": posts[0]["uri"], "cid": posts[0]["cid"]},
                                          "parent": {"uri": posts[1]["uri"], "cid": posts[1]["cid"]}}
    assert outcome["id"] == posts[0]["uri"]


def test_a_thread_is_deleted_from_its_end_also_again_and_nothing_else_is(pds):
    before = len(pds.posts())
    with walk(pds, "one", "two") as w:
        assert w.run()["kind"] == "done"
        assert len(pds.posts()) == before + 2
        w.names.clear()
        assert w.run("remove") is None and w.names == ["delete", "delete"]
        assert len(pds.posts()) == before
        del w.asked["memo"]["remove"]  # its answers were lost
        assert w.run("remove") is None and len(pds.posts()) == before


def test_the_same_again_is_no_second_post(pds):
    before = len(pds.posts())
    with walk(pds, "again") as w:
        first = w.run()
        memo = w.asked["memo"]
        w.asked["memo"] = {k: v for k, v in memo.items() if k in ("created_at", "rkeys")}  # the answer was lost
        w.asked["now"] += 600000
        assert w.run()["id"] == first["id"]
        w.asked["memo"] = {k: v for k, v in memo.items() if k in ("created_at", "rkeys")}
        assert w.run("find")["id"] == first["id"]
    assert len(pds.posts()) == before + 1


def test_what_was_never_sent_is_not_found(pds):
    with walk(pds, "never") as w:
        assert w.run("find")["kind"] == "not-found"


def test_a_record_that_differs_is_compared(pds):
    with walk(pds, "mine") as w:
        first = w.run()
        kept = {k: v for k, v in w.asked["memo"].items() if k == "rkeys"}
        w.asked["memo"] = kept | {"created_at": "2026-01-01T00:00:00Z"}  # InvalidSwap, but the same text
        assert w.run()["id"] == first["id"]
        w.asked["memo"] = kept
        w.asked["content"] = {"parts": [{"text": "another"}], "visibility": "public"}
        assert w.run()["kind"] == "refused"
    assert read(pds, first["id"])["value"]["text"] == "mine"


def test_a_blob_that_is_gone_is_uploaded_again(pds):
    picture = png(5, 5, 77)
    with walk(pds, {"text": "gone", "media": [Walk.media("a.png", picture, 5, 5, "x")]}, files={"a.png": picture}) as w:
        assert w.step()["kind"] == "next"
        w.asked["memo"] = {"blob-0-0": {"at": w.asked["now"], "blob": {
            "$type": "blob", "ref": {"$link": "bafkreibme22gw2h7y2h7tg2fhqotaqjucnbc24deqo72b6mkl2egezxhvy"},
            "mimeType": "image/png", "size": 73}}}
        assert w.run()["kind"] == "done"
        assert w.names == ["session", "publish 1/1", "upload 1/1", "publish 1/1"]


def expired(pds):
    """An access token as the server makes it, but of yesterday."""
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")
    now = int(time.time())
    claims = {"scope": "com.atproto.access", "aud": "did:web:localhost", "sub": pds.did, "iat": now - 86400, "exp": now - 80000}
    head = encode(json.dumps({"typ": "at+jwt", "alg": "HS256"}).encode()) + b"." + encode(json.dumps(claims).encode())
    return (head + b"." + encode(hmac.new(JWT_SECRET.encode(), head, hashlib.sha256).digest())).decode()


def test_an_expired_session_is_renewed(pds):
    with walk(pds, "after a while") as w:
        w.step()
        w.asked["session"] |= {"access_token": expired(pds), "made_at": w.asked["now"] - 120000}
        assert w.run()["kind"] == "done"
        assert w.names == ["session", "publish 1/1", "refresh", "publish 1/1"]


def test_a_session_that_cannot_be_renewed_is_made_anew(pds):
    with walk(pds, "after a long while") as w:
        w.step()
        w.asked["session"] |= {"refresh_token": w.asked["session"]["access_token"], "expired": True}
        assert w.run()["kind"] == "done"
        assert w.names == ["session", "refresh", "session", "publish 1/1"]


def test_who_we_are(pds):
    with walk(pds, "x") as w:
        assert w.run("verify")["message"] == f"@{pds.handle} ({pds.did})"
    with walk(pds, "x", password="wrong") as w:
        outcome = w.run("verify")
        assert (outcome["kind"], outcome["scope"], outcome["reconnect"]) == ("refused", "account", True)


def test_what_the_lexicon_forbids_is_refused(pds):
    with walk(pds, "x" * 301) as w:
        outcome = w.run()
        assert (outcome["kind"], outcome["scope"]) == ("refused", "post") and "300" in outcome["message"]

"""The judge of tests/support/contract.py: what a network describes passes, what it does not is named."""
import json
import os
import sys
import urllib.request
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from contract import Contract, needs_contract  # noqa: E402
from scripted import ScriptedServer  # noqa: E402

JSON = {"content-type": "application/json", "authorization": "Bearer x"}


class Sent:
    """A request as scripted.Request records it."""

    def __init__(self, method, path, body=b"", headers=None, pairs=()):
        self.method, self.path, self.pairs = method, path, list(pairs)
        self.headers = JSON if headers is None else headers
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


def form(*parts):
    """A multipart body: (name, value, media type or None), a file when the value is bytes."""
    body = b""
    for name, value, kind in parts:
        head = f'Content-Disposition: form-data; name="{name}"'
        head += '; filename="a.png"' if isinstance(value, bytes) else ""
        head += f"\r\nContent-Type: {kind}" if kind else ""
        body += f"--x\r\n{head}\r\n\r\n".encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return body + b"--x--\r\n"


FORM = {"content-type": "multipart/form-data; boundary=x", "authorization": "Bot x"}
URLENCODED = {"content-type": "application/x-www-form-urlencoded", "authorization": "Bearer x"}
MESSAGES = "/api/v10/channels/1/messages"
TELEGRAM = "/bot1:x/"
PICTURE = json.dumps([{"type": "photo", "media": "attach://a"}])

PUT = "/xrpc/com.atproto.repo.putRecord"
VIDEO = {"$type": "blob", "ref": {"$link": "bafy"}, "mimeType": "video/mp4", "size": 9}


def record(embed):
    return {"repo": "did:plc:a", "collection": "app.bsky.feed.post", "rkey": "3k", "swapRecord": None, "record": {
        "$type": "app.bsky.feed.post", "text": "x", "createdAt": "2026-01-01T00:00:00Z", "embed": embed}}


# network, request, words of the complaint (None: it is as described)
CASES = [
    ("discord", Sent("POST", MESSAGES, {"content": "x", "nonce": "1", "enforce_nonce": True}), None),
    ("discord", Sent("POST", MESSAGES, {"contents": "x"}), "body/contents is not a member"),
    ("discord", Sent("POST", MESSAGES, {"content": 1}), "body: content: 1"),
    ("discord", Sent("POST", MESSAGES, {"content": "x", "nonce": "n" * 26}), "nonce"),
    ("discord", Sent("POST", MESSAGES, {"message_reference": {"message_id": "1", "fail": True}}), "body/message_reference/fail"),
    ("discord", Sent("POST", MESSAGES, {"attachments": [{"description": "x"}]}), "'id' is a required"),
    ("discord", Sent("POST", MESSAGES, {"content": "x"}, {"content-type": "application/json"}), "no Authorization"),
    ("discord", Sent("POST", MESSAGES, b"content", {"content-type": "text/plain", "authorization": "x"}), "text/plain"),
    ("discord", Sent("POST", MESSAGES, form(("payload_json", '{"attachments": [{"id": "0"}]}', "application/json"),
                                            ("files[0]", b"PNG", "image/png")), FORM), None),
    ("discord", Sent("GET", MESSAGES, pairs=[("limit", "100")], headers={"authorization": "Bot x"}), None),
    ("discord", Sent("GET", MESSAGES, pairs=[("limit", "101")]), "limit: : 101 is greater"),
    ("discord", Sent("GET", MESSAGES, pairs=[("since", "1")]), "query parameter since is not described"),
    ("discord", Sent("POST", "/api/v10/channels/1/message", {}), "no such operation"),
    ("discord", Sent("POST", "/api/v10/webhooks/1/t", {"content": "x"}, pairs=[("wait", "true")],
                     headers={"content-type": "application/json"}), None),
    ("discord", Sent("POST", "/api/v10/webhooks/1/t", {"nonce": "x"}), "body/nonce is not a member"),
    ("telegram", Sent("POST", TELEGRAM + "sendMessage", {"chat_id": "@c", "text": "x"}, {"content-type": "application/json"}), None),
    ("telegram", Sent("POST", TELEGRAM + "sendMessage", {"chat_id": "@c"}), "'text' is a required"),
    ("telegram", Sent("POST", TELEGRAM + "sendMessage", {"chat_id": "@c", "text": "x", "entities": [{"type": "bold"}]}), "offset"),
    ("telegram", Sent("POST", TELEGRAM + "sendMessage", {"chat_id": "@c", "text": "x", "reply_to_message_id": 1}), "reply_to_message_id"),
    ("telegram", Sent("POST", TELEGRAM + "sendMediaGroup", form(("chat_id", "@c", None), ("media", PICTURE, None), ("a", b"P", "image/png")), FORM), None),
    ("telegram", Sent("POST", TELEGRAM + "sendMediaGroup", form(("chat_id", "@c", None), ("media", '[{"type": "photo"}]', None)), FORM), "media"),
    ("slack", Sent("POST", "/api/chat.postMessage", {"channel": "C1", "text": "x", "unfurl_links": False}), None),
    ("slack", Sent("POST", "/api/chat.postMessage", {"text": "x"}), "'channel' is a required"),
    ("slack", Sent("POST", "/api/chat.postMessage", {"channel": "C1", "txt": "x"}), "txt"),
    ("slack", Sent("POST", "/api/chat.postMessage", {"channel": "C1"}, {"content-type": "application/json"}), "no Authorization"),
    ("matrix", Sent("PUT", "/_matrix/client/v3/rooms/%21a%3Ab/send/m.room.message/1", {"msgtype": "m.text", "body": "x"}), None),
    ("matrix", Sent("PUT", "/_matrix/client/v3/rooms/%23a%3Ab/send/m.room.message/1", {}), "roomId"),
    ("matrix", Sent("GET", "/_matrix/client/v3/rooms/%21a%3Ab/messages", pairs=[("limit", "5")]), "parameter dir is missing"),
    ("lemmy", Sent("POST", "/api/v3/post", {"name": "x", "community_id": 1, "url": "https://a.example"}), None),
    ("lemmy", Sent("POST", "/api/v3/post", {"name": "x", "community": 1}), "'community_id' is a required"),
    ("lemmy", Sent("GET", "/api/v3/user", pairs=[("person_id", "1"), ("sorted", "New")]), "query parameter sorted is not described"),
    ("mastodon", Sent("POST", "/api/v1/statuses", {"status": "x", "visibility": "private"}), None),
    ("mastodon", Sent("POST", "/api/v1/statuses", {"status": "x", "visibility": "secret"}), "visibility"),
    ("x", Sent("POST", "/2/tweets", {"text": "x", "reply": {"in_reply_to_tweet_id": "1"}}), None),
    ("x", Sent("POST", "/2/tweets", {"text": "x", "reply": {"in_reply_to": "1"}}), "in_reply_to"),
    ("x", Sent("GET", "/2/users/me", pairs=[("user.fields", "id,name")]), None),
    ("pinterest", Sent("POST", "/v5/pins", {"board_id": "1", "title": "x", "media_source":
                                            {"source_type": "image_url", "url": "https://a.example/b.png"}}), None),
    ("pinterest", Sent("POST", "/v5/pins", {"board_id": 1}), "board_id"),
    ("pinterest", Sent("POST", "/v5/oauth/token", b"grant_type=refresh_token&refresh_token=x", URLENCODED), None),
    ("pinterest", Sent("POST", "/v5/oauth/token", b"grant_type=refresh_token", URLENCODED), "body"),
    ("pinterest", Sent("POST", "/v5/oauth/token", b"grant_type=refresh_token&refresh=x", URLENCODED), "body/refresh is not"),
    ("youtube", Sent("POST", "/youtube/v3/videos", {"snippet": {"title": "x"}}, pairs=[("part", "snippet,status")]), None),
    ("youtube", Sent("POST", "/youtube/v3/videos", {"snippet": {"titel": "x"}}, pairs=[("part", "snippet")]), "snippet/titel"),
    ("youtube", Sent("POST", "/resumable/upload/youtube/v3/videos", {"snippet": {}}, pairs=[("part", "snippet"), ("uploadType", "resumable")]), None),
    ("forem", Sent("POST", "/api/articles", {"article": {"title": "x", "body_markdown": "x"}}), None),
    ("meta", Sent("POST", "/v26.0/42/media", b"image_url=x&alt_text=y&caption=z", URLENCODED), None),
    ("meta", Sent("POST", "/v26.0/42/media", b"image_url=x&alt_txt=y", URLENCODED), "body/alt_txt is not a member"),
    ("meta", Sent("POST", "/v26.0/77/feed", b"message=x&attached_media%5B0%5D=%7B%7D", URLENCODED), None),
    ("meta", Sent("POST", "/v26.0/77/fed", b"message=x", URLENCODED), "no such operation"),
    ("threads", Sent("POST", "/v1.0/42/threads", b"media_type=TEXT&text=x&topic_tag=y", URLENCODED), None),
    ("threads", Sent("POST", "/v1.0/42/threads", b"media_type=TEXT&txt=x", URLENCODED), "body/txt is not a member"),
    ("atproto", Sent("POST", PUT, record({"$type": "app.bsky.embed.video", "video": VIDEO, "alt": "x"})), None),
    ("atproto", Sent("POST", PUT, record({"$type": "app.bsky.embed.video", "video": VIDEO | {"mimeType": "image/png"}})), "record"),
    ("atproto", Sent("POST", PUT, record({"$type": "app.bsky.embed.video", "video": VIDEO, "height": 3})), "height is not a member"),
    ("atproto", Sent("POST", PUT, record({"$type": "app.bsky.embed.film", "video": VIDEO})), "record"),
    ("atproto", Sent("GET", "/xrpc/app.bsky.video.getJobStatus", headers={}), "parameter jobId is missing"),
    ("atproto", Sent("GET", "/xrpc/com.atproto.server.getServiceAuth", pairs=[("aud", "did:web:a"), ("lxn", "x")]), "lxn is not described"),
    ("discourse", Sent("POST", "/posts.json", {"title": "x", "raw": "x"}), None),
]


@pytest.mark.parametrize("network, request_, words", [pytest.param(*case, marks=needs_contract(case[0])) for case in CASES])
def test_a_request_is_judged(network, request_, words):
    complaints = Contract.find(network).complaints(request_)
    assert (not complaints) if words is None else any(words in complaint for complaint in complaints), complaints


@needs_contract("telegram")
def test_a_suite_fails_at_its_end_when_one_request_was_not_as_described():
    class Mind:
        @staticmethod
        def answer(_):
            return 200, {"ok": True}
    with pytest.raises(AssertionError, match="'text' is a required"):
        with ScriptedServer(Mind(), contract=Contract.find("telegram")) as server:
            request = urllib.request.Request(server.url + "/bot1:x/sendMessage", data=b'{"chat_id": "@c"}',
                                             headers={"Content-Type": "application/json"})
            urllib.request.urlopen(request, timeout=10).read()

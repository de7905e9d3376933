"""How each network is asked to delete what is published there, held against its own description where there is one; what its
answers mean; and that nothing is asked where the post is not known, or somewhere else."""
import copy
import json
import os
import re
import sys
import time
import urllib.parse
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
import networks_page  # noqa: E402
from contract import SPECS, Contract  # noqa: E402
from driver_walk import TOOL, Walk  # noqa: E402

pytestmark = pytest.mark.skipif(not TOOL.exists(), reason=f"{TOOL} is not built")
NOW = int(time.time() * 1000)
LOGIN = {"login": {"access_token": "a1", "refresh_token": "r1", "made_at": NOW - 60_000, "expires_at": NOW + 7_000_000}}
DID = "did:plc:adlw22dcybmgz7ghwcw32wzl"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjEwMDAsImV4cCI6ODIwMH0.c2ln"
BLUESKY = {"did": DID, "handle": "cal.test", "accessJwt": JWT, "refreshJwt": JWT, "active": True,
           "didDoc": {"id": DID, "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer",
                                              "serviceEndpoint": "https://pds.example"}]}}
GONE, LATER, NO = "next", "retry", "refused"
UNDESCRIBED = ("meta",)  # networks whose description leaves out the deletion


def part(id, url=None, **more):
    return {"id": id} | ({"url": url} if url else {}) | more


def post(*parts):
    """The memo of a thread that is out."""
    memo = {f"post-{i}": p for i, p in enumerate(parts)}
    return memo | {"id": parts[0].get("id", parts[0].get("uri"))}


def discord_url(id):
    return f"https://discord.com/channels/10/20/{id}"


class Case:
    """requests: (method, path and query, body), in the order in which they leave when each is answered by 'answer'."""

    def __init__(self, network, options, secrets, memo, requests, answer, outcomes, sessions=(), session=None, spec=None):
        self.network, self.options, self.secrets, self.memo = network, options, secrets, memo
        self.requests, self.answer, self.outcomes = requests, answer, outcomes
        self.sessions, self.session, self.spec = list(sessions), session or {}, spec or network

    def __repr__(self):
        return self.network + ("-webhook" if "webhook" in self.secrets else "")


CASES = [
    Case("mastodon", {"url": "https://social.example"}, {"token": "t"},
         post(part("7", "https://social.example/@a/7"), part("8", "https://social.example/@a/8")),
         [("DELETE", "/api/v1/statuses/8", None), ("DELETE", "/api/v1/statuses/7", None)], (200, {"id": "8"}),
         [(404, {"error": "Record not found"}, GONE), (404, "<html>", NO), (410, {}, GONE), (500, {}, LATER), (429, {}, LATER),
          (403, {"error": "This action is not allowed"}, NO), (401, {"error": "The access token is invalid"}, NO)]),
    Case("bluesky", {"handle": "cal.test", "url": "https://bsky.example"}, {"app_password": "p"},
         post({"uri": f"at://{DID}/app.bsky.feed.post/3ka", "cid": "c"}, {"uri": f"at://{DID}/app.bsky.feed.post/3kb", "cid": "c"}),
         [("POST", "/xrpc/com.atproto.repo.deleteRecord", {"repo": DID, "collection": "app.bsky.feed.post", "rkey": key})
          for key in ("3kb", "3ka")], (200, {}),
         [(500, {}, LATER), (400, {"error": "InvalidRequest"}, NO)], [(200, BLUESKY)], spec="atproto"),
    Case("discord", {"channel": "30"}, {"token": "t"}, post(part("7", discord_url(7)), part("8", discord_url(8))),
         [("DELETE", "/api/v10/channels/20/messages/8", None), ("DELETE", "/api/v10/channels/20/messages/7", None)], (204, ""),
         [(404, {"code": 10008, "message": "Unknown Message"}, GONE), (404, {"code": 10003}, NO), (403, {"code": 50013}, NO),
          (429, {"retry_after": 1.5}, LATER), (500, "", LATER)],
         [(200, {"id": "5", "username": "c"}), (200, {"id": "30", "guild_id": "10"})]),
    Case("discord", {"thread": "9"}, {"webhook": "https://discord.com/api/webhooks/7/aToken"}, post(part("7", discord_url(7))),
         [("DELETE", "/api/v10/webhooks/7/aToken/messages/7?thread_id=9", None)], (204, ""),
         [(404, {"code": 10008}, NO), (404, {"code": 10015}, NO)],
         [(200, {"id": "7", "name": "n", "guild_id": "10", "channel_id": "20"})]),
    Case("telegram", {"chat": "@other"}, {"token": "1:x"},
         post(part("7", "https://t.me/c/1/7", chat=-1001, ids=[7]), part("8", None, chat=-1001, ids=[8, 9])),
         [("POST", "/bot1:x/deleteMessages", {"chat_id": -1001, "message_ids": [8, 9]}),
          ("POST", "/bot1:x/deleteMessages", {"chat_id": -1001, "message_ids": [7]})], (200, {"ok": True, "result": True}),
         [(400, {"ok": False, "description": "Bad Request: message can't be deleted"}, NO),
          (400, {"ok": False, "description": "Bad Request: message to delete not found"}, GONE), (200, {"ok": False}, LATER),
          (429, {"ok": False, "parameters": {"retry_after": 3}}, LATER)]),
    Case("slack", {"channel": "C2"}, {"token": "xoxb"}, post(part("1.5", "https://t.slack.com/archives/C1/p15")),
         [("POST", "/api/chat.delete", {"channel": "C1", "ts": "1.5"})], (200, {"ok": True}),
         [(200, {"ok": False, "error": "message_not_found"}, GONE), (200, {"ok": False, "error": "cant_delete_message"}, NO),
          (200, {"ok": False, "error": "ratelimited"}, LATER)]),
    Case("wordpress", {"url": "https://blog.example", "user": "cal"}, {"application_password": "p"},
         {"id": "5", "url": "https://www.blog.example/hello/", "post": 5},
         [("DELETE", "/wp-json/wp/v2/posts/5?force=false", None)], (200, {"id": 5, "status": "trash"}),
         [(404, {"code": "rest_post_invalid_id"}, GONE), (410, {"code": "rest_already_trashed"}, GONE), (500, {}, LATER),
          (501, {"code": "rest_trash_not_supported"}, NO), (401, {"code": "rest_cannot_delete"}, NO)],
         [(200, {"name": "Blog", "namespaces": ["wp/v2"]}),
          (200, {"id": 1, "name": "Cal", "capabilities": {"edit_posts": True, "publish_posts": True, "upload_files": True}})],
         spec="none"),
    Case("ghost", {"url": "https://ghost.example"}, {"key": "65a1:" + "ab" * 32}, {"id": "65b2", "url": "https://g.example/a/"},
         [("DELETE", "/ghost/api/admin/posts/65b2/", None)], (204, ""),
         [(404, {"errors": [{"type": "NotFoundError"}]}, GONE), (404, "", NO), (403, {"errors": [{"type": "NoPermissionError"}]}, NO),
          (500, {"errors": [{"type": "InternalServerError"}]}, LATER)]),
    Case("discourse", {"url": "https://forum.example", "user": "cal"}, {"api_key": "k"},
         post(part("12", "https://forum.example/t/a/12"), part("12/2", "https://forum.example/t/a/12/2")) | {"topic": 12},
         [("DELETE", "/t/12.json", None)], (200, ""),
         [(404, {"error_type": "not_found", "errors": ["x"]}, GONE), (403, {"error_type": "invalid_access"}, NO), (500, {}, LATER)]),
    Case("matrix", {"url": "https://m.example", "room": "#other:m.example"}, {"token": "t"},
         {"events": ["$a", "$b"], "id": "$a", "url": "https://matrix.to/#/%21r%3Am.example/%24a?via=m.example"},
         [("PUT", f"/_matrix/client/v3/rooms/%21r%3Am.example/redact/%24{e}/0123456789abcdef0123456789abcdef-remove-{n}", {})
          for e, n in (("b", 2), ("a", 1))], (200, {"event_id": "$c"}),
         [(404, {"errcode": "M_NOT_FOUND"}, GONE), (403, {"errcode": "M_FORBIDDEN"}, NO), (500, {}, LATER)],
         [(200, {"user_id": "@cal:m.example", "device_id": "D1"}), (200, {"room_id": "!o:m.example"}),
          (404, {"errcode": "M_NOT_FOUND"})]),
    Case("matrix", {"url": "https://m.example", "room": "#other:m.example"}, {"token": "t"}, {"events": ["$a"], "room": "!r:m.example"},
         [("PUT", "/_matrix/client/v3/rooms/%21r%3Am.example/redact/%24a/0123456789abcdef0123456789abcdef-remove-1", {})],
         (200, {"event_id": "$c"}), [(404, {"errcode": "M_NOT_FOUND"}, GONE)],
         [(200, {"user_id": "@cal:m.example", "device_id": "D1"})]),  # of what failed half way
    Case("webhook", {"url": "https://e.org/in", "delete_url": "https://e.org/in/{{id}}", "delete_method": "DELETE"}, {},
         {"id": "a7"}, [("DELETE", "/in/a7", None)], (200, ""),
         [(404, "", GONE), (410, "", GONE), (403, {"message": "no"}, NO), (500, {}, LATER), (429, {}, LATER)]),
    Case("x", {"client_id": "app"}, {}, post(part("7", "https://x.com/c/status/7"), part("8")),
         [("DELETE", "/2/tweets/8", None), ("DELETE", "/2/tweets/7", None)], (200, {"data": {"deleted": True}}),
         [(404, {"type": "https://api.twitter.com/2/problems/resource-not-found"}, GONE), (200, {"data": {"deleted": False}}, NO),
          (403, {"title": "Forbidden", "detail": "You are not permitted"}, NO), (429, {}, LATER), (503, {}, LATER)],
         [(200, {"data": {"id": "42", "username": "c", "name": "C"}})], LOGIN),
    Case("facebook", {"page": "77"}, {"token": "t"}, post(part("77_5", "https://www.facebook.com/77/posts/5")),
         [("DELETE", "/v26.0/77_5", None)], (200, {"success": True}),
         [(400, {"error": {"code": 100, "error_subcode": 33}}, NO), (400, {"error": {"code": 190}}, NO), (500, {}, LATER)],
         [(200, {"id": "77", "name": "Chalet"})], spec="meta"),
    Case("threads", {}, {"token": "t"}, post(part("42"), part("43")),
         [("DELETE", "/v1.0/43", None), ("DELETE", "/v1.0/42", None)], (200, {"success": True, "deleted_id": "43"}),
         [(400, {"error": {"code": 100, "error_subcode": 33}}, NO), (500, {}, LATER)],
         [(200, {"id": "1", "username": "c"})]),
    Case("instagram", {"user": "17"}, {"token": "t"}, post(part("179", "https://www.instagram.com/p/x/")),
         [("DELETE", "/v26.0/179", None)], (200, {"success": True}),
         [(400, {"error": {"code": 100, "error_subcode": 33}}, NO), (400, {"error": {"code": 10}}, NO), (500, {}, LATER)],
         [(200, {"user_id": "17", "username": "c"})], spec="meta"),
    Case("tumblr", {"blog": "chalet", "consumer_key": "k"}, {"consumer_secret": "s"},
         post(part("123", "https://chalet.tumblr.com/post/123")),
         [("POST", "/v2/blog/chalet/post/delete", "id=123")], (200, {"meta": {"status": 200}, "response": {"id": "123"}}),
         [(404, {"meta": {"status": 404}}, GONE), (403, {"meta": {"status": 403}}, NO), (500, {}, LATER)], [], LOGIN),
    Case("linkedin", {"author": "urn:li:organization:5"}, {"token": "t"}, post(part("urn:li:share:77")),
         [("DELETE", "/rest/posts/urn%3Ali%3Ashare%3A77", None)], (204, ""),
         [(404, {"status": 404}, GONE), (403, {"status": 403}, LATER), (400, {"status": 400}, NO), (429, {}, LATER), (500, {}, LATER)]),
    Case("pinterest", {"board": "1"}, {"token": "t"}, post(part("813744226420795884")),
         [("DELETE", "/v5/pins/813744226420795884", None)], (204, ""),
         [(404, {"code": 50}, GONE), (403, {"code": 7}, NO), (429, {}, LATER), (500, {}, LATER)],
         [(200, {"items": [{"id": "1", "name": "a"}], "bookmark": None})]),
    Case("youtube", {"client_id": "app"}, {"client_secret": "s"}, {"id": "v1", "url": "https://youtu.be/v1", "video": "v1"},
         [("DELETE", "/youtube/v3/videos?id=v1", None)], (204, ""),
         [(404, {"error": {"errors": [{"reason": "videoNotFound"}]}}, GONE), (403, {"error": {"errors": [{"reason": "forbidden"}]}}, NO),
          (500, {}, LATER)],
         [(200, {"items": [{"id": "UC1", "snippet": {"title": "C"}, "contentDetails": {"relatedPlaylists": {"uploads": "UU1"}}}]})],
         LOGIN),
    Case("lemmy", {"url": "https://lemmy.example", "community": "news"}, {"token": "t"},
         post(part("13", "https://lemmy.example/post/13"), part("21", "https://lemmy.example/comment/21")),
         [("POST", "/api/v3/comment/delete", {"comment_id": 21, "deleted": True}),
          ("POST", "/api/v3/post/delete", {"post_id": 13, "deleted": True})], (200, {"post_view": {}}),
         [(400, {"error": "couldnt_update_comment"}, GONE), (404, {"error": "not_found"}, GONE), (400, {"error": "no_post_edit_allowed"}, NO),
          (500, {}, LATER)],
         [(200, {"my_user": {"local_user_view": {"person": {"id": 5, "name": "cal"}}}}),
          (200, {"community_view": {"community": {"id": 3}}})]),
    Case("nodebb", {"url": "https://forum.example", "category": 2}, {"token": "t"},
         post(part("9", "https://forum.example/topic/9"), part("post/31", "https://forum.example/post/31")),
         [("DELETE", "/api/v3/posts/31/state", None), ("DELETE", "/api/v3/topics/9/state", None)],
         (200, {"status": {"code": "ok"}, "response": {}}),
         [(404, {"status": {"code": "not-found"}}, GONE), (403, {"status": {"code": "forbidden"}}, NO), (500, {}, LATER)],
         [(200, {"uid": 1, "userslug": "cal", "username": "Cal"})]),
    Case("micropub", {"url": "https://e.org/"}, {"token": "t"}, post(part("https://e.org/2026/a", "https://e.org/2026/a")),
         [("POST", "/micropub?x=1", {"action": "delete", "url": "https://e.org/2026/a"})], (204, ""),
         [(410, "", GONE), (404, {"error": "not_found"}, GONE), (403, {"error": "insufficient_scope"}, NO), (500, {}, LATER)],
         [(200, "<html><head><link rel='micropub' href='/micropub?x=1'></head>"), (200, {})]),
    Case("devto", {}, {"api_key": "k"}, {"id": "55", "url": "https://dev.to/c/a-55", "post": 55},
         [("PUT", "/api/articles/55", {"article": {"published": False}})], (200, {"id": 55}),
         [(404, {"error": "not found"}, GONE), (401, {"error": "unauthorized"}, NO), (500, {}, LATER)], spec="forem"),
]


class Sent:
    """A step's request, as contract.py judges it."""

    def __init__(self, step):
        parts = urllib.parse.urlsplit(step["url"])
        self.method, self.path = step["method"], parts.path
        self.pairs = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
        self.headers = {name.lower(): value for name, value in step["headers"]}
        self.body = (step.get("body") or "").encode()


def said(status, body):
    return {"status": status, "headers": {}, "body": body if isinstance(body, str) else json.dumps(body)}


def walk_of(case, memo=None):
    walk = Walk(case.network, case.options, case.secrets, {"parts": [{"text": "x"}], "visibility": "public"}, NOW)
    walk.asked["memo"] = copy.deepcopy(case.memo if memo is None else memo)
    walk.asked["session"] = copy.deepcopy(case.session)
    return walk


def give(walk, status, body):
    outcome = walk.ask("remove", said(status, body))["outcome"]
    walk.merge(outcome.get("memo"))
    walk.asked["session"] = outcome.get("session", walk.asked["session"])
    return outcome


def next_step(walk, case):
    """The next one that deletes, or 'done'; the session's are answered."""
    answers = list(case.sessions)
    while (step := walk.ask("remove")["step"])["kind"] == "session":
        outcome = give(walk, *answers.pop(0))
        assert outcome["kind"] == "next", outcome
    return step


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_each_part_is_asked_to_go_once_and_as_the_network_describes_it(case):
    judge = Contract.find(case.spec) if (SPECS / case.spec).is_dir() else None
    with walk_of(case) as walk:
        for method, path, body in case.requests:
            step = next_step(walk, case)
            url = urllib.parse.urlsplit(step["url"])
            sent = json.loads(step["body"]) if isinstance(body, dict) else step.get("body")
            assert (step["kind"], step["method"], url.path + (f"?{url.query}" if url.query else ""), sent) == \
                ("prepare", method, path, body)
            described = judge is None or any(o.method == method and o.pattern.fullmatch(url.path) for o in judge.operations)
            assert described or case.spec in UNDESCRIBED
            assert (judge.complaints(Sent(step)) if judge and described else []) == []
            assert give(walk, *case.answer)["kind"] == "next"
        step = next_step(walk, case)
        assert step["kind"] == "done" and "name" not in step, step


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_what_is_not_there_is_gone_and_all_else_is_not(case):
    for status, body, kind in case.outcomes:
        with walk_of(case) as walk:
            next_step(walk, case)
            outcome = give(walk, status, body)
            gone = outcome["kind"] == "next" and "remove" in (outcome.get("memo") or {})
            assert (outcome["kind"], gone) == (kind, kind == GONE), (status, body, outcome)
            assert kind == GONE or outcome["message"]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_what_the_memo_does_not_name_is_not_looked_for(case):
    with walk_of(case, {}) as walk:
        step = walk.ask("remove")["step"]
        assert step["kind"] == "done" and step["name"], step


@pytest.mark.parametrize("case", [c for c in CASES if c.network in ("mastodon", "wordpress", "discourse", "lemmy", "nodebb", "devto")],
                         ids=repr)
def test_an_account_that_moved_asks_for_nothing_on_the_other_server(case):
    moved = copy.deepcopy(case)
    moved.options["url"] = "https://elsewhere.example"
    with walk_of(moved) as walk:
        step = walk.ask("remove")["step"]
        assert step["kind"] == "done" and "another address" in step["name"], step


def test_what_networks_md_says_can_be_deleted_is_what_the_drivers_can():
    source = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2]))
    able = {re.search(r"^const struct network network_(\w+) = ", path.read_text(), re.M)[1]
            for path in (source / "daemon/network").glob("*.c") if re.search(r"^    \.remove = ", path.read_text(), re.M)}
    assert {c.network for c in CASES} | {"feed", "null"} == able
    assert networks_page.able("Delete") == able - {"null"}


def test_meta_s_not_there_is_believed_after_a_lost_answer_only():
    case = next(c for c in CASES if c.network == "facebook")
    with walk_of(case, case.memo | {"remove_lost": True}) as walk:
        next_step(walk, case)
        assert give(walk, 400, {"error": {"code": 100, "error_subcode": 33}})["memo"]["remove"] == {"left": 0}

"""How each network is asked to change what is published there, held against its own description where there is one; what its
answers mean; and that nothing is asked where the post is not known, or somewhere else."""
import copy
import json
import os
import re
import sys
import urllib.parse
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
sys.path.insert(0, str(Path(__file__).parent))
import networks_page  # noqa: E402
from contract import SPECS, Contract  # noqa: E402
from driver_walk import TOOL, Walk  # noqa: E402
from test_removals import LOGIN, NOW, UNDESCRIBED, Sent, discord_url, part, post, said  # noqa: E402

pytestmark = pytest.mark.skipif(not TOOL.exists(), reason=f"{TOOL} is not built")
# Mastodon's description, made from its documentation, has the name of a form (media_attributes[]); Discourse's has a title
# within "topic", where its code does not look.
ELSEWISE = ("body/media_attributes is not a member", "body/title is not a member")
DONE, LATER, NO = "next", "retry", "refused"
IMAGE = {"file": "a.png", "alt": "A dog", "mime": "image/png", "sha256": "ab" * 32, "size": 10, "width": 4, "height": 3}


def saying(*texts, **more):
    return {"parts": [{"text": text} for text in texts], "visibility": "public"} | more


def with_image(text, alt, **more):
    return {"parts": [{"text": text, "media": [IMAGE | {"alt": alt}]}], "visibility": "public"} | more


class Case:
    """steps: (method, path and query, what its JSON body must hold, answer), in the order in which they leave."""

    def __init__(self, network, options, secrets, memo, before, after, steps, outcomes, sessions=(), session=None, spec=None,
                 name=""):
        self.network, self.options, self.secrets, self.memo = network, options, secrets, memo
        self.before, self.after, self.steps, self.outcomes = before, after, steps, outcomes
        self.sessions, self.session, self.spec, self.name = list(sessions), session or {}, spec or network, name

    def __repr__(self):
        return self.network + self.name


WORDPRESS = [(200, {"name": "Blog", "namespaces": ["wp/v2"]}),
             (200, {"id": 1, "name": "Cal", "capabilities": {"edit_posts": True, "publish_posts": True, "upload_files": True}})]
SHOWN = {"id": "7", "sensitive": False, "spoiler_text": ""}
GHOST_SEEN = {"posts": [{"id": "65b2", "status": "published", "updated_at": "2026-11-20T08:00:00.000Z"}]}
CASES = [
    Case("mastodon", {"url": "https://social.example"}, {"token": "t"},
         post(part("7", "https://social.example/@a/7"), part("8", "https://social.example/@a/8")),
         saying("one", "too"), saying("one", "two"),
         [("GET", "/api/v1/statuses/8", None, (200, SHOWN)),
          ("PUT", "/api/v1/statuses/8", {"status": "two", "sensitive": False, "spoiler_text": ""}, (200, {"id": "8"}))],
         [(404, {"error": "Record not found"}, NO), (500, {}, LATER), (429, {}, LATER),
          (422, {"error": "Validation failed: Text character limit of 500 exceeded"}, NO),
          (401, {"error": "The access token is invalid"}, NO)]),
    Case("mastodon", {"url": "https://social.example"}, {"token": "t"},
         post(part("7", "https://social.example/@a/7")) | {"media-0-0": {"id": "22"}},
         with_image("one", "A dog", warning="dogs"), with_image("one", "Two dogs"),
         [("GET", "/api/v1/statuses/7", None, (200, SHOWN)),
          ("PUT", "/api/v1/statuses/7", {"status": "one", "media_ids": ["22"], "spoiler_text": "", "sensitive": False,
                                         "media_attributes": [{"id": "22", "description": "Two dogs"}]}, (200, {"id": "7"}))],
         [], name="-image"),
    Case("wordpress", {"url": "https://blog.example", "user": "cal"}, {"application_password": "p"},
         {"id": "5", "url": "https://www.blog.example/hello/", "post": 5},
         saying("x", title="Teh", body="**old**"), saying("x", title="The", body="**new**", summary="s"),
         [("POST", "/wp-json/wp/v2/posts/5?_fields=id,link,status",
           {"title": "The", "content": "<p><strong>new</strong></p>\n", "excerpt": "s"}, (200, {"id": 5}))],
         [(404, {"code": "rest_post_invalid_id"}, NO), (500, {}, LATER), (401, {"code": "rest_cannot_edit"}, NO)],
         WORDPRESS, spec="none"),
    Case("ghost", {"url": "https://ghost.example"}, {"key": "65a1:" + "ab" * 32}, {"id": "65b2", "url": "https://g.example/a/"},
         saying("x", title="Teh", body="old"), saying("x", title="The", body="new"),
         [("GET", "/ghost/api/admin/posts/65b2/", None, (200, GHOST_SEEN)),
          ("PUT", "/ghost/api/admin/posts/65b2/?source=html",
           {"posts": [{"title": "The", "html": "<p>new</p>\n", "updated_at": "2026-11-20T08:00:00.000Z"}]},
           (200, GHOST_SEEN))],
         [(404, {"errors": [{"type": "NotFoundError"}]}, NO), (403, {"errors": [{"type": "NoPermissionError"}]}, NO),
          (409, {"errors": [{"type": "UpdateCollisionError"}]}, LATER), (500, {"errors": [{"type": "InternalServerError"}]}, LATER)]),
    Case("discord", {"channel": "30"}, {"token": "t"}, post(part("7", discord_url(7)), part("8", discord_url(8))),
         saying("one", "too"), saying("one", "two"),
         [("PATCH", "/api/v10/channels/20/messages/8", {"content": "two", "allowed_mentions": {"parse": []}}, (200, {"id": "8"}))],
         [(404, {"code": 10008, "message": "Unknown Message"}, NO), (403, {"code": 50005}, NO), (429, {"retry_after": 1.5}, LATER),
          (500, "", LATER)],
         [(200, {"id": "5", "username": "c"}), (200, {"id": "30", "guild_id": "10"})]),
    Case("discord", {"thread": "9"}, {"webhook": "https://discord.com/api/webhooks/7/aToken"}, post(part("7", discord_url(7))),
         with_image("one", "a"), with_image("uno", "a"),
         [("PATCH", "/api/v10/webhooks/7/aToken/messages/7?thread_id=9", {"content": "uno", "allowed_mentions": {"parse": []}},
           (200, {"id": "7"}))], [],
         [(200, {"id": "7", "name": "n", "guild_id": "10", "channel_id": "20"})], name="-webhook"),
    Case("telegram", {"chat": "@other"}, {"token": "1:x"},
         post(part("7", "https://t.me/c/1/7", chat=-1001, ids=[7]), part("8", None, chat=-1001, ids=[8, 9])),
         {"parts": [{"text": "one"}, {"text": "too", "media": [IMAGE, IMAGE]}], "visibility": "public"},
         {"parts": [{"text": "uno"}, {"text": "two", "media": [IMAGE, IMAGE]}], "visibility": "public"},
         [("POST", "/bot1:x/editMessageText", {"chat_id": -1001, "message_id": 7, "text": "uno"}, (200, {"ok": True, "result": {}})),
          ("POST", "/bot1:x/editMessageCaption", {"chat_id": -1001, "message_id": 8, "caption": "two"}, (200, {"ok": True, "result": {}}))],
         [(400, {"ok": False, "description": "Bad Request: message is not modified: same"}, DONE),
          (400, {"ok": False, "description": "Bad Request: message to edit not found"}, NO),
          (400, {"ok": False, "description": "Bad Request: message can't be edited"}, NO), (200, {"ok": False}, LATER),
          (429, {"ok": False, "parameters": {"retry_after": 3}}, LATER)]),
    Case("slack", {"channel": "C2"}, {"token": "xoxb"},
         post(part("1.5", "https://t.slack.com/archives/C1/p15")) | {"images": {"ab" * 32: {"id": "F1"}}},
         with_image("one", "A dog"), with_image("one", "Two dogs"),
         [("POST", "/api/chat.update", {"channel": "C1", "ts": "1.5", "text": "one", "blocks": [
             {"type": "section", "text": {"type": "mrkdwn", "text": "one"}},
             {"type": "image", "alt_text": "Two dogs", "slack_file": {"id": "F1"}}]}, (200, {"ok": True}))],
         [(200, {"ok": False, "error": "message_not_found"}, NO), (200, {"ok": False, "error": "cant_update_message"}, NO),
          (200, {"ok": False, "error": "edit_window_closed"}, NO), (200, {"ok": False, "error": "ratelimited"}, LATER)]),
    Case("discourse", {"url": "https://forum.example", "user": "cal"}, {"api_key": "k"},
         post(part("12", "https://forum.example/t/a/12"), part("12/3", "https://forum.example/t/a/12/3")) | {"topic": 12},
         saying("one", "too", title="Teh"), saying("one", "two", title="The"),
         [("GET", "/posts/by_number/12/1.json", None, (200, {"id": 50})),
          ("PUT", "/t/-/12.json", {"title": "The"}, (200, {"basic_topic": {}})),
          ("PUT", "/posts/50.json", {"post": {"raw": "one"}}, (200, {"post": {"id": 50}})),
          ("GET", "/posts/by_number/12/3.json", None, (200, {"id": 52})),
          ("PUT", "/posts/52.json", {"post": {"raw": "two"}}, (200, {"post": {"id": 52}}))],
         [(404, {"error_type": "not_found", "errors": ["x"]}, NO), (403, {"error_type": "invalid_access"}, NO), (500, {}, LATER)]),
    Case("facebook", {"page": "77"}, {"token": "t"}, post(part("77_5", "https://www.facebook.com/77/posts/5")),
         saying("one", link="https://e.org/"), saying("uno", link="https://e.org/"),
         [("POST", "/v26.0/77_5", {"message": "uno"}, (200, {"success": True}))],
         [(400, {"error": {"code": 100, "error_subcode": 33}}, NO), (200, {"success": False}, NO), (400, {"error": {"code": 190}}, NO),
          (500, {}, LATER)],
         [(200, {"id": "77", "name": "Chalet"})], spec="meta"),
    Case("matrix", {"url": "https://m.example", "room": "#other:m.example"}, {"token": "t"},
         {"events": ["$a", "$i", "$b"], "id": "$a", "url": "https://matrix.to/#/%21r%3Am.example/%24a?via=m.example"},
         {"parts": [{"text": "one", "media": [IMAGE]}, {"text": "too"}], "visibility": "public"},
         {"parts": [{"text": "one", "media": [IMAGE]}, {"text": "two"}], "visibility": "public"},
         [("PUT", "/_matrix/client/v3/rooms/%21r%3Am.example/send/m.room.message/0123456789abcdef0123456789abcdef-edit-1",
           {"msgtype": "m.text", "body": "* two", "m.mentions": {},
            "m.new_content": {"msgtype": "m.text", "body": "two", "m.mentions": {}},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$b"}}, (200, {"event_id": "$c"}))],
         [(403, {"errcode": "M_FORBIDDEN"}, NO), (429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2000}, LATER), (500, {}, LATER)],
         [(200, {"user_id": "@cal:m.example", "device_id": "D1"}), (200, {"room_id": "!o:m.example"}),
          (404, {"errcode": "M_NOT_FOUND"})]),
    Case("devto", {}, {"api_key": "k"}, {"id": "55", "url": "https://dev.to/c/a-55", "post": 55},
         saying("x", title="Teh", body="old"), saying("x", title="The", body="new", summary="s"),
         [("PUT", "/api/articles/55", {"article": {"title": "The", "body_markdown": "new", "description": "s"}}, (200, {"id": 55}))],
         [(404, {"error": "not found"}, NO), (401, {"error": "unauthorized"}, NO), (500, {}, LATER)], spec="forem"),
    Case("nodebb", {"url": "https://forum.example", "category": 2}, {"token": "t"},
         post(part("9", "https://forum.example/topic/9"), part("post/31", "https://forum.example/post/31")),
         saying("one", "too", title="Teh"), saying("one", "two", title="The"),
         [("GET", "/api/v3/topics/9", None, (200, {"status": {"code": "ok"}, "response": {"mainPid": 30}})),
          ("PUT", "/api/v3/posts/30", {"content": "one", "title": "The"}, (200, {"status": {"code": "ok"}, "response": {}})),
          ("PUT", "/api/v3/posts/31", {"content": "two"}, (200, {"status": {"code": "ok"}, "response": {}}))],
         [(404, {"status": {"code": "not-found"}}, NO), (403, {"status": {"code": "forbidden"}}, NO), (500, {}, LATER)],
         [(200, {"uid": 1, "userslug": "cal", "username": "Cal"})]),
    Case("lemmy", {"url": "https://lemmy.example", "community": "news"}, {"token": "t"},
         post(part("13", "https://lemmy.example/post/13"), part("21", "https://lemmy.example/comment/21")),
         saying("one", "too", title="Teh news", warning="w"), saying("one", "two", title="The news"),
         [("PUT", "/api/v3/post", {"post_id": 13, "name": "The news", "body": "one", "nsfw": False},
           (200, {"post_view": {}})),
          ("PUT", "/api/v3/comment", {"comment_id": 21, "content": "two"}, (200, {"comment_view": {}}))],
         [(400, {"error": "couldnt_find_post"}, NO), (404, {"error": "not_found"}, NO), (400, {"error": "no_post_edit_allowed"}, NO),
          (500, {}, LATER)],
         [(200, {"my_user": {"local_user_view": {"person": {"id": 5, "name": "cal"}}}}),
          (200, {"community_view": {"community": {"id": 3}}})]),
    Case("micropub", {"url": "https://e.org/"}, {"token": "t"}, post(part("https://e.org/2026/a", "https://e.org/2026/a")),
         saying("teh", title="Old", tags=["t"]), saying("the", tags=["u"]),
         [("POST", "/micropub?x=1", {"action": "update", "url": "https://e.org/2026/a",
                                     "replace": {"content": ["the"], "category": ["u"]}, "delete": ["name"]}, (204, ""))],
         [(410, "", NO), (403, {"error": "insufficient_scope"}, NO), (500, {}, LATER)],
         [(200, "<html><head><link rel='micropub' href='/micropub?x=1'></head>"), (200, {})]),
    Case("micropub", {"url": "https://e.org/", "link_as": "bookmark"}, {"token": "t"},
         post(part("https://e.org/2026/a", "https://e.org/2026/a")), saying("a", link="https://e.net/"), saying("a"),
         [("POST", "/micropub?x=1", {"action": "update", "url": "https://e.org/2026/a",
                                     "replace": {"content": ["a"]}, "delete": ["bookmark-of"]}, (204, ""))], [],
         [(200, "<html><head><link rel='micropub' href='/micropub?x=1'></head>"), (200, {})], name="-bookmark"),
    Case("tumblr", {"blog": "chalet", "consumer_key": "k"}, {"consumer_secret": "s"},
         post(part("123", "https://chalet.tumblr.com/post/123")), saying("teh", tags=["a"]), saying("the", tags=["a", "b"]),
         [("PUT", "/v2/blog/chalet/posts/123", {"state": "published", "content": [{"type": "text", "text": "the"}], "tags": "a,b"},
           (200, {"meta": {"status": 200}, "response": {"id": "123"}}))],
         [(404, {"meta": {"status": 404}}, NO), (403, {"meta": {"status": 403}}, NO), (500, {}, LATER)], [], LOGIN),
    Case("pinterest", {"board": "1"}, {"token": "t"}, post(part("813744226420795884")),
         with_image("teh", "A dog", title="T"), with_image("the", "Two dogs", title="T"),
         [("PATCH", "/v5/pins/813744226420795884", {"description": "the", "alt_text": "Two dogs"}, (200, {"id": "813744226420795884"}))],
         [(404, {"code": 50}, NO), (403, {"code": 7}, NO), (429, {}, LATER), (500, {}, LATER)]),
    Case("youtube", {"client_id": "app"}, {"client_secret": "s"}, {"id": "v1", "url": "https://youtu.be/v1", "video": "v1"},
         saying("old", title="Teh"), saying("new", title="The", tags=["a"]),
         [("GET", "/youtube/v3/videos?part=snippet&id=v1", None, (200, {"items": [{"id": "v1", "snippet": {"categoryId": "24"}}]})),
          ("PUT", "/youtube/v3/videos?part=snippet", {"id": "v1", "snippet": {"title": "The", "description": "new", "categoryId": "24",
                                                                              "tags": ["a"]}}, (200, {"id": "v1"}))],
         [(404, {"error": {"errors": [{"reason": "videoNotFound"}]}}, NO), (403, {"error": {"errors": [{"reason": "forbidden"}]}}, NO),
          (500, {}, LATER)],
         [(200, {"items": [{"id": "UC1", "snippet": {"title": "C"}, "contentDetails": {"relatedPlaylists": {"uploads": "UU1"}}}]})],
         LOGIN),
    Case("webhook", {"url": "https://e.org/in", "edit_url": "https://e.org/in/{{id}}", "edit_method": "PUT",
                     "edit_body": '{"event": {{event}}, "parts": {{parts}}}'}, {}, {"id": "a7"}, saying("teh", "b"), saying("the", "b"),
         [("PUT", "/in/a7", {"event": "edit", "parts": ["the", "b"]}, (200, ""))],
         [(404, "", NO), (403, {"message": "no"}, NO), (500, {}, LATER), (429, {}, LATER)]),
    Case("linkedin", {"author": "urn:li:organization:5"}, {"token": "t"}, post(part("urn:li:share:77")),
         saying("teh (old)"), saying("the (new)"),
         [("POST", "/rest/posts/urn%3Ali%3Ashare%3A77", {"patch": {"$set": {"commentary": "the \\(new\\)"}}}, (204, ""))],
         [(404, {"status": 404}, NO), (400, {"status": 400}, NO), (429, {}, LATER), (500, {}, LATER)]),
]


def walk_of(case, memo=None):
    walk = Walk(case.network, case.options, case.secrets, case.after, NOW)
    walk.asked["published"] = case.before
    walk.asked["memo"] = copy.deepcopy(case.memo if memo is None else memo)
    walk.asked["session"] = copy.deepcopy(case.session)
    return walk


def give(walk, status, body):
    outcome = walk.ask("edit", said(status, body))["outcome"]
    walk.merge(outcome.get("memo"))
    walk.asked["session"] = outcome.get("session", walk.asked["session"])
    return outcome


def next_step(walk, case):
    """The next one that edits, or 'done'; the session's are answered."""
    answers = list(case.sessions)
    while (step := walk.ask("edit")["step"])["kind"] == "session":
        outcome = give(walk, *answers.pop(0))
        assert outcome["kind"] == "next", outcome
    return step


def body_of(step):
    text = step.get("body")
    if text is None:
        return None
    form = any(name.lower() == "content-type" and "form" in value for name, value in step["headers"])
    return dict(urllib.parse.parse_qsl(text, keep_blank_values=True)) if form else json.loads(text)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_what_differs_is_asked_for_as_the_network_describes_it(case):
    judge = Contract.find(case.spec) if (SPECS / case.spec).is_dir() else None
    with walk_of(case) as walk:
        for method, path, body, answer in case.steps:
            step = next_step(walk, case)
            url = urllib.parse.urlsplit(step["url"])
            assert (step["kind"], step["method"], url.path + (f"?{url.query}" if url.query else "")) == ("prepare", method, path)
            assert body_of(step) == body
            described = judge and any(o.method == method and o.pattern.fullmatch(url.path) for o in judge.operations)
            complaints = judge.complaints(Sent(step)) if described else []
            assert [c for c in complaints if not any(words in c for words in ELSEWISE)] == []
            assert described or not judge or case.spec in UNDESCRIBED or "/by_number/" in path, "no such request is described"
            assert give(walk, *answer)["kind"] == "next"
        step = next_step(walk, case)
        assert step["kind"] == "done" and "name" not in step, step


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_only_a_good_answer_says_that_it_is_done(case):
    for status, body, kind in case.outcomes:
        with walk_of(case) as walk:
            for *_, answer in case.steps[:-1]:
                next_step(walk, case)
                give(walk, *answer)
            next_step(walk, case)
            before = (walk.asked["memo"].get("edit") or {}).get("done", 0)
            outcome = give(walk, status, body)
            after = (walk.asked["memo"].get("edit") or {}).get("done", 0)
            assert (outcome["kind"], after > before) == (kind, kind == DONE), (status, body, outcome)
            assert kind == DONE or outcome["message"]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_what_the_memo_does_not_name_is_not_looked_for(case):
    with walk_of(case, {}) as walk:
        step = walk.ask("edit")["step"]
        assert step["kind"] == "done" and "calctl delete" not in step["name"], step


@pytest.mark.parametrize("state, url", [("queue", None), ("draft", None), ("published", None),
                                        ("queue", "https://chalet.tumblr.com/post/123")])
def test_a_post_of_tumblr_that_may_be_out_is_not_put_back_into_the_queue(state, url):
    case = copy.copy(next(c for c in CASES if c.network == "tumblr"))
    case.options = case.options | {"state": state}
    with walk_of(case, post(part("123", url))) as walk:
        step = walk.ask("edit")["step"]
        assert step["kind"] == "done" and "queue" in step["name"], step


@pytest.mark.parametrize("made, now", [("private", "published"), ("published", "private"), ("published", "queue")])
def test_a_post_of_tumblr_stays_what_it_was_made_as_whatever_the_account_says_by_now(made, now):
    case = copy.copy(next(c for c in CASES if c.network == "tumblr"))
    case.options = case.options | {"state": now}
    with walk_of(case, case.memo | {"state": made}) as walk:
        assert json.loads(next_step(walk, case)["body"])["state"] == made


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_what_says_it_already_is_left_alone_unless_an_edit_before_is_in_doubt(case):
    same = copy.copy(case)
    same.before = case.after
    with walk_of(same) as walk:
        assert walk.ask("edit")["step"] == {"kind": "done", "headers": []}
    with walk_of(same, case.memo | {"edit": {"all": True}}) as walk:
        assert next_step(walk, case)["kind"] == "prepare"


@pytest.mark.parametrize("case", [c for c in CASES if c.network in ("mastodon", "wordpress", "discourse", "lemmy", "nodebb", "devto")],
                         ids=repr)
def test_an_account_that_moved_asks_for_nothing_on_the_other_server(case):
    moved = copy.copy(case)
    moved.options = case.options | {"url": "https://elsewhere.example"}
    with walk_of(moved) as walk:
        step = walk.ask("edit")["step"]
        assert step["kind"] == "done" and "another address" in step["name"], step


def test_what_networks_md_says_can_be_changed_is_what_the_drivers_can():
    source = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2]))
    able = {re.search(r"^const struct network network_(\w+) = ", path.read_text(), re.M)[1]
            for path in (source / "daemon/network").glob("*.c") if re.search(r"^    \.edit = ", path.read_text(), re.M)}
    assert {c.network for c in CASES} | {"feed", "files", "null"} == able
    assert networks_page.able("Edit") == able - {"null"}

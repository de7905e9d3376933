"""Tumblr as a user has it: cald against a small server that does as Tumblr's documentation says."""
import json
import os
import re
import sys
import time
import urllib.parse
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from house import House, Mind  # noqa: E402
from pictures import png  # noqa: E402
from scripted import Refused  # noqa: E402

SECRETS = {"consumer": "consumer0secret", "token": "access0token", "token-secret": "access0token0secret"}
MEMBERS = {"content", "state", "tags", "slug", "parent_tumblelog_uuid", "parent_post_id", "reblog_key"}


class Tumblr(Mind):
    """A blog. The same post twice is two posts; a reblog must name the key of what it continues."""

    missing = {"meta": {"status": 404, "msg": "Not Found"}, "response": [], "errors": [{"title": "Not Found", "code": 0}]}

    def __init__(self):
        self.posts, self.images = [], {}

    def token(self, request):
        fields = dict(urllib.parse.parse_qsl(request.body.decode()))
        assert (fields["client_id"], fields["client_secret"]) == ("key", SECRETS["consumer"]) and fields["code"] == "c0de"
        return 200, {"access_token": "bearer0token", "expires_in": 2520, "refresh_token": "refresh0token", "token_type": "bearer",
                     "scope": "write offline_access"}

    def admit(self, request):
        if request.path.endswith("/oauth2/token") or request.headers.get("authorization") == "Bearer bearer0token":
            return
        assert request.headers["user-agent"].startswith("cald/"), request.headers
        if f'oauth_token="{SECRETS["token"]}"' not in request.headers.get("authorization", ""):
            raise Refused(401, {"meta": {"status": 401, "msg": "Unauthorized"}, "response": []})

    @staticmethod
    def fine(status, response):
        return status, {"meta": {"status": status, "msg": "OK"}, "response": response}

    def user(self, request):
        return self.fine(200, {"user": {"name": "anna", "blogs": [{"name": "anna"}, {"name": "chalet", "url": "https://chalet.tumblr.com/"}]}})

    def fields(self, request):
        """Of the body, and its images by the names that they have in it."""
        if request.headers["content-type"].startswith("application/json"):
            return request.fields(), {}
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        parts = [(part.get_param("name", header="content-disposition"), part)
                 for part in BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts()]
        assert parts[0][0] == "json" and parts[0][1].get_content_type() == "application/json"
        return json.loads(parts[0][1].get_payload(decode=True)), {name: part.get_payload(decode=True) for name, part in parts[1:]}

    def publish(self, request, blog):
        post, files = self.fields(request)
        assert set(post) <= MEMBERS and post["content"], post
        named = [block["media"][0]["identifier"] for block in post["content"] if block["type"] == "image"] + \
            [block["media"]["identifier"] for block in post["content"] if block["type"] == "video"]
        assert named == list(files), (named, list(files))
        parent = post.get("parent_post_id")
        if parent and post["reblog_key"] != f"key{parent}":
            raise Refused(400, {"meta": {"status": 400}, "errors": [{"title": "parent", "code": 8002}]})
        id = str(700_000_000_000_000_000 + len(self.posts))
        self.posts.append(post | {"id": int(id), "id_string": id, "timestamp": int(time.time()), "files": files})
        return self.fine(201, {"id": id, "state": post["state"]})

    def list(self, request, blog, which=None):
        wanted = {None: ("published", "private"), "queue": ("queue",), "draft": ("draft",)}[which]
        found = [{key: value for key, value in post.items() if key != "files"} for post in reversed(self.posts)
                 if post["state"] in wanted]
        return self.fine(200, {"posts": found[(at := int(request.query.get("offset", 0))):at + int(request.query["limit"])]})

    def get(self, request, blog, id):
        assert any(post["id_string"] == id for post in self.posts)
        return self.fine(200, {"id": id, "tumblelog_uuid": "t:abc", "reblog_key": f"key{id}"})

    ROUTES = {("GET", "/v2/user/info"): user, ("POST", "/v2/blog/([^/]+)/posts"): publish, ("GET", "/v2/blog/([^/]+)/posts"): list,
              ("GET", "/v2/blog/([^/]+)/posts/(queue|draft)"): list, ("GET", r"/v2/blog/([^/]+)/posts/(\d+)"): get,
              ("POST", "/v2/oauth2/token"): token}


def text_of(post):
    return "\n".join(block["text"] for block in post["content"] if block["type"] == "text")


OAUTH1 = ("network: tumblr, consumer_key: key, consumer_secret: {file: consumer}, access_token: {file: token}, "
          "access_token_secret: {file: token-secret}, ")
TEXT = "Il neige 🌨 : https://example.org/a\n\nVenez !"
ACCOUNTS = {"blog": OAUTH1 + "blog: chalet, tags: [chalet]", "drafts": OAUTH1 + "blog: chalet.tumblr.com, state: draft",
            "other": OAUTH1 + "blog: nobody"}


@pytest.fixture
def house():
    with House(Tumblr(), ACCOUNTS, SECRETS) as one:
        yield one


def test_a_post_has_its_blocks_tags_images_and_address(house):
    house.add("un", ["blog"], images=2, title="Ouverture", link="https://example.org/hiver", tags=["neige", "a,b"],
              text=TEXT)
    delivery = house.daemon.wait_state("un", "blog", "published")
    post, = house.mind.posts
    assert delivery["url"] == f"https://chalet.tumblr.com/post/{post['id_string']}"
    assert [block["type"] for block in post["content"]] == ["text", "text", "text", "image", "image", "link"]
    heading, first, second, image, _, link = post["content"]
    assert (heading["subtype"], heading["text"], second["text"]) == ("heading1", "Ouverture", "Venez !")
    marked, = first["formatting"]
    assert first["text"][marked["start"]:marked["end"]] == marked["url"] == "https://example.org/a"
    assert image["alt_text"] == "image 0" and image["media"][0] == {"type": "image/png", "identifier": "image-0", "width": 40, "height": 30}
    assert list(post["files"].values()) == [png(40, 30, 0), png(40, 30, 1)]
    assert link["url"] == "https://example.org/hiver" and post["tags"] == "chalet,neige,a b" and post["state"] == "published"
    part = house.preview("un")
    assert (part["length"], part["limit"]) == (len(TEXT), 4096)


def test_a_thread_continues_itself(house):
    house.add("fil", ["blog"], thread=["un", "deux", "trois"])
    house.daemon.wait_state("fil", "blog", "published")
    assert [text_of(post) for post in house.mind.posts] == ["un", "deux", "trois"]
    assert [post.get("parent_post_id") for post in house.mind.posts] == [None] + [post["id_string"] for post in house.mind.posts[:2]]


def test_made_and_not_answered_it_is_found_and_never_made_twice(house):
    house.server.script({"method": "POST", "path": "/posts$", "do": "act-and-drop", "times": 2},
                        {"method": "POST", "path": "/posts$", "do": "half"})
    house.add("texte", ["blog"], text="Perdu ?")
    house.add("image", ["blog"], images=1)
    house.add("brouillon", ["drafts"], text="Perdu, dans les brouillons ?")
    assert house.daemon.wait_state("texte", "blog", "published")["url"]
    assert house.daemon.wait_state("image", "blog", "published")["url"]
    assert house.daemon.wait_state("brouillon", "drafts", "published")["url"] is None
    assert len(house.mind.posts) == len(house.sent("POST", "/v2/blog/[^/]+/posts")) == 3


def test_a_video_goes_with_its_post_and_never_twice(house):
    house.server.script({"method": "POST", "path": "/posts$", "do": "act-and-drop"})
    media, data = house.film(300_000)
    house.add("film", ["blog"], media=[media], text="Le col")
    assert house.daemon.wait_state("film", "blog", "published")["url"]
    post, = house.mind.posts
    assert post["content"][1] == {"type": "video", "media": {"type": "video/mp4", "identifier": "video-0", "width": 1280, "height": 720}}
    assert post["files"] == {"video-0": data} and len(house.sent("POST", "/v2/blog/[^/]+/posts")) == 1


def test_a_daily_limit_holds_the_account_and_the_credentials_are_told(house):
    house.server.script({"method": "POST", "path": "/posts$", "do": "answer", "status": 403,
                         "value": {"meta": {"status": 403, "msg": "Forbidden"}, "errors": [{"title": "limit", "code": 8023}]}})
    house.add("trop", ["blog"], text="Trop")
    assert "as much as it may in a day" in house.daemon.wait_state("trop", "blog", "waiting")["message"]
    assert house.daemon.api("POST", "/v1/accounts/blog/check").json["identity"] == "anna, blog chalet"
    checked = house.daemon.api("POST", "/v1/accounts/other/check").json
    assert not checked["ok"] and "anna has no blog 'nobody'" in checked["message"], checked
    house.daemon.write("token", "another\n", 0o600)
    assert house.daemon.api("POST", "/v1/reload").status == 200
    checked = house.daemon.api("POST", "/v1/accounts/drafts/check").json
    assert not checked["ok"] and re.search("four values of OAuth 1.0a", checked["message"]), checked


def test_who_logs_in_publishes():
    accounts = {"blog": "network: tumblr, blog: chalet, consumer_key: key, consumer_secret: {file: consumer}"}
    with House(Tumblr(), accounts, {"consumer": SECRETS["consumer"]}) as house:
        asked, said = house.login("blog", "c0de")
        assert asked["scope"] == "basic write offline_access" and "anna, blog chalet" in said
        house.add("un", ["blog"], text="Un")
        assert house.daemon.wait_state("un", "blog", "published")["url"]
        assert "bearer0token" not in house.daemon.log()

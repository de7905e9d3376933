"""Facebook Pages, Instagram and Threads as a user has them: cald against a scripted Graph API, and the listener that shows
media to it. The API throttles with HTTP 400, processes for a while, fails, and drops connections after it published."""
import hashlib
import hmac
import http.client
import json
import os
import re
import stat
import sys
import time
import urllib.parse
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from contract import Contract  # noqa: E402
from daemon import Daemon  # noqa: E402
from scripted import Refused, ScriptedServer  # noqa: E402

IMAGE = (b"\xff\xd8\xff\xc0\x00\x0b\x08" + (600).to_bytes(2, "big") + (800).to_bytes(2, "big") + b"\x01\x01\x11\x00"
         + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x55" * 2000 + b"\xff\xd9")
HASH = hashlib.sha256(IMAGE).hexdigest()
TOKENS = {"page": "EAApage0token1", "insta": "IGAAinsta0token", "threads": "THAAthreads0token"}


def error(code, subcode=0, **more):
    return Refused(400, {"error": {"message": "no", "type": "OAuthException", "code": code, "error_subcode": subcode, **more}})


class Graph:
    """What the sheet of each network says of containers, photos and lists. Times are Unix seconds."""

    def __init__(self):
        self.posts, self.boxes, self.photos, self.fetched, self.next_id = [], {}, {}, [], 100
        self.quota, self.polls = 50, 0  # how often a container is IN_PROGRESS before it is FINISHED
        self.fails_with = None  # "2207026": the status of an Instagram container
        self.port = None      # of the listener, which a proxy would show under 'url'

    def new_id(self):
        self.next_id += 1
        return str(self.next_id)

    @staticmethod
    def now():
        return time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime())

    def fetch(self, url, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, urllib.parse.urlsplit(url).path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def container(self, fields):
        url = fields.get("image_url")
        if url and self.port:
            answer, body = self.fetch(url)
            if answer.status != 200 or answer.getheader("Content-Type") != "image/jpeg":
                raise error(9004, 2207052)
            self.fetched.append((url, body))
        box = {"id": self.new_id(), "fields": fields, "polls": self.polls, "status": "FINISHED"}
        self.boxes[box["id"]] = box
        return 200, {"id": box["id"]}

    def publish(self, fields, kind):
        box = self.boxes.get(fields["creation_id"])
        if box is None:
            raise error(24, 2207008)
        if box["status"] == "PUBLISHED":
            raise error(100)
        assert box["status"] == "FINISHED" and box["polls"] == 0, box
        box["status"] = "PUBLISHED"
        post = {"id": self.new_id(), "kind": kind, "timestamp": self.now(), **box["fields"]}
        self.posts.append(post)
        return 200, {"id": post["id"]}

    def status(self, box, query):
        wanted = query["fields"].split(",")
        if box["polls"] > 0:
            box["polls"] -= 1
            return 200, {wanted[0]: "IN_PROGRESS", "id": box["id"]}
        if self.fails_with and box["status"] == "FINISHED":
            return 200, {wanted[0]: "ERROR", wanted[1]: f"Error: Media upload has failed with error code {self.fails_with}"}
        return 200, {wanted[0]: box["status"], "id": box["id"]}

    def list(self, kind, text):
        return 200, {"data": [{"id": p["id"], text: p.get(text), "timestamp": p["timestamp"], "permalink": self.permalink(p)}
                              for p in reversed(self.posts) if p["kind"] == kind]}

    @staticmethod
    def permalink(post):
        return f"https://www.example.org/p/{post['id']}"

    def page(self, request, edge):
        if edge == "photos":
            head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
            parts = {p.get_param("name", header="content-disposition"): p.get_payload(decode=True)
                     for p in BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts()}
            assert parts["published"] == b"false" and parts["source"] == IMAGE
            photo = self.new_id()
            self.photos[photo] = parts.get("alt_text_custom", b"").decode()
            return 200, {"id": photo}
        if edge == "published_posts":
            return 200, {"data": [{"id": p["id"], "message": p.get("message"), "created_time": p["timestamp"],
                                   "permalink_url": self.permalink(p)} for p in reversed(self.posts) if p["kind"] == "page"]}
        fields = dict(urllib.parse.parse_qsl(request.body.decode()))
        post = {"id": f"77_{self.new_id()}", "kind": "page", "timestamp": self.now(), **fields}
        self.posts.append(post)
        return 200, {"id": post["id"], "permalink_url": self.permalink(post)}

    def answer(self, request):
        assert "token" not in request.body.decode(errors="replace"), "a token in a body is kept on disk"
        if request.headers.get("authorization") not in {f"Bearer {token}" for token in TOKENS.values()}:
            raise error(190)
        _, version, node, *edge = request.path.split("/")
        edge = edge[0] if edge else ""
        fields = dict(urllib.parse.parse_qsl(request.body.decode())) if request.method == "POST" and edge != "photos" else {}
        assert version in ("v26.0", "v1.0"), request.path
        if edge in ("media", "threads") and request.method == "POST":
            return self.container(fields)
        if edge in ("media_publish", "threads_publish"):
            return self.publish(fields, "insta" if edge == "media_publish" else
                                "threads" if not self.boxes[fields["creation_id"]]["fields"].get("reply_to_id") else "replies")
        if edge in ("content_publishing_limit", "threads_publishing_limit"):
            return 200, {"data": [{"quota_usage": len(self.posts), "config": {"quota_total": self.quota, "quota_duration": 86400}}]}
        if edge in ("media", "threads", "replies"):
            return self.list({"media": "insta"}.get(edge, edge), "caption" if edge == "media" else "text")
        if node == "77":
            return self.page(request, edge) if edge else (200, {"id": "77", "name": "Chalet"})
        if node == "me":
            return 200, {"user_id": "42", "id": "42", "username": "chalet"}
        if node in self.boxes:
            return self.status(self.boxes[node], request.query)
        post = next(p for p in self.posts if p["id"] == node)
        return 200, {"permalink": self.permalink(post), "id": node}


LISTENER = 'media_urls: {url: "https://media.example.org/cald/", listen: "127.0.0.1:0"}\n'


def accounts(url):
    return "".join(f"  {name}: {{network: {network}, url: '{url}', {more}token: {{file: {name}.token}}}}\n"
                   for name, network, more in (("page", "facebook", "page: '77', "), ("insta", "instagram", ""),
                                               ("threads", "threads", "")))


class House:
    def __init__(self, settings=LISTENER):
        self.graph, self.settings = Graph(), settings

    def __enter__(self):
        self.server = ScriptedServer(self.graph).__enter__()
        self.daemon = Daemon(accounts=accounts(self.server.url), calendar="version: 1\ntimezone: UTC\n",
                             charter="version: 1\n", settings=self.settings)
        for name, token in TOKENS.items():
            self.daemon.write(f"{name}.token", token + "\n", 0o600)
        self.daemon.start()
        found = re.search(r"served on http://127\.0\.0\.1:(\d+)/", self.daemon.log())
        self.graph.port = int(found.group(1)) if found else None
        return self

    def __exit__(self, kind, *rest):
        try:
            self.daemon.__exit__(kind, *rest)
            for token in TOKENS.values():
                assert token not in self.daemon.log()
            if kind is None:
                self.hold_against_descriptions()
        finally:
            self.server.__exit__(kind, *rest)

    def hold_against_descriptions(self):
        """What was sent, against Meta's own lists of parameters, where they are at hand."""
        judges = {"v26.0": Contract.find("meta"), "v1.0": Contract.find("threads")}
        for request in self.server.requests():
            judge = judges[request.path.split("/")[1]] if request.method != "HEAD" else None
            assert judge is None or judge.complaints(request) == []

    def image(self):
        return self.daemon.api("POST", "/v1/media", IMAGE, {"Content-Type": "image/jpeg"}).json["file"]

    def add(self, id, to, at=None, images=0, **content):
        media = [{"file": self.image(), "alt": f"image {i}"} for i in range(images)]
        body = {"id": id, "to": to, **content, **({"media": media} if media else {}), **({"at": at} if at else {})}
        answer = self.daemon.api("POST", "/v1/posts", body)
        assert answer.status == 201, answer

    def sent(self, pattern):
        return [r for r in self.server.requests() if r.method == "POST" and re.search(pattern, r.path)]


@pytest.fixture
def house():
    with House() as one:
        yield one


def test_one_post_goes_to_all_three_with_its_image_and_alt_text(house):
    house.graph.polls = 1
    house.add("neige", ["page", "insta", "threads"], images=1, text="Il neige !", link="https://example.org/hiver")
    for account in ("page", "insta", "threads"):
        delivery = house.daemon.wait_state("neige", account, "published", 40)
        assert delivery["url"].startswith("https://www.example.org/p/")
    posts = {post["kind"]: post for post in house.graph.posts}
    assert len(house.graph.posts) == 3
    assert posts["insta"]["caption"] == "Il neige !\n\nhttps://example.org/hiver" and posts["insta"]["alt_text"] == "image 0"
    assert posts["threads"]["media_type"] == "IMAGE" and posts["threads"]["alt_text"] == "image 0"
    assert json.loads(posts["page"]["attached_media[0]"])["media_fbid"] in house.graph.photos
    assert list(house.graph.photos.values()) == ["image 0"]
    assert [body for _, body in house.graph.fetched] == [IMAGE, IMAGE]
    for url, _ in house.graph.fetched:  # it is over
        assert house.graph.fetch("/" + name_of(url))[0].status == 404


def test_a_carousel_and_a_thread(house):
    house.add("trois", ["insta"], images=3, text="Trois")
    house.add("fil", ["threads"], thread=["un", "deux", "trois"], link="https://example.org/")
    house.daemon.wait_state("trois", "insta", "published", 40)
    house.daemon.wait_state("fil", "threads", "published", 40)
    carousel = next(post for post in house.graph.posts if post["kind"] == "insta")
    assert carousel["media_type"] == "CAROUSEL" and len(carousel["children"].split(",")) == 3
    thread = [post for post in house.graph.posts if post["kind"] in ("threads", "replies")]
    assert [post["text"] for post in thread] == ["un", "deux", "trois"] and thread[0]["link_attachment"] == "https://example.org/"
    assert [post.get("reply_to_id") for post in thread] == [None, thread[0]["id"], thread[1]["id"]]


def test_published_and_then_the_connection_is_dropped_it_is_found_and_never_twice(house):
    house.server.script({"method": "POST", "path": "_publish$", "do": "act-and-drop", "times": 2},
                        {"method": "POST", "path": "/feed$", "do": "half"})
    house.add("perdu", ["page", "threads"], text="Perdu ?")
    house.add("perdu-image", ["insta"], images=1, text="Perdu ?")
    for post, account in (("perdu", "page"), ("perdu", "threads"), ("perdu-image", "insta")):
        assert house.daemon.wait_state(post, account, "published", 40)["url"]
    assert len(house.graph.posts) == 3
    assert len(house.sent("_publish$")) == 2 and len(house.sent("/feed$")) == 1


def test_a_throttle_brakes_the_account_for_as_long_as_they_say(house):
    usage = {"X-Business-Use-Case-Usage": json.dumps({"77": [{"type": "pages", "call_count": 100,
                                                              "estimated_time_to_regain_access": 7}]})}
    house.server.script({"method": "POST", "path": "/feed$", "do": "answer", "status": 400, "headers": usage,
                         "value": {"error": {"message": "(#32) Page request limit reached", "code": 32}}})
    house.add("trop", ["page"], text="Trop vite")
    delivery = house.daemon.wait_state("trop", "page", "waiting")
    assert "too many calls for the page (error 32/0)" in delivery["message"]
    account = next(a for a in house.daemon.api("GET", "/v1/accounts").json["items"] if a["name"] == "page")
    assert account["state"] == "braked"
    until = time.mktime(time.strptime(account["until"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone - time.time()
    assert 5 * 60 < until <= 7 * 60 and house.graph.posts == []


def test_a_container_that_fails_for_good_refuses_the_post_and_says_why(house):
    house.graph.fails_with = "2207026"
    house.add("format", ["insta"], images=1, text="Format")
    assert "the format is not taken" in house.daemon.wait_state("format", "insta", "refused", 40)["message"]
    assert house.graph.posts == []


def test_a_dead_token_holds_the_account_back_and_check_names_who_we_are(house):
    assert house.daemon.api("POST", "/v1/accounts/insta/check").json["identity"] == "chalet"
    house.daemon.write("threads.token", "THAAdead\n", 0o600)
    assert house.daemon.api("POST", "/v1/reload").status == 200
    answer = house.daemon.api("POST", "/v1/accounts/threads/check").json
    assert not answer["ok"] and "error 190" in answer["message"]


def test_another_option_does_not_end_a_session_that_may_hold_a_renewed_token(house):
    house.add("un", ["threads"], text="Un")
    house.daemon.wait_state("un", "threads", "published", 40)
    session = house.daemon.state / "sessions/threads.json"
    before = session.read_text()
    text = house.daemon.config.read_text()
    house.daemon.write("cald.yaml", text.replace("token: {file: threads", "reply_control: everyone, token: {file: threads"))
    assert house.daemon.api("POST", "/v1/reload").status == 200
    assert session.read_text() == before
    house.daemon.write("threads.token", TOKENS["insta"] + "\n", 0o600)  # another token: nothing of the old one is used
    assert house.daemon.api("POST", "/v1/reload").status == 200
    house.add("deux", ["threads"], text="Deux")
    house.daemon.wait_state("deux", "threads", "published", 40)
    assert json.loads(session.read_text())["for"] != json.loads(before)["for"]


# ---- the listener ----

def name_of(url):
    return url.rsplit("/", 1)[1]


def test_the_listener_serves_what_is_on_its_way_and_nothing_else(house):
    house.server.script({"method": "GET", "path": r"fields=status_code", "do": "answer", "status": 200, "times": -1,
                         "value": {"status_code": "IN_PROGRESS"}})
    house.add("image", ["insta"], images=1, text="Image")
    end = time.monotonic() + 20
    while not house.graph.fetched and time.monotonic() < end:
        time.sleep(0.05)
    url, body = house.graph.fetched[0]
    assert body == IMAGE and url.startswith("https://media.example.org/cald/") and HASH in url

    row, until, file_hash, rest = name_of(url).split("-")
    signature = rest.split(".")[0]
    key_file = house.daemon.state / "media-urls.key"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    key = key_file.read_bytes()

    def signed(*facts):
        text = "-".join(map(str, facts))
        return f"/{text}-{hmac.new(key, f'cald media 1{chr(10)}{text}'.encode(), hashlib.sha256).hexdigest()}.jpg"

    assert signed(row, until, file_hash) == f"/{name_of(url)}"
    answer, body = house.graph.fetch(signed(row, until, file_hash), "HEAD")
    assert (answer.status, body, answer.getheader("Content-Length")) == (200, b"", str(len(IMAGE)))
    assert answer.getheader("Content-Type") == "image/jpeg" and answer.getheader("X-Content-Type-Options") == "nosniff"
    assert house.graph.fetch("/any/prefix" + signed(row, until, file_hash))[0].status == 200
    assert house.graph.fetch(signed(row, until, file_hash), "POST")[0].status == 405

    other = "0" if signature[-1] != "0" else "1"
    wrong = ["/", "/v1/status", "/healthz", "/metrics", "/media-urls.key", "/../state/media-urls.key", "/%2e%2e/tokens",
             f"/{row}-{until}-{file_hash}-{signature[:-1]}{other}.jpg",  # forged
             f"/{row}-{int(until) + 1}-{file_hash}-{signature}.jpg",
             f"/{int(row) + 1}-{until}-{file_hash}-{signature}.jpg",
             f"/{row}-{until}-{file_hash}-{signature}", f"/{row}-{until}-{file_hash}-.jpg", "/1-2-3-4.jpg", "/--.jpg",
             signed(row, int(time.time()) - 1, file_hash),  # expired
             signed(int(row) + 7, until, file_hash),        # of another delivery, or none
             signed(row, until, "0" * 64)]                  # of another file
    for path in wrong:
        answer, body = house.graph.fetch(path)
        assert answer.status in (400, 404) and IMAGE not in body, path


def test_held_media_are_not_served(house):
    house.server.script({"method": "GET", "path": r"fields=status_code", "do": "answer", "status": 200, "times": -1,
                         "value": {"status_code": "IN_PROGRESS"}})
    house.add("retenu", ["insta"], images=1, text="Image")
    house.daemon.wait_state("retenu", "insta", "waiting")
    path = "/" + name_of(house.graph.fetched[0][0])
    assert house.graph.fetch(path)[0].status == 200
    assert house.daemon.api("POST", "/v1/posts/retenu/hold").status == 200
    assert house.graph.fetch(path)[0].status == 404


# ---- the command ----

def test_a_command_puts_each_image_somewhere_once():
    with House('media_urls: {command: [put.sh, "https://cdn.example.org"]}\n') as house:
        shelf = house.daemon.directory / "shelf"
        shelf.mkdir()
        script = ('#!/bin/sh\necho "putting $CALD_MEDIA_TYPE" >&2\n'
                  f'cat > {shelf}/$CALD_MEDIA_NAME\necho run >> {shelf}/runs\necho "$1/$CALD_MEDIA_NAME"\n')
        house.daemon.write("put.sh", script, 0o755)
        house.add("a", ["insta", "threads"], images=1, text="A")
        house.daemon.wait_state("a", "insta", "published", 40)
        house.daemon.wait_state("a", "threads", "published", 40)
        house.add("b", ["threads"], images=1, text="B")
        house.daemon.wait_state("b", "threads", "published", 40)
        assert {post["image_url"] for post in house.graph.posts} == {f"https://cdn.example.org/{HASH}.jpg"}
        assert (shelf / "runs").read_text() == "run\n" and (shelf / f"{HASH}.jpg").read_bytes() == IMAGE


def test_a_command_that_fails_is_said_with_its_words():
    with House("media_urls: {command: [put.sh]}\n") as house:
        house.daemon.write("put.sh", "#!/bin/sh\necho 'the bucket is full' >&2\nexit 3\n", 0o755)
        house.add("a", ["threads"], images=1, text="A")
        message = house.daemon.wait_state("a", "threads", "waiting")["message"]
        assert "it ended with 3 and said: the bucket is full" in message


def test_without_media_urls_an_image_is_refused_when_it_is_planned():
    with House("") as house:
        body = {"id": "a", "to": ["threads"], "text": "A", "media": [{"file": house.image(), "alt": "a"}]}
        answer = house.daemon.api("POST", "/v1/posts", body)
        assert answer.status == 422 and "media_urls" in json.dumps(answer.json)
        house.add("b", ["threads"], text="B")
        house.daemon.wait_state("b", "threads", "published", 40)

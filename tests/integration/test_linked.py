"""LinkedIn as a user has it: cald against a small server that does what the documentation and the reports say. Whatever is
lost on the way, there is never a second post; what cannot be told is a person's."""
import calendar
import os
import re
import sys
import time
import urllib.parse
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
from house import House, Mind  # noqa: E402
from pictures import png  # noqa: E402
from scripted import Refused  # noqa: E402

TOKEN, CLIENT_SECRET = "AQXsecret0token1", "WPL0client0secret"
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n" + bytes(3000) + b"\nstartxref\n0\n%%EOF\n"
RESERVED = r"\|{}@[]()<>#*_~"


def shown(commentary):
    """What LinkedIn makes of little text: a reserved character that is not escaped ends it."""
    templates = re.sub(r"\{hashtag\|\\#\|((?:\\.|[^\\}])*)\}", lambda m: r"\#" + m.group(1), commentary)
    templates = re.sub(r"@\[((?:\\.|[^\\\]])*)\]\(urn:li:\w+:\w+\)", r"\1", templates)
    return re.sub(r"\\(.)", r"\1", re.match(r"(?:\\.|[^" + re.escape(RESERVED) + r"])*", templates, re.S).group(0))


class LinkedIn(Mind):
    """Versioned posts and images. A post equal to one that is there is refused, and named."""

    def __init__(self):
        self.posts, self.images, self.oldest = [], {}, "202510"
        self.polls = 0  # how often a page's next image is asked for before it is ready

    def userinfo(self, request):
        return 200, {"sub": "aB-9", "name": "Anna"}

    def roles(self, request):
        return 200, {"elements": [{"organization": "urn:li:organization:5", "role": "ADMINISTRATOR", "state": "APPROVED"}]}

    def announce(self, request):
        assert request.query == {"action": "initializeUpload"}
        owner, kind = request.fields()["initializeUploadRequest"]["owner"], request.path.split("/")[-1][:-1]
        urn = f"urn:li:{kind}:D{len(self.images)}"
        self.images[urn] = {"owner": owner, "bytes": None, "polls": 0}
        if ":organization:" in owner:  # a member may not ask
            self.images[urn]["polls"], self.polls = self.polls, 0
        return 200, {"value": {"uploadUrl": f"{self.url}/dms-uploads/{urn.split(':')[-1]}/v2?sig=x", kind: urn,
                               "uploadUrlExpiresAt": int(time.time() * 1000) + 3_600_000}}

    def put(self, request, id):
        kind = "document" if request.headers["content-type"] == "application/pdf" else "image"
        self.images[f"urn:li:{kind}:{id}"]["bytes"] = request.body
        return 201, ""

    def video(self, request):
        if request.query == {"action": "initializeUpload"}:
            asked = request.fields()["initializeUploadRequest"]
            urn, piece = f"urn:li:video:V{len(self.images)}", 200_000 if asked["fileSizeBytes"] > 200_000 else 50_000
            self.images[urn] = {"owner": asked["owner"], "bytes": b"", "polls": 99, "size": asked["fileSizeBytes"]}
            return 200, {"value": {"video": urn, "uploadToken": "", "uploadUrlsExpireAt": int(time.time() * 1000) + 3_600_000,
                                   "uploadInstructions": [
                {"uploadUrl": f"{self.url}/dms-uploads/{urn.split(':')[-1]}/{at}", "firstByte": at, "lastByte": min(at + piece, asked["fileSizeBytes"]) - 1}
                for at in range(0, asked["fileSizeBytes"], piece)]}}
        asked, video = request.fields()["finalizeUploadRequest"], self.images[request.fields()["finalizeUploadRequest"]["video"]]
        assert request.query == {"action": "finalizeUpload"} and asked["uploadedPartIds"] == video["marks"] and asked["uploadToken"] == ""
        assert len(video["bytes"]) == video["size"]
        video["polls"] = 1
        return 200, ""

    def piece(self, request, id, at):
        video = self.images[f"urn:li:video:{id}"]
        video["bytes"] = video["bytes"][:int(at)] + request.body
        video["marks"] = [mark for mark in video.get("marks", []) if int(mark.split("/")[-1]) < int(at)] + [f"/ambry-video/{at}"]
        return 200, "", {"ETag": f"/ambry-video/{at}"}

    def image(self, request, urn):
        image = self.images[urllib.parse.unquote(urn)]
        image["polls"] -= 1
        return 200, {"status": "PROCESSING" if image["polls"] >= 0 else "AVAILABLE"}

    @staticmethod
    def images_of(content):
        media = content.get("multiImage", {}).get("images", [content["media"]] if "media" in content else [])
        return [one["id"] for one in media]

    def publish(self, request):
        fields = request.fields()
        assert set(fields) <= {"author", "commentary", "visibility", "distribution", "lifecycleState", "content",
                               "isReshareDisabledByAuthor"} and fields["lifecycleState"] == "PUBLISHED"
        for urn in self.images_of(fields.get("content", {})):
            assert self.images[urn]["bytes"] and self.images[urn]["polls"] < 1 and self.images[urn]["owner"] == fields["author"]
        for post in self.posts:
            if all(post.get(key) == fields.get(key) for key in ("author", "commentary", "content")):
                raise Refused(422, {"status": 422, "code": "DUPLICATE_POST",
                                    "message": f"Content is a duplicate of {post['id']}"})
        now = int(time.time() * 1000)
        self.posts.append(fields | {"id": f"urn:li:share:{70 + len(self.posts)}", "createdAt": now, "lastModifiedAt": now})
        return 201, "", {"x-restli-id": self.posts[-1]["id"]}

    def list(self, request):
        assert request.headers["x-restli-method"] == "FINDER" and request.query["q"] == "author"
        found = [post for post in reversed(self.posts) if post["author"] == request.query["author"]]
        return 200, {"elements": found[(at := int(request.query["start"])):at + int(request.query["count"])], "paging": {}}

    def token(self, request):
        fields = dict(urllib.parse.parse_qsl(request.body.decode()))
        assert fields["client_id"] == "app" and fields["client_secret"] == CLIENT_SECRET, fields
        assert fields["grant_type"] == "authorization_code" and fields["code"] == "c0de"
        return 200, {"access_token": TOKEN, "expires_in": 5_184_000, "scope": "openid,profile,w_member_social"}

    ROUTES = {("GET", "/v2/userinfo"): userinfo, ("GET", "/rest/organizationAcls"): roles, ("POST", "/rest/(?:images|documents)"): announce,
              ("PUT", "/dms-uploads/([^/]+)/v2"): put, ("GET", "/rest/(?:images|videos|documents)/(.+)"): image, ("POST", "/rest/videos"): video,
              ("PUT", r"/dms-uploads/([^/]+)/(\d+)"): piece, ("POST", "/rest/posts"): publish,
              ("GET", "/rest/posts"): list, ("POST", "/oauth/v2/accessToken"): token}

    def admit(self, request):
        if request.path.endswith("/accessToken"):
            return
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refused(401, {"status": 401, "serviceErrorCode": 65601, "message": "The token used is revoked"})
        version = request.headers.get("linkedin-version", "")
        if request.path.startswith("/rest/") and version < self.oldest:
            raise Refused(426, {"status": 426, "code": "NONEXISTENT_VERSION", "message": f"Version {version} is not active"})


def month_ago(months):
    """A version of the API: a month, so many before this one."""
    count = time.gmtime().tm_year * 12 + time.gmtime().tm_mon - 1 - months
    return f"{count // 12}{count % 12 + 1:02}"


ACCOUNTS = {"page": "author: urn:li:organization:5", "member": "after_doubt: repeat", "cautious": "after_doubt: ask"}


@pytest.fixture
def house():
    accounts = {name: f"network: linkedin, token: {{file: token}}, {more}" for name, more in ACCOUNTS.items()}
    with House(LinkedIn(), accounts, {"token": TOKEN}) as one:
        yield one


TEXT = r"""C'est (enfin) ouvert_ : 5 * 3 = #été {a|b} <x> ~ \ me@example.org
Merci @[Chalet (FR)](urn:li:organization:12) #neige_2026"""


def test_a_text_is_shown_whole_and_images_are_uploaded_processed_and_described(house):
    house.mind.polls = 1
    house.add("tout", ["page", "member"], images=2, text=TEXT, link="https://example.org/a_(b)?c=1")
    for account in ("page", "member"):
        delivery = house.daemon.wait_state("tout", account, "published", 40)
        assert re.fullmatch(r"https://www\.linkedin\.com/feed/update/urn:li:share:7\d/", delivery["url"]), delivery
    for post in house.mind.posts:
        assert shown(post["commentary"]) == TEXT.replace("@[Chalet (FR)](urn:li:organization:12)", "Chalet (FR)") + \
            "\n\nhttps://example.org/a_(b)?c=1"
        assert [one["altText"] for one in post["content"]["multiImage"]["images"]] == ["image 0", "image 1"]
    assert {post["author"] for post in house.mind.posts} == {"urn:li:organization:5", "urn:li:person:aB-9"}
    assert [image["bytes"] for image in house.mind.images.values()].count(png(40, 30, 0)) == 2


def test_the_preview_counts_what_is_read_and_not_the_escapes(house):
    house.add("vue", ["page"], at="in 2h", title="Titre", link="https://example.org/", text="(_) #été @[A](urn:li:organization:1)")
    part = house.preview("vue")
    assert part["text"] == "(_) #été @[A](urn:li:organization:1)" and part["limit"] == 3000
    assert part["length"] == len(part["text"]) and {e["kind"] for e in part["entities"]} == {"hashtag", "mention"}


def test_published_and_then_dropped_it_is_found_or_named_as_a_duplicate_and_never_twice(house):
    house.server.script({"method": "POST", "path": "/rest/posts$", "do": "act-and-drop", "times": 3})
    house.add("perdu", list(ACCOUNTS), text="Perdu ?")
    for account in ("page", "member"):
        assert house.daemon.wait_state("perdu", account, "published", 40)["url"], account
    delivery = house.daemon.wait_state("perdu", "cautious", "unsure")
    assert len(house.mind.posts) == 2 and len(house.sent("POST", "/rest/posts")) == 4  # a member has one wall: the third was refused
    assert "recent-activity" in delivery["message"] or "calctl resolve" in delivery["message"], delivery


def test_a_video_is_sent_in_pieces_processed_and_published_once(house):
    house.server.script({"method": "PUT", "path": "/200000$", "do": "act-and-drop"}, {"method": "POST", "path": "/rest/posts$", "do": "act-and-drop"})
    film, data = house.film(500_000)
    house.add("film", ["page"], media=[film], text="Le col", title="Un col sous la neige")
    assert house.daemon.wait_state("film", "page", "published", 60)["url"]
    post, = house.mind.posts
    (urn, video), = house.mind.images.items()
    assert video["bytes"] == data and post["content"] == {"media": {"id": urn, "title": "Un col sous la neige"}}
    assert len(house.sent("POST", "/rest/posts")) == 1 and len(house.sent("POST", "/rest/videos")) == 2
    answer = house.daemon.api("POST", "/v1/posts", {"id": "x", "to": ["page"], "text": "x", "media": [house.film(100, seconds=2)[0]]})
    assert answer.status == 422 and "at least 75000" in str(answer.json) and "lasts 2.0 s" in str(answer.json)


def test_a_document_is_shown_with_its_title(house):
    house.daemon.write("plan.pdf", PDF)
    house.daemon.write("calendar.yaml", "version: 1\ntimezone: UTC\nposts:\n  - {id: plan, at: 2035-01-01 09:00, to: [page, member], "
                       "text: Les pistes, title: Le plan, media: [{file: plan.pdf}]}\n")
    assert house.daemon.api("POST", "/v1/reload").status == 200
    shown = house.daemon.calctl("preview", "plan").stdout
    assert f"document plan.pdf, {len(PDF)} bytes" in shown and "0 × 0" not in shown and "title" in shown, shown
    assert house.daemon.api("GET", "/v1/posts/plan/preview").json["items"][0]["limits"]["document"]["pages"] == 300
    house.daemon.api("POST", "/v1/posts/plan/now", {})
    for account in ("page", "member"):
        assert house.daemon.wait_state("plan", account, "published", 40)["url"]
    assert {image["bytes"] for image in house.mind.images.values()} == {PDF}
    assert [post["content"]["media"]["title"] for post in house.mind.posts] == ["Le plan"] * 2
    house.daemon.write("plan.pdf", PDF[:-8])
    assert "'plan.pdf' is cut off or damaged: a PDF has '%%EOF' at its end" in house.daemon.calctl("check").stdout


def test_a_version_that_is_gone_holds_the_posts_until_another_is_written(house):
    house.mind.oldest = "202610"
    house.add("tard", ["page"], text="Tard")
    message = house.daemon.wait_state("tard", "page", "waiting")["message"]
    assert "write a newer one as 'version'" in message and house.mind.posts == []
    text = house.daemon.config.read_text()
    house.daemon.write("cald.yaml", text.replace("author: urn", "version: 202611, author: urn"))
    assert house.daemon.api("POST", "/v1/reload").status == 200
    assert house.daemon.api("POST", "/v1/posts/tard/retry").status in (200, 409)
    assert house.daemon.wait_state("tard", "page", "published", 40)["url"]


def test_each_account_says_whose_it_is_and_a_dead_token_that_it_is_dead(house):
    assert house.daemon.api("POST", "/v1/accounts/page/check").json["identity"] == "urn:li:organization:5 as ADMINISTRATOR"
    assert house.daemon.api("POST", "/v1/accounts/member/check").json["identity"] == "Anna"
    house.daemon.write("token", "AQXother\n", 0o600)
    assert house.daemon.api("POST", "/v1/reload").status == 200
    answer = house.daemon.api("POST", "/v1/accounts/member/check").json
    assert not answer["ok"] and "the token has ended or was withdrawn" in answer["message"]


def test_the_end_of_a_version_is_told_in_time_once_and_stands_in_the_status():
    account = "network: linkedin, author: 'urn:li:organization:5', token: {file: token}, version: "
    accounts = {"old": account + f"'{month_ago(11)}'", "new": account + f"'{month_ago(1)}'"}
    with House(LinkedIn(), accounts, {"token": TOKEN}) as house:
        end = time.monotonic() + 30
        while not (alerts := house.daemon.api("GET", "/v1/alerts?event=expires").json["items"]):
            assert time.monotonic() < end
            time.sleep(0.05)
        house.daemon.stop()
        house.daemon.start()
        status = house.daemon.api("GET", "/v1/status").json
        assert [one["account"] for one in status["attention"] if "LinkedIn keeps version" in one["what"]] == ["old"]
        alerts = house.daemon.api("GET", "/v1/alerts?event=expires").json["items"]
        assert len(alerts) == 1 and month_ago(11) in str(alerts[0]) and "account 'old'" in str(alerts[0])


def test_a_member_logs_in_for_sixty_days_and_publishes():
    accounts = {"anna": "network: linkedin, client_id: app, client_secret: {file: secret}"}
    with House(LinkedIn(), accounts, {"secret": CLIENT_SECRET}) as house:
        house.daemon.write("cald.yaml", house.daemon.config.read_text().replace("client_id", f"login_url: '{house.server.url}/oauth/v2', client_id"))
        assert house.daemon.api("POST", "/v1/reload").status == 200
        house.add("un", ["anna"], text="Un")
        asked, said = house.login("anna", "c0de")
        assert asked["scope"] == "openid profile w_member_social" and asked["client_id"] == "app" and "Anna" in said
        assert house.daemon.wait_state("un", "anna", "published")["url"]
        account, = house.daemon.api("GET", "/v1/accounts").json["items"]
        assert 59 < (calendar.timegm(time.strptime(account["login_ends"][:19], "%Y-%m-%dT%H:%M:%S")) - time.time()) / 86400 < 61
        assert TOKEN not in house.daemon.log()

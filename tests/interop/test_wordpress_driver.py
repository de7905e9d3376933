"""The WordPress driver against a real WordPress: its requests are carried there by hand, without the daemon.

Whatever answer is lost on the way, there is one post, complete, and each image once.
"""
import base64
import hashlib
import json
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib

import pytest

import servers

SOURCE = pathlib.Path(os.environ.get("CALD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("CALD_BUILD", SOURCE / "build" / "gcc"))
sys.path.insert(0, str(SOURCE / "tests/support"))
from films import film  # noqa: E402

pytestmark = pytest.mark.skipif(not servers.WordPress.is_installed(), reason="Debian's wordpress is not installed")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    server = servers.WordPress(tmp_path_factory.mktemp("wordpress"))
    server.start()
    try:
        yield {"URL": server.url, "WPUSER": server.user, "APP_PASSWORD": server.application_password}
    finally:
        server.stop()


def png(width, height, shade):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes([shade, 96, 160]) * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


FILES = {"media/Le chalet.png": png(800, 600, 10), "media/neige.png": png(40, 30, 200)}


def media(name, alt):
    data = FILES[name]
    width, height = struct.unpack(">II", data[16:24])
    return {"file": name, "alt": alt, "mime": "image/png", "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data), "width": width, "height": height}


def exchange(request):
    body = FILES[request["media"]] if request.get("media") else (request.get("body") or "").encode() or None
    made = urllib.request.Request(request["url"], data=body, method=request["method"])
    for name, value in request["headers"]:
        made.add_header(name, value)
    try:
        with urllib.request.urlopen(made, timeout=60) as answer:
            status, headers, text = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        status, headers, text = answer.code, answer.headers, answer.read()
    return {"status": status, "headers": {k.lower(): v for k, v in headers.items()}, "body": text.decode()}


class Delivery:
    """What the publisher does with a delivery, with answers lost where 'lose' says so: by the network, or because it
    dies, and only the disk knows."""

    def __init__(self, site, content, lose=lambda step: False, dies=False, **options):
        self.site, self.lose, self.dies, self.steps = site, lose, dies, []
        self.asked = {"network": "wordpress", "content": content, "post_id": "p", "key": random.randbytes(16).hex(),
                      "slot": 1796112000000, "now": 1796112000000, "memo": {}, "session": {}, "lost": False,
                      "options": {"url": site["URL"], "user": site["WPUSER"], **options},
                      "secrets": {"application_password": site["APP_PASSWORD"]}}

    def ask(self, op="next", response=None):
        line = json.dumps({**self.asked, "op": op, **({"response": response} if response else {})})
        run = subprocess.run([BUILD / "tests" / "driver_tool"], input=line, capture_output=True, text=True, timeout=60,
                             check=True)
        answer = json.loads(run.stdout)
        assert "error" not in answer, answer
        return answer

    def merge(self, outcome):
        for key, value in outcome.get("memo", {}).items():
            if value is None:
                self.asked["memo"].pop(key, None)
            else:
                self.asked["memo"][key] = value
        self.asked["session"] = outcome.get("session", self.asked["session"])

    def turn(self, op="next"):
        step = self.ask(op)["step"]
        if step["kind"] == "done":
            return {"kind": "done"}
        self.steps.append(step["name"])
        response = exchange(step)
        if self.lose(step):
            self.merge({"memo": step.get("memo", {})})  # on disk before the request left
            self.asked["lost"] = not self.dies
            return {"kind": "lost"}
        outcome = self.ask(op, response)["outcome"]
        self.merge({"memo": step.get("memo", {})} if op == "discard" else {})
        self.asked["lost"] = False
        self.merge(outcome)
        return outcome

    def discard(self):
        for _ in range(60):
            outcome = self.turn("discard")
            if outcome["kind"] not in ("next", "lost"):
                return outcome
        raise AssertionError(f"no end: {self.steps}")

    def run(self, until=None):
        for _ in range(60):
            if until and self.ask()["step"]["name"] == until:
                return None
            outcome = self.turn()
            if outcome["kind"] not in ("next", "lost"):
                return outcome
        raise AssertionError(f"no end: {self.steps}")


def get(site, path, **query):
    auth = base64.b64encode(f"{site['WPUSER']}:{site['APP_PASSWORD']}".encode()).decode()
    url = f"{site['URL']}/wp-json/wp/v2/{path}?" + urllib.parse.urlencode({"per_page": 100, "context": "edit", **query})
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": "Basic " + auth})) as answer:
        return json.load(answer)


def rich(title):
    return {"parts": [{"text": "short", "media": [media("media/Le chalet.png", "Le chalet sous la neige <ü>"),
                                                  media("media/neige.png", "Neige")]}],
            "visibility": "public", "title": title, "summary": "Résumé & co",
            "body": "# Un\n\nDeux *trois*\nquatre.\n\n![dans le texte](media/neige.png)\n\n## Fin\n",
            "tags": ["C#", "C", "été 2026"], "categories": ["Événements & co"], "link": "https://example.org/a?b&c"}


def test_a_rich_post_arrives_complete_and_only_at_its_slot(site):
    title = f"Ouverture {random.random()}"
    delivery = Delivery(site, rich(title), categories=["News, old"], comments="closed")
    assert delivery.run(until="publish") is None
    assert not [p for p in get(site, "posts", status="publish") if p["title"]["raw"] == title]
    outcome = delivery.run()
    assert outcome["kind"] == "done", outcome
    posts = [p for p in get(site, "posts", status="any") if p["title"]["raw"] == title]
    assert len(posts) == 1
    post = posts[0]
    assert (post["status"], str(post["id"]), post["link"]) == ("publish", outcome["id"], outcome["url"])
    assert post["excerpt"]["raw"] == "Résumé & co" and post["comment_status"] == "closed"
    raw, shown = post["content"]["raw"], post["content"]["rendered"]
    assert "<h2>Un</h2>" in raw and "<h3>Fin</h3>" in raw and "trois</em> quatre" in raw
    assert "<br" not in shown and "media/neige.png" not in raw and raw.count("<img") == 1
    assert "https://example.org/a?b&amp;c" in raw
    names = {t["id"]: t["name"] for kind in ("tags", "categories") for t in get(site, kind)}
    assert sorted(names[i] for i in post["tags"]) == ["C", "C#", "été 2026"]
    assert sorted(names[i] for i in post["categories"]) == ["News, old", "Événements &amp; co"]
    image = get(site, f"media/{post['featured_media']}")
    assert image["alt_text"].startswith("Le chalet sous la neige")
    with urllib.request.urlopen(image["source_url"]) as answer:
        assert answer.read() == FILES["media/Le chalet.png"]
    with urllib.request.urlopen(f"{site['URL']}/wp-json/wp/v2/posts/{post['id']}") as answer:
        assert json.load(answer)["status"] == "publish"  # also for who is not logged in


def test_a_video_and_a_document_stand_in_the_article(site):
    title = f"Film {random.random()}"
    data = {"media/col.mp4": film(size=20000), "media/plan.pdf": b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\n%%EOF\n"}
    FILES.update(data)
    files = [{"file": name, "alt": "Le col", "mime": mime, "sha256": hashlib.sha256(data[name]).hexdigest(), "size": len(data[name]),
              "width": 0, "height": 0} | more for name, mime, more in (
        ("media/col.mp4", "video/mp4", {"width": 1280, "height": 720, "length": 10000, "codec": "avc1"}),
        ("media/plan.pdf", "application/pdf", {}))]
    outcome = Delivery(site, {"parts": [{"text": "Le film", "media": files}], "visibility": "public", "title": title}).run()
    assert outcome["kind"] == "done", outcome
    post, = [p for p in get(site, "posts", status="any") if p["title"]["raw"] == title]
    shown = post["content"]["rendered"]
    assert post["featured_media"] == 0 and "<video " in shown and ">Le col</a>" in shown, shown
    for pattern, name in ((r'src="([^"]+\.mp4)"', "media/col.mp4"), (r'href="([^"]+\.pdf)"', "media/plan.pdf")):
        with urllib.request.urlopen(re.search(pattern, shown).group(1)) as answer:
            assert answer.read() == data[name]


def test_terms_are_used_again(site):
    for _ in range(2):
        delivery = Delivery(site, rich(f"Terms {random.random()}"))
        assert delivery.run()["kind"] == "done"
    assert "add category" not in delivery.steps
    names = [t["name"] for kind in ("tags", "categories") for t in get(site, kind)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("dies", [False, True], ids=["lost", "died"])
def test_every_lost_answer_is_survived(site, dies):
    """The n-th answer is lost, for n = 1, 2, … until none is."""
    for n in range(1, 60):
        title, count = f"Lost {n} {random.random()}", iter(range(1, 100))
        delivery = Delivery(site, rich(title), lose=lambda step: next(count) == n, dies=dies)
        before = len(get(site, "media"))
        assert delivery.run()["kind"] == "done", (n, delivery.steps)
        posts = [p for p in get(site, "posts", status="any", search=title) if p["title"]["raw"] == title]
        assert len(posts) == 1 and posts[0]["status"] == "publish", (n, delivery.steps)
        assert len(get(site, "media")) == before + 2, (n, delivery.steps)
        if n > len(delivery.steps):
            return
    raise AssertionError("always one more")


def test_a_doubtful_publication_is_found(site):
    delivery = Delivery(site, {"parts": [{"text": "short one https://example.org/"}], "visibility": "public"})
    delivery.run(until="publish")
    assert delivery.turn("find")["kind"] == "not-found"
    delivery.lose = lambda step: True
    assert delivery.turn()["kind"] == "lost"
    delivery.lose = lambda step: False
    found = delivery.turn("find")
    assert found["kind"] == "done" and found["url"].startswith(site["URL"])


def test_a_slug_that_is_taken_is_told(site):
    wish = f"wish-{random.randrange(10**9)}"
    content = {"parts": [{"text": "one"}], "visibility": "public", "slug": wish}
    assert Delivery(site, content).run()["url"].endswith(f"/{wish}/")
    second = Delivery(site, content).run()
    assert second["kind"] == "done" and second["url"].endswith(f"/{wish}-2/")
    assert f"'{wish}' was taken" in second["message"]


def test_an_image_deleted_before_the_slot_is_noticed(site):
    delivery = Delivery(site, rich(f"Deleted {random.random()}"))
    delivery.run(until="fill draft")
    auth = base64.b64encode(f"{site['WPUSER']}:{site['APP_PASSWORD']}".encode()).decode()
    first = delivery.asked["memo"]["images"][hashlib.sha256(FILES["media/Le chalet.png"]).hexdigest()]["id"]
    url = f"{site['URL']}/wp-json/wp/v2/media/{first}?force=true"
    urllib.request.urlopen(urllib.request.Request(url, method="DELETE", headers={"Authorization": "Basic " + auth}))
    outcome = delivery.turn()
    assert outcome["kind"] == "refused" and "featured image" in outcome["message"]
    assert delivery.run()["kind"] == "done"


def small(title):
    return {"parts": [{"text": "short", "media": [media("media/neige.png", "Neige")]}], "visibility": "public", "title": title}


def test_what_was_prepared_is_taken_back_whatever_answer_is_lost(site):
    def there():
        return len(get(site, "posts", status="any")) + len(get(site, "posts", status="trash")), len(get(site, "media"))
    before = there()
    for n in range(1, 60):
        count, lost = iter(range(1, 100)), []
        delivery = Delivery(site, small(f"Cancelled {n} {random.random()}"))
        delivery.run(until="publish")
        assert there() == (before[0] + 1, before[1] + 1)
        delivery.lose = lambda step: next(count) == n and not lost.append(step["name"])
        assert delivery.discard()["kind"] == "done", (n, delivery.steps)
        assert there() == before, (n, delivery.steps)
        if not lost:
            return
    raise AssertionError("always one more")


def test_what_was_published_or_taken_over_is_not_taken_back(site):
    published = Delivery(site, small(f"Published {random.random()}"))
    published.run(until="publish")
    published.turn()  # and its outcome is forgotten, as if the answer had been lost
    published.asked["memo"].pop("id")
    assert published.discard()["kind"] == "done" and not [s for s in published.steps if s.startswith("discard")]
    taken = Delivery(site, small(f"Taken over {random.random()}"))
    taken.run(until="publish")
    time.sleep(1.1)  # WordPress counts whole seconds
    exchange({"method": "POST", "url": f"{site['URL']}/wp-json/wp/v2/posts/{taken.asked['memo']['post']}",
              "headers": [["Content-Type", "application/json"], ["Authorization", "Basic " + base64.b64encode(
                  f"{site['WPUSER']}:{site['APP_PASSWORD']}".encode()).decode()]],
              "body": '{"title": "Mine now"}'})
    assert taken.discard()["kind"] == "done" and not [s for s in taken.steps if s.startswith("discard")]
    assert [p for p in get(site, "posts", status="draft") if p["title"]["raw"] == "Mine now"]
    assert len([m for m in get(site, "media") if m["id"] in [i["id"] for i in taken.asked["memo"]["images"].values()]]) == 1


def test_what_is_published_goes_into_the_trash_whatever_answer_is_lost_and_nothing_else_does(site):
    def standing():
        return {p["id"] for p in get(site, "posts", status="publish")}
    before = standing()
    delivery = Delivery(site, small(f"Deleted {random.random()}"))
    outcome = delivery.run()
    assert standing() == before | {int(outcome["id"])}
    delivery.asked["session"] = {}
    delivery.lose = lambda step: step["name"] == "delete" and delivery.steps.count("delete") == 1
    kinds = [delivery.turn("remove")["kind"] for _ in range(5)]
    assert kinds == ["next", "next", "lost", "next", "done"], delivery.steps
    assert standing() == before
    assert outcome["id"] in [str(p["id"]) for p in get(site, "posts", status="trash")]


def test_what_is_published_says_something_else_whatever_answer_is_lost_and_nothing_else_does(site):
    def shown():
        return {str(p["id"]): p for p in get(site, "posts", status="publish")}
    delivery = Delivery(site, small(f"Teh title {random.random()}"))
    id = delivery.run()["id"]
    before, content = shown(), delivery.asked["content"]
    delivery.asked |= {"published": content, "session": {},
                       "content": content | {"title": "The title", "body": "**new**", "summary": "so"}}
    delivery.lose = lambda step: step["name"] == "edit" and delivery.steps.count("edit") == 1
    kinds = [delivery.turn("edit")["kind"] for _ in range(5)]
    assert kinds == ["next", "next", "lost", "next", "done"], delivery.steps
    after = shown()
    post = after.pop(id)
    assert (post["title"]["raw"], post["excerpt"]["raw"]) == ("The title", "so") and "<strong>new</strong>" in post["content"]["raw"]
    assert all(post[name] == before[id][name] for name in ("link", "slug", "status", "date", "featured_media", "tags", "categories"))
    assert after == {other: p for other, p in before.items() if other != id}


def test_credentials_are_told_apart(site):
    delivery = Delivery(site, None)
    outcomes = [delivery.turn("verify") for _ in range(3)]
    assert outcomes[2]["kind"] == "done" and outcomes[2]["message"] == f"{site['WPUSER']} on {site['URL']}"
    delivery = Delivery(site, None)
    delivery.asked["secrets"] = {"application_password": "wrong"}
    outcomes = [delivery.turn("verify") for _ in range(2)]
    assert outcomes[1]["kind"] == "refused" and outcomes[1]["reconnect"] and outcomes[1]["scope"] == "account"

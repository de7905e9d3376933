"""The whole, as its user: a calendar of 30 posts over five accounts, in a minute instead of a month.

Feed, webhook, the scripted Mastodon, the real PDS and the real WordPress. Meanwhile the file is edited, posts are
changed, moved, cancelled and added by hand, and cald is killed while requests are in flight. Then every post is read
back from the server that got it: once, with the right content, not before its slot.
"""
import collections
import datetime
import html
import json
import os
import pathlib
import re
import sqlite3
import sys
import time
import urllib.parse
import zoneinfo

import pytest
import yaml

SOURCE = pathlib.Path(os.environ.get("CALD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path[:0] = [str(SOURCE / "tests/support"), str(SOURCE / "tests/interop")]

import servers  # noqa: E402
from daemon import Daemon  # noqa: E402
from mastodon_server import MastodonServer  # noqa: E402
from pictures import png  # noqa: E402
from recorder import Recorder  # noqa: E402

ZONE = zoneinfo.ZoneInfo("Europe/Paris")
ALL = ["site", "hook", "masto", "sky", "blog"]
LEAD = 12  # seconds from the start to the first slot
KILL = 24  # second in which cald is killed

ACCOUNTS = """\
  site: {{network: feed, title: Chalet, language: fr, url: "https://news.example.org", entries: 100}}
  hook: {{network: webhook, url: "{hook}/posts", key_header: Idempotency-Key, id: /id, link: /url}}
  masto: {{network: mastodon, url: "{masto}", token: {{file: masto.token}}}}
  sky: {{network: bluesky, url: "{sky}", handle: cal.test, app_password: {{file: sky.password}}}}
  blog: {{network: wordpress, url: "{blog}", user: cal, application_password: {{file: blog.password}}}}
"""

BODY = "# Ouverture\n\nLe chalet **ouvre** ses portes.\n\n- lundi\n- mardi & mercredi\n"
CHARTER = "version: 1\nbrand: {name: Chalet}\nvocabulary: {forbidden: [cheap]}\nchecks: {alt_text: error}\n"


def civil(moment):
    return datetime.datetime.fromtimestamp(moment, ZONE).strftime("%Y-%m-%d %H:%M:%S")


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class World:
    """Five servers, cald, and what the calendar says."""

    def __init__(self, tmp, pds, wordpress, hook, masto):
        self.pds, self.wordpress, self.hook, self.masto = pds, wordpress, hook, masto
        self.zero = int(time.time()) + LEAD
        self.pictures = {f"p{i}.png": png(60 + i, 40, i * 20) for i in range(6)}
        self.calendar = self.make_calendar()
        self.seen_in_feed = {}
        self.daemon = Daemon(accounts=ACCOUNTS.format(hook=hook.url, masto=masto.url, sky=pds.url, blog=wordpress.url),
                             calendar=self.text(), charter=CHARTER, control="hosts: [news.example.org]")
        for name, data in self.pictures.items():
            self.daemon.write(name, data)
        self.daemon.write("body.md", BODY)
        for name, secret in (("masto.token", masto.token), ("sky.password", pds.password),
                             ("blog.password", wordpress.application_password)):
            self.daemon.write(name, secret + "\n", 0o600)

    # ---- the calendar ----

    def post(self, id, after, to, text=None, **more):
        post = {"id": id, "at": civil(self.zero + after), "to": to, **more}
        return post if text is None else post | {"text": text}

    def make_calendar(self):
        def picture(number, alt):
            return {"file": f"p{number}.png", "alt": alt}
        post = self.post
        posts = [
            post("simple", 0, ALL, "Bonjour à tous ! #chalet"),
            post("linked", 2, ALL, "Le programme est là :", link="https://example.org/hiver?a=1&b=2"),
            post("inline", 3, ["masto", "sky", "hook"], "Ici → https://example.org/été/neige et #raquettes, voilà"),
            post("picture", 4, ALL, "Une image", media=[picture(0, "Le chalet sous la neige <&>")]),
            post("pictures", 6, ["masto", "sky", "site"], "Deux images",
                 media=[picture(1, "La première"), picture(2, "La « seconde »")]),
            post("thread", 8, ["masto", "sky"], thread=["Un fil.", {"text": "Sa suite.", "media": [picture(3, "Suite")]},
                                                         "Sa fin."]),
            post("article", 10, ["site", "blog"], "En bref.", title="L'ouverture & la suite", body_file="body.md",
                 tags=["hiver"], categories=["Nouvelles"], slug="ouverture-2026", summary="Résumé."),
            post("varied", 12, ALL, "Pour tous", variants={
                "blog": {"title": "Pour le blog", "text": "Texte du blog"}, "bluesky": {"text": "Pour le ciel"},
                "masto": {"text": "Pour le mammouth", "visibility": "unlisted"}}),
            post("warned", 14, ["masto", "site"], "Attention au loup", warning="Loup", language="fr"),
            post("unicode", 16, ["masto", "sky", "hook", "blog"], "👩‍👩‍👧 e\u0301té 日本語 #日本 🏔️ <b>pas du gras</b> & co"),
            post("long", 17, ["sky", "masto"], "L" + "o" * 297 + "ng"),
            {"id": "slotted", "slot": "second", "text": "Au créneau"},
            {"id": "slotted-later", "slot": "second", "text": "Au créneau suivant"},
            post("drafted", 13, ALL, "Brouillon, à ne pas publier", draft=True),
            post("moved-up", 2000, ["masto", "sky", "blog"], "Avancé"),
            post("cancelled", 28, ALL, "Annulé, à ne pas publier"),
            post("removed", 29, ["hook", "masto"], "Retiré, à ne pas publier"),
            post("edited-file", 34, ALL, "Avant la correction du fichier"),
            post("edited-hand", 35, ALL, "Avant la correction à la main"),
            post("storm", KILL, ALL, "Pendant la tempête", media=[picture(4, "Tempête")]),
            post("storm-2", KILL, ["masto", "hook"], "Pendant la tempête encore"),
            post("storm-3", KILL + 1, ["sky", "blog"], "Juste après la tempête"),
        ] + [post(f"crowd-{n}", 38, ALL, f"Foule numéro {n}") for n in range(6)]
        return {
            "version": 1, "timezone": "Europe/Paris", "language": "fr",
            "slots": {"second": {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                                 "at": civil(self.zero + 20).split()[1], "to": ["masto", "site"]}},
            "posts": posts,
            "series": [{"id": "serie", "rrule": "FREQ=SECONDLY;INTERVAL=9;COUNT=4", "start": civil(self.zero + 5),
                        "to": ["masto", "hook"], "one_of": ["Série, pair", "Série, impair"]}],
        }

    def text(self):
        return yaml.safe_dump(self.calendar, allow_unicode=True, sort_keys=False)

    def save(self):
        """As an editor does: a new file that takes the old one's name."""
        self.daemon.write("calendar.yaml", self.text())

    def entry(self, id):
        return next(p for p in self.calendar["posts"] if p["id"] == id)

    # ---- time goes on ----

    def deliveries(self, query=""):
        answer = self.daemon.api("GET", "/v1/deliveries?limit=1000" + query)
        assert answer.status == 200, answer
        return answer.json["items"]

    def look_at_feed(self):
        answer = self.daemon.api("GET", "/feed/site/feed.json", tcp=True, headers={"Host": "news.example.org"})
        assert answer.status == 200, answer
        for item in answer.json["items"]:
            self.seen_in_feed.setdefault(item["url"], time.time())

    def live_until(self, done, patience, what):
        end = time.monotonic() + patience
        while not done():
            assert time.monotonic() < end, f"{what}:\n{self.daemon.log()}"
            self.look_at_feed()
            time.sleep(0.2)

    def live_until_second(self, second):
        self.live_until(lambda: time.time() >= self.zero + second, 120, "time stands still")

    def calctl(self, *arguments, code=0):
        done = self.daemon.calctl(*arguments)
        assert done.returncode == code, (arguments, done)
        return done.stdout


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    if not servers.WordPress.is_installed():
        pytest.skip("Debian's wordpress is not installed")
    tmp = tmp_path_factory.mktemp("world")
    pds, wordpress = servers.Pds(tmp / "pds"), servers.WordPress(tmp / "wordpress")
    try:
        pds.start()
        wordpress.start()
        with Recorder() as hook, MastodonServer() as masto:
            world = World(tmp, pds, wordpress, hook, masto)
            try:
                live(world)
                yield world
            finally:
                world.daemon.__exit__(None)
    finally:
        pds.stop()
        wordpress.stop()


def live(world):
    """The minute."""
    daemon = world.daemon
    world.hook.script("hold", match="tempête")
    daemon.start()
    world.calctl("move", "moved-up", civil(world.zero + 22))
    world.calctl("cancel", "cancelled")
    world.live_until_second(7)
    world.entry("edited-file")["text"] = "Après la correction du fichier"
    world.calendar["posts"] = [p for p in world.calendar["posts"] if p["id"] != "removed"]
    world.calendar["posts"].append(world.post("late-entry", 36, ALL, "Ajouté en route"))
    world.save()
    world.live_until(lambda: world.deliveries("&post=late-entry"), 20, "the edit was not noticed")
    world.calctl("edit", "edited-hand", "--text", "Après la correction à la main")
    picture = daemon.write("outside.png", world.pictures["p5.png"])
    out = world.calctl("add", *sum((["--to", account] for account in ALL), []), "--id", "spontaneous",
                       "--media", str(picture), "--alt", "Un renard", "Un renard passe !")
    assert out.startswith("queued spontaneous") and all(account in out for account in ALL), out
    world.live_until_second(KILL - 0.5)
    world.masto.script({"method": "POST", "path": "/api/v1/statuses$", "delay_answer": 20})
    end = time.monotonic() + 30
    while not any("tempête" in json.dumps(p["body"], ensure_ascii=False) for p in world.hook.posts):
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.005)
    daemon.kill()
    world.masto.script([])
    world.hook.release()
    daemon.start()
    to_come = {"ready", "waiting", "sending", "unsure"}

    def settled():
        open_ones = [d for d in world.deliveries() if d["state"] in to_come and d["post"] != "slotted-later"]
        return time.time() > world.zero + 40 and not open_ones
    world.live_until(settled, 90, "not everything was published")
    world.all = {(d["post"], d["account"]): d for d in world.deliveries()}


# ---- what should be there ----

# A draft that nobody approved is held when its time comes, and told.
DEAD = {"drafted": "held", "cancelled": "cancelled", "removed": "cancelled", "slotted-later": "ready"}


def published(world, account):
    return {post: d for (post, name), d in world.all.items() if name == account and d["state"] == "published"}


def test_every_post_is_in_the_state_it_should_be_in(world):
    otherwise = {d["id"]: (d["state"], d["message"]) for (post, _), d in world.all.items()
                 if d["state"] != DEAD.get(post, "published")}
    assert not otherwise, json.dumps(otherwise, indent=1) + world.daemon.log()
    posts = {post for post, _ in world.all}
    assert len(posts - set(DEAD)) >= 30 and len(world.all) > 80
    wanted = {(p["id"], a) for p in world.calendar["posts"] for a in p.get("to", ["masto", "site"])}
    assert wanted <= set(world.all)
    assert len([p for p in posts if p.startswith("serie@")]) == 4


def test_nothing_was_published_twice_or_unasked(world):
    """What each server has is what cald says it published, one for one."""
    masto = [s["id"] for s in world.masto.statuses()]
    of_threads = [s for s in world.masto.statuses() if s["in_reply_to_id"]]
    assert len(masto) == len(published(world, "masto")) + len(of_threads) and len(of_threads) == 2
    records = world.pds.posts()
    replies = [r for r in records if "reply" in r["value"]]
    assert len(records) == len(published(world, "sky")) + len(replies) and len(replies) == 2
    live_posts = [p for p in world.wordpress.posts() if p["title"]["raw"] != "Hello world!"]
    drafts = [p for p in live_posts if p["status"] == "draft"]  # nobody sees it: prepared when its post was cancelled
    assert len(drafts) <= 1 and all("Annulé" in p["title"]["raw"] + p["content"]["raw"] for p in drafts), drafts
    live_posts = [p for p in live_posts if p not in drafts]
    assert len(live_posts) == len(published(world, "blog")) and {p["status"] for p in live_posts} == {"publish"}
    assert len(world.hook.posts) == len(published(world, "hook"))
    ids = collections.Counter(p["body"]["post_id"] for p in world.hook.posts)
    assert set(ids) == set(published(world, "hook")) and max(ids.values()) == 1
    for text in (json.dumps(world.masto.statuses(), ensure_ascii=False), json.dumps(records, ensure_ascii=False),
                 json.dumps(live_posts, ensure_ascii=False), json.dumps(world.hook.posts, ensure_ascii=False)):
        for never in ("à ne pas publier", "Avant la correction"):
            assert never not in text


def show(name, late):
    """Measured, not asserted: what was killed waits for its key's time, and of a crowd each waits for the one before."""
    late = sorted(late)
    print(f"{name}: {len(late)} creating requests, median {late[len(late) // 2] * 1000:.0f} ms, "
          f"worst {late[-1] * 1000:.0f} ms after the slot")


def earliest(delivery):
    return instant(delivery["slot"])


def test_nothing_reaches_a_server_before_its_slot(world):
    late = collections.defaultdict(list)
    for s in world.masto.statuses():
        delivery = next((d for d in published(world, "masto").values() if d["remote_id"] == s["id"]), None)
        if delivery:
            late["masto"].append(s["made"] - earliest(delivery))
    for p in world.hook.posts:
        late["hook"].append(p["time"] - earliest(world.all[p["body"]["post_id"], "hook"]))
    for d in published(world, "blog").values():
        post = json.loads(world.wordpress.call("GET", f"/posts/{d['remote_id']}?context=edit")[2])
        late["blog"].append(instant(post["modified_gmt"] + "Z") - int(earliest(d)))  # WordPress counts whole seconds
    store = next((world.pds.directory / "data/actors").rglob("store.sqlite"))
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
        indexed = dict(db.execute("select uri, indexedAt from record where collection = 'app.bsky.feed.post'"))
    for d in published(world, "sky").values():
        late["sky"].append(instant(indexed[d["remote_id"]]) - earliest(d))
    for d in published(world, "site").values():
        late["site"].append(world.seen_in_feed[d["url"]] - earliest(d))
    for account in ALL:
        assert len(late[account]) == len(published(world, account)), account
        assert min(late[account]) >= 0, (account, min(late[account]))
        show(account, late[account])


# ---- contents ----

def text_of(world, post, account):
    """What this account should have got."""
    entry = next((p for p in world.calendar["posts"] if p["id"] == post), None)
    if post == "spontaneous":
        return "Un renard passe !"
    if post == "edited-hand":
        return "Après la correction à la main"
    if post.startswith("serie@"):
        order = sorted(p for p, a in world.all if p.startswith("serie@") and a == account).index(post)
        return None if order < 0 else "Série"
    network = {"sky": "bluesky", "masto": "mastodon", "blog": "wordpress", "site": "feed", "hook": "webhook"}[account]
    variants = entry.get("variants", {})
    for name in (account, network):
        if "text" in variants.get(name, {}):
            return variants[name]["text"]
    return entry.get("text") or (entry["thread"][0] if "thread" in entry else "")


def pictures_of(world, post):
    if post == "spontaneous":
        return [(world.pictures["p5.png"], "Un renard")]
    entry = next((p for p in world.calendar["posts"] if p["id"] == post), {})
    return [(world.pictures[m["file"]], m["alt"]) for m in entry.get("media", [])]


def test_mastodon_has_what_was_written(world):
    statuses, media = {s["id"]: s for s in world.masto.statuses()}, world.masto.server.mind.media
    for post, d in published(world, "masto").items():
        s = statuses[d["remote_id"]]
        assert d["url"] == f"{world.masto.url}/@alice/{s['id']}"
        assert s["text"].startswith(text_of(world, post, "masto")), (post, s)
        import hashlib
        got = [(media[m]["sha256"], media[m]["description"]) for m in s["media_ids"]]
        assert got == [(hashlib.sha256(data).hexdigest(), alt) for data, alt in pictures_of(world, post)], post
    by_post = {post: statuses[d["remote_id"]] for post, d in published(world, "masto").items()}
    assert "https://example.org/hiver?a=1&b=2" in by_post["linked"]["text"]
    assert by_post["varied"]["visibility"] == "unlisted" and by_post["simple"]["visibility"] == "public"
    assert by_post["warned"]["spoiler_text"] == "Loup" and by_post["simple"]["language"] == "fr"
    second = next(s for s in statuses.values() if s["in_reply_to_id"] == by_post["thread"]["id"])
    third = next(s for s in statuses.values() if s["in_reply_to_id"] == second["id"])
    assert (second["text"], third["text"], len(second["media_ids"])) == ("Sa suite.", "Sa fin.", 1)
    series = [by_post[p]["text"] for p in sorted(by_post) if p.startswith("serie@")]
    assert set(series) == {"Série, pair", "Série, impair"} and all(a != b for a, b in zip(series, series[1:]))


def facets_of(value):
    data = value["text"].encode()
    found = {}
    for facet in value.get("facets", []):
        piece = data[facet["index"]["byteStart"]:facet["index"]["byteEnd"]].decode()
        found[piece] = facet["features"][0]
    return found


def test_bluesky_has_what_was_written(world):
    records = {r["uri"]: r["value"] for r in world.pds.posts()}
    by_post = {}
    for post, d in published(world, "sky").items():
        value = by_post[post] = records[d["remote_id"]]
        assert d["url"].endswith("/post/" + d["remote_id"].rsplit("/", 1)[1]), d
        assert d["url"].startswith(("https://bsky.app/profile/cal.test/", f"https://bsky.app/profile/{world.pds.did}/"))
        assert value["text"].startswith(text_of(world, post, "sky")), (post, value)
        images = value.get("embed", {}).get("images", [])
        got = [(world.pds.blob(i["image"]["ref"]["$link"]), i["alt"]) for i in images]
        assert got == pictures_of(world, post), post
        assert value["langs"] == ["fr"]
    assert facets_of(by_post["simple"]) == {"#chalet": {"$type": "app.bsky.richtext.facet#tag", "tag": "chalet"}}
    inline = facets_of(by_post["inline"])
    assert inline["#raquettes"]["tag"] == "raquettes"
    link = next(piece for piece, feature in inline.items() if feature["$type"].endswith("#link"))
    assert urllib.parse.unquote(inline[link]["uri"]) == "https://example.org/été/neige"
    assert by_post["linked"]["embed"]["external"]["uri"] == "https://example.org/hiver?a=1&b=2"
    assert facets_of(by_post["unicode"])["#日本"]["tag"] == "日本"
    first = published(world, "sky")["thread"]["remote_id"]
    second = next(u for u, v in records.items() if v.get("reply", {}).get("parent", {}).get("uri") == first)
    third = next(u for u, v in records.items() if v.get("reply", {}).get("parent", {}).get("uri") == second)
    assert (records[second]["text"], records[third]["text"]) == ("Sa suite.", "Sa fin.")
    assert records[third]["reply"]["root"]["uri"] == first
    assert records[second]["embed"]["images"][0]["alt"] == "Suite"


def test_wordpress_has_what_was_written(world):
    by_post = {}
    for post, d in published(world, "blog").items():
        status, _, data = world.wordpress.call("GET", f"/posts/{d['remote_id']}?context=edit")
        p = by_post[post] = json.loads(data)
        assert status == 200 and p["link"] == d["url"] and p["status"] == "publish", d
        if post != "article":
            assert text_of(world, post, "blog") in html.unescape(p["content"]["raw"]), (post, p["content"]["raw"])
        for data, alt in pictures_of(world, post):
            media = json.loads(world.wordpress.call("GET", f"/media/{p['featured_media']}")[2])
            assert media["alt_text"] == alt.replace(" <&>", "") or html.unescape(media["alt_text"]) == alt, media
            assert servers.request("GET", media["source_url"])[2] == data
    article = by_post["article"]
    assert html.unescape(article["title"]["raw"]) == "L'ouverture & la suite" and article["slug"] == "ouverture-2026"
    assert "<strong>ouvre</strong>" in article["content"]["raw"] and "<li>mardi &amp; mercredi" in article["content"]["raw"]
    assert html.unescape(by_post["varied"]["title"]["raw"]) == "Pour le blog"
    assert "<b>" not in by_post["unicode"]["content"]["raw"]


def test_the_webhook_got_what_was_written(world):
    urls = {p["url"]: p for p in world.hook.posts}
    for post, d in published(world, "hook").items():
        made = urls[d["url"]]
        assert made["id"] == d["remote_id"] and made["body"]["post_id"] == post
        assert made["body"]["text"].startswith(text_of(world, post, "hook")), made["body"]
        assert instant(made["body"]["slot"]) == instant(d["slot"])
        assert [m["alt"] for m in made["body"].get("media") or []] == [alt for _, alt in pictures_of(world, post)]


def test_the_feed_shows_what_was_written(world):
    host = {"Host": "news.example.org"}
    items = {i["url"]: i for i in world.daemon.api("GET", "/feed/site/feed.json", tcp=True, headers=host).json["items"]}
    mine = published(world, "site")
    assert set(items) == {d["url"] for d in mine.values()}
    for post, d in mine.items():
        page = world.daemon.api("GET", urllib.parse.urlsplit(d["url"]).path, tcp=True, headers=host)
        assert page.status == 200 and d["url"].startswith("https://news.example.org/feed/site/"), d
        text = html.unescape(page.body.decode())
        assert text_of(world, post, "site") in text or post == "article", (post, text)
        for data, alt in pictures_of(world, post):
            found = re.search(r'<img src="([^"]+)" alt="([^"]*)"', page.body.decode())
            image = world.daemon.api("GET", urllib.parse.urlsplit(found.group(1)).path, tcp=True, headers=host)
            assert image.body in [p for p, _ in pictures_of(world, post)] and html.unescape(found.group(2)), post


# ---- what cald says about it ----

def test_the_history_is_complete(world):
    for (post, account), d in world.all.items():
        answer = world.daemon.api("GET", f"/v1/deliveries/{urllib.parse.quote(post)}/{account}/history")
        events, attempts = answer.json["events"], answer.json["attempts"]
        assert events[0]["from"] is None, events
        for a, b in zip(events, events[1:]):
            assert b["from"] == a["to"], (d["id"], events)
        assert events[-1]["to"] == d["state"], events
        creates = [a for a in attempts if a["kind"] in ("create", "local")]
        assert bool(creates) == (d["state"] == "published"), (d["id"], attempts)
        for a in creates:
            if a["ended"]:  # the kill leaves one open
                assert instant(a["ended"]) >= instant(d["slot"]), a  # 'started' is the intent, just before it
        if d["state"] == "published":
            assert instant(d["published"]) >= instant(d["slot"])


def test_uploads_are_done_before_the_slot(world):
    early = late = 0
    for (post, account), d in world.all.items():
        if not pictures_of(world, post) or post in ("spontaneous", "storm") or account not in ("masto", "sky", "blog"):
            continue
        answer = world.daemon.api("GET", f"/v1/deliveries/{post}/{account}/history")
        for a in answer.json["attempts"]:
            if a["kind"] == "prepare":
                early, late = (early + 1, late) if instant(a["started"]) < instant(d["slot"]) else (early, late + 1)
    print(f"{early} preparing requests before the slot, {late} after it")
    assert early > late


def test_it_asks_for_somebody_only_about_what_nobody_approved(world):
    status = world.daemon.calctl("status")
    needed = set(re.findall(r"(\S+)/\w+: (.*)", status.stdout))
    assert status.returncode == 6 and needed == {("drafted", "held: not approved when its time came")}, status.stdout
    listed = world.calctl("list", "--all", "--limit", "1000")
    assert len(listed.splitlines()) == len(world.all) + 1
    assert world.calctl("list").count("\n") == 1 + sum(1 for post, _ in world.all if post in ("drafted", "slotted-later"))


def test_the_log_has_nothing_unexpected(world):
    log = world.daemon.log()
    bad = [line for line in log.splitlines() if not re.match(r"\S+Z info ", line)]
    assert not [line for line in bad if " warn " not in line], bad
    for line in bad:
        assert re.search(r"interrupted|media are described to the endpoint|held post=drafted", line), line
    lines = [line for line in log.splitlines() if " attempt " in line and " step=" in line]
    assert len(lines) >= len(world.all) - 20
    for secret in (world.masto.token, world.pds.password, world.wordpress.application_password):
        assert secret not in log

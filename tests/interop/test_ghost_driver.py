"""The Ghost driver against a real Ghost: its requests are carried there by hand, without the daemon.

Whatever answer is lost on the way there is one post, complete, and what is not ours is left alone.
"""
import hashlib
import html
import os
import re
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2]))
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/interop")]
from chance_proxy import Chance, ChanceProxy  # noqa: E402
from daemon import Daemon  # noqa: E402
from driver_walk import TOOL, Walk, png  # noqa: E402
from films import film  # noqa: E402
from ghost_server import OWNER, Ghost  # noqa: E402

pytestmark = pytest.mark.skipif(not TOOL.exists(), reason=f"{TOOL} is not built")


@pytest.fixture(scope="module")
def ghost(tmp_path_factory):
    server = Ghost(tmp_path_factory.mktemp("ghost"))
    try:
        yield server.start()
    finally:
        server.stop()


KEYS = iter(range(1, 1000))
PICTURES = {"media/Le chalet.png": (png(80, 60, 10), 80, 60), "media/neige.png": (png(40, 30, 200), 40, 30)}


class Delivery(Walk):
    """lose: which of its requests get no answer, though Ghost acts on them."""

    def __init__(self, ghost, content, lose=(), key=None, **options):
        self.lose = lose
        super().__init__("ghost", {"url": ghost.url, **options}, {"key": key or ghost.key}, {"visibility": "public"} | content,
                         int(time.time() * 1000), key=hashlib.sha256(str(next(KEYS)).encode()).hexdigest()[:32],
                         files={name: data for name, (data, _, _) in PICTURES.items()})

    def step(self, op="next"):
        """None when nothing is left to do; "lost" when an answer was. The answer is read by what asked for it."""
        step = self.ask(op)["step"]
        if step["kind"] == "done":
            return None
        self.names.append(step["name"])
        answer = self.send(step)
        if len(self.names) in self.lose:
            self.merge(step.get("memo"))
            self.asked["lost"] = True
            return {"kind": "unsure" if step["kind"] == "create" else "lost"}
        outcome = self.ask(op, answer)["outcome"]
        self.merge(step.get("memo"))
        self.merge(outcome.get("memo"))
        self.asked["lost"] = False
        return outcome

    def through(self, op="next"):
        """As the publisher does it: what may have been published is looked up before anything else."""
        for _ in range(60):
            outcome = self.step(op)
            if outcome is None or outcome["kind"] in ("done", "refused", "wait"):
                return outcome
            op = {"unsure": "find", "not-found": "next"}.get(outcome["kind"], op)
        raise AssertionError(f"no end: {self.names}")

    def until(self, name):
        while self.ask("next")["step"]["name"] != name:
            outcome = self.step()
            assert outcome["kind"] == "next", outcome
        return self


def media(name, alt):
    data, width, height = PICTURES[name]
    return Walk.media(name, data, width, height, alt)


def test_a_video_and_a_document_are_shown(ghost):
    title, film_, paper = "Le film", film(size=20000), b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\n%%EOF\n"
    files = [Walk.media("media/col.mp4", film_, 1280, 720, "Le col", "video/mp4", length=10000, codec="avc1"),
             Walk.media("media/plan.pdf", paper, 0, 0, "Le plan", "application/pdf"), media("media/neige.png", "Neige")]
    with Delivery(ghost, {"parts": [{"text": "Voyez.", "media": files}], "title": title}) as d:
        d.files |= {"media/col.mp4": film_, "media/plan.pdf": paper}
        outcome = d.through()
        assert outcome["kind"] == "done", outcome
    status, page = ghost.page(outcome["url"])
    assert status == 200 and "Voyez." in page
    for pattern, data in ((r'<video[^>]* src="([^"]+\.mp4)"', film_), (r'<a href="([^"]+\.pdf)"[^>]*>Le plan</a>', paper)):
        with urllib.request.urlopen(re.search(pattern, page).group(1)) as answer:
            assert answer.read() == data
    [post] = there(ghost, title)
    assert post["feature_image_alt"] == "Neige"


def small(title, **more):
    return {"parts": [{"text": "Short, about " + title}], "title": title} | more


def rich(title):
    return {"parts": [{"text": "short", "media": [media("media/Le chalet.png", "Le chalet sous la \"neige\" <ü>"),
                                                  media("media/neige.png", "Neige")]}],
            "title": title, "summary": "Résumé & co", "tags": ["C#", "été 2026", "#interne"], "categories": ["Événements & co"],
            "body": "# Un\n\nDeux *trois*\nquatre & **cinq**.\n\n![dans le texte](media/neige.png)\n\n- un\n- [deux](https://example.org/d?a&b)\n\n"
                    "## Fin\n\n> cité\n\n```\nint main;\n```\n", "link": "https://example.org/a?b&c"}


def there(ghost, title):
    return ghost.posts(title=title)


def test_a_rich_post_arrives_complete_and_only_when_it_is_published(ghost):
    title = "L'ouverture & la « suite » <b>"
    with Delivery(ghost, rich(title), tags=["Calendrier"]) as d:
        d.until("publish")
        [draft] = there(ghost, title)
        assert draft["status"] == "draft" and ghost.page(f"{ghost.url}/{draft['slug']}/")[0] == 404
        outcome = d.step()
        assert outcome["kind"] == "done", outcome
        assert d.names == ["upload", "upload", "find draft", "make draft", "publish"]
    [post] = there(ghost, title)
    assert (post["status"], post["id"], post["url"]) == ("published", outcome["id"], outcome["url"])
    assert post["custom_excerpt"] == "Résumé & co" and post["authors"][0]["email"] == OWNER["email"]
    assert [tag["name"] for tag in post["tags"]] == ["Événements & co", "Calendrier", "C#", "été 2026", "#interne"]
    assert post["feature_image_alt"] == "Le chalet sous la \"neige\" <ü>"
    status, page = ghost.page(outcome["url"])
    shown = html.unescape(page)
    assert status == 200 and title in shown and "Résumé & co" in shown
    assert "Deux <em>trois</em> quatre & <strong>cinq</strong>" in shown and "<blockquote>cité" in page and "int main;" in page
    assert re.search(r"<h2[^>]*>Un</h2>", page) and re.search(r"<h3[^>]*>Fin</h3>", page)
    assert re.search(r'<li><a href="https://example.org/d\?a&amp;b[^"]*">deux</a></li>', post["html"]), post["html"]
    assert "https://example.org/a?b&c" in html.unescape(post["html"])
    images = re.findall(r'<img[^>]*src="([^"]+)"[^>]*>', post["html"])
    assert len(images) == 1 and 'alt="dans le texte"' in post["html"], post["html"]
    for url, name in ((post["feature_image"], "media/Le chalet.png"), (images[0], "media/neige.png")):
        with urllib.request.urlopen(url) as answer:
            assert answer.read() == PICTURES[name][0]
        assert url in page


def test_every_lost_answer_is_survived(ghost):
    """The n-th answer is lost, for n = 1, 2, … until none is."""
    for n in range(1, 60):
        title = f"Lost {n}"
        with Delivery(ghost, rich(title), lose={n}) as d:
            assert d.through()["kind"] == "done", (n, d.names)
            [post] = there(ghost, title)
            assert post["status"] == "published" and post["feature_image"], (n, d.names)
            assert d.names.count("publish") == 1 and d.names.count("make draft") == 1, (n, d.names)
            if n > len(d.names):
                return
    raise AssertionError("always one more")


def test_a_doubtful_publication_is_found(ghost):
    with Delivery(ghost, small("Doubtful")) as d:
        assert d.until("publish").step("find")["kind"] == "not-found"
        d.lose = {len(d.names) + 1}
        assert d.step()["kind"] == "unsure"
        found = d.step("find")
        assert found["kind"] == "done" and found["url"] == there(ghost, "Doubtful")[0]["url"]


def test_publishing_twice_is_refused_by_ghost_itself(ghost):
    """The second is under an updated_at that is no longer so."""
    with Delivery(ghost, small("Twice")) as d:
        step = d.until("publish").ask("next")["step"]
        time.sleep(1.1)  # Ghost counts whole seconds
        assert d.send(step)["status"] == 200
        again = d.send(step)
        assert again["status"] == 409 and "UPDATE_COLLISION" in again["body"], again
        outcome = d.ask("next", again)["outcome"]
        assert outcome["kind"] == "unsure" and "changed since" in outcome["message"], outcome
        assert d.step("find")["kind"] == "done"
    [post] = there(ghost, "Twice")


def test_what_somebody_wrote_into_the_draft_stays_when_it_is_published(ghost):
    with Delivery(ghost, small("Corrected by hand")) as d:
        d.until("publish")
        [draft] = there(ghost, "Corrected by hand")
        time.sleep(1.1)
        ghost.as_owner("PUT", f"posts/{draft['id']}/", {"posts": [{"custom_excerpt": "By hand", "updated_at": draft["updated_at"]}]})
        assert d.through()["kind"] == "done" and d.names[-3:] == ["publish", "look up the post", "publish"], d.names
    [post] = there(ghost, "Corrected by hand")
    assert post["status"] == "published" and post["custom_excerpt"] == "By hand"


def test_a_draft_that_somebody_published_or_deleted_is_told(ghost):
    for title, change, kind, words in (("Published by hand", {"status": "published"}, "done", None),
                                       ("Scheduled by hand", {"status": "scheduled", "published_at": "2040-01-01T00:00:00.000Z"}, "unsure", "'scheduled'")):
        with Delivery(ghost, small(title)) as d:
            d.until("publish")
            [draft] = there(ghost, title)
            time.sleep(1.1)
            ghost.as_owner("PUT", f"posts/{draft['id']}/", {"posts": [change | {"updated_at": draft["updated_at"]}]})
            assert d.step()["kind"] == "unsure"
            outcome = d.step("find")
            assert outcome["kind"] == kind and (not words or words in outcome["message"]), (title, outcome)
    with Delivery(ghost, small("Deleted by hand")) as d:
        d.until("publish")
        ghost.as_owner("DELETE", f"posts/{there(ghost, 'Deleted by hand')[0]['id']}/")
        outcome = d.step()
        assert outcome["kind"] == "refused" and "deleted in Ghost" in outcome["message"], outcome
        assert d.through()["kind"] == "done"
    assert len(there(ghost, "Deleted by hand")) == 1


def test_a_slug_that_is_taken_is_told(ghost):
    for title, message in (("First of its name", None), ("Second of its name", "the slug 'my-wish' was taken: it became 'my-wish-2'")):
        with Delivery(ghost, small(title, slug="my-wish")) as d:
            outcome = d.through()
            assert outcome["kind"] == "done" and outcome.get("message") == message, outcome
            assert outcome["url"] == f"{ghost.url}/my-wish{'-2' if message else ''}/" and ghost.page(outcome["url"])[0] == 200


def test_an_edit_before_the_slot_is_in_the_draft(ghost):
    with Delivery(ghost, rich("Edited")) as d:
        d.until("publish")
        del d.asked["content"]["summary"], d.asked["content"]["tags"]
        d.asked["content"] |= {"body": "Otherwise.", "title": "Edited since"}
        del d.asked["content"]["parts"][0]["media"]
        assert d.through()["kind"] == "done" and d.names[-2:] == ["fill draft", "publish"]
    [post] = there(ghost, "Edited since")
    assert not there(ghost, "Edited") and [tag["name"] for tag in post["tags"]] == ["Événements & co"]
    assert post["custom_excerpt"] is None and post["feature_image"] is None and post["feature_image_alt"] is None
    assert post["plaintext"].startswith("Otherwise.")


def test_the_options_reach_ghost(ghost):
    content = rich("With options")
    with Delivery(ghost, content, access="members", canonical_link=True, html_card=True, author="cal") as d:
        outcome = d.through()
        assert outcome["kind"] == "done", outcome
    [post] = there(ghost, "With options")
    assert post["visibility"] == "members" and post["canonical_url"] == content["link"] and "kg-card-begin: html" in post["html"]
    assert content["link"] not in html.unescape(post["html"]) and '<link rel="canonical" href="https://example.org/a?b' in ghost.page(outcome["url"])[1]


def test_a_newsletter_goes_with_it_and_is_asked_for_once(ghost):
    [letter] = ghost.as_owner("GET", "newsletters/")["newsletters"]
    ghost.as_owner("POST", "members/", {"members": [{"email": "reader@example.org", "newsletters": [{"id": letter["id"]}]}]})
    with Delivery(ghost, small("Sent"), newsletter=letter["slug"], newsletter_to="status:free") as d:
        d.lose = {3}
        outcome = d.through()
        assert outcome["kind"] == "done" and d.names == ["find draft", "make draft", "publish", "look up the post"], (outcome, d.names)
    [post] = there(ghost, "Sent")
    assert post["newsletter"]["slug"] == letter["slug"] and post["email_segment"] == "status:free" and post["email"]["email_count"] == 1
    with Delivery(ghost, small("To nobody"), newsletter="no-such") as d:
        outcome = d.through()
        assert outcome["kind"] == "refused" and "newsletter" in outcome["message"].lower(), outcome
    assert there(ghost, "To nobody")[0]["status"] == "draft"


def test_what_was_prepared_is_taken_back_whatever_answer_is_lost(ghost):
    before = len(ghost.posts())
    for n in range(1, 60):
        with Delivery(ghost, small(f"Cancelled {n}")) as d:
            d.until("publish").names.clear()
            assert len(ghost.posts()) == before + 1
            d.lose = {n}
            assert d.through("discard") is None or not d.names
            assert len(ghost.posts()) == before, (n, d.names)
            if n > len(d.names):
                return
    raise AssertionError("always one more")


def test_what_somebody_took_over_is_not_taken_back(ghost):
    with Delivery(ghost, small("Taken over")) as d:
        d.until("publish")
        [draft] = there(ghost, "Taken over")
        time.sleep(1.1)
        ghost.as_owner("PUT", f"posts/{draft['id']}/", {"posts": [{"custom_excerpt": "Mine", "updated_at": draft["updated_at"]}]})
        d.names.clear()
        assert d.through("discard") is None and d.names == ["find what to discard"]
    assert there(ghost, "Taken over")


def test_what_is_published_is_deleted_whatever_answer_is_lost_and_nothing_else_is(ghost):
    before = len(ghost.posts())
    with Delivery(ghost, small("To be deleted")) as d:
        url = d.through()["url"]
        d.names.clear()
        d.lose = {1}
        assert d.through("remove") is None and d.names == ["delete", "delete"], d.names
    assert len(ghost.posts()) == before and ghost.page(url)[0] == 404


def test_what_is_published_is_edited_whatever_answer_is_lost(ghost):
    """It keeps its address, its time and who reads it; what a person changed meanwhile in other fields stays."""
    look = "look at the post"
    for lose, names in ({}, [look, "edit"]), ({1}, [look, look, "edit"]), ({2}, [look, "edit", "edit"]):
        title = f"To be edited {len(names)} {lose}"
        with Delivery(ghost, rich(title)) as d:
            url = d.through()["url"]
            [first] = there(ghost, title)
            ghost.as_owner("PUT", f"posts/{first['id']}/", {"posts": [{"featured": True, "updated_at": first["updated_at"]}]})
            d.names.clear()
            d.lose = lose
            d.asked["published"] = dict(d.asked["content"])
            d.asked["content"] |= {"title": title + " again", "body": "Corrected.", "summary": "Mieux"}
            assert d.step("edit")["kind"] in ("next", "lost")
            time.sleep(1.1)  # Ghost counts whole seconds: a repeat is under an updated_at that is no longer so
            assert d.through("edit") is None and d.names == names
        [post] = there(ghost, title + " again")
        assert [post[name] for name in ("id", "url", "published_at", "status", "featured", "feature_image", "feature_image_alt")] == [
            first["id"], url, first["published_at"], "published", True, first["feature_image"], first["feature_image_alt"]]
        assert post["plaintext"].startswith("Corrected.") and post["custom_excerpt"] == "Mieux" and "Corrected." in ghost.page(url)[1]
        assert not there(ghost, title)


def test_an_edit_meets_what_somebody_changed_or_deleted(ghost):
    with Delivery(ghost, small("Edited by two")) as d:
        d.through()
        d.asked["published"], d.asked["content"] = d.asked["content"], d.asked["content"] | {"title": "Edited by two, then cald"}
        assert d.step("edit")["kind"] == "next"
        [post] = there(ghost, "Edited by two")
        time.sleep(1.1)  # Ghost counts whole seconds
        ghost.as_owner("PUT", f"posts/{post['id']}/", {"posts": [{"custom_excerpt": "Mine", "updated_at": post["updated_at"]}]})
        outcome = d.step("edit")
        assert outcome["kind"] == "retry" and "changed since" in outcome["message"], outcome
        assert d.through("edit") is None and len(there(ghost, "Edited by two, then cald")) == 1
        ghost.as_owner("DELETE", f"posts/{post['id']}/")
        d.asked["published"], d.asked["content"] = d.asked["content"], d.asked["content"] | {"title": "Once more"}
        d.asked["memo"].pop("edit", None)
        outcome = d.through("edit")
        assert outcome["kind"] == "refused" and "not there any more" in outcome["message"], outcome


def test_credentials_are_told_apart(ghost):
    with Delivery(ghost, small("never")) as d:
        outcome = d.step("verify")
        assert outcome["kind"] == "done" and outcome["message"] == f"the integration's key works on {ghost.url}"
    key, secret = ghost.key.split(":")
    for wrong in (f"{key}:{secret[::-1]}", f"{'0' * 24}:{secret}"):
        with Delivery(ghost, small("never"), key=wrong) as d:
            for op in ("verify", "next"):
                outcome = d.step(op)
                assert (outcome["kind"], outcome["scope"], outcome["reconnect"]) == ("refused", "account", True), outcome
                assert "Admin API key" in outcome["message"], outcome
    with Delivery(ghost, small("never")) as d:
        d.asked["options"]["url"] += "/blog"
        outcome = d.step("verify")
        assert outcome["kind"] == "refused" and "no Ghost Admin API" in outcome["message"], outcome
    assert not there(ghost, "never")


class Swallower(ChanceProxy):
    """Loses the answer to the first request that publishes."""

    def happen(self, kind, connection, data, method):
        first = method == "PUT" and not self.chance.calm
        self.chance.calm |= first
        return super().happen("lost" if first else None, connection, data, method)


def wait(condition, daemon):
    end = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.1)


def test_cald_publishes_through_a_lost_answer_edits_and_deletes(ghost):
    with Swallower(ghost.url, Chance(1)) as between:
        accounts = f"  blog: {{network: ghost, url: '{between.url}', key: {{file: ghost.key}}}}\n"
        with Daemon(accounts=accounts, calendar="version: 1\ntimezone: UTC\n") as daemon:
            daemon.write("ghost.key", ghost.key + "\n", 0o600)
            daemon.write("neige.png", PICTURES["media/neige.png"][0])
            assert daemon.calctl("reload").returncode == 0
            done = daemon.calctl("add", "--to", "blog", "--id", "hiver", "--title", "Par cald", "--media", str(daemon.directory / "neige.png"),
                                 "--alt", "Neige", "La neige est là.")
            assert done.returncode == 0, done
            delivery = daemon.wait_state("hiver", "blog", "published", patience=90)
            attempts = daemon.api("GET", "/v1/deliveries/hiver/blog/history").json["attempts"]
            assert between.chance.calm and [a["kind"] for a in attempts].count("create") == 1, attempts
            [post] = there(ghost, "Par cald")
            assert (post["id"], post["url"], post["status"]) == (delivery["remote_id"], delivery["url"], "published")
            page = ghost.page(delivery["url"])[1]
            assert "La neige est là." in page and post["feature_image"] in page and 'alt="Neige"' in page
            done = daemon.calctl("edit", "hiver", "--text", "La neige est partie.", "--yes")
            assert done.returncode == 0, done
            wait(lambda: "La neige est partie." in ghost.page(delivery["url"])[1], daemon)
            done = daemon.calctl("delete", "hiver", "--yes")
            assert done.returncode == 0, done
            wait(lambda: not there(ghost, "Par cald"), daemon)
            assert ghost.page(delivery["url"])[0] == 404
            assert ghost.key.split(":")[1] not in daemon.log()


def test_the_limits_are_ghosts(ghost):
    """What 'calctl check' allows is taken, and one more is not: see ghost_check."""
    whole = {"title": "T" * 250 + "é😀😀😀😀", "summary": "S" * 299 + "😀", "tags": ["t" * 191]}
    picture = [{"text": "x", "media": [media("media/neige.png", "A" * 191)]}]
    with Delivery(ghost, whole | {"parts": picture}) as d:
        assert d.through()["kind"] == "done"
    more = [picture[0] | {"media": [media("media/neige.png", "A" * 192)]}]
    for wrong in ({"title": "T" * 256}, {"summary": "S" * 301}, {"tags": ["t" * 192]}, {"tags": [",t"]}, {"parts": more}):
        with Delivery(ghost, {"title": "Too long", "parts": [{"text": "x"}]} | wrong) as d:
            outcome = d.through()
            assert (outcome["kind"], outcome["scope"]) == ("refused", "post"), (wrong, outcome)
            assert d.names[-1] == "make draft", d.names
    assert not there(ghost, "Too long")

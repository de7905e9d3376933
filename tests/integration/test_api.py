"""The control API of a running daemon: every route, its errors, pages, idempotency, versions. Every answer is also held
against schema/openapi.yaml."""
import base64
import hashlib
import http.client
import json
import os
import re
import resource
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import ACCOUNTS, CALENDAR, UnixConnection  # noqa: E402
from openapi import DOCUMENT, CheckedDaemon, check_answer  # noqa: E402

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
LATER = "2034-06-01 10:00"


@pytest.fixture(scope="module")
def daemon():
    with CheckedDaemon() as running:
        yield running
        assert running.log_can_be_emptied()


def add(daemon, **post):
    post.setdefault("to", ["site"])
    post.setdefault("text", "A text.")
    post.setdefault("at", LATER)
    answer = daemon.api("POST", "/v1/posts", post)
    assert answer.status == 201, answer
    return answer


def count(daemon):
    return sum(daemon.api("GET", "/v1/status").json["counts"].values())


# ---- adding ----

def test_a_post_without_a_time_is_published_at_once(daemon):
    answer = add(daemon, at="now", to=["site", "silent"])
    assert answer.headers["location"] == f"/v1/posts/{answer.json['id']}"
    for account in ("site", "silent"):
        assert daemon.wait_state(answer.json["id"], account, "published")["published"]
    assert answer.json["id"] in daemon.api("GET", "/feed/site/atom.xml").body.decode()


def test_an_instant_with_milliseconds_stays_what_was_said(daemon):
    answer = add(daemon, at="2034-01-02T03:04:05.678Z")
    assert answer.json["deliveries"][0]["slot"] == "2034-01-02T03:04:05.678Z"


def test_times_are_civil_times_of_the_calendar(daemon):
    delivery = add(daemon, at="2034-07-01 09:00").json["deliveries"][0]
    assert delivery["slot"] == "2034-07-01T07:00:00Z" and delivery["local"] == "2034-07-01T09:00:00+02:00"


def test_next_slot_takes_the_next_free_time(daemon):
    first = add(daemon, at="next slot evening").json["deliveries"][0]
    second = add(daemon, at="next slot evening").json["deliveries"][0]
    assert first["slot_name"] == second["slot_name"] == "evening" and first["slot"] < second["slot"]
    taken = {s["at"]: s["post"] for s in daemon.api("GET", "/v1/slots?slot=evening").json["items"]}
    assert taken[first["slot"]] == first["post"] and taken[second["slot"]] == second["post"]


def test_a_named_slot_says_where_a_post_goes(daemon):
    answer = daemon.api("POST", "/v1/posts", {"text": "To wherever.", "at": "next slot morning"})
    assert {d["account"] for d in answer.json["deliveries"]} == {"site", "silent"}


@pytest.mark.parametrize("post, word", [
    ({"to": ["site"], "text": "x", "at": "2020-01-01 09:00"}, "past"),
    ({"to": ["site"], "text": "x", "at": "the day after never"}, "at"),
    ({"to": ["site"], "text": "x", "at": "next slot mornin"}, "morning"),
    ({"to": ["sit"], "text": "x"}, "sit"),
    ({"to": [], "text": "x"}, "to"),
    ({"text": "x"}, "to"),
    ({"to": ["site"]}, ""),
    ({"to": ["site"], "text": "x", "media": [{"file": "missing.png", "alt": "x"}]}, "missing.png"),
    ({"to": ["site"], "text": "x", "media": [{"file": "../cald.yaml", "alt": "x"}]}, ""),
    ({"to": ["site"], "text": "x", "thread": ["a", "b"]}, "thread"),
    ({"to": ["site"], "thread": []}, "thread"),
    ({"to": ["site"], "text": "x", "tags": [{}]}, "tags"),
    ({"to": ["site"], "text": "x", "link": "javascript:alert(1)"}, "link"),
    ({"to": ["site"], "text": "x", "id": "not an id"}, "id"),
])
def test_what_is_no_post_is_refused_and_nothing_is_queued(daemon, post, word):
    before = count(daemon)
    answer = daemon.api("POST", "/v1/posts", post)
    assert answer.status == 422 and word in answer.json["detail"], answer
    assert count(daemon) == before


@pytest.mark.parametrize("body, status", [
    ({"to": ["site"], "txt": "x"}, 400),
    ({"to": "site", "text": "x"}, 400),
    ({"to": ["site"], "text": "x", "draft": "yes"}, 400),
    ({"to": ["site"], "text": 7}, 400),
    ({"to": ["site"], "text": None}, 400),
    ({"to": ["site"], "text": "x", "visibility": "secret"}, 400),
    ({"to": ["site"], "text": "x", "override": {}}, 400),
    ({"to": ["site"], "text": "x", "override": {"reason": " "}}, 400),
    (b"[]", 400), (b"{", 400), (b'{"to":["site"],"to":["other"]}', 400), (b'"x"', 400), (b"\xff", 400),
    (b"[" * 5000, 400),
])
def test_what_is_no_request_is_refused(daemon, body, status):
    before = count(daemon)
    assert daemon.api("POST", "/v1/posts", body).status == status
    assert count(daemon) == before


def test_an_unknown_member_is_told_with_the_nearest(daemon):
    answer = daemon.api("POST", "/v1/posts", {"to": ["site"], "texte": "x"})
    assert answer.status == 400 and answer.json["nearest"] == "text" and answer.json["word"] == "texte"


def test_an_unknown_parameter_is_told_with_the_nearest(daemon):
    answer = daemon.api("GET", "/v1/deliveries?acount=site")
    assert answer.status == 400 and answer.json["nearest"] == "account"


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "limit=1&limit=2", "order=best", "state=redy",
                                   "from=whenever", "origin=mars", "cursor=nonsense", "text=", "from=next%20slot"])
def test_a_parameter_out_of_its_range_is_refused(daemon, query):
    assert daemon.api("GET", f"/v1/deliveries?{query}").status == 400


def test_the_same_id_twice_is_a_conflict(daemon):
    add(daemon, id="only-one")
    assert daemon.api("POST", "/v1/posts", {"to": ["site"], "text": "x", "id": "only-one"}).status == 409
    assert daemon.api("POST", "/v1/posts", {"to": ["site"], "text": "x", "id": "far-away"}).status == 409


def test_publish_late_is_kept_shown_and_given_back_to_the_calendar(daemon):
    def said(member, **more):
        answer = daemon.api("PATCH", "/v1/posts/late-one", {"publish_late": member, **more})
        assert answer.status == 200, answer
        return answer.json["deliveries"][0]
    assert add(daemon, id="late-one", at="tomorrow 9:00", publish_late=True).json["deliveries"][0]["publish_late"] is True
    for member, shown in ((False, False), (True, True), (None, False)):
        assert said(member)["publish_late"] is shown
    last = daemon.api("GET", "/v1/audit?post=late-one&limit=1").json["items"][0]
    assert (last["before"], last["after"]) == ({"publish_late": True}, {"publish_late": None})
    both = said(True, text="Another text.")
    assert both["publish_late"] is True and both["content"]["parts"][0]["text"] == "Another text."
    assert daemon.api("PATCH", "/v1/posts/late-one", {"publish_late": "yes"}).status == 400
    assert add(daemon, id="plain-one", at="tomorrow 9:00").json["deliveries"][0]["publish_late"] is False


def test_what_is_answered_of_an_addition_is_what_is_stored(daemon):
    media = daemon.api("POST", "/v1/media", PNG, {"Content-Type": "image/png"}).json
    added = add(daemon, to=["site", "other"], title="Title", text="Un été à l’atelier \U0001f389", summary="Short.",
                link="https://example.org/?a=1&b=2", tags=["hiver", "neige"], language="fr", warning="Careful",
                media=[{"file": media["file"], "alt": "A \"dot\".\n"}], bucket="news",
                variants={"site": {"body": "# Body\n\nwith *Markdown*"}, "other": {"thread": ["One.", "Two."]}})
    read = daemon.api("GET", f"/v1/posts/{added.json['id']}")
    assert added.json["deliveries"] == read.json["deliveries"] and added.headers["etag"] == read.headers["etag"]


def test_a_dry_run_answers_and_stores_nothing(daemon):
    before = count(daemon)
    answer = daemon.api("POST", "/v1/posts?dry_run=true", {"to": ["site"], "text": "x", "at": "tomorrow 9:00"})
    assert answer.status == 200 and answer.json["deliveries"][0]["state"] == "ready"
    assert count(daemon) == before


# ---- the charter ----

def test_the_charter_is_enforced_and_may_be_overridden_with_a_reason(daemon):
    post = {"to": ["site"], "text": "It is cheap.", "at": LATER}
    answer = daemon.api("POST", "/v1/posts", post)
    assert answer.status == 422 and answer.json["errors"][0]["rule"] == "forbidden-word"
    assert "more" not in answer.json["detail"]
    both = daemon.api("POST", "/v1/posts", dict(post, to=["site", "other"]))
    assert len(both.json["errors"]) == 2 and both.json["detail"].endswith("(and 1 more)"), both
    answer = daemon.api("POST", "/v1/posts", dict(post, override={"reason": "it is a quotation"}))
    assert answer.status == 201
    history = daemon.api("GET", f"/v1/deliveries/{answer.json['id']}/site/history").json["events"]
    assert "it is a quotation" in history[0]["why"] and "cheap" in history[0]["why"]


def test_a_finding_says_where_and_what_to_do(daemon):
    answer = daemon.api("POST", "/v1/posts", {"to": ["site"], "thread": ["Été", "C’est Cheap."], "at": LATER})
    finding, = answer.json["errors"]
    text = "C’est Cheap.".encode()[finding["start"]:finding["end"]].decode()
    assert (finding["in"], finding["word"], text) == ("thread[1]", "Cheap", "Cheap") and finding["remedy"]


def test_what_is_added_is_judged_among_what_is_queued():
    """Near-duplicates and the shares of the buckets, by the same rules as in the files."""
    with CheckedDaemon(calendar="timezone: Europe/Paris\ncampaigns: {refuge: {embargo: 2034-05-10 08:00, words: [refuge du lac]}}\nposts: []\n",
                       charter="checks: {near_duplicate: error, mix: error}\nmix: {promo: {max: 50%}}\n") as running:
        def try_to_add(text, day, **more):
            answer = running.api("POST", "/v1/posts", {"to": ["site"], "text": text, "at": f"2034-05-{day} 10:00", **more})
            return [f["rule"] for f in answer.json["errors"]] if answer.status == 422 else answer.status
        words = "La neige est tombée toute la nuit sur le chalet"
        assert try_to_add(words, "12", id="first") == 201
        assert try_to_add(words.upper() + " !", "14") == ["near-duplicate"]
        assert try_to_add("Le pain sort du four", "14", id="second") == 201
        assert running.api("PATCH", "/v1/posts/second", {"text": words}).status == 422
        assert try_to_add("Deux nuits offertes", "15", bucket="promo") == 201
        assert try_to_add("Trois nuits offertes", "16", bucket="promo") == 201
        assert try_to_add("Cinq soirs pour deux", "17", bucket="promo") == ["mix"]
        assert try_to_add("Bientôt, le refuge du lac", "10") == 201
        assert try_to_add("Ce soir, le refuge du lac", "09") == ["embargo"]


def test_the_charters_parameters_are_added_to_links_wherever_a_post_comes_from():
    with CheckedDaemon(calendar="timezone: Europe/Paris\nposts:\n- {id: file, at: 2034-05-02 10:00, to: [site], text: x,"
                       " link: 'https://example.org/a'}\n",
                       charter="brand: {name: B, site: 'https://example.org'}\nchecks: {link_campaign: {add: {utm_source: '{account}',"
                       " utm_content: '{post}'}}}\n") as running:
        running.api("POST", "/v1/posts", {"to": ["site"], "text": "Voir https://example.org/b.", "at": LATER, "id": "added"})
        assert running.delivery("file", "site")["content"]["link"] == "https://example.org/a?utm_source=site&utm_content=file"
        text = "Voir https://example.org/b?utm_source=site&utm_content=added."
        assert running.delivery("added", "site")["content"]["parts"][0]["text"] == text
        running.api("PATCH", "/v1/posts/added", {"title": "Lire"})
        assert running.delivery("added", "site")["content"]["parts"][0]["text"] == text


def test_an_edit_is_judged_like_a_new_post(daemon):
    post = add(daemon).json["id"]
    assert daemon.api("PATCH", f"/v1/posts/{post}", {"text": "cheap"}).status == 422
    assert daemon.delivery(post, "site")["content"]["parts"][0]["text"] == "A text."


def test_what_a_network_cannot_take_is_not_overridden(daemon):
    media = daemon.api("POST", "/v1/media", PNG, {"Content-Type": "application/octet-stream"}).json
    answer = daemon.api("POST", "/v1/posts", {"to": ["silent"], "text": "x", "at": LATER, "override": {"reason": "please"},
                                              "media": [{"file": media["file"], "alt": "A dot."}]})
    assert answer.status == 422 and answer.json["errors"]


# ---- images ----

def test_an_image_is_kept_shown_and_served(daemon):
    answer = daemon.api("POST", "/v1/media", PNG, {"Content-Type": "image/png"})
    assert answer.status == 201 and answer.json["mime"] == "image/png" and answer.json["width"] == 1
    media = [{"file": answer.json["file"], "alt": "A dot."}]
    post = add(daemon, at="now", media=media).json["id"]
    daemon.wait_state(post, "site", "published")
    address = f"/feed/site/media/{answer.json['sha256']}.png"
    image = daemon.api("GET", address)
    assert image.status == 200 and image.body == PNG and image.headers["content-type"] == "image/png"
    assert image.headers["x-content-type-options"] == "nosniff"
    assert daemon.api("GET", "/feed/other/media/" + address.rsplit("/", 1)[1]).status == 404


def test_a_body_shows_the_images_that_calctl_sends_with_it(daemon, tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "articles").mkdir()
    image, body = tmp_path / "images/le lac.png", tmp_path / "articles/lac.md"
    image.write_bytes(PNG)
    body.write_text(f"Avant\n\n![un](../images/le%20lac.png)\n\n![deux](<{image}>)\n\n![trois](rien.png)\n")
    done = daemon.calctl("add", "--to", "site", "--id", "lac", "--title", "Le lac", "--body-file", str(body),
                         "--media", str(image), "--alt", "Le lac", "Au lac")
    assert done.returncode == 0 and "the body shows 'rien.png'" in done.stderr and "lac.png" not in done.stderr, done
    page = daemon.api("GET", daemon.wait_state("lac", "site", "published")["url"].split(str(daemon.port), 1)[1]).body.decode()
    shown = f'media/{hashlib.sha256(PNG).hexdigest()}.png"'
    assert page.count(shown) == 2 and 'alt="un"' in page and 'alt="deux"' in page, page


@pytest.mark.parametrize("body, kind, status", [(b"not an image", "image/png", 422), (PNG, "text/plain", 415),
                                                (b"", "image/png", 422)])
def test_what_is_no_image_is_refused(daemon, body, kind, status):
    assert daemon.api("POST", "/v1/media", body, {"Content-Type": kind}).status == status


# ---- reading ----

def test_pages_give_each_delivery_once(daemon):
    for i in range(7):
        add(daemon, id=f"page-{i}", at=f"2034-03-0{i + 1} 09:00")
    for order in ("slot", "-slot"):
        seen, cursor = [], ""
        while cursor is not None:
            query = f"&cursor={cursor}" if cursor else ""
            page = daemon.api("GET", f"/v1/deliveries?from=2034-03-01&until=2034-04-01&limit=3&order={order}{query}").json
            assert len(page["items"]) <= 3
            seen += [item["post"] for item in page["items"]]
            cursor = page["next"]
        expected = [f"page-{i}" for i in range(7)]
        assert seen == (expected if order == "slot" else expected[::-1])


def test_filters_narrow_the_list(daemon):
    add(daemon, id="filtered", text="Une Écharpe rouge", at="2034-05-05 09:00", to=["site", "other"], draft=True)
    def ids(query):
        return {d["id"] for d in daemon.api("GET", f"/v1/deliveries?{query}").json["items"]}
    both = {"filtered/site", "filtered/other"}
    assert ids("post=filtered") == both
    assert ids("post=filtered&account=other") == {"filtered/other"}
    assert ids("post=filtered&state=ready") == set()
    assert ids("post=filtered&state=ready,draft") == ids("post=filtered&state=ready&state=draft") == both
    assert ids("text=%C3%A9charpe") == both
    assert ids("post=filtered&network=null") == set()
    assert ids("post=filtered&from=2034-05-05&until=2034-05-06") == both
    assert ids("post=filtered&until=2034-05-05") == set()
    assert ids("post=filtered&origin=spontaneous") == both


@pytest.mark.parametrize("query, words, nearest", [
    ("deliveries?account=sitte", "unknown account 'sitte'", "site"),
    ("deliveries?account=site&account=no,sitte&from=2040-01-01", "unknown account 'sitte'", "site"),
    ("deliveries?network=fed", "unknown network 'fed'", "feed"),
    ("deliveries?bucket=rarely", "unknown bucket 'rarely'", None),
    ("deliveries?series=weekly", "unknown series 'weekly'", None),
    ("audit?account=sitte&kind=override", "unknown account 'sitte'", "site"),
    ("alerts?account=sitte", "unknown account 'sitte'", "site"),
])
def test_a_list_of_a_name_that_is_nowhere_says_so(daemon, query, words, nearest):
    answer = daemon.api("GET", f"/v1/{query}")
    assert answer.status == 404 and answer.json.get("nearest") == nearest and words in answer.json["detail"], answer.json


def test_a_list_of_a_name_that_is_somewhere_may_be_empty(daemon):
    add(daemon, id="rare", bucket="rare", at="2034-06-07 09:00")  # which no document has
    for query in ("bucket=rare", "account=site,other", "network=slack", "post=rare", "waiting_for=admin",
                  "waiting_for=edith", "post=to-come"):
        answer = daemon.api("GET", f"/v1/deliveries?{query}&from=2050-01-01")
        assert answer.status == 200 and answer.json["items"] == [], (query, answer.json)


def test_what_is_not_there_is_told_with_the_nearest(daemon):
    add(daemon, id="near-by")
    answer = daemon.api("GET", "/v1/posts/near-bi")
    assert answer.status == 404 and answer.json["nearest"] == "near-by"
    assert daemon.api("POST", "/v1/accounts/sitte/pause", {}).json["nearest"] == "site"
    assert daemon.api("GET", "/v1/stats").json["nearest"] == "/v1/status"
    assert daemon.api("GET", "/v1/deliveries/near-by/other").status == 404
    assert daemon.api("POST", "/v1/posts/near-by/hold?account=other", {}).status == 404
    assert daemon.api("GET", "/v1/deliveries/near-by/other/history").status == 404
    assert daemon.api("GET", "/v1/slots?slot=mornin").json["nearest"] == "morning"


@pytest.mark.parametrize("method, path", [("DELETE", "/v1/posts"), ("PUT", "/v1/posts/x"), ("GET", "/v1/reload"),
                                          ("OPTIONS", "/v1/status"), ("TRACE", "/"), ("GET", "/v1/posts/x/cancel")])
def test_a_method_that_is_not_there_is_405_with_allow(daemon, method, path):
    answer = daemon.api(method, path)
    assert answer.status == 405 and answer.headers["allow"]


def test_head_answers_like_get_without_a_body(daemon):
    answer = daemon.api("HEAD", "/v1/status")
    assert answer.status == 200 and answer.body == b"" and int(answer.headers["content-length"]) > 0


def test_a_known_version_is_not_sent_again(daemon):
    add(daemon, id="tagged")
    first = daemon.api("GET", "/v1/deliveries/tagged/site")
    again = daemon.api("GET", "/v1/deliveries/tagged/site", headers={"If-None-Match": first.headers["etag"]})
    assert first.status == 200 and again.status == 304
    feed = daemon.api("GET", "/feed/site/feed.json")
    assert daemon.api("GET", "/feed/site/feed.json", headers={"If-None-Match": feed.headers["etag"]}).status == 304
    modified = feed.headers["last-modified"]
    assert daemon.api("GET", "/feed/site/feed.json", headers={"If-Modified-Since": modified}).status == 304


def test_status_health_metrics_and_description(daemon):
    status = daemon.api("GET", "/v1/status").json
    assert status["healthy"] and status["documents"]["loaded"] and status["role"] == "admin" and status["paused"] is None
    assert {a["name"] for a in status["accounts"]} == {"site", "other", "silent", "no", "doubt", "later"}
    assert daemon.api("GET", "/healthz").json == {"status": "ok"}
    metrics = daemon.api("GET", "/metrics").body.decode()
    assert 'cald_deliveries{state="ready"}' in metrics and 'cald_control_requests_total{status="200"}' in metrics
    assert daemon.api("GET", "/v1/openapi.yaml").body.startswith(b"# The control API")


def test_it_is_healthy_only_while_the_database_takes_writes():
    def wait_health(status):
        end = time.monotonic() + 30
        while running.api("GET", "/healthz").status != status:
            assert time.monotonic() < end, running.log()
            time.sleep(0.05)

    running = CheckedDaemon()
    running.start(wrapper=["env", "--ignore-signal=XFSZ"])
    try:
        limits = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
        wait_health(200)
        assert running.calctl("status").returncode == 0
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
        wait_health(503)
        assert "database" in running.api("GET", "/healthz").json["detail"]
        assert not running.api("GET", "/v1/status").json["healthy"] and running.calctl("status").returncode == 6
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, limits)
        wait_health(200)
        assert running.api("GET", "/v1/status").json["healthy"]
        assert running.stop() == 0
    finally:
        running.kill()


def test_a_monitor_sees_what_keeps_posts_from_going_out(daemon):
    def attention(kind):
        found = re.findall(rf'^cald_attention{{kind="{kind}"}} (\d+)$', daemon.api("GET", "/metrics").body.decode(), re.M)
        return int(found[0])
    # each kind is there before there is anything to tell: an alarm on what is absent would never ring
    for kind in ("clock", "crisis", "disk", "documents", "on_failure", "restored"):
        assert attention(kind) == 0, kind
    before = attention("account")
    assert daemon.api("POST", "/v1/accounts/site/pause", {"why": "holiday"}).status == 200
    assert attention("account") == before + 1
    good = (daemon.directory / "calendar.yaml").read_text()
    daemon.write("calendar.yaml", good + "nonsense: 1\n")
    assert daemon.api("POST", "/v1/reload").status == 422 and attention("documents") == 1
    daemon.write("calendar.yaml", good)
    assert daemon.api("POST", "/v1/reload").status == 200 and attention("documents") == 0
    assert daemon.api("POST", "/v1/accounts/site/resume").status == 200 and attention("account") == before


def ended(daemon):
    """Of each final state how many reached it, since cald started."""
    metrics = daemon.api("GET", "/metrics").body.decode()
    return {state: int(count) for state, count in re.findall(r'^cald_deliveries_total{outcome="(\w+)"} (\d+)$', metrics, re.M)}


def test_whoever_ends_it_it_is_counted_once():
    with CheckedDaemon() as daemon:
        assert ended(daemon) == {"published": 0, "refused": 0, "missed": 0, "cancelled": 0}  # an alarm needs the step from 0
        daemon.write("calendar.yaml", CALENDAR + '  - {id: gone, at: 2035-01-02 09:00, to: [site, other], text: "Gone."}\n')
        assert daemon.calctl("reload").returncode == 0
        daemon.write("calendar.yaml", CALENDAR)
        assert daemon.calctl("reload").returncode == 0
        assert ended(daemon) == {"published": 0, "refused": 0, "missed": 0, "cancelled": 2}
        assert daemon.calctl("cancel", "far-away").returncode == 0
        assert ended(daemon)["cancelled"] == 3
        assert daemon.calctl("reload").returncode == 0 and daemon.calctl("plan").returncode == 0  # a plan is applied, and undone
        assert ended(daemon)["cancelled"] == 3


@pytest.mark.parametrize("account, state, line", [
    ("site", "published", " info attempt post={post} account=site .*outcome=done"),
    ("no", "refused", " error attempt post={post} account=no .*outcome=refused"),
    ("doubt", "unsure", " warn attempt post={post} account=doubt .*outcome=unsure"),
    ("other", "cancelled", "cancelled post={post} "),
    ("other", "held", "held post={post} "),
])
def test_every_end_is_counted_and_in_the_log(daemon, account, state, line):
    def counted():
        metrics = daemon.api("GET", "/metrics").body.decode()
        return int(re.search(rf'^cald_deliveries{{state="{state}"}} (\d+)', metrics, re.M)[1])

    before, final, ends = counted(), state not in ("unsure", "held"), ended(daemon)
    deed = {"cancelled": "cancel", "held": "hold"}.get(state)
    post = add(daemon, to=[account], at=LATER if deed else "now").json["id"]
    if deed:
        assert daemon.api("POST", f"/v1/posts/{post}/{deed}").status == 200
    daemon.wait_state(post, account, state)
    assert counted() == before + 1
    assert ended(daemon) == ends | ({state: ends[state] + 1} if final else {})
    assert re.search(line.format(post=post), daemon.log()), daemon.log()[-3000:]


def test_what_needs_a_person_is_told(daemon):
    post = add(daemon, to=["no", "doubt"], at="now").json["id"]
    daemon.wait_state(post, "no", "refused")
    daemon.wait_state(post, "doubt", "unsure")
    named = {item.get("delivery") for item in daemon.api("GET", "/v1/status").json["attention"]}
    assert {f"{post}/no", f"{post}/doubt"} <= named


def test_what_needed_a_person_is_listed_newest_first_with_who_was_told(daemon):
    posts = [add(daemon, to=["no"], at="now").json["id"] for _ in range(3)]
    for post in posts:
        daemon.wait_state(post, "no", "refused")
    listed = daemon.api("GET", "/v1/alerts?account=no").json
    assert [a["delivery"] for a in listed["items"][:3]] == [f"{post}/no" for post in reversed(posts)]
    first = listed["items"][0]
    assert first["event"] == first["state"] == "refused" and first["message"] and first["errors"] == []
    # nobody is to be told: there is no hook
    assert first["told"] is None and first["taken_by"] == first["waits_for"] == [] and first["next_try"] is None
    page = daemon.api("GET", "/v1/alerts?account=no&limit=2").json
    assert page["items"] == listed["items"][:2]
    rest = daemon.api("GET", f"/v1/alerts?account=no&cursor={page['next']}").json
    assert rest["items"] == listed["items"][2:] and rest["next"] is None
    assert {a["event"] for a in daemon.api("GET", "/v1/alerts?event=unsure").json["items"]} <= {"unsure"}
    at = listed["items"][1]["at"]
    assert all(a["at"] >= at for a in daemon.api("GET", f"/v1/alerts?from={at}").json["items"])
    assert all(a["at"] < at for a in daemon.api("GET", f"/v1/alerts?until={at}").json["items"])
    assert daemon.api("GET", "/v1/alerts?untold=true&account=no").json["items"] == listed["items"]
    assert daemon.api("GET", "/v1/alerts?account=nobody").status == 404
    for wrong in ("cursor=x", "limit=0", "from=soon", "untold=maybe", "kind=refused"):
        assert daemon.api("GET", f"/v1/alerts?{wrong}").status == 400, wrong
    assert "expected one of refused, unsure" in daemon.api("GET", "/v1/alerts?event=refuse").json["detail"]
    # each word that completion offers is one that the daemon knows
    offered = re.search(r"alerts:--event[^)]*\) COMPREPLY=\(\$\(compgen -W '([^']*)'", daemon.calctl("completion", "bash").stdout)[1]
    for event in offered.split():
        assert daemon.calctl("alerts", "--event", event).returncode == 0
    assert sorted(offered.split()) == sorted(DOCUMENT["components"]["schemas"]["AlertEvent"]["enum"])
    out = daemon.calctl("alerts", "--account", "no", "--limit", "2").stdout
    assert f"{posts[2]}/no" in out and "nobody" in out and f"--cursor {page['next']}" in out
    out = daemon.calctl("alerts", "--account", "no", "--cursor", page["next"], "--json").stdout
    assert json.loads(out) == rest
    assert "unknown account 'nobody'" in daemon.calctl("alerts", "--account", "nobody").stderr


def test_the_history_says_who_did_what(daemon):
    post = add(daemon, to=["later"], at="now").json["id"]
    daemon.wait_state(post, "later", "waiting")
    history = daemon.api("GET", f"/v1/deliveries/{post}/later/history").json
    assert history["events"][0]["from"] is None and history["events"][0]["who"].startswith("uid ")
    assert history["attempts"][0]["outcome"] == "retry"
    newest = daemon.api("GET", "/v1/history?limit=5").json["items"]
    assert len(newest) == 5 and newest == sorted(newest, key=lambda e: e["at"], reverse=True)


def test_the_calendar_can_be_subscribed_to(daemon):
    add(daemon, id="in-ics", text="Ligne une, avec virgule; et point\nLigne deux " + "é" * 100, at="2034-08-01 09:00")
    answer = daemon.api("GET", "/calendar.ics")
    lines = answer.body.decode().split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    text = answer.body.decode().replace("\r\n ", "")
    assert "X-WR-CALNAME:Test\r\n" in text and "UID:in-ics/site@" in text and "DTSTART:20340801T070000Z" in text
    assert r"Ligne une\, avec virgule\; et point\nLigne deux " + "é" * 100 in text
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") > 0


# ---- changing ----

def test_an_edit_replaces_what_it_names_and_leaves_the_rest(daemon):
    post = add(daemon, to=["site", "other"], title="T", tags=["a", "b"], link="https://example.org/x").json["id"]
    answer = daemon.api("PATCH", f"/v1/posts/{post}?account=other", {"text": "New.", "tags": None})
    assert answer.status == 200
    other, site = daemon.delivery(post, "other")["content"], daemon.delivery(post, "site")["content"]
    assert other["parts"][0]["text"] == "New." and "tags" not in other and other["title"] == "T"
    assert site["parts"][0]["text"] == "A text." and site["tags"] == ["a", "b"] and site["link"] == other["link"]
    assert daemon.api("PATCH", f"/v1/posts/{post}", {"thread": ["one", "two"]}).status == 200
    assert len(daemon.delivery(post, "site")["content"]["parts"]) == 2
    assert daemon.api("PATCH", f"/v1/posts/{post}", {"text": "single"}).status == 200
    assert len(daemon.delivery(post, "site")["content"]["parts"]) == 1
    assert daemon.api("PATCH", f"/v1/posts/{post}", {"at": "2034-09-01 09:00"}).json["deliveries"][0]["slot"] == \
        "2034-09-01T07:00:00Z"
    assert daemon.api("PATCH", f"/v1/posts/{post}", {}).status == 400


def test_moving_changes_the_time(daemon):
    post = add(daemon).json["id"]
    answer = daemon.api("POST", f"/v1/posts/{post}/move", {"at": "2034-10-01 09:00"})
    assert answer.status == 200 and answer.json["deliveries"][0]["slot"] == "2034-10-01T07:00:00Z"
    assert daemon.api("POST", f"/v1/posts/{post}/move", {"at": "2020-10-01 09:00"}).status == 422
    assert daemon.api("POST", f"/v1/posts/{post}/move", {}).status == 400


def test_a_draft_waits_for_approval(daemon):
    post = add(daemon, draft=True).json["id"]
    def act(action):
        return daemon.api("POST", f"/v1/posts/{post}/{action}", {})
    assert act("now").status == 409
    assert act("approve").json["state"] == "ready"
    assert act("approve").status == 409
    assert act("unapprove").json["state"] == "draft"
    assert act("approve").json["state"] == "ready"
    assert act("hold").json["state"] == "held"
    assert act("hold").status == 409
    assert act("release").json["state"] == "ready"
    assert act("release").status == 409
    assert act("retry").status == 409
    assert act("now").status == 200
    daemon.wait_state(post, "site", "published")
    for action in ("now", "cancel", "hold", "retry", "unapprove"):
        answer = act(action)
        assert answer.status == 409 and "published" in answer.json["detail"], answer


def test_cancelling_says_why_and_is_final(daemon):
    post = add(daemon, to=["site", "other"]).json["id"]
    answer = daemon.api("POST", f"/v1/posts/{post}/cancel?account=site", {"why": "out of date"})
    assert answer.json["state"] == "mixed"
    assert "out of date" in daemon.delivery(post, "site")["message"]
    answer = daemon.api("POST", f"/v1/posts/{post}/cancel", {})
    assert answer.json["state"] == "cancelled" and answer.json["kept"][0]["delivery"] == f"{post}/site"
    assert daemon.api("POST", f"/v1/posts/{post}/cancel", {}).status == 409


def test_what_was_refused_can_be_tried_again(daemon):
    post = add(daemon, to=["no"], at="now").json["id"]
    daemon.wait_state(post, "no", "refused")
    attempts = daemon.delivery(post, "no")["attempts"]
    assert daemon.api("POST", f"/v1/posts/{post}/retry", {}).status == 200
    end = time.monotonic() + 10
    while daemon.delivery(post, "no")["attempts"] == attempts and time.monotonic() < end:
        time.sleep(0.05)
    assert daemon.delivery(post, "no")["attempts"] > attempts


def test_a_person_resolves_what_is_unsure(daemon):
    post = add(daemon, to=["doubt"], at="now").json["id"]
    daemon.wait_state(post, "doubt", "unsure")
    path = f"/v1/posts/{post}/resolve"
    assert daemon.api("POST", f"/v1/posts/{post}/retry", {}).status == 409
    assert daemon.api("POST", path, {}).status == 400
    assert daemon.api("POST", path, {"published": "javascript:alert(1)"}).status == 400
    answer = daemon.api("POST", path, {"published": "https://example.org/1"})
    assert answer.status == 200 and answer.json["deliveries"][0]["url"] == "https://example.org/1"
    assert answer.json["state"] == "published"
    assert daemon.api("POST", path, {"not_published": True}).status == 409


def test_not_published_goes_out_again(daemon):
    post = add(daemon, to=["doubt"], at="now").json["id"]
    attempts = daemon.wait_state(post, "doubt", "unsure")["attempts"]
    assert daemon.api("POST", f"/v1/posts/{post}/resolve", {"not_published": True}).status == 200
    end = time.monotonic() + 10
    while daemon.delivery(post, "doubt")["attempts"] == attempts and time.monotonic() < end:
        time.sleep(0.05)
    assert daemon.delivery(post, "doubt")["attempts"] > attempts


def test_a_change_of_another_version_is_refused(daemon):
    post = add(daemon).json["id"]
    tag = daemon.api("GET", f"/v1/deliveries/{post}/site").headers["etag"]
    assert daemon.api("PATCH", f"/v1/posts/{post}", {"text": "1"}, {"If-Match": tag}).status == 200
    answer = daemon.api("PATCH", f"/v1/posts/{post}", {"text": "2"}, {"If-Match": tag})
    assert answer.status == 412 and daemon.delivery(post, "site")["content"]["parts"][0]["text"] == "1"
    assert daemon.api("POST", f"/v1/posts/{post}/cancel", {}, {"If-Match": answer.headers["etag"]}).status == 200


# ---- idempotency ----

def test_the_same_key_gives_the_same_answer_and_one_post(daemon):
    before = count(daemon)
    body, headers = {"to": ["site"], "text": "once", "at": LATER}, {"Idempotency-Key": "key-1"}
    first = daemon.api("POST", "/v1/posts", body, headers)
    again = daemon.api("POST", "/v1/posts", body, headers)
    assert first.status == again.status == 201 and first.body == again.body
    assert first.headers["location"] == again.headers["location"]
    assert again.headers["idempotency-replayed"] == "true" and "idempotency-replayed" not in first.headers
    assert count(daemon) == before + 1
    assert daemon.api("POST", "/v1/posts", dict(body, text="other"), headers).status == 422
    assert daemon.api("POST", "/v1/pause", {}, headers).status == 422
    assert daemon.api("GET", "/v1/status").json["paused"] is None


def test_a_refusal_is_not_remembered(daemon):
    headers = {"Idempotency-Key": "key-2"}
    assert daemon.api("POST", "/v1/posts", {"to": ["sit"], "text": "x"}, headers).status == 422
    assert daemon.api("POST", "/v1/posts", {"to": ["site"], "text": "x", "at": LATER}, headers).status == 201


def test_a_dry_run_leaves_its_key_free(daemon):
    headers = {"Idempotency-Key": "key-3"}
    body = {"to": ["site"], "text": "x", "at": LATER}
    assert daemon.api("POST", "/v1/posts?dry_run=true", body, headers).status == 200
    assert daemon.api("POST", "/v1/posts", body, headers).status == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
def test_a_key_that_is_none_is_refused(daemon, key):
    assert daemon.api("POST", "/v1/posts", {"to": ["site"], "text": "x"}, {"Idempotency-Key": key}).status == 400


def test_a_key_outlives_the_process():
    with CheckedDaemon() as running:
        body, headers = {"to": ["site"], "text": "once", "at": LATER}, {"Idempotency-Key": "for-ever"}
        first = running.api("POST", "/v1/posts", body, headers)
        running.kill()
        running.start()
        assert running.api("POST", "/v1/posts", body, headers).body == first.body


# ---- accounts, reload, events ----

def test_a_paused_account_publishes_nothing(daemon):
    assert daemon.api("POST", "/v1/accounts/other/pause", {"why": "holiday"}).json["state"] == "paused"
    post = add(daemon, to=["other", "site"], at="now").json["id"]
    daemon.wait_state(post, "site", "published")
    assert daemon.delivery(post, "other")["state"] == "ready"
    account = next(a for a in daemon.api("GET", "/v1/accounts").json["items"] if a["name"] == "other")
    assert account["why"] == "holiday" and account["waiting"] >= 1
    assert daemon.api("POST", "/v1/accounts/other/resume", {}).json["state"] == "ok"
    daemon.wait_state(post, "other", "published")


def test_everything_can_be_paused(daemon):
    assert daemon.api("POST", "/v1/pause", {"why": "crisis"}).json == {"paused": {"why": "crisis"}}
    assert daemon.api("GET", "/v1/status").json["paused"] == {"why": "crisis"}
    post = add(daemon, at="now").json["id"]
    time.sleep(0.3)
    assert daemon.delivery(post, "site")["state"] == "ready"
    assert daemon.api("POST", "/v1/resume", {}).json == {"paused": None}
    daemon.wait_state(post, "site", "published")


def test_credentials_are_checked_live(daemon):
    answer = daemon.api("POST", "/v1/accounts/site/check", {})
    assert answer.status == 200 and answer.json["ok"] is True
    assert daemon.api("POST", "/v1/accounts/nobody/check", {}).status == 404


def test_reload_applies_or_refuses_the_whole():
    with CheckedDaemon() as running:
        running.write("calendar.yaml", CALENDAR + '  - {id: new, at: "2026-12-24 09:00", to: [site], text: "New."}\n')
        answer = running.api("POST", "/v1/reload")
        assert answer.status == 200
        assert answer.json["added"] == 1
        running.write("calendar.yaml", CALENDAR + "  - {id: broken, at: never, too: [site]}\n")
        answer = running.api("POST", "/v1/reload")
        assert answer.status == 422 and all(e["line"] for e in answer.json["errors"])
        assert running.api("GET", "/v1/posts/new").status == 200
        status = running.api("GET", "/v1/status").json
        assert status["documents"]["errors"] and any("documents" in a for a in status["attention"])


def test_events_are_told_as_they_happen(daemon):
    connection = UnixConnection(daemon.socket)
    connection.request("GET", "/v1/events")
    response = connection.getresponse()
    assert response.status == 200 and response.getheader("Content-Type") == "text/event-stream"
    assert response.readline() == b": cald\n"
    post = add(daemon, at="now").json["id"]
    seen = []
    while not seen or seen[-1]["to"] != "published":
        line = response.readline().decode()
        if line.startswith("data: ") and post in line:
            seen.append(json.loads(line[6:]))
    assert seen[-1]["id"] == f"{post}/site"
    connection.close()


def test_listeners_that_go_away_make_room(daemon):
    for _ in range(3):
        streams = []
        for _ in range(30):
            connection = UnixConnection(daemon.socket)
            connection.request("GET", "/v1/events")
            assert connection.getresponse().status == 200
            streams.append(connection)
        for connection in streams:
            connection.sock and connection.sock.close()
            connection.close()
        streams = None
        time.sleep(0.2)
    assert daemon.api("GET", "/v1/status").status == 200


# ---- who asks ----

def test_tokens_give_roles_over_tcp(daemon):
    viewer, author = daemon.token("reader", "viewer"), daemon.token("writer", "author")
    editor = daemon.token("boss", "editor")
    old = daemon.token("old", "admin", "2020-01-01T00:00:00Z")
    def ask(method, path, body=None, token=None):
        return daemon.api(method, path, body, tcp=True, token=token)
    assert ask("GET", "/v1/status").status == 401
    assert ask("GET", "/metrics").status == 401
    assert ask("GET", "/v1/status", token="wrong").headers["www-authenticate"].startswith("Bearer")
    assert ask("GET", "/v1/status", token=old).status == 401
    assert ask("GET", "/v1/status", token=viewer).json["role"] == "viewer"
    post = {"to": ["site"], "text": "x", "at": LATER}
    assert ask("POST", "/v1/posts", post, viewer).status == 403
    assert ask("POST", "/v1/posts", post, author).status == 403
    answer = ask("POST", "/v1/posts", dict(post, draft=True), author)
    assert answer.status == 201 and answer.json["deliveries"][0]["author"] == "token writer"
    path = f"/v1/posts/{answer.json['id']}"
    assert ask("PATCH", path, {"text": "better"}, author).status == 200
    assert ask("PATCH", path, {"text": "cheap", "override": {"reason": "mine"}}, author).status == 403
    assert ask("POST", f"{path}/approve", {}, author).status == 403
    assert ask("POST", f"{path}/approve", {}, editor).status == 200
    assert ask("PATCH", path, {"text": "sneaky"}, author).status == 409
    assert ask("POST", f"{path}/cancel", {}, author).status == 409
    history = daemon.api("GET", f"/v1/deliveries/{answer.json['id']}/site/history").json["events"]
    assert [e["who"] for e in history] == ["token writer", "token writer", "token boss"]


def test_a_withdrawn_token_ends_at_once(daemon):
    secret = daemon.token("leaver", "viewer")
    assert daemon.api("GET", "/v1/status", tcp=True, token=secret).status == 200
    text = (daemon.directory / "tokens").read_text()
    daemon.write("tokens", "".join(l + "\n" for l in text.splitlines() if not l.startswith("leaver")), 0o600)
    assert daemon.api("GET", "/v1/status", tcp=True, token=secret).status == 401


def test_the_public_needs_no_token(daemon):
    for path in ("/", "/healthz", "/feed/site/", "/feed/site/atom.xml", "/feed/site/feed.json", "/v1/openapi.yaml"):
        answer = daemon.api("GET", path, tcp=True)
        assert answer.status == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert daemon.api("GET", "/feed/site", tcp=True).headers["location"] == "/feed/site/"
    assert daemon.api("GET", "/feed/silent/", tcp=True).status == 404
    assert daemon.api("GET", "/feed/site/posts/nothing", tcp=True).status == 404
    assert daemon.api("GET", "/feed/site/media/" + "0" * 64 + ".png", tcp=True).status == 404


def test_an_entry_has_its_page(daemon):
    post = add(daemon, at="now", title="A <title>").json["id"]
    url = daemon.wait_state(post, "site", "published")["url"]
    assert url.startswith(f"http://127.0.0.1:{daemon.port}/feed/site/posts/")
    page = daemon.api("GET", url.split(f":{daemon.port}")[1], tcp=True)
    assert page.status == 200 and b"A &lt;title&gt;" in page.body


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be somebody else")
def test_local_users_have_the_role_of_their_grant():
    with CheckedDaemon(control="roles: [{user: games, role: viewer}, {group: mail, role: editor}]") as running:
        running.directory.chmod(0o755)
        running.state.chmod(0o711)
        running.socket.chmod(0o666)  # so that it is the daemon who refuses, not the file system
        for user, group, role in ((5, 60, "viewer"), (5, 8, "editor"), (6, 8, "editor"), (6, 12, None)):
            answer = as_user(user, group, running)
            assert (answer["role"] == role) if role else (answer["status"] == 403), (user, group, answer)


def as_user(user, group, running):
    """Asks for the status as another user."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
        connection = UnixConnection(running.socket)
        connection.request("GET", "/v1/status")
        answer = json.loads(connection.getresponse().read())
        os.write(write, json.dumps({"role": answer.get("role"), "status": answer.get("status")}).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as pipe:
        return json.load(pipe)


def test_a_second_daemon_on_the_same_state_does_not_start(daemon):
    other = CheckedDaemon(directory=daemon.directory)
    other.log_path = daemon.directory / "second-log"
    other.start(wait=False)
    assert other.process.wait(20) != 0 and "another cald" in other.log()
    assert daemon.api("GET", "/healthz").status == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")
def test_a_full_disk_refuses_and_nothing_is_changed(tmp_path):
    running = CheckedDaemon()
    running.state.mkdir(mode=0o700)
    if os.system(f"mount -t tmpfs -o size=14m,mode=0700 tmpfs {running.state} 2>/dev/null"):
        pytest.skip("cannot mount a tmpfs here")
    try:
        with running:
            added, refused = [], None
            for i in range(2000):
                answer = running.api("POST", "/v1/posts", {"to": ["site"], "text": "x" * 5000, "at": LATER, "id": f"n{i}"},
                                     {"Idempotency-Key": f"k{i}"})
                if answer.status != 201:
                    refused = answer
                    break
                added.append(f"n{i}")
            assert refused and refused.status == 503 and "nothing was changed" in refused.json["detail"]
            assert "location" not in refused.headers
            assert running.api("GET", f"/v1/posts/n{len(added)}").status == 404
            for action, body in (("move", {"at": "2034-07-01 10:00"}), ("hold", {}), ("cancel", {})):
                before = running.delivery("n0", "site")
                answer = running.api("POST", f"/v1/posts/n0/{action}", body)
                assert answer.status in (200, 503)
                if answer.status == 503:
                    assert running.delivery("n0", "site") == before
            os.system(f"mount -o remount,size=64m {running.state}")
            # It goes on by itself, and the same key may be used again: nothing was remembered of the refusal.
            answer = running.api("POST", "/v1/posts", {"to": ["site"], "text": "x" * 5000, "at": LATER, "id": f"n{len(added)}"},
                                 {"Idempotency-Key": f"k{len(added)}"})
            assert answer.status == 201, answer
            running.kill()
            running.start()
            for post in added:
                assert running.api("GET", f"/v1/posts/{post}").status == 200
    finally:
        running.kill()
        os.system(f"umount {running.state}")


def test_pace_and_quiet_hours_are_enforced():
    charter = ('version: 1\npace:\n  per_day: {max: 2}\n  gap: {min: 2h}\n  quiet: ["21:00-07:30"]\n  silent_days: [sun]\n')
    with CheckedDaemon(calendar="version: 1\ntimezone: Europe/Paris\n", charter=charter) as running:
        def added(at, account="site", **more):
            return running.api("POST", "/v1/posts", {"to": [account], "text": "x", "at": at, **more})
        assert added("2034-05-02 10:00", id="a").status == 201
        for at, rule in (("2034-05-02 11:59", "gap"), ("2034-05-02 08:01", "gap"), ("2034-05-02 21:00", "quiet-hours"),
                         ("2034-05-03 07:29", "quiet-hours"), ("2034-05-07 10:00", "silent-day")):
            answer = added(at)
            assert answer.status == 422 and rule in [e["rule"] for e in answer.json["errors"]], (at, answer)
        assert added("2034-05-02 10:30", "other").status == 201  # another account's pace is its own
        assert added("2034-05-02 12:00", id="b").status == 201
        answer = added("2034-05-02 20:59")
        assert [e["rule"] for e in answer.json["errors"]] == ["per-day"]
        assert running.api("POST", "/v1/posts/b/move", {"at": "2034-05-02 11:00"}).status == 422
        assert running.api("POST", "/v1/posts/b/move", {"at": "2034-05-02 14:00"}).status == 200
        answer = running.api("POST", "/v1/posts/b/move", {"at": "2034-05-02 11:00", "override": {"reason": "urgent"}})
        assert answer.status == 200 and "urgent" in answer.json["deliveries"][0]["message"]
        assert running.api("POST", "/v1/posts/a/cancel", {}).status == 200
        assert added("2034-05-02 20:00").status == 201  # what is cancelled counts no more


def test_an_end_while_answers_are_pending_is_clean():
    with CheckedDaemon() as running:
        open_ones = []
        for method, path in (("GET", "/v1/events"), ("POST", "/v1/reload"), ("POST", "/v1/accounts/site/check")) * 5:
            connection = UnixConnection(running.socket)
            connection.request(method, path, b"{}" if method == "POST" else None, {"Content-Type": "application/json"})
            open_ones.append(connection)
        running.process.terminate()
        assert running.process.wait(20) == 0
        for connection in open_ones:
            connection.close()
        assert not running.socket.exists()


def test_a_stale_socket_is_replaced():
    with CheckedDaemon() as running:
        running.kill()
        assert running.socket.exists()
        running.start()
        assert running.api("GET", "/healthz").status == 200
        assert running.socket.stat().st_mode & 0o777 == 0o660


def test_a_socket_path_that_is_too_long_is_told():
    running = CheckedDaemon()
    running.write("cald.yaml", running.config.read_text().replace("state/cald.sock", "state/" + "x" * 120))
    running.start(wait=False)
    assert running.process.wait(20) == 7 and "too long" in running.log()
    running.__exit__(AssertionError, None, None)

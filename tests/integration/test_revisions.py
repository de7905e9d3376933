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
from contract import SPECS, Contract  # noqa: E402
from driver_walk import TOOL, Walk  # noqa: E402
from test_removals import NOW, Sent, part, post, said  # noqa: E402

pytestmark = pytest.mark.skipif(not TOOL.exists(), reason=f"{TOOL} is not built")
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
GHOST_SEEN = {"posts": [{"id": "65b2", "status": "published", "updated_at": "2026-11-20T08:00:00.000Z"}]}
CASES = [
    Case("mastodon", {"url": "https://social.example"}, {"token": "t"},
         post(part("7", "https://social.example/@a/7"), part("8", "https://social.example/@a/8")),
         saying("one", "too"), saying("one", "two"),
         [("PUT", "/api/v1/statuses/8", {"status": "two"}, (200, {"id": "8"}))],
         [(404, {"error": "Record not found"}, NO), (500, {}, LATER), (429, {}, LATER),
          (422, {"error": "Validation failed: Text character limit of 500 exceeded"}, NO),
          (401, {"error": "The access token is invalid"}, NO)]),
    Case("mastodon", {"url": "https://social.example"}, {"token": "t"},
         post(part("7", "https://social.example/@a/7")) | {"media-0-0": {"id": "22"}},
         with_image("one", "A dog", warning="dogs"), with_image("one", "Two dogs"),
         [("PUT", "/api/v1/statuses/7", {"status": "one", "media_ids": ["22"], "spoiler_text": "", "sensitive": False,
                                         "media_attributes": [{"id": "22", "description": "Two dogs"}]}, (200, {"id": "7"}))],
         [], name="-image"),
    Case("wordpress", {"url": "https://blog.example", "user": "cal"}, {"application_password": "p"},
         {"id": "5", "url": "https://www.blog.example/hello/", "post": 5},
         saying("x", title="Teh", body="**old**"), saying("x", title="The", body="**new**", summary="s"),
         [("POST", "/wp-json/wp/v2/posts/5?_fields=id,link",
           {"title": "The", "content": "<p><strong>new</strong></p>\n", "excerpt": "s"}, (200, {"id": 5}))],
         [(404, {"code": "rest_post_invalid_id"}, NO), (500, {}, LATER), (401, {"code": "rest_cannot_edit"}, NO)],
         WORDPRESS, spec="none"),
    Case("ghost", {"url": "https://ghost.example"}, {"key": "65a1:" + "ab" * 32}, {"id": "65b2", "url": "https://g.example/a/"},
         saying("x", title="Teh", body="old"), saying("x", title="The", body="new"),
         [("GET", "/ghost/api/admin/posts/65b2/", None, (200, GHOST_SEEN)),
          ("PUT", "/ghost/api/admin/posts/65b2/?source=html",
           {"posts": [{"title": "The", "html": "<p>new</p>\n", "tags": [], "custom_excerpt": None, "canonical_url": None,
                       "feature_image": None, "feature_image_alt": None, "updated_at": "2026-11-20T08:00:00.000Z"}]},
           (200, GHOST_SEEN))],
         [(404, {"errors": [{"type": "NotFoundError"}]}, NO), (403, {"errors": [{"type": "NoPermissionError"}]}, NO),
          (409, {"errors": [{"type": "UpdateCollisionError"}]}, LATER), (500, {"errors": [{"type": "InternalServerError"}]}, LATER)]),
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
            # Mastodon's description, made from its documentation, has the name it has in a form: media_attributes[]
            assert [c for c in complaints if "body/media_attributes is not a member" not in c] == []
            assert described or not judge, "the description has no such request"
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
        assert step["kind"] == "done" and step["name"], step


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


def test_what_the_readme_says_can_be_changed_is_what_the_drivers_can():
    source = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2]))
    able = {re.search(r"^const struct network network_(\w+) = ", path.read_text(), re.M)[1]
            for path in (source / "daemon/network").glob("*.c") if re.search(r"^    \.edit = ", path.read_text(), re.M)}
    table = (source / "README.md").read_text().split("| networks | what can be changed there |")[1].split("\n\n")[0]
    rows = [row.split("|")[1] for row in table.splitlines()[2:]]
    assert {c.network for c in CASES} | {"feed", "null"} == able
    assert {name for row in rows[:-1] for name in re.findall(r"`(\w+)`", row)} == able - {"null"}
    assert not set(re.findall(r"`(\w+)`", rows[-1])) & able

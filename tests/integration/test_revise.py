"""What is published is changed where a person asks for it: on the command line, in what lists it, in the feed; held against
charter and limits as new words are, and by nobody whose words would need another's approval."""
import json
import os
import sys
import time
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
sys.path.insert(0, str(Path(__file__).parent))
from daemon import Daemon  # noqa: E402
from mastodon_server import MastodonServer  # noqa: E402
from pictures import png  # noqa: E402
from test_delete import at_terminal, wait  # noqa: E402

CALENDAR = """\
version: 1
timezone: Europe/Paris
posts:
  - {id: far, at: 2035-01-01 09:00, to: [site], text: "Far away."}
"""
CHARTER = """\
version: 1
vocabulary: {forbidden: [promo]}
approval:
  rules:
    - {to: [strict], stages: [{by: [admin]}]}
    - {to: [boss], stages: [{by: [editor]}, {by: [anna]}]}
"""
ACCOUNTS = """\
  site: {{network: feed}}
  strict: {{network: "null"}}
  boss: {{network: "null"}}
  masto: {{network: mastodon, url: "{url}", token: {{file: token}}, max_characters: 60}}
  hook: {{network: webhook, url: "{url}/anything"}}
"""


@pytest.fixture(scope="module")
def world():
    with MastodonServer(max_characters=60) as server:
        daemon = Daemon(accounts=ACCOUNTS.format(url=server.url), calendar=CALENDAR, charter=CHARTER)
        daemon.write("token", "test-token", 0o600)
        with daemon:
            yield daemon, server


def add(daemon, post, to, **more):
    answer = daemon.api("POST", "/v1/posts", {"to": to, "at": "now", "id": post, "text": f"{post} is out"} | more)
    assert answer.status == 201, answer
    for account in to:
        daemon.wait_state(post, account, "published")


def edited(daemon, post, account):
    wait(lambda: daemon.delivery(post, account)["edited"] and not daemon.delivery(post, account)["editing"], daemon)
    return daemon.delivery(post, account)


def run(daemon, *arguments, code=0):
    done = daemon.calctl(*arguments)
    assert done.returncode == code, done
    return done.stdout + done.stderr


def shown(server, post):
    return [s for s in server.statuses() if s["text"].startswith(post) and not s["deleted"]]


def test_it_says_so_where_it_is_and_who_why_and_when_stay(world):
    daemon, server = world
    add(daemon, "one", ["site", "masto"])
    since = {"If-Modified-Since": daemon.api("GET", "/feed/site/atom.xml").headers["last-modified"]}
    time.sleep(1.1)  # Last-Modified counts whole seconds
    assert "changed one" in run(daemon, "edit", "one", "--yes", "--text", "one is out, at last")
    for account in ("site", "masto"):
        delivery = edited(daemon, "one", account)
        assert delivery["state"] == "published" and delivery["content"]["parts"][0]["text"] == "one is out, at last"
    status, = shown(server, "one")
    assert status["text"] == "one is out, at last" and status["edits"] == ["one is out"]
    page = daemon.api("GET", "/feed/site/atom.xml", headers=since)
    assert page.status == 200 and "one is out, at last" in page.body.decode()
    item, = (i for i in daemon.api("GET", "/feed/site/feed.json").json["items"] if "one is out" in i["content_text"])
    assert item["date_modified"] > item["date_published"]
    history = run(daemon, "history", "one/masto")
    assert "published → editing" in history and "editing → edited" in history and "to be edited" in history
    entries = [json.loads(line) for line in run(daemon, "audit", "--kind", "edit", "--post", "one", "--account", "masto", "--json").splitlines()]
    assert [e["to"] for e in entries] == ["editing", "edited"] and entries[0]["who"].startswith("uid ")
    assert entries[0]["before"]["content"]["parts"][0]["text"] == "one is out"
    assert entries[0]["after"]["content"]["parts"][0]["text"] == "one is out, at last"
    run(daemon, "audit", "verify")
    assert "edited  " in run(daemon, "show", "one/masto")
    assert "edited" in run(daemon, "list", "--all", "--account", "masto")
    assert "It was changed there, at 2" in run(daemon, "explain", "one/masto")
    assert "edited_at" in run(daemon, "export", "--all", "--account", "masto").splitlines()[0]
    before = len(server.log())
    assert "it says that already" in run(daemon, "edit", "one/masto", "--yes", "--text", "one is out, at last", code=5)
    assert len(server.log()) == before


def test_nothing_that_is_out_is_changed_without_being_asked_for(world):
    daemon, server = world
    add(daemon, "two", ["masto"])
    assert "--yes" in run(daemon, "edit", "two", "--text", "two, other", code=5)
    code, text = at_terminal(daemon, b"n\n", "edit", "two", "--text", "two, other")
    assert code == 1 and "two is out" in text and "published" in text and "nothing was changed" in text, text
    assert shown(server, "two")[0]["text"] == "two is out"
    code, text = at_terminal(daemon, b"y\n", "edit", "two", "--text", "two, other")
    assert code == 0, text
    edited(daemon, "two", "masto")
    assert shown(server, "two")[0]["text"] == "two, other"


def test_a_dry_run_shows_it_as_the_network_counts_it_and_changes_nothing(world):
    daemon, server = world
    add(daemon, "three", ["masto"])
    said = run(daemon, "edit", "three", "--dry-run", "--text", "three and more")
    assert "would change three" in said and "14 of 60" in said and "| three and more" in said, said
    answer = json.loads(run(daemon, "edit", "three", "--dry-run", "--json", "--text", "three and more"))
    assert answer["previews"][0]["parts"][0]["length"] == 14 and answer["deliveries"][0]["edit"]
    assert not daemon.delivery("three", "masto")["editing"] and shown(server, "three")[0]["text"] == "three is out"


def test_new_words_are_judged_as_if_nobody_had_read_the_old(world):
    daemon, server = world
    add(daemon, "four", ["masto"])
    before = len(server.log())
    assert "promo" in run(daemon, "edit", "four", "--yes", "--text", "four: promo", code=1)
    assert "60" in run(daemon, "edit", "four", "--yes", "--text", "four " + "x" * 60, code=1)
    assert len(server.log()) == before
    run(daemon, "edit", "four", "--yes", "--text", "four: promo", "--override", "all", "--why", "a quotation")
    edited(daemon, "four", "masto")
    assert daemon.delivery("four", "masto")["overrides"]


def test_who_may_not_approve_the_words_may_not_change_them(world):
    daemon, _ = world
    for account in ("strict", "boss"):
        post = f"to-{account}"
        assert daemon.api("POST", "/v1/posts", {"to": [account], "at": "in 1h", "id": post, "text": "so"}).status == 201
    run(daemon, "approve", "to-strict", "--now")
    daemon.wait_state("to-strict", "strict", "published")
    editor = daemon.token("ben", "editor")
    anna = daemon.token("anna", "editor")
    wait(lambda: daemon.api("GET", "/v1/status", tcp=True, token=anna).status == 200, daemon)
    change = {"text": "otherwise"}
    refused = daemon.api("PATCH", "/v1/posts/to-strict?published=true", change, tcp=True, token=editor)
    assert refused.status == 409 and "approved by an admin" in refused.json["detail"], refused
    run(daemon, "edit", "to-strict", "--yes", "--text", "otherwise")  # by an admin
    edited(daemon, "to-strict", "strict")
    said = daemon.delivery("to-strict", "strict")["approval"]
    assert said["approved"] and len(said["said"]) == 2
    for token in (editor, anna):
        assert daemon.api("POST", "/v1/posts/to-boss/approve", {}, tcp=True, token=token).status == 200
    run(daemon, "now", "to-boss")
    daemon.wait_state("to-boss", "boss", "published")
    refused = daemon.api("PATCH", "/v1/posts/to-boss?published=true", change, tcp=True, token=anna)
    assert refused.status == 409 and "calctl delete" in refused.json["detail"], refused
    author = daemon.token("carl", "author")
    wait(lambda: daemon.api("GET", "/v1/status", tcp=True, token=author).status == 200, daemon)
    refused = daemon.api("PATCH", "/v1/posts/three?published=true", change, tcp=True, token=author)
    assert refused.status == 409 and "the role author changes drafts only" in refused.json["detail"]


def test_of_a_thread_one_part_and_its_images_stay(world):
    daemon, server = world
    daemon.write("dog.png", png(40, 30, 1))
    answer = daemon.api("POST", "/v1/posts", {"to": ["masto"], "at": "now", "id": "thread", "thread": [
        {"text": "thread, part 1", "media": [{"file": "dog.png", "alt": "A dog"}]}, {"text": "thread, part too"}]})
    assert answer.status == 201, answer
    daemon.wait_state("thread", "masto", "published")
    (daemon.config.parent / "dog.png").unlink()  # it is out: nobody needs it any more
    said = run(daemon, "edit", "thread", "--part", "2", "--yes", "--text", "thread, part 2")
    edited(daemon, "thread", "masto")
    first, second = shown(server, "thread")
    assert second["text"] == "thread, part 2" and "edits" not in first and first["media_ids"], said
    answer = daemon.api("PATCH", "/v1/posts/thread?published=true", {"thread": [
        {"text": "thread, one of two"}, {"text": "thread, part 2"}]})
    assert answer.status == 200, answer
    wait(lambda: shown(server, "thread")[0]["text"] == "thread, one of two", daemon)
    assert shown(server, "thread")[0]["media_ids"] == first["media_ids"]
    assert "say 1 to 2" in run(daemon, "edit", "thread", "--part", "3", "--yes", "--text", "x", code=2)
    assert "is a thread" in run(daemon, "edit", "thread", "--yes", code=2)


def test_of_an_image_its_description_and_not_the_image(world):
    daemon, server = world
    daemon.write("cat.png", png(40, 30, 2))
    daemon.write("cow.png", png(40, 30, 3))
    add(daemon, "picture", ["masto"], media=[{"file": "cat.png", "alt": "A cat"}])
    cat, cow = (str(daemon.config.parent / name) for name in ("cat.png", "cow.png"))
    assert "the images and videos" in run(daemon, "edit", "picture", "--media", cow, "--alt", "A cat", "--yes", code=5)
    run(daemon, "edit", "picture", "--media", cat, "--alt", "Two cats", "--yes")
    assert edited(daemon, "picture", "masto")["content"]["parts"][0]["media"][0]["alt"] == "Two cats"
    put = json.loads([r for r in server.log() if r["method"] == "PUT"][-1]["body"])
    assert put["media_attributes"] == [{"id": put["media_ids"][0], "description": "Two cats"}]


def test_what_stays_is_named_with_what_to_do_instead(world):
    daemon, _ = world
    answer = daemon.api("POST", "/v1/posts", {"to": ["masto", "hook"], "at": "now", "id": "five", "text": "five"})
    assert answer.status == 201
    daemon.wait_state("five", "masto", "published")
    for arguments, words in ((("five/masto", "--visibility", "unlisted"), "the visibility of what is published on Mastodon cannot be changed: 'calctl delete'"),
                             (("five/masto", "--text", "one", "--thread", "two"), "the number of posts"),
                             (("five/masto", "--at", "tomorrow 9:00"), "its time is over")):
        said = run(daemon, "edit", *arguments, "--yes", code=5)
        assert words in said, said
    run(daemon, "delete", "five/masto", "--yes")
    wait(lambda: daemon.delivery("five", "masto")["deleted"], daemon)
    assert "it is deleted there" in run(daemon, "edit", "five/masto", "--yes", "--text", "x", code=5)


def test_a_saved_file_touches_nothing_that_is_out_and_agrees_once_it_says_the_same(world):
    daemon, server = world
    soon = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 2))
    entry = '  - {{id: six, at: "{}", to: [masto], text: "{}"}}\n'
    calendar = CALENDAR.replace("Europe/Paris", "UTC")
    daemon.write("calendar.yaml", calendar + entry.format(soon, "six is out"))
    run(daemon, "reload")
    daemon.wait_state("six", "masto", "published")
    daemon.write("calendar.yaml", calendar + entry.format(soon, "six is in"))
    said = run(daemon, "plan", code=2)
    assert "six" in said and "calctl edit" in said, said
    run(daemon, "reload")
    assert shown(server, "six")[0]["text"] == "six is out"
    run(daemon, "edit", "six", "--yes", "--text", "six is in")
    edited(daemon, "six", "masto")
    run(daemon, "reload")
    assert "six" not in run(daemon, "plan")

"""An answer that was lost: the post is there once, or a person is asked; never twice, whatever died when."""
import contextlib
import os
import pathlib
import sys
import time

import pytest

SOURCE = pathlib.Path(os.environ.get("CALD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests/support"))

from daemon import Daemon  # noqa: E402
from mastodon_server import MastodonServer  # noqa: E402
from recorder import Recorder  # noqa: E402

CALENDAR = "version: 1\ntimezone: Europe/Paris\n"
CREATE = {"method": "POST", "path": "/api/v1/statuses$"}


@contextlib.contextmanager
def on_webhook(honours_key, settings=""):
    with Recorder(honours_key=honours_key) as hook:
        key = "key_header: Idempotency-Key, " if honours_key else ""
        account = f'  hook: {{network: webhook, url: "{hook.url}", {key}id: /id, link: /url}}\n'
        with Daemon(accounts=account, calendar=CALENDAR, settings=settings) as daemon:
            yield daemon, hook


def run(daemon, *arguments, code=0):
    done = daemon.calctl(*arguments)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def wait_for(condition, daemon, patience=20):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.01)


def path_of(daemon, post, account):
    events = daemon.api("GET", f"/v1/deliveries/{post}/{account}/history").json["events"]
    return [e["to"] for e in events]


def creates(server):
    return [r for r in server.log() if r["method"] == "POST" and r["path"] == "/api/v1/statuses"]


# What the scripted server does with the creating request, once; and its flavour. Mastodon's own patience before a repeat
# is longer than a minute, so all of them live in one daemon, each on a server of its own, while the other tests run.
SCENES = {
    "dropped": ({"do": "act-and-drop"}, "mastodon"),
    "received": ({"do": "receive-and-drop"}, "mastodon"),
    "halved": ({"do": "half"}, "mastodon"),
    "gateway": ({"do": "answer", "status": 502, "body": "<html>Bad Gateway</html>"}, "mastodon"),
    "found": ({"do": "act-and-drop"}, "gotosocial"),
    "absent": ({"do": "receive-and-drop"}, "gotosocial"),
}


@pytest.fixture(scope="module", autouse=True)
def mastodons():
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(MastodonServer(flavour=flavour)) for name, (_, flavour) in SCENES.items()}
        accounts = "".join(f'  {name}: {{network: mastodon, url: "{server.url}", token: {{file: token}}}}\n'
                           for name, server in servers.items())
        daemon = Daemon(accounts=accounts, calendar=CALENDAR)
        daemon.write("token", servers["dropped"].token, 0o600)
        stack.enter_context(daemon)
        for name, server in servers.items():
            server.script(CREATE | SCENES[name][0])
            run(daemon, "add", "--to", name, "--id", name, f"Bonjour {name} #chalet")
        yield daemon, servers


# ---- webhook ----

def test_with_a_key_a_webhook_gets_it_once():
    with on_webhook(True) as (daemon, hook):
        hook.script("act-and-drop")
        run(daemon, "add", "--to", "hook", "--id", "a", "text")
        assert daemon.wait_state("a", "hook", "published", patience=60)["url"] == hook.posts[0]["url"]
        assert len(hook.posts) == 1 and len(hook.requests) == 2


def test_what_was_refused_and_is_retried_comes_under_another_key_also_after_a_lost_answer():
    with on_webhook(True) as (daemon, hook):
        hook.script("remember", status=422)
        run(daemon, "add", "--to", "hook", "--id", "a", "text")
        daemon.wait_state("a", "hook", "refused")
        run(daemon, "edit", "a", "--text", "a better text")
        hook.script("act-and-drop")
        if daemon.delivery("a", "hook")["state"] == "refused":
            run(daemon, "retry", "a")
        daemon.wait_state("a", "hook", "published", patience=60)
        first, second, third = (r["headers"]["idempotency-key"] for r in hook.requests)
        assert first != second == third and len(first) == len(second) == 32
        assert [p["body"]["text"] for p in hook.posts] == ["a better text"]


def unsure(daemon, hook, doing, post="a"):
    hook.script(doing)
    run(daemon, "add", "--to", "hook", "--id", post, "text")
    return daemon.wait_state(post, "hook", "unsure")


def test_without_a_key_a_person_says_that_it_is_there():
    with on_webhook(False) as (daemon, hook):
        unsure(daemon, hook, "act-and-drop")
        status = run(daemon, "status", code=6)
        assert "a/hook: unsure" in status.stdout
        assert "resolve" in run(daemon, "retry", "a", code=5).stderr
        for command in ("now", "cancel", "hold"):
            assert "it may have been published" in run(daemon, command, "a", code=5).stderr
        run(daemon, "resolve", "a", code=2)
        assert "have an address" in run(daemon, "resolve", "a", "--published", code=5).stderr
        out = run(daemon, "resolve", "a", "--published", hook.posts[0]["url"]).stdout
        assert hook.posts[0]["url"] in out and "published" in out
        assert len(hook.requests) == 1
        assert run(daemon, "status").returncode == 0
        assert "no delivery" in run(daemon, "resolve", "a", "--published", "https://x.example/", code=5).stderr


def test_without_a_key_a_person_says_that_it_is_not_there():
    with on_webhook(False) as (daemon, hook):
        unsure(daemon, hook, "drop")
        assert not hook.posts
        run(daemon, "resolve", "a", "--not-published")
        daemon.wait_state("a", "hook", "published")
        assert len(hook.posts) == 1 and len(hook.requests) == 2


def test_doubt_in_one_post_delays_no_other():
    with on_webhook(False) as (daemon, hook):
        unsure(daemon, hook, "drop")
        run(daemon, "add", "--to", "hook", "--id", "b", "text")
        daemon.wait_state("b", "hook", "published")
        assert daemon.delivery("a", "hook")["state"] == "unsure"


def test_where_the_account_waits_status_says_for_what_and_the_others_come_after_it():
    with on_webhook(False, "unsure: {then: wait}\n") as (daemon, hook):
        unsure(daemon, hook, "drop")
        run(daemon, "add", "--to", "hook", "--id", "b", "text of b")
        wait_for(lambda: "calctl resolve" in daemon.delivery("a", "hook")["message"], daemon)
        assert "nothing else goes out on this account" in daemon.delivery("a", "hook")["message"]
        status = run(daemon, "status", code=6).stdout
        assert "hook: unsure: nothing goes out until the unsure 'a/hook' is settled, by 'calctl resolve'" in status
        assert daemon.api("GET", "/v1/accounts").json["items"][0]["state"] == "unsure"
        assert daemon.delivery("b", "hook")["state"] == "ready" and len(hook.requests) == 1
        run(daemon, "resolve", "a/hook", "--not-published")
        daemon.wait_state("b", "hook", "published")
        assert [p["body"]["text"] for p in hook.posts] == ["text", "text of b"]
        assert daemon.api("GET", "/v1/accounts").json["items"][0]["state"] == "ok"


# ---- death ----

@pytest.mark.parametrize("honours_key, end", [(True, "published"), (False, "unsure")], ids=["key", "no-key"])
def test_killed_between_intent_and_answer(honours_key, end):
    with on_webhook(honours_key) as (daemon, hook):
        hook.script("hold")
        run(daemon, "add", "--to", "hook", "--id", "a", "text")
        wait_for(lambda: hook.posts, daemon)
        daemon.kill()
        hook.release()
        daemon.start()
        daemon.wait_state("a", "hook", end, patience=60)
        assert len(hook.posts) == 1
        assert path_of(daemon, "a", "hook")[:3] == ["ready", "sending", "unsure"]


def test_killed_again_and_again_it_is_published_once():
    with on_webhook(True) as (daemon, hook):
        hook.script("hold", times=2)
        run(daemon, "add", "--to", "hook", "--id", "a", "text")
        for n in (1, 2):
            wait_for(lambda: len(hook.requests) >= n, daemon, patience=60)
            daemon.kill()
            daemon.start()
        hook.release()
        daemon.wait_state("a", "hook", "published", patience=60)
        assert len(hook.posts) == 1 and len({r["headers"]["idempotency-key"] for r in hook.requests}) == 1


# ---- Mastodon ----

@pytest.mark.parametrize("scene", ["dropped", "received", "halved", "gateway"])
def test_a_lost_answer_is_asked_for_again_under_the_same_key(mastodons, scene):
    """Also a 502: the server behind the proxy may have acted."""
    daemon, server = mastodons[0], mastodons[1][scene]
    delivery = daemon.wait_state(scene, scene, "published", patience=120)
    assert [s["text"] for s in server.statuses()] == [f"Bonjour {scene} #chalet"]
    assert delivery["remote_id"] == server.statuses()[0]["id"]
    sent = creates(server)
    assert len(sent) == 2 and sent[0]["key"] == sent[1]["key"] and sent[0]["sha256"] == sent[1]["sha256"]
    assert "unsure" in path_of(daemon, scene, scene)


def test_without_keys_what_is_there_is_found(mastodons):
    daemon, server = mastodons[0], mastodons[1]["found"]
    delivery = daemon.wait_state("found", "found", "published", patience=120)
    assert len(server.statuses()) == 1 and len(creates(server)) == 1
    assert delivery["url"] == f"{server.url}/@alice/{server.statuses()[0]['id']}"


def test_without_keys_what_is_not_there_is_published_once_it_was_looked_for(mastodons):
    daemon, server = mastodons[0], mastodons[1]["absent"]
    daemon.wait_state("absent", "absent", "published", patience=120)
    sent = creates(server)
    looks = [r for r in server.log() if r["method"] == "GET" and "/statuses" in r["path"] and r["time"] > sent[0]["time"]]
    assert len(server.statuses()) == 1 and len(sent) == 2 and looks and looks[-1]["time"] < sent[1]["time"]


def test_afterwards_all_is_well(mastodons):
    assert run(mastodons[0], "status").returncode == 0

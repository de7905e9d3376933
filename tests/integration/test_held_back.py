"""An account whose secret cannot be used when cald starts: it alone is held back, told wherever something needs a person, and
goes on once the secret is there. A rename of one file kept twelve brands silent for a night."""
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

SOURCE = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2]))
sys.path[:0] = [str(SOURCE / "tests/support"), str(SOURCE / "tests/integration")]
from every_network import PLACES  # noqa: E402
from recorder import Recorder  # noqa: E402
from test_misuse import fresh, run, start  # noqa: E402

CALENDAR = "version: 1\ntimezone: UTC\nposts: []\n"
MISSING = "its 'token' cannot be used: cannot open '"


@pytest.fixture
def hook():
    with Recorder() as recorder:
        yield recorder


def house(hook, late="", more="", settings=""):
    """Two accounts on one endpoint: the secret of 'hook' is the file token, 'other' needs none."""
    at = f'network: webhook, url: "{hook.url}", id: "/id"'
    accounts = f"  hook: {{{at}, token: {{file: token}}{late}}}\n  other: {{{at}}}\n{more}"
    return fresh(accounts=accounts, calendar=CALENDAR, settings=settings)


def wait_for(condition, daemon, patience=20):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.02)


def account(daemon, name="hook"):
    return next(one for one in daemon.api("GET", "/v1/accounts").json["items"] if one["name"] == name)


def attention(daemon):
    lines = daemon.api("GET", "/metrics").body.decode().splitlines()
    return [line for line in lines if line.startswith('cald_attention{kind="account"}')]


def add(daemon, to, post, *more):
    run(daemon, "add", "--to", to, "--id", post, *more, "Bonjour")


def test_one_account_waits_for_its_secret_and_the_others_go_out(hook):
    with house(hook) as daemon:
        daemon.start()
        for name in ("hook", "other"):
            add(daemon, name, f"to-{name}")
        daemon.wait_state("to-other", "other", "published")
        waits, held = daemon.delivery("to-hook", "hook"), account(daemon)
        assert waits["state"] == "ready" and len(hook.posts) == 1, (waits, hook.posts)
        assert held["state"] == "reconnect" and held["waiting"] == 1 and account(daemon, "other")["state"] == "ok", held
        for told in (held["why"], daemon.log(), run(daemon, "status", code=6).stdout, run(daemon, "accounts").stdout,
                     run(daemon, "accounts", "--check", code=6).stdout, run(daemon, "alerts").stdout,
                     run(daemon, "explain", "to-hook").stdout):
            told = " ".join(told.split())
            assert MISSING in told and "mend it, then calctl reload" in told and "calctl login" not in told, told
        assert " error account 'hook' is held back: " + MISSING in daemon.log(), daemon.log()
        assert attention(daemon) == ['cald_attention{kind="account"} 1'], attention(daemon)
        daemon.write("token", "geheim\n", 0o600)  # nobody says anything: the file is watched
        daemon.wait_state("to-hook", "hook", "published")
        assert account(daemon)["state"] == "ok" and hook.requests[-1]["headers"]["authorization"] == "Bearer geheim"
        run(daemon, "status")
        assert attention(daemon) == ['cald_attention{kind="account"} 0'], attention(daemon)


UNUSABLE = {  # what is there, its mode, what is said of it
    "open": ("geheim\n", 0o644, "others may read it (mode 0644)"),
    "empty": ("", 0o600, "is empty or no text"),
    "two lines": ("geheim\nein anderes\n", 0o600, "has a line break"),
    "binary": (b"\0geheim", 0o600, "is empty or no text"),
}


@pytest.mark.parametrize("how", UNUSABLE)
def test_whatever_is_wrong_with_it_the_account_waits_until_it_is_mended(hook, how):
    text, mode, said = UNUSABLE[how]
    with house(hook) as daemon:
        daemon.write("token", text, mode)
        daemon.start()
        assert said in account(daemon)["why"], account(daemon)
        assert "geheim" not in daemon.log()
        if how == "open":
            (daemon.directory / "token").chmod(0o600)
        else:
            daemon.write("token", "geheim\n", 0o600)
        wait_for(lambda: account(daemon)["state"] == "ok", daemon)
        add(daemon, "hook", "after")
        daemon.wait_state("after", "hook", "published")


def hang_up(daemon):
    daemon.process.send_signal(signal.SIGHUP)


def reload(daemon):
    run(daemon, "reload")


def save(daemon):
    daemon.write("cald.yaml", daemon.config.read_text() + "# saved\n")


@pytest.mark.parametrize("again", [hang_up, reload, save])
def test_what_cannot_be_watched_is_taken_up_by_a_reload(hook, again):
    with house(hook) as daemon:
        daemon.write("cald.yaml", daemon.config.read_text().replace("file: token", "file: secrets/token"))
        daemon.start()
        assert "/secrets': No such file or directory, changes there need 'calctl reload'" in daemon.log(), daemon.log()
        daemon.write("secrets/token", "geheim\n", 0o600)
        time.sleep(0.5)
        assert account(daemon)["state"] == "reconnect"
        again(daemon)
        wait_for(lambda: account(daemon)["state"] == "ok", daemon)
        add(daemon, "hook", "after")
        daemon.wait_state("after", "hook", "published")


def test_what_is_late_by_then_follows_the_late_policy(hook):
    with house(hook, late=", late: {grace: 1s, then: missed}") as daemon:
        daemon.start()
        add(daemon, "hook", "late", "--at", "in 1s")
        add(daemon, "hook", "later", "--at", "in 1h")
        time.sleep(3)
        assert daemon.delivery("late", "hook")["state"] == "ready"
        daemon.write("token", "geheim\n", 0o600)
        daemon.wait_state("late", "hook", "missed")
        assert daemon.delivery("later", "hook")["state"] == "ready" and not hook.posts


def test_it_is_said_at_each_start_and_told_once(hook):
    with house(hook, settings="on_failure: {command: [./tell]}\n") as daemon:
        daemon.write("tell", f"#!/bin/sh\ncat >> {daemon.directory}/told\n", 0o755)
        for _ in range(2):
            daemon.start()
            wait_for((daemon.directory / "told").exists, daemon)
            assert account(daemon)["state"] == "reconnect"
            daemon.stop()
        told = [json.loads(line) for line in (daemon.directory / "told").read_text().splitlines() if line]
        assert [(one["event"], one["account"]) for one in told] == [("reconnect", "hook")], told
        assert MISSING in told[0]["message"], told
        assert daemon.log().count(" error account 'hook' is held back: " + MISSING) == 2, daemon.log()
        daemon.write("token", "two\nlines\n", 0o600)
        daemon.start()
        assert "has a line break" in account(daemon)["why"]  # not what was wrong the last time


def test_a_reload_still_refuses_a_secret_that_was_there(hook):
    with house(hook) as daemon:
        daemon.write("token", "geheim\n", 0o600)
        daemon.start()
        (daemon.directory / "token").unlink()
        refused = run(daemon, "reload", code=1)
        assert "account 'hook', token: cannot open" in refused.stderr + refused.stdout, refused
        add(daemon, "hook", "goes-on")
        daemon.wait_state("goes-on", "hook", "published")


def test_a_reload_takes_up_the_rest_while_the_account_is_held_back(hook):
    with house(hook) as daemon:
        daemon.start()
        before = daemon.config.read_text()
        daemon.write("cald.yaml", before + f'  third: {{network: webhook, url: "{hook.url}", id: "/id"}}\n')
        done = run(daemon, "reload")
        assert "warning: account 'hook', token: cannot open" in done.stderr and "is held back" in done.stderr, done
        add(daemon, "third", "new-one")
        daemon.wait_state("new-one", "third", "published")
        daemon.write("cald.yaml", before + f'  fourth: {{network: webhook, url: "{hook.url}", token: {{file: gone}}}}\n')
        refused = run(daemon, "reload", code=1)  # it was not held back: a mistype is told at once
        assert "account 'fourth', token: cannot open" in refused.stderr + refused.stdout, refused
        assert [one["name"] for one in daemon.api("GET", "/v1/accounts").json["items"]] == ["hook", "other", "third"]


def test_a_credential_that_systemd_did_not_give_wants_a_restart(hook):
    more = f'  unit: {{network: webhook, url: "{hook.url}", token: {{credential: cald_unit}}}}\n'
    with house(hook, more=more) as daemon:
        daemon.write("token", "geheim\n", 0o600)
        daemon.start()
        assert account(daemon)["state"] == "ok"
        why = account(daemon, "unit")["why"]
        assert "no credential 'cald_unit'" in why and why.endswith("mend it, then restart cald"), why


def test_what_tells_a_person_is_there_or_cald_does_not_start(hook):
    settings = f'on_failure: {{webhook: {{url: "{hook.url}", token: {{file: gone}}}}}}\n'
    with house(hook, settings=settings) as daemon:
        daemon.write("token", "geheim\n", 0o600)
        done = start(daemon)
        assert done.returncode == 1 and "on_failure, token: cannot open" in done.stderr, done.stderr


def test_a_check_fails_and_says_what_a_start_would_do(hook):
    with house(hook) as daemon:
        done = start(daemon, "--check")
        assert done.returncode == 1 and "account 'hook', token: cannot open" in done.stderr, done.stderr
        assert "cald: it would start, and hold back the accounts whose secrets cannot be used" in done.stderr, done.stderr
        daemon.write("token", "geheim\n", 0o644)
        done = run(daemon, "check", code=1)
        assert "account 'hook', token: '" in done.stderr + done.stdout and "chmod 600" in done.stderr + done.stdout, done
        daemon.write("calendar.yaml", "posts: {}\n")
        assert "errors in the documents, it would not start" in start(daemon, "--check").stderr


def test_a_login_mends_what_it_gives_and_nothing_else(hook):
    """x: its client's secret is not a login's to give. wall: its token is."""
    more = f"""\
  x: {{network: x, url: "{hook.url}", client_id: app, client_secret: {{file: x.secret}},
       redirect_url: "http://127.0.0.1:8414/", prices: {{currency: USD, post: "0.015", link: "0.2"}}}}
  wall: {{network: telegram, url: "{hook.url}", chat: "@wall", token: {{file: wall}}}}
"""
    with house(hook, more=more) as daemon:
        daemon.write("wall", "", 0o600)
        daemon.start()
        assert account(daemon, "wall")["why"].endswith("mend it, then calctl reload; or calctl login wall")
        refused = daemon.calctl("login", "x", "--stdin", input="\n")
        assert refused.returncode != 0 and "account 'x' is held back: its 'client_secret' cannot be used" in refused.stderr, refused
        asked = daemon.calctl("login", "wall", "--stdin", input="7:token\n")
        assert "is held back" not in asked.stderr, asked  # it went on to ask the network


def test_no_network_is_asked_anything_without_its_secret():
    """Drivers need not know what to do without one: they are not asked."""
    held = {name: PLACES[name]() for name in PLACES}
    held = {name: place for name, place in held.items() if place.secret_values}
    for place in held.values():
        place.url = "http://127.0.0.1:1"
    accounts = "".join(f"  {name}: {json.dumps(place.account(name))}\n" for name, place in held.items())
    with fresh(accounts=accounts, calendar=CALENDAR) as daemon:
        for name, place in held.items():
            for file in place.secrets(name):
                daemon.write(file, "", 0o600)
        daemon.start()
        assert {one["state"] for one in daemon.api("GET", "/v1/accounts").json["items"]} == {"reconnect"}
        for name, place in held.items():
            text = daemon.api("POST", "/v1/posts", {"id": f"to-{name}", "to": [name], "text": "Bonjour", "title": "Bonjour"})
            if text.status == 201:
                assert run(daemon, "explain", f"to-{name}").stdout
            assert run(daemon, "accounts", name, "--check", code=6).stdout
            daemon.calctl("login", name, "--stdin", input="a-secret\n")
            run(daemon, "resume", name)
        time.sleep(0.3)  # each line is looked at
        assert not daemon.api("GET", "/v1/status").json["in_flight"]
        assert not daemon.api("GET", "/v1/deliveries?state=published").json["items"]
        assert "attempt" not in daemon.log(), daemon.log()
        assert daemon.stop() == 0
        assert "Sanitizer" not in daemon.log(), daemon.log()

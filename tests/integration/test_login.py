"""calctl login and logout: app passwords, codes pasted and brought back by a browser, PKCE checked by the server; what
goes wrong on the way; and X's refresh tokens, which are good for one use, through kills and lost answers."""
import base64
import hashlib
import json
import os
import pty
import re
import select
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
import bluesky_server  # noqa: E402
from daemon import CALCTL, Daemon  # noqa: E402
from scripted import Refused, ScriptedServer  # noqa: E402
from x_server import CLIENT, CLIENT_SECRET, XServer, form_of  # noqa: E402

CALENDAR = "version: 1\ntimezone: UTC\nposts: []\n"
SCOPES = "read:accounts read:statuses write:media write:statuses"


class Mastodon:
    """Registration, the code flow with PKCE, who we are, statuses."""

    def __init__(self):
        self.url, self.apps, self.codes, self.tokens, self.statuses, self.scope = None, {}, {}, set(), [], SCOPES

    def register(self, request):
        form = form_of(request)
        assert form["client_name"] == "cald" and form["scopes"] == SCOPES
        name = f"client-{len(self.apps):08}"
        self.apps[name] = {"secret": f"secret-of-{name}", "redirects": form["redirect_uris"].split("\n")}
        return 200, {"id": "1", "name": "cald", "client_id": name, "client_secret": self.apps[name]["secret"]}

    def agree(self, url):
        """The person's browser at the address that calctl shows: the code, and where it is brought."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        assert query["redirect_uri"] in self.apps[query["client_id"]]["redirects"] and query["scope"] == SCOPES
        code = f"code-{len(self.codes):08}"
        self.codes[code] = query
        return code, query["state"], query["redirect_uri"]

    def token(self, request):
        form = form_of(request)
        query = self.codes.pop(form["code"], None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if not query or query["client_id"] != form["client_id"] or query["redirect_uri"] != form["redirect_uri"] or \
                self.apps[form["client_id"]]["secret"] != form["client_secret"] or query["code_challenge"] != digest:
            raise Refused(400, {"error": "invalid_grant", "error_description": "The provided authorization grant is invalid"})
        self.tokens.add(f"mastodon-token-{len(self.tokens):04}")
        return 200, {"access_token": sorted(self.tokens)[-1], "token_type": "Bearer", "scope": self.scope, "created_at": 1}

    def answer(self, request):
        if request.path == "/api/v1/apps":
            return self.register(request)
        if request.path == "/oauth/token":
            return self.token(request)
        if request.path == "/api/v2/instance":
            return 200, {"domain": "mastodon.test", "version": "4.3.1", "configuration": {"statuses": {"max_characters": 500}}}
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Refused(401, {"error": "The access token is invalid"})
        if request.path == "/api/v1/accounts/verify_credentials":
            return 200, {"id": "1", "username": "alice", "acct": "alice"}
        assert request.path == "/api/v1/statuses", request.path
        self.statuses.append(request.fields()["status"])
        return 200, {"id": str(len(self.statuses)), "url": f"{self.url}/@alice/{len(self.statuses)}"}


class Bluesky(bluesky_server.Bluesky):
    def answer(self, request):
        if request.path.endswith("com.atproto.server.getSession"):
            self.check(request, self.access)
            return 200, {"did": bluesky_server.DID, "handle": bluesky_server.HANDLE, "active": True}
        return super().answer(request)


class World:
    def __init__(self):
        self.mastodon, self.bluesky, self.x = ScriptedServer(Mastodon()), ScriptedServer(Bluesky()), XServer()
        accounts = f"""\
  mastodon: {{network: mastodon, url: "{self.mastodon.url}", token: {{file: secrets/mastodon}}}}
  bluesky: {{network: bluesky, url: "{self.bluesky.url}", handle: cal.test, app_password: {{file: state/kept/bluesky}}}}
  locked: {{network: bluesky, url: "{self.bluesky.url}", handle: other.test, app_password: {{credential: cald_locked}}}}
  x: {{network: x, url: "{self.x.url}", client_id: {CLIENT}, client_secret: {{file: x.secret}}, parallel: 4, spacing: 0s,
       redirect_url: "http://127.0.0.1:8414/", prices: {{currency: USD, post: "0.015", link: "0.2"}}}}
  site: {{network: feed}}
"""
        self.daemon = Daemon(accounts=accounts, calendar=CALENDAR)
        self.daemon.write("credentials/cald_locked", "given-by-systemd", 0o600)
        self.daemon.environment["CREDENTIALS_DIRECTORY"] = str(self.daemon.directory / "credentials")
        self.daemon.write("x.secret", CLIENT_SECRET, 0o600)

    def __enter__(self):
        for server in (self.mastodon, self.bluesky, self.x, self.daemon):
            server.__enter__()
        return self

    def __exit__(self, *why):
        for server in (self.daemon, self.x, self.bluesky, self.mastodon):
            server.__exit__(*why)

    def account(self, name):
        return next(a for a in self.daemon.api("GET", "/v1/accounts").json["items"] if a["name"] == name)

    def add(self, account, post, text="Bonjour"):
        done = self.daemon.calctl("add", "--to", account, "--id", post, text)
        assert done.returncode == 0, done.stderr

    def visit(self, *arguments, **more):
        """calctl login, with what it says to a person as lines of .stderr."""
        return subprocess.Popen([str(CALCTL), "--config", str(self.daemon.config), "login", *arguments], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def session(self):
        return json.loads((self.daemon.state / "sessions/x.json").read_text())

    def until_the_token_ends(self):
        time.sleep(max(0, self.session()["login"]["expires_at"] / 1000 - time.time()))

    def login_x(self, life=7200):
        self.x.mind.life = life  # of this token and those after it, in seconds
        visit = self.visit("x", "--stdin")
        url = address_in(visit)
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        code = self.x.mind.code(query)
        out, err = visit.communicate(f"{query['redirect_uri']}?state={query['state']}&code={code}\n", timeout=60)
        assert visit.returncode == 0, err
        return out


@pytest.fixture(scope="module")
def world():
    with World() as world:
        yield world


def address_in(visit):
    """The address that calctl shows."""
    for line in visit.stderr:
        if line.strip().startswith("http"):
            return line.strip()
    raise AssertionError(visit.communicate())


def test_who_is_not_logged_in_waits_and_says_so(world):
    world.add("mastodon,bluesky,x", "a")
    for name in ("mastodon", "bluesky", "x"):
        assert world.account(name)["state"] == "reconnect", name
        assert f"calctl login {name}" in world.account(name)["why"]
        assert world.daemon.delivery("a", name)["state"] == "ready"
    status = world.daemon.api("GET", "/v1/status").json
    assert {"x", "bluesky", "mastodon"} <= {one.get("account") for one in status["attention"]}
    checked = world.daemon.calctl("accounts", "--check", "x")
    assert checked.returncode == 6 and "calctl login x" in checked.stdout
    assert [r for s in (world.mastodon, world.bluesky, world.x) for r in s.requests()] == []


# ---- a secret ----

def test_an_app_password_is_stored_when_it_works_and_not_before(world):
    kept = world.daemon.state / "kept/bluesky"
    wrong = world.daemon.calctl("login", "bluesky", "--stdin", input="not-the-password\n")
    assert wrong.returncode == 1 and "does not accept" in wrong.stderr and not kept.exists()
    right = world.daemon.calctl("login", "bluesky", "--stdin", input=bluesky_server.PASSWORD + "\n")
    assert right.returncode == 0 and "@cal.test" in right.stdout and str(kept) in right.stdout, right.stderr
    assert kept.read_text().strip() == bluesky_server.PASSWORD and stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert world.daemon.wait_state("a", "bluesky", "published")
    assert world.account("bluesky")["state"] == "ok"
    again = world.daemon.calctl("login", "bluesky", "--stdin", input="not-the-password\n")
    assert again.returncode == 1 and kept.read_text().strip() == bluesky_server.PASSWORD
    world.add("bluesky", "b")
    assert world.daemon.wait_state("b", "bluesky", "published")


def test_without_a_terminal_it_says_what_to_do(world):
    for name, hint in (("bluesky", "--stdin reads the app password"), ("mastodon", "--stdin reads the code")):
        done = world.daemon.calctl("login", name, "--no-browser", input="x\n")
        assert done.returncode == 2 and hint in done.stderr
    assert world.daemon.calctl("login", "site").returncode == 5  # a feed needs none
    assert world.daemon.calctl("login", "nobody").returncode == 4


def test_a_password_is_not_shown_on_a_terminal(world):
    master, slave = pty.openpty()
    visit = subprocess.Popen([str(CALCTL), "--config", str(world.daemon.config), "login", "bluesky"], stdin=slave,
                             stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    seen, typed, end = b"", False, time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([master], [], [], 1)[0]:
            continue
        try:
            seen += os.read(master, 4096)
        except OSError:
            break
        if b"app password (" in seen and seen.rstrip().endswith(b":") and not typed:
            os.write(master, bluesky_server.PASSWORD.encode() + b"\n")
            typed = True
    assert visit.wait(30) == 0 and b"@cal.test" in seen and bluesky_server.PASSWORD.encode() not in seen
    os.close(master)


def test_a_credential_of_systemd_is_a_persons_to_store(world):
    done = world.daemon.calctl("login", "locked", "--stdin", input="x\n")
    assert done.returncode == 5 and "systemd-creds encrypt --name=cald_locked" in done.stderr


# ---- a code ----

def test_a_pasted_code(world):
    visit = world.visit("mastodon", "--stdin", "--no-browser")
    code, _, redirect = world.mastodon.mind.agree(address_in(visit))
    assert redirect == "urn:ietf:wg:oauth:2.0:oob"
    out, err = visit.communicate(code + "\n", timeout=60)
    assert visit.returncode == 0 and "@alice@mastodon.test" in out, err
    kept = world.daemon.directory / "secrets/mastodon"
    assert kept.read_text().strip() in world.mastodon.mind.tokens and stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert world.daemon.wait_state("a", "mastodon", "published")


@pytest.mark.parametrize("answer, says", [("http://127.0.0.1/?state=another&code={code}", "belongs to another login"),
                                          ("another-code", "log in again"), ("", "no code"),
                                          ("http://127.0.0.1/?error=access_denied&state={state}", "access_denied")])
def test_what_is_wrong_with_a_code_changes_nothing(world, answer, says):
    kept = (world.daemon.directory / "secrets/mastodon").read_text()
    visit = world.visit("mastodon", "--stdin", "--no-browser")
    code, state, _ = world.mastodon.mind.agree(address_in(visit))
    _, err = visit.communicate(answer.format(code=code, state=state) + "\n", timeout=60)
    assert visit.returncode == 1 and says in err
    assert (world.daemon.directory / "secrets/mastodon").read_text() == kept
    assert world.account("mastodon")["state"] == "ok"


def test_a_browser_comes_back_and_strangers_do_not_count(world):
    world.mastodon.mind.scope = "read:accounts read:statuses write:statuses"
    visit = world.visit("mastodon", "--browser")
    code, state, redirect = world.mastodon.mind.agree(address_in(visit))
    for query in ("", f"?code={code}&state=another", f"?code={code}"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(redirect + query, timeout=30)
        assert refused.value.code == 400
    with urllib.request.urlopen(f"{redirect}?code={code}&state={state}", timeout=30) as page:
        assert b"go back to the terminal" in page.read()
    out, err = visit.communicate(timeout=60)
    world.mastodon.mind.scope = SCOPES
    assert visit.returncode == 6 and "@alice" in out and "did not give these permissions: write:media" in err


def test_a_browser_that_does_not_come_is_not_waited_for(world):
    visit = world.visit("mastodon", "--browser", "--timeout", "1s")
    visit.stdin.close()
    visit.stdin = None
    _, err = visit.communicate(timeout=60)
    assert visit.returncode == 1 and "nobody came back in time" in err


def test_a_newer_login_ends_the_older(world):
    begun = world.daemon.api("POST", "/v1/accounts/bluesky/login", {}).json
    world.daemon.api("POST", "/v1/accounts/bluesky/login", {})
    ended = world.daemon.api("POST", "/v1/accounts/bluesky/login/finish", {"login": begun["login"], "answer": "x"}).json
    assert not ended["ok"] and "begin a new one" in ended["message"]
    assert world.daemon.api("POST", "/v1/accounts/x/login", {"redirect": "https://evil.example/"}).status == 409


def test_it_takes_the_role_admin(world):
    token = world.daemon.token("jean", "editor")
    for path in ("login", "login/finish", "logout"):
        body = {"login": "x", "answer": "y"} if path == "login/finish" else {}
        assert world.daemon.api("POST", f"/v1/accounts/x/{path}", body, tcp=True, token=token).status == 403


# ---- X ----

def test_x_by_the_address_where_the_browser_ends(world):
    assert "@chalet" in world.login_x()
    assert world.daemon.wait_state("a", "x", "published")["url"].startswith("https://x.com/chalet/status/")
    assert world.session()["login"]["refresh_token"] in world.x.mind.refresh


def test_accepted_and_dropped_is_never_sent_twice(world):
    world.x.script({"method": "POST", "path": "/2/tweets$", "do": "act-and-drop"})
    world.add("x", "once", "une fois https://example.org/?a&b")
    assert world.daemon.wait_state("once", "x", "published", patience=60)
    assert [p["told"]["text"] for p in world.x.mind.posts].count("une fois https://example.org/?a&b") == 1


def test_a_plan_tells_what_x_takes(world):
    at = time.strftime("%Y-%m-%d %H:%M", time.gmtime(time.time() + 86400))
    world.daemon.write("calendar.yaml", CALENDAR.replace("posts: []", f"""posts:
  - {{id: p1, at: {at}, to: [x], text: "un"}}
  - {{id: p2, at: {at}, to: [x], text: "deux https://example.org/"}}
"""))
    plan = world.daemon.calctl("plan", "--json")
    assert world.daemon.calctl("reload").returncode == 0
    world.daemon.write("calendar.yaml", CALENDAR)
    assert world.daemon.calctl("reload").returncode == 0
    prices = json.loads(plan.stdout)["prices"]  # empty, if the saved file was loaded before the plan was asked for
    assert prices in ([], [{"account": "x", "currency": "USD", "posts": 2, "sum": "0.215"}])


def test_refreshes_of_many_posts_at_once_use_each_token_once(world):
    mind = world.x.mind
    world.login_x(life=1)
    world.until_the_token_ends()
    before = mind.refreshes
    for i in range(6):
        world.add("x", f"many-{i}", f"numéro {i}")
    for i in range(6):
        assert world.daemon.wait_state(f"many-{i}", "x", "published", patience=60)
    assert mind.refreshes > before and mind.reused == 0 and world.account("x")["state"] == "ok"


def test_killed_between_refresh_and_use_the_new_token_is_on_disk(world):
    mind = world.x.mind
    world.login_x(life=1)
    for i in range(3):
        seen = []

        def kill(request):
            mind.on_request = None
            seen.append(request.headers["authorization"].removeprefix("Bearer "))
            threading.Thread(target=world.daemon.kill).start()
            world.daemon.process.wait()

        world.until_the_token_ends()
        count = mind.refreshes
        mind.on_request = kill
        world.add("x", f"killed-{i}", f"tué {i}")
        world.daemon.process.wait(60)
        login = world.session()["login"]
        assert mind.refreshes > count and seen == [login["access_token"]] and login["refresh_token"] in mind.refresh
        world.daemon.start()
        assert world.daemon.wait_state(f"killed-{i}", "x", "published", patience=90)
    assert mind.reused == 0 and [p["told"]["text"] for p in mind.posts].count("tué 0") == 1


def test_a_refresh_whose_answer_is_lost_asks_for_a_login_and_loses_no_post(world):
    world.login_x(life=1)
    world.until_the_token_ends()
    world.x.script({"method": "POST", "path": "/2/oauth2/token$", "do": "act-and-drop"})
    world.add("x", "lost", "perdu, puis retrouvé")
    end = time.monotonic() + 60
    while world.account("x")["state"] != "reconnect" and time.monotonic() < end:
        time.sleep(0.05)
    assert world.account("x")["state"] == "reconnect" and world.daemon.delivery("lost", "x")["state"] in ("ready", "waiting")
    world.login_x()
    assert world.daemon.wait_state("lost", "x", "published", patience=60)


def test_a_login_that_ends_soon_is_told_once(world):
    world.x.mind.more = {"refresh_token_expires_in": 5 * 86400}
    world.login_x()
    world.x.mind.more = {}
    assert world.account("x")["login_ends"] is not None
    end = time.monotonic() + 60
    while time.monotonic() < end:
        alerts = [a for a in world.daemon.api("GET", "/v1/alerts?event=expires").json["items"]]
        if alerts:
            break
        time.sleep(0.05)
    assert len(alerts) == 1 and "calctl login x" in json.dumps(alerts)
    status = world.daemon.api("GET", "/v1/status").json
    assert any("its login ends at" in one["what"] for one in status["attention"])


def test_logged_out_it_waits_again(world):
    assert world.daemon.calctl("logout", "x").returncode == 0
    world.add("x", "later", "plus tard")
    assert world.account("x")["state"] == "reconnect" and "login" not in world.session()
    end = time.monotonic() + 60
    while world.x.mind.refresh and time.monotonic() < end:  # X is told
        time.sleep(0.05)
    assert not world.x.mind.refresh
    out = world.daemon.calctl("logout", "mastodon")
    assert out.returncode == 0 and not (world.daemon.directory / "secrets/mastodon").exists()
    assert world.daemon.calctl("resume", "x").returncode == 0  # resuming makes no credentials
    assert world.account("x")["state"] == "reconnect"
    world.login_x()
    assert world.daemon.wait_state("later", "x", "published", patience=60)


def test_no_secret_is_told_or_in_the_database(world):
    secrets = [CLIENT_SECRET, bluesky_server.PASSWORD, *world.mastodon.mind.tokens,
               *(value for pair in world.x.mind.issued for value in pair.values())]
    database = sqlite3.connect(f"file:{world.daemon.state}/cald.db?mode=ro", uri=True)
    told = world.daemon.log() + "".join(database.iterdump()) + str(world.daemon.api("GET", "/v1/status").body)
    assert [secret for secret in secrets if secret in told] == []

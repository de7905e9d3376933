"""calctl login on each network where a person types in what they made there: what the network does not take is not stored,
what it takes is, privately, and belongs to whom it says."""
import base64
import json
import os
import stat
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path[:0] = [str(SUPPORT), str(Path(__file__).parent)]
from chat_servers import Discord, DiscordServer, Matrix, MatrixServer, Slack, SlackServer, Telegram, TelegramServer  # noqa: E402
from daemon import CALCTL, Daemon  # noqa: E402
from scripted import Refused, ScriptedServer  # noqa: E402
from test_blogs import MINDS  # noqa: E402
from wordpress_server import PASSWORD, USER, WordPress  # noqa: E402

CALENDAR = "version: 1\ntimezone: UTC\nposts: []\n"
REDIRECT, APP_SECRET = "https://chalet.example/retour", "the-secret-of-the-app"
SCOPES = {"facebook": "pages_show_list,pages_read_engagement,pages_manage_posts",
          "instagram": "instagram_business_basic,instagram_business_content_publish",
          "threads": "threads_basic,threads_content_publish,threads_delete"}
SECRET, GHOST = "a-secret-that-is-long-enough", "6489:0a0b"


MADE = "a.b.c"  # by Lemmy, for a password


def shows(request, secret):
    """Whether a request has the credential: in a header or its body, or as the name of the key in Ghost's token."""
    token = request.headers.get("authorization", "").removeprefix("Ghost ").split(".")[0]
    named = base64.urlsafe_b64decode(token + "==").decode(errors="replace") if secret == GHOST else ""
    return any(secret in value for value in request.headers.values()) or secret.encode() in request.body or '"kid":"6489"' in named.replace(" ", "")


def guarded(mind, secret):
    class Guarded(mind):
        def answer(self, request):
            anybody = request.path == "/" or request.headers.get("authorization", "").endswith(MADE)
            if not anybody and not shows(request, secret):
                raise Refused(401, {"error": "not_logged_in", "errors": [{"type": "UnauthorizedError", "message": "No."}]})
            return super().answer(request)
    return Guarded


class Graph:
    """Facebook, Instagram and Threads: a code becomes a token of an hour, then one of 60 days, then that of a page; who we
    are, for the right token only."""

    def __init__(self, network, scopes):
        self.network, self.scopes, self.codes = network, scopes, set()
        self.pages = [{"id": "1", "name": "Autre", "access_token": "wrong"}, {"id": "1789", "name": "cal", "access_token": SECRET}]

    def code(self, request):
        form = dict(urllib.parse.parse_qsl(request.body.decode()))
        if form["code"] not in self.codes:
            raise Refused(400, {"error": {"message": "This authorization code has been used.", "type": "OAuthException", "code": 100}})
        self.codes.remove(form["code"])
        assert (form["client_id"], form["client_secret"], form["grant_type"]) == ("4711", APP_SECRET, "authorization_code")
        token = {"access_token": "short-lived-token", "user_id": 1789}
        wrapped = {"data": [token | {"permissions": self.scopes}]}
        return 200, wrapped if self.network == "instagram" else token

    def exchange(self, request):
        given = request.query["fb_exchange_token" if self.network == "facebook" else "access_token"]
        assert given == "short-lived-token" and request.query["client_secret"] == APP_SECRET
        assert request.query["grant_type"] == {"facebook": "fb_exchange_token", "instagram": "ig_exchange_token"}.get(
            self.network, "th_exchange_token")
        token = "long-lived-token" if self.network == "facebook" else SECRET
        return 200, {"access_token": token, "token_type": "bearer", "expires_in": 5184000}

    def answer(self, request):
        if request.method == "POST":
            return self.code(request)
        if request.path.endswith("/access_token"):
            return self.exchange(request)
        if request.path.endswith("/me/accounts"):
            assert shows(request, "long-lived-token")
            return 200, {"data": self.pages}
        if not shows(request, SECRET):
            raise Refused(400, {"error": {"message": "Invalid OAuth access token", "type": "OAuthException", "code": 190}})
        if request.path.endswith("/debug_token"):
            assert self.network != "instagram" and request.query["input_token"] == SECRET
            return 200, {"data": {"is_valid": True, "expires_at": 0, "scopes": self.scopes.split(",")}}
        return 200, {"id": "1789", "user_id": "1789", "name": "cal", "username": "cal"}


class World:
    def __enter__(self):
        self.servers = {"discord": DiscordServer(), "slack": SlackServer(), "telegram": TelegramServer(), "matrix": MatrixServer()}
        for name in SCOPES:
            self.servers[name] = ScriptedServer(Graph(name, SCOPES[name]))
        self.servers["wordpress"] = ScriptedServer(WordPress())
        self.servers["incoming"] = ScriptedServer(Slack())  # its webhooks are in no description
        for name, mind in MINDS.items():
            self.servers[name] = ScriptedServer(guarded(mind, GHOST if name in ("ghost", "lemmy") else SECRET)())
        for server in self.servers.values():
            server.__enter__()
        url = {name: server.url for name, server in self.servers.items()}
        accounts = f"""\
  hook: {{network: discord, webhook: {{file: kept/hook}}, url: "{url['discord']}/api/v10"}}
  bot: {{network: discord, token: {{file: kept/bot}}, channel: "20", url: "{url['discord']}/api/v10"}}
  slack: {{network: slack, token: {{file: kept/slack}}, channel: C1, url: "{url['slack']}/api"}}
  slack-hook: {{network: slack, webhook: {{file: kept/slack-hook}}}}
  wordpress: {{network: wordpress, url: "{url['wordpress']}", user: {USER}, application_password: {{file: kept/wordpress}}}}
  telegram: {{network: telegram, token: {{file: kept/telegram}}, chat: "@chalet", url: "{url['telegram']}"}}
  matrix: {{network: matrix, token: {{file: kept/matrix}}, room: "#news:m.example", url: "{url['matrix']}"}}
  room: {{network: matrix, user: cal, password: {{file: kept/room}}, room: "#news:m.example", url: "{url['matrix']}"}}
  facebook: {{network: facebook, token: {{file: kept/facebook}}, page: "1789", url: "{url['facebook']}"}}
  instagram: {{network: instagram, token: {{file: kept/instagram}}, url: "{url['instagram']}"}}
  threads: {{network: threads, token: {{file: kept/threads}}, url: "{url['threads']}"}}
"""
        for name in SCOPES:
            redirect = "" if name == "facebook" else f", redirect_url: '{REDIRECT}'"
            page = ", page: '1789'" if name == "facebook" else ""
            accounts += f"  {name}-app: {{network: {name}, token: {{file: kept/{name}-app}}, app_id: '4711', " \
                        f"app_secret: {{file: app}}, url: '{url[name]}'{redirect}{page}}}\n"
        for name, mind in MINDS.items():
            options = f", {mind.options}" if mind.options else ""
            accounts += f"  {name}: {{network: {name}, url: '{url[name]}', {mind.secret}: {{file: kept/{name}}}{options}}}\n"
        command = "media_urls: {command: [/bin/true]}\n"
        self.daemon = Daemon(accounts=accounts, calendar=CALENDAR, settings=command)
        self.daemon.write("app", APP_SECRET, 0o600)
        self.daemon.__enter__()
        return self

    def __exit__(self, *why):
        self.daemon.__exit__(*why)
        for server in self.servers.values():
            server.__exit__(*why)


@pytest.fixture(scope="module")
def world():
    with World() as world:
        yield world


def hook(world, token):
    return f"{world.servers['discord'].url}/api/v10/webhooks/7/{token}"


CASES = {
    "hook": (lambda world: hook(world, Discord.HOOK), lambda world: hook(world, "another"), "Nouvelles"),
    "bot": (Discord.BOT, "another", "chalet"),
    "slack-hook": (lambda world: f"{world.servers['incoming'].url}/services/{Slack.HOOK}",
                   lambda world: f"{world.servers['incoming'].url}/services/another", ""),
    "wordpress": (PASSWORD, "another", USER),
    "slack": (Slack.TOKEN, "xoxb-another", "@"),
    "telegram": (Telegram.TOKEN, "1:another", "@chalet_bot"),
    "matrix": (Matrix.TOKEN, "another", "@cal:m.example"),
    "room": (Matrix.PASSWORD, "another", "@cal:m.example"),
    "ghost": (GHOST, "1111:0b0b", ""), "lemmy": (GHOST, "another", "cal"),
} | {name: (SECRET, "another", "cal") for name in SCOPES} | \
    {name: (SECRET, "another", "") for name in MINDS if name not in ("ghost", "lemmy")}


@pytest.mark.parametrize("account", CASES)
def test_what_is_typed_in_is_verified_then_stored(world, account):
    right, wrong, name = (value(world) if callable(value) else value for value in CASES[account])
    kept = world.daemon.directory / "kept" / account
    assert next(a for a in world.daemon.api("GET", "/v1/accounts").json["items"] if a["name"] == account)["state"] == "reconnect"
    refused = world.daemon.calctl("login", account, "--stdin", input=wrong + "\n")
    assert refused.returncode == 1 and not kept.exists(), (refused.stdout, refused.stderr)
    done = world.daemon.calctl("login", account, "--stdin", input=right + "\n")
    assert done.returncode == 0 and name in done.stdout and str(kept) in done.stdout, (done.stdout, done.stderr)
    assert kept.read_text() == right and stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert next(a for a in world.daemon.api("GET", "/v1/accounts").json["items"] if a["name"] == account)["state"] == "ok"
    assert right.rsplit("/", 1)[-1] not in world.daemon.log()  # of an address the last part is the secret


def test_permissions_that_a_token_lacks_are_named(world):
    world.servers["slack"].mind.scopes = "chat:write,channels:history,channels:read"
    done = world.daemon.calctl("login", "slack", "--stdin", input=Slack.TOKEN + "\n")
    assert done.returncode == 6 and "did not give these permissions: files:write files:read" in done.stderr
    assert json.loads(world.daemon.calctl("login", "slack", "--stdin", "--json", input=Slack.TOKEN + "\n").stdout)["missing"]


def test_logged_out_it_keeps_its_posts_and_goes_on_after_the_login(world):
    kept = world.daemon.directory / "kept/telegram"
    assert world.daemon.calctl("logout", "telegram").returncode == 0 and not kept.exists()
    done = world.daemon.calctl("add", "--to", "telegram", "--id", "later", "Plus tard")
    assert done.returncode == 0, done.stderr
    reloaded = world.daemon.calctl("reload")  # and the account has not lost it
    assert reloaded.returncode == 0 and f"'token' of account 'telegram' is not there ('{kept}')" in reloaded.stderr
    assert world.daemon.delivery("later", "telegram")["state"] == "ready"
    assert world.servers["telegram"].mind.messages == []
    assert world.daemon.calctl("login", "telegram", "--stdin", input=Telegram.TOKEN + "\n").returncode == 0
    assert world.daemon.wait_state("later", "telegram", "published")
    assert [message["text"] for message in world.servers["telegram"].mind.messages] == ["Plus tard"]


# ---- Meta, with an app: a code ----

def consent(world, name, code="a-code"):
    """The person opens the address, agrees, and pastes the address where the browser ends."""
    visit = subprocess.Popen([str(CALCTL), "--config", str(world.daemon.config), "login", f"{name}-app", "--stdin"], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    url = next(line.strip() for line in visit.stderr if line.strip().startswith("https://"))
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    assert query["client_id"] == "4711" and query["scope"] == SCOPES[name] and query["response_type"] == "code"
    world.servers[name].mind.codes = {"a-code"}
    out, err = visit.communicate(f"{query['redirect_uri']}?code={code}&state={query['state']}#_\n", timeout=60)
    return visit.returncode, out, err


@pytest.mark.parametrize("name", SCOPES)
def test_a_code_becomes_the_token_that_lasts(world, name):
    code, out, err = consent(world, name)
    assert code == 0 and "cal" in out, err
    kept = world.daemon.directory / "kept" / f"{name}-app"
    assert kept.read_text() == SECRET and stat.S_IMODE(kept.stat().st_mode) == 0o600
    account = next(a for a in world.daemon.api("GET", "/v1/accounts").json["items"] if a["name"] == f"{name}-app")
    assert account["state"] == "ok" and (account["login_ends"] is None) == (name == "facebook"), account
    session = json.loads((world.daemon.state / f"sessions/{name}-app.json").read_text())
    assert "login" not in session and SECRET not in json.dumps(session)


def test_what_was_not_agreed_to_is_said(world):
    world.servers["threads"].mind.scopes = "threads_basic"
    code, _, err = consent(world, "threads")
    assert code == 6 and "did not give these permissions: threads_content_publish" in err
    world.servers["instagram"].mind.scopes = "instagram_business_basic"
    code, _, err = consent(world, "instagram")
    assert code == 6 and "did not give these permissions: instagram_business_content_publish" in err
    world.servers["facebook"].mind.pages.pop()
    code, _, err = consent(world, "facebook")
    assert code == 1 and "not among those that were agreed to: Autre (1)" in err
    code, _, err = consent(world, "facebook", "another-code")
    assert code == 1 and "This authorization code has been used" in err
    assert (world.daemon.directory / "kept/facebook-app").read_text() == SECRET  # the old one stays

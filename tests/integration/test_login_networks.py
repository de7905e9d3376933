"""calctl login on each network where a person types in what they made there: what the network does not take is not stored,
what it takes is, privately, and belongs to whom it says."""
import base64
import json
import os
import stat
import sys
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path[:0] = [str(SUPPORT), str(Path(__file__).parent)]
from chat_servers import Discord, DiscordServer, Matrix, MatrixServer, Slack, SlackServer, Telegram, TelegramServer  # noqa: E402
from daemon import Daemon  # noqa: E402
from scripted import Refused, ScriptedServer  # noqa: E402
from test_blogs import MINDS  # noqa: E402

CALENDAR = "version: 1\ntimezone: UTC\nposts: []\n"
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
    """Facebook, Instagram and Threads: who we are, of the right token only."""

    def answer(self, request):
        if not shows(request, SECRET):
            raise Refused(400, {"error": {"message": "Invalid OAuth access token", "type": "OAuthException", "code": 190}})
        return 200, {"id": "1789", "user_id": "1789", "name": "cal", "username": "cal"}


class World:
    def __enter__(self):
        self.servers = {"discord": DiscordServer(), "slack": SlackServer(), "telegram": TelegramServer(), "matrix": MatrixServer()}
        for name in ("facebook", "instagram", "threads"):
            self.servers[name] = ScriptedServer(Graph())
        for name, mind in MINDS.items():
            self.servers[name] = ScriptedServer(guarded(mind, GHOST if name in ("ghost", "lemmy") else SECRET)())
        for server in self.servers.values():
            server.__enter__()
        url = {name: server.url for name, server in self.servers.items()}
        accounts = f"""\
  hook: {{network: discord, webhook: {{file: kept/hook}}, url: "{url['discord']}/api/v10"}}
  bot: {{network: discord, token: {{file: kept/bot}}, channel: "20", url: "{url['discord']}/api/v10"}}
  slack: {{network: slack, token: {{file: kept/slack}}, channel: C1, url: "{url['slack']}/api"}}
  telegram: {{network: telegram, token: {{file: kept/telegram}}, chat: "@chalet", url: "{url['telegram']}"}}
  matrix: {{network: matrix, token: {{file: kept/matrix}}, room: "#news:m.example", url: "{url['matrix']}"}}
  room: {{network: matrix, user: cal, password: {{file: kept/room}}, room: "#news:m.example", url: "{url['matrix']}"}}
  facebook: {{network: facebook, token: {{file: kept/facebook}}, page: "1789", url: "{url['facebook']}"}}
  instagram: {{network: instagram, token: {{file: kept/instagram}}, url: "{url['instagram']}"}}
  threads: {{network: threads, token: {{file: kept/threads}}, url: "{url['threads']}"}}
"""
        for name, mind in MINDS.items():
            options = f", {mind.options}" if mind.options else ""
            accounts += f"  {name}: {{network: {name}, url: '{url[name]}', {mind.secret}: {{file: kept/{name}}}{options}}}\n"
        command = "media_urls: {command: [/bin/true]}\n"
        self.daemon = Daemon(accounts=accounts, calendar=CALENDAR, settings=command)
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
    "slack": (Slack.TOKEN, "xoxb-another", "@"),
    "telegram": (Telegram.TOKEN, "1:another", "@chalet_bot"),
    "matrix": (Matrix.TOKEN, "another", "@cal:m.example"),
    "room": (Matrix.PASSWORD, "another", "@cal:m.example"),
    "ghost": (GHOST, "1111:0b0b", ""), "lemmy": (GHOST, "another", "cal"),
} | {name: (SECRET, "another", "cal") for name in ("facebook", "instagram", "threads")} | \
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
    assert right not in world.daemon.log()


def test_permissions_that_a_token_lacks_are_named(world):
    world.servers["slack"].mind.scopes = "chat:write,channels:history,channels:read"
    done = world.daemon.calctl("login", "slack", "--stdin", input=Slack.TOKEN + "\n")
    assert done.returncode == 6 and "did not give these permissions: files:write files:read" in done.stderr
    assert json.loads(world.daemon.calctl("login", "slack", "--stdin", "--json", input=Slack.TOKEN + "\n").stdout)["missing"]

"""calctl login against a real OAuth 2 server: PKCE, the client's secret, refresh tokens good for one use, revocation.

A used refresh token that is shown again ends the login there; X does the same. Without an answer to a refresh nobody can know.
"""
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2]))
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/interop")]
from chance_proxy import Chance, ChanceProxy  # noqa: E402
from daemon import CALCTL, Daemon  # noqa: E402
from oidc_server import CLIENT, CLIENT_SECRET, OidcServer, browse  # noqa: E402


class Way(ChanceProxy):
    """To the server and back; loses as many answers to refreshes as it is told."""

    lose = 0

    def happen(self, kind, connection, data, method):
        lost = self.lose > 0 and b"grant_type=refresh_token" in data
        self.lose -= lost
        return super().happen("lost" if lost else None, connection, data, method)


class House:
    def __init__(self, server, way):
        self.server, self.way = server, way
        self.daemon = Daemon(calendar="version: 1\ntimezone: UTC\n", accounts=f"""\
  x: {{network: x, url: "{way.url}", authorize_url: "{server.url}/i/oauth2/authorize", client_id: {CLIENT},
      client_secret: {{file: x.secret}}, redirect_url: "http://127.0.0.1:8414/", spacing: 0s, parallel: 4}}
  wrong: {{network: x, url: "{way.url}", authorize_url: "{server.url}/i/oauth2/authorize", client_id: {CLIENT},
      client_secret: {{file: wrong.secret}}, redirect_url: "http://127.0.0.1:8414/"}}
""")
        self.daemon.write("x.secret", CLIENT_SECRET, 0o600)
        self.daemon.write("wrong.secret", "another-secret", 0o600)

    def login(self, name="x", agrees=True):
        """(exit code, what it said)"""
        with subprocess.Popen([str(CALCTL), "--config", str(self.daemon.config), "login", name, "--stdin"], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as visit:
            address = next(line.strip() for line in visit.stderr if line.strip().startswith("http"))
            out, err = visit.communicate(browse(address, agrees) + "\n", timeout=60)
        return visit.returncode, out + err

    def add(self, post):
        done = self.daemon.calctl("add", "--to", "x", "--id", post, "Bonjour " + post)
        assert done.returncode == 0, done

    def state(self):
        return next(a["state"] for a in self.daemon.api("GET", "/v1/accounts").json["items"] if a["name"] == "x")

    def until(self, condition):
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, self.daemon.log()
            time.sleep(0.05)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    server = OidcServer(tmp_path_factory.mktemp("oidc"), life=1)  # so that each post refreshes it
    try:
        with Way(server.start().url, Chance(1)) as way:
            house = House(server, way)
            with house.daemon:
                yield house
    finally:
        server.stop()


def test_a_person_who_does_not_agree_changes_nothing(house):
    code, said = house.login(agrees=False)
    assert code == 1 and "access_denied" in said and house.server.events("grant") == []


def test_a_wrong_secret_of_the_app_is_told(house):
    code, said = house.login("wrong")
    assert code == 1 and "does not accept the client's id or secret" in said, said
    assert house.server.events("grant") == [] and house.server.events("error") == ["invalid_client"]


def test_a_login_with_pkce(house):
    code, said = house.login()
    assert code == 0 and "@chalet" in said, said
    assert house.server.events("grant") == ["authorization_code"] and house.state() == "ok"


def test_each_refresh_token_is_used_once_also_by_many_posts_at_once(house):
    names = [f"p{n}" for n in range(6)]
    time.sleep(1.1)  # the token's life
    for name in names:
        house.add(name)
    for name in names:
        house.daemon.wait_state(name, "x", "published", patience=90)
    assert sorted(house.server.events("post")) == ["Bonjour " + name for name in names]
    assert house.server.events("grant").count("refresh_token") >= 1 and house.server.events("revoked") == []


def test_a_refresh_without_an_answer_asks_for_a_login_and_loses_no_post(house):
    time.sleep(1.1)
    house.way.lose = 1
    house.add("lost")
    house.until(lambda: house.state() == "reconnect")
    assert len(house.server.events("revoked")) >= 1 and "Bonjour lost" not in house.server.events("post")
    assert house.daemon.delivery("lost", "x")["state"] in ("ready", "waiting")
    assert house.login()[0] == 0
    house.daemon.wait_state("lost", "x", "published", patience=90)
    assert house.server.events("post").count("Bonjour lost") == 1


def test_a_logout_is_told_to_the_server(house):
    before = len(house.server.events("revoked"))
    assert house.daemon.calctl("logout", "x").returncode == 0
    house.until(lambda: len(house.server.events("revoked")) > before)
    assert house.state() == "reconnect"
    assert CLIENT_SECRET not in house.daemon.log()

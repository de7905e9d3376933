"""A real OAuth 2 server on loopback, in X's place: npm's oidc-provider (tests/interop/oidc), and a person's browser."""
import http.cookiejar
import json
import os
import pathlib
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from servers import HERE, end, free_port, npm_install, wait_for

CLIENT, CLIENT_SECRET, REDIRECT = "clientid0", "client-secret-000", "http://127.0.0.1:8414/"


class OidcServer:
    """life: seconds that an access token is said to be good for."""

    def __init__(self, directory, life):
        self.directory, self.life, self.port, self.process = pathlib.Path(directory), life, free_port(), None
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        env = dict(os.environ, MODULES=str(npm_install("oidc")), PORT=str(self.port), STATE=str(self.directory), LIFE=str(self.life))
        log = self.directory / "log"
        self.process = subprocess.Popen(["node", str(HERE / "oidc/server.mjs")], env=env, stdin=subprocess.DEVNULL,
                                        stdout=open(log, "ab"), stderr=subprocess.STDOUT, start_new_session=True)
        wait_for(self.url + "/.well-known/openid-configuration", self.process, log)
        return self

    def stop(self):
        end(self.process)

    def events(self, name):
        """What it has noted, in order: 'grant' (a token was given), 'error', 'revoked', 'post'."""
        path = self.directory / "events"
        noted = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [one[name] for one in noted if name in one]


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def browse(address, agrees=True):
    """A person at the address that calctl shows, who logs in and agrees, or not; where the browser ends."""
    opener = urllib.request.build_opener(Stay, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def go(url, form=None):
        asked = urllib.request.Request(url, data=urllib.parse.urlencode(form).encode() if form else None)
        try:
            with opener.open(asked, timeout=60) as answer:
                return None, answer.read().decode()
        except urllib.error.HTTPError as answer:
            text = answer.read().decode()
            assert answer.code in (302, 303), text
            return urllib.parse.urljoin(url, answer.headers["Location"]), text

    for _ in range(20):
        if address.startswith(REDIRECT):
            return address
        following, page = go(address)
        if following is None:
            action, form = re.search(r'<form[^>]*action="([^"]+)"', page)[1], dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
            form |= {"login": "chalet", "password": "any"} if form["prompt"] == "login" else {}
            following, _ = go(urllib.parse.urljoin(address, action), form) if agrees else go(action + "/abort")
        address = following
    raise AssertionError(f"the browser ends at {address}")

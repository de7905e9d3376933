"""A cald whose accounts are on one scripted network (scripted.py), with what suites of drivers do over and over.

    with House(Mind(), {"page": "network: linkedin, author: …"}, {"token": "s3cret"}) as house:
        house.add("id", ["page"], images=2, text="…"); house.daemon.wait_state("id", "page", "published")

'url' and 'spacing' are added to each account. secrets: file → what is in it; none may come into the log. With path= the
API begins below the server's root.
"""
import json
import re
import subprocess
import urllib.parse

import pytest

from contract import SPECS, Contract
from daemon import CALCTL, Daemon
from films import film
from pictures import png
from scripted import Refused, ScriptedServer


class Mind:
    """ROUTES: (method, pattern of the path) → the method that answers, with what the pattern's groups hold."""

    ROUTES = {}
    missing = {"message": "not found"}

    def admit(self, request):
        """Raises Refused unless the request may be answered."""

    def answer(self, request):
        self.admit(request)
        for (method, pattern), call in self.ROUTES.items():
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                return call(self, request, *match.groups())
        raise Refused(404, self.missing)


class House:
    def __init__(self, mind, accounts, secrets, path="", contract=None, settings=""):
        self.mind, self.accounts, self.secrets, self.path, self.settings = mind, accounts, secrets, path, settings
        self.contract = Contract.find(contract) if contract else None
        self.unjudged = contract and not self.contract

    def __enter__(self):
        self.server = ScriptedServer(self.mind, contract=self.contract).__enter__()
        self.accounts = "".join(f"  {name}: {{url: '{self.server.url}{self.path}', spacing: 0s, {options}}}\n"
                                for name, options in self.accounts.items())
        self.daemon = Daemon(accounts=self.accounts, calendar="version: 1\ntimezone: UTC\n", charter="version: 1\n",
                             settings=self.settings)
        for name, value in self.secrets.items():
            self.daemon.write(name, value + "\n", 0o600)
        self.daemon.start()
        return self

    def __exit__(self, kind, *rest):
        try:
            self.daemon.__exit__(kind, *rest)
            assert not any(value in self.daemon.log() for value in self.secrets.values())
        finally:
            self.server.__exit__(kind, *rest)

    def media(self, count):
        return [{"file": self.daemon.api("POST", "/v1/media", png(40, 30, i), {"Content-Type": "image/png"}).json["file"],
                 "alt": f"image {i}"} for i in range(count)]

    def film(self, size=0, **shape):
        """A video as a medium, and its bytes."""
        data = film(size=size, **shape)
        kept = self.daemon.api("POST", "/v1/media", data, {"Content-Type": "application/octet-stream"})
        return {"file": kept.json["file"], "alt": "le col"}, data

    def add(self, id, to, images=0, **content):
        body = {"id": id, "to": to, **({"media": self.media(images)} if images else {}), **content}
        answer = self.daemon.api("POST", "/v1/posts", body)
        assert answer.status == 201, answer

    def preview(self, id):
        """Its first part as calctl shows it."""
        done = self.daemon.calctl("preview", id, "--json")
        assert not done.stderr, done.stderr
        return json.loads(done.stdout)["items"][0]["parts"][0]

    def sent(self, method, path):
        return [r for r in self.server.requests() if r.method == method and re.fullmatch(path, r.path)]

    def login(self, account, code):
        """calctl login, whose person agrees at the address that it shows; (what the address asks, what calctl says)."""
        visit = subprocess.Popen([CALCTL, "--config", self.daemon.config, "login", account, "--stdin"], text=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        url = next(line.strip() for line in visit.stderr if line.strip().startswith("http"))
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        out, err = visit.communicate(f"{asked['redirect_uri']}?state={asked['state']}&code={code}\n", timeout=60)
        assert visit.returncode == 0, out + err
        return asked, out

    def say_if_unjudged(self):
        if self.unjudged:
            pytest.skip(f"{SPECS} is not there: the requests were held against no description")

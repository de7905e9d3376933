"""Canaries: every secret is a word that is found again if it gets anywhere; servers say it back in all they answer.

Looked into: the log at its most talkative, the database's bytes, every answer of the API, what calctl prints, /proc. Only
STATE/sessions may hold what a server gave (0600).
"""
import base64
import json
import os
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stage import CALD, Stage, mutant, say, second_after

SECRETS = {
    "mastodon": "canary-mastodon-9fK2+x/Q7=zz",
    "webhook": "canary-webhook-5Hd8-Wq3_T.b",
    "wordpress": "canary wordpress 4Tz1 Yb6",
    "bluesky": "canary-blue-7yR3",
    "hook": "canary-hook-2Vn6-Lm9",
    "control": "canary-control-0123456789abcdef",
}


def jwt(word):
    parts = [{"alg": "HS256"}, {"sub": word, "exp": 4000000000}, word * 2]
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts)


GIVEN = {"access": jwt("canary-access-8Wd4"), "refresh": jwt("canary-refresh-3Pk5")}


def forms(secret):
    """What a secret may look like; of base64 the middle that is the same whatever stands before and behind."""
    yield secret
    yield secret[:16]
    yield urllib.parse.quote(secret, safe="")
    yield json.dumps(secret)[1:-1]
    for skipped in range(3):
        part = secret.encode()[skipped:]
        yield base64.b64encode(part[:len(part) // 3 * 3]).decode()
    yield secret.encode().hex()


class Echo(BaseHTTPRequestHandler):
    """Says back what it was told, in the way that the last word of the post asks for."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value, headers=()):
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def told(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        secrets = [self.headers.get("Authorization", "").split(" ", 1)[-1]]
        if secrets[0] and self.headers["Authorization"].startswith("Basic"):
            secrets.append(base64.b64decode(secrets[0]).decode().split(":", 1)[1])
        secrets += [w for w in (json.loads(body).get("password"),) if w] if body.startswith("{") else []
        self.server.seen.update(s for s in secrets if s)
        return body, secrets

    def echo(self, secrets):
        return " ".join(f"you sent {s} or {urllib.parse.quote(s, safe='')} or {base64.b64encode(b'x:' + s.encode()).decode()}"
                        for s in secrets if s)

    def respond(self):
        body, secrets = self.told()
        said = self.echo(secrets)
        if "createSession" in self.path:
            return self.answer(200, {"did": "did:plc:abcdefghijklmnopqrstuvwx", "handle": "a.example", "active": True,
                                     "accessJwt": GIVEN["access"], "refreshJwt": GIVEN["refresh"]})
        if self.path == "/api/v2/instance":
            return self.answer(200, {"domain": said, "version": "4.3.0", "title": said})
        if "verify_credentials" in self.path:
            return self.answer(200, {"id": "1", "acct": said, "username": said, "url": said})
        return WAYS.get(next((w for w in WAYS if w in body), "refuse"))(self, said, secrets)

    def moved(self, said, secrets):
        self.answer(301, {"error": said}, [("Location", f"/elsewhere?token={urllib.parse.quote(secrets[0])}")])

    def done(self, said, secrets):
        word = secrets[0].replace(" ", "")
        self.answer(200, {"id": word, "url": f"http://127.0.0.1/{word}", "message": said},
                    [("Location", f"http://127.0.0.1/{word}")])

    def cut(self, said, secrets):
        """Their words are cut to 300 characters: in the middle of the secret."""
        self.answer(422, {"error": "x" * 280 + said, "message": "x" * 280 + secrets[0]})

    do_GET = do_POST = do_PUT = do_DELETE = respond

    def do_HEAD(self):
        self.answer(404, b"")


WAYS = {
    "refuse": lambda self, said, _: self.answer(422, {"error": said, "message": said, "code": said}),
    "fail": lambda self, said, _: self.answer(500, {"error": said, "message": said}),
    "unauthorized": lambda self, said, _: self.answer(401, {"error": said, "message": said}),
    "garbage": lambda self, said, _: self.answer(200, said.encode()),
    "moved": Echo.moved, "done": Echo.done, "cut": Echo.cut,
}


class EchoServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Echo)
        self.seen = set()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_):
        pass

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


# 'moved' and 'unauthorized' hold the account back: each has one of its own.
KINDS = {
    "mastodon": "network: mastodon, url: '{url}', token: {{file: secrets/mastodon}}",
    "webhook": "network: webhook, url: '{url}/hook', id: /id, link: /url, token: {{file: secrets/webhook}}",
    "in-url": "network: webhook, url: '{url}/hook?t={{{{token}}}}', id: /id, token: {{file: secrets/webhook}}",
    "wordpress": "network: wordpress, url: '{url}', user: anna, application_password: {{file: secrets/wordpress}}",
    "bluesky": "network: bluesky, url: '{url}', handle: a.example, app_password: {{file: secrets/bluesky}}",
}


class Canaries(Stage):
    def __init__(self, url, slot, program):
        super().__init__(0, {}, {}, program)
        names = {f"{kind}-{way}": kind for kind in KINDS for way in WAYS}
        accounts = "".join(f"  {name}: {{{KINDS[kind].format(url=url)}, spacing: 0s}}\n" for name, kind in names.items())
        for name, secret in SECRETS.items():
            self.write(f"secrets/{name}", secret + "\n", 0o600)
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(slot / 1000))
        posts = "".join(f"  - {{id: p-{way}, at: {stamp}, to: [{', '.join(n for n in names if n.endswith('-' + way))}], "
                        f"title: T, text: 'Please {way}.'}}\n" for way in WAYS)
        self.write("calendar.yaml", "version: 1\ntimezone: UTC\nposts:\n" + posts)
        hook = f"on_failure: {{webhook: {{url: '{url}/told', token: {{file: secrets/hook}}}}}}\n"
        self.write("cald.yaml", self.config.read_text().replace("accounts:\n", "accounts:\n" + accounts).replace(
            "control:\n", hook + 'control:\n  listen: "127.0.0.1:0"\n  tokens: tokens\n'))
        import hashlib
        self.write("tokens", f"t admin {hashlib.sha256(SECRETS['control'].encode()).hexdigest()}\n", 0o600)
        self.accounts = list(names)


def everything_said(stage):
    """Name → bytes, of all that may not hold a secret."""
    found = {"log": stage.log_path.read_bytes()}
    for folder, folders, files in os.walk(stage.state):
        folders[:] = [name for name in folders if name != "sessions"]
        for path in (os.path.join(folder, name) for name in files if name != "reserve"):
            if os.path.isfile(path):
                found[path] = open(path, "rb").read()
    for path in ("/v1/status", "/v1/accounts", "/v1/deliveries?limit=1000", "/v1/history?limit=1000", "/metrics",
                 "/calendar.ics", "/v1/slots", *(f"/v1/posts/p-{way}" for way in WAYS)):
        found[path] = stage.api("GET", path).body
    for name in stage.accounts:
        way = name.rsplit("-", 1)[1]
        for path in (f"/v1/deliveries/p-{way}/{name}", f"/v1/deliveries/p-{way}/{name}/history"):
            found[path] = stage.api("GET", path).body
        found[f"check {name}"] = stage.api("POST", f"/v1/accounts/{name}/check").body
    for words in (("status",), ("list", "--all"), ("accounts",), ("history",), ("--json", "status")):
        said = stage.calctl(*words)
        found["calctl " + " ".join(words)] = (said.stdout + said.stderr).encode()
    for name in ("cmdline", "environ", "comm"):
        found[f"/proc {name}"] = open(f"/proc/{stage.process.pid}/{name}", "rb").read()
    found["log afterwards"] = stage.log_path.read_bytes()
    return found


def leaks(found, secrets):
    return [(where, form) for where, data in found.items() for secret in secrets for form in set(forms(secret))
            if form.encode() in data]


def settle(stage, patience=40):
    """Until each was tried."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        rows = stage.api("GET", "/v1/deliveries?limit=1000").json["items"]
        if not [r for r in rows if r["state"] in ("ready", "sending")]:
            return
        time.sleep(0.2)


def play(program):
    with EchoServer() as server, Canaries(server.url, second_after(4000), program) as stage:
        stage.start(arguments=("--log-level", "debug"))
        settle(stage)
        stage.port = int(stage.api("GET", "/v1/status").json["url"].rstrip("/").rsplit(":", 1)[1])
        assert stage.api("GET", "/v1/status", tcp=True, token=SECRETS["control"]).status == 200
        assert stage.api("GET", "/v1/status", tcp=True, token="wrong-" + SECRETS["control"]).status == 401
        found = everything_said(stage)
        sessions = {str(p): p.stat().st_mode & 0o777 for p in (stage.state / "sessions").rglob("*")}
        folder = (stage.state / "sessions").stat().st_mode & 0o777
        limits = open(f"/proc/{stage.process.pid}/limits").read()
        assert stage.stop() == 0 and "Sanitizer" not in stage.log(), stage.log()[-3000:]
    return {"found": found, "seen": server.seen, "sessions": sessions, "folder": folder, "limits": limits}


@pytest.fixture(scope="module")
def played():
    return play(CALD)


def test_no_secret_is_found_anywhere(played):
    secrets = [s for name, s in SECRETS.items() if name != "control"] + list(GIVEN.values())
    wrong = leaks(played["found"], secrets)
    say(f"{len(played['found'])} places, {sum(map(len, played['found'].values()))} bytes: {len(wrong)} hits")
    assert not wrong, wrong[:20]


def test_a_bearer_token_of_ours_is_not_found_either(played):
    assert not leaks(played["found"], [SECRETS["control"], "wrong-" + SECRETS["control"]])


def test_the_servers_were_really_told_the_secrets(played):
    """Or nothing would have been shown."""
    for name in ("mastodon", "webhook", "wordpress", "bluesky", "hook"):
        assert SECRETS[name] in played["seen"], (name, played["seen"])


def test_sessions_are_for_the_owner_alone(played):
    assert played["sessions"] and set(played["sessions"].values()) == {0o600}, played["sessions"]
    assert played["folder"] == 0o700


def test_no_core_is_dumped(played):
    line = next(line for line in played["limits"].splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"], line


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_others_of_the_same_user_cannot_look_into_it():
    """What may not be dumped belongs to root in /proc."""
    nobody = 65534
    with Stage(0, {}, {}) as stage:
        stage.write("cald.yaml", stage.config.read_text().replace("accounts:\n", "accounts:\n  f: {network: feed}\n"))
        for path in [stage.directory, *stage.directory.rglob("*")]:
            os.chown(path, nobody, nobody)
        stage.start(wrapper=("setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups"))
        with open(f"/proc/{stage.process.pid}/status") as status:
            assert f"Uid:\t{nobody}" in status.read()
        assert os.stat(f"/proc/{stage.process.pid}/mem").st_uid == 0


def test_a_cald_that_does_not_redact_is_found_out():
    assert leaks(play(mutant("NO_REDACTION"))["found"], SECRETS.values())

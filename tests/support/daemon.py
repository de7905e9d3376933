"""A running cald in a temporary directory, for black-box tests.

    with Daemon() as daemon:
        answer = daemon.api("POST", "/v1/posts", {"to": ["site"], "text": "hello"})
        assert answer.status == 201 and answer.json["state"] == "ready"

CALD_BUILD names the build directory. Everything listens on a Unix socket and a port of the kernel's choice.
"""
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

BUILD = Path(os.environ.get("CALD_BUILD", "build"))
SOURCE = Path(os.environ.get("CALD_SOURCE", Path(__file__).resolve().parents[2]))
CALD = BUILD / "cald"
CALCTL = BUILD / "calctl"
WRAPPER = os.environ.get("CALD_WRAPPER", "").split()  # what runs cald: valgrind

# 'no' is refused, 'doubt' stays unsure, 'later' is tried again and again: what each state needs.
ACCOUNTS = """\
  site: {network: feed, title: "Test site", language: en}
  other: {network: feed, title: "Other site"}
  silent: {network: "null"}
  no: {network: "null", answer: refused}
  doubt: {network: "null", answer: unsure}
  later: {network: "null", answer: retry}
"""

CALENDAR = """\
version: 1
timezone: Europe/Paris
slots:
  morning: {days: [mon, tue, wed, thu, fri, sat, sun], at: "09:00", to: [site, silent]}
  evening: {days: [mon, tue, wed, thu, fri, sat, sun], at: "18:00", to: [site]}
posts:
  - {id: far-away, at: 2035-01-01 09:00, to: [site], text: "Far away."}
"""

CHARTER = """\
version: 1
brand: {name: Test}
vocabulary: {forbidden: [cheap]}
checks: {alt_text: error}
"""


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = body
        kind = self.headers.get("content-type", "")
        self.json = json.loads(body) if "json" in kind and body else None

    def __repr__(self):
        return f"<{self.status} {self.body[:500]!r}>"


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path, timeout=20):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    def __init__(self, accounts=ACCOUNTS, calendar=CALENDAR, charter=CHARTER, settings="", control="", tcp=True,
                 directory=None, environment=None, program=CALD):
        self.program = program
        self.own_directory = directory is None
        # Short, because a Unix socket's path is.
        self.directory = Path(directory or tempfile.mkdtemp(prefix="cald-", dir="/tmp"))
        self.state = self.directory / "state"
        self.socket = self.state / "cald.sock"
        self.config = self.directory / "cald.yaml"
        self.log_path = self.directory / "log"
        self.environment = dict(os.environ, **(environment or {}))
        self.process = None
        self.port = None
        self.control = ["socket: state/cald.sock"] + (['listen: "127.0.0.1:0"', "tokens: tokens"] if tcp else [])
        if control:
            self.control.append(control)
        self.write("calendar.yaml", calendar)
        self.write("charter.yaml", charter)
        self.write("cald.yaml", "version: 1\ncalendar: calendar.yaml\ncharter: charter.yaml\nstate: state\n"
                   + settings + "control:\n" + "".join(f"  {line}\n" for line in self.control)
                   + "accounts:\n" + accounts)
        self.write("tokens", "# name role sha256 [expires]\n", 0o600)

    # ---- files ----

    def write(self, name, text, mode=0o644):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(path.name + ".new")
        temporary.write_bytes(text if isinstance(text, bytes) else text.encode())
        temporary.chmod(mode)
        temporary.rename(path)
        return path

    def token(self, name, role, expires=""):
        """Adds a token; returns what the client sends."""
        import hashlib
        secret = f"secret-of-{name}-0123456789abcdef"
        path = self.directory / "tokens"
        line = f"{name} {role} {hashlib.sha256(secret.encode()).hexdigest()} {expires}".rstrip()
        self.write("tokens", path.read_text() + line + "\n", 0o600)
        return secret

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # ---- the process ----

    def start(self, wait=True, wrapper=(), arguments=()):
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen([*wrapper, *WRAPPER, str(self.program), "--config", str(self.config), *arguments],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, patience=30):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"cald ended with {self.process.returncode}:\n{self.log()}")
            try:
                status = self.api("GET", "/v1/status")
                if status.status == 200:
                    url = status.json.get("url")
                    self.port = int(url.rstrip("/").rsplit(":", 1)[1]) if url else None
                    return self
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError(f"cald did not become ready:\n{self.log()}")

    def stop(self, patience=30):
        """SIGTERM; returns the exit status."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"cald did not end on SIGTERM:\n{self.log()}")
        return self.process.returncode if self.process else None

    def kill(self):
        """kill -9."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        try:
            status = self.stop()
            if kind is None:
                assert status == 0, f"cald ended with {status}:\n{self.log()}"
                assert "Sanitizer" not in self.log() and "runtime error" not in self.log(), self.log()
        finally:
            self.kill()
            if self.own_directory:
                shutil.rmtree(self.directory, ignore_errors=True)

    def log_can_be_emptied(self):
        """No statement is left half read: one would keep the database's log from being emptied, so that it grows for ever."""
        with closing(sqlite3.connect(self.state / "cald.db", timeout=5)) as database:
            return database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0

    # ---- asking ----

    def api(self, method, path, body=None, headers=None, tcp=False, token=None, timeout=20):
        """One request over the Unix socket (or TCP); body is sent as JSON unless it is bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout) if tcp \
            else UnixConnection(self.socket, timeout)
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if method in ("POST", "PATCH"):
            headers.setdefault("Content-Type", "application/json")
            if not isinstance(body, bytes):
                body = json.dumps({} if body is None else body).encode()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def raw(self, data, tcp=False, patience=3):
        """Sends bytes as they are; everything that comes back until the peer closes or 'patience' is over."""
        if tcp:
            sock = socket.create_connection(("127.0.0.1", self.port), timeout=patience)
        else:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.settimeout(patience)
            sock.connect(str(self.socket))
        received = b""
        with sock:
            try:
                sock.sendall(data)
                while True:
                    some = sock.recv(65536)
                    if not some:
                        break
                    received += some
            except OSError:
                pass
        return received

    def calctl(self, *arguments, input=None, timeout=30):
        return subprocess.run([str(CALCTL), "--config", str(self.config), *arguments], input=input, text=True,
                              capture_output=True, timeout=timeout, env=self.environment)

    def delivery(self, post, account):
        return self.api("GET", f"/v1/deliveries/{post}/{account}").json

    def wait_state(self, post, account, state, patience=20):
        """Waits until the delivery is in the state, and returns it."""
        end = time.monotonic() + patience
        delivery = None
        while time.monotonic() < end:
            delivery = self.delivery(post, account)
            if delivery and delivery.get("state") == state:
                return delivery
            time.sleep(0.05)
        raise AssertionError(f"{post}/{account} is not {state}: {delivery}\n{self.log()}")

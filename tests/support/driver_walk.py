"""A publisher of a few lines: carries what a driver asks for to a server, by driver_tool, without the daemon.

Keeps memo and session as the publisher does; what makes it different from cald: no disk, no clock, no concurrency.
"""
import hashlib
import http.client
import json
import mimetypes
import os
import struct
import subprocess
import urllib.error
import urllib.request
import zlib
from pathlib import Path

TOOL = Path(os.environ.get("CALD_BUILD", "build")) / "tests/driver_tool"


def png(width, height, shade=0):
    """A real picture of one colour, in bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes([shade, 80, 160]) * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other: drivers judge it."""

    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


class Lost(Exception):
    """The answer was lost: the step may have had its effect."""


class Walk:
    """One delivery. files: name → bytes of the pictures that the content names (see media())."""

    def __init__(self, network, options, secrets, content, slot, key="0123456789abcdef0123456789abcdef", files=None):
        self.files = files or {}
        self.tool = subprocess.Popen([TOOL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.asked = {"network": network, "options": options, "secrets": secrets, "content": content, "post_id": "p",
                      "key": key, "slot": slot, "now": slot, "memo": {}, "session": {}}
        self.names = []  # of the steps that were made

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tool.stdin.close()
        self.tool.stdout.close()
        self.tool.wait()

    @staticmethod
    def media(name, data, width, height, alt, mime="image/png", **more):
        return {"file": name, "alt": alt, "mime": mime, "sha256": hashlib.sha256(data).hexdigest(),
                "size": len(data), "width": width, "height": height} | more

    def ask(self, op, response=None):
        question = self.asked | {"op": op} | ({"response": response} if response else {})
        self.tool.stdin.write(json.dumps(question) + "\n")
        self.tool.stdin.flush()
        answer = json.loads(self.tool.stdout.readline())
        assert "error" not in answer, answer
        return answer

    def body_of(self, step):
        if step.get("media"):
            return self.files[step["media"]], {}
        if not step.get("parts"):
            return (step["body"].encode() if "body" in step else b"" if step["method"] == "POST" else None), {}
        body = b""
        for name, value, kind in step["parts"]:
            data = self.files.get(value)
            head = f'Content-Disposition: form-data; name="{name}"'
            head += f'; filename="{value}"\r\nContent-Type: {mimetypes.guess_type(value)[0]}' if data else f"\r\nContent-Type: {kind}" if kind else ""
            body += f"--limit\r\n{head}\r\n\r\n".encode() + (data or value.encode()) + b"\r\n"
        return body + b"--limit--\r\n", {"Content-Type": "multipart/form-data; boundary=limit"}

    def send(self, step):
        body, headers = self.body_of(step)
        request = urllib.request.Request(step["url"], data=body, method=step["method"],
                                         headers=dict(map(tuple, step["headers"])) | headers)
        if body is not None and not request.has_header("Content-type"):
            request.add_unredirected_header("Content-type", "")  # urllib would call it a form
        try:
            with OPENER.open(request, timeout=30) as answer:
                status, got, data = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, got, data = error.code, error.headers, error.read()
        except (OSError, http.client.HTTPException) as error:
            raise Lost(step["name"]) from error
        return {"status": status, "headers": {k.lower(): v for k, v in got.items()}, "body": data.decode()}

    def merge(self, members):
        memo = self.asked["memo"] | (members or {})
        self.asked["memo"] = {k: v for k, v in memo.items() if v is not None}

    def step(self, op="next"):
        """One step and its outcome; None when there is nothing left to do."""
        step = self.ask(op)["step"]
        if step["kind"] == "done":
            return None
        self.names.append(step["name"])
        self.merge(step.get("memo"))
        if step["kind"] == "create":
            self.asked.setdefault("first_sent", self.asked["now"])
        try:
            response = self.send(step)
        except Lost:
            self.asked["lost"] = True
            raise
        outcome = self.ask(op, response)["outcome"]
        self.merge(outcome.get("memo"))
        self.asked["session"] = outcome.get("session", self.asked["session"])
        if step["kind"] == "create":
            self.asked["lost"] = outcome["kind"] == "unsure"
        return outcome

    def later(self, seconds):
        """What now is for the driver; the server's clock goes its own way."""
        self.asked["now"] += seconds * 1000

    def run(self, op="next", until=("done", "refused", "unsure", "retry", "not-found", "wait")):
        """Steps until the outcome is one of these."""
        for _ in range(50):
            outcome = self.step(op)
            if outcome is None or outcome["kind"] in until:
                return outcome
        raise AssertionError(f"no end: {self.names}")

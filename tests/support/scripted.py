"""What the small scripted servers share: HTTP in a thread of its own, each request on disk before its answer.

    class Mind: def answer(self, request) → (status, value) or (status, value, headers)    called with the lock held
    with ScriptedServer(Mind(), log_file) as server: server.url; server.requests()

A value is sent as JSON; bytes are sent as they are, a str as plain text. With contract= (contract.py) each request is
held against the network's own description, and the end of 'with' fails if one was not as described.

    server.script({"method": "POST", "path": "/messages$", "do": "act-and-drop"})          how things go wrong

A rule: "method", "path" (regular expression of path and query), "times" (1; -1 for ever), "skip" (0), and "do":
    answer            "status", "value", "headers", without acting
    drop              close before the body is read: nothing is received
    receive-and-drop  read it, do not act, close
    act-and-drop      act, close without an answer
    half              act, send half of the answer, close
"""
import json
import os
import re
import socket
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import fault_rules

RULE = {"method", "path", "times", "skip", "do", "status", "value", "headers"}
DOINGS = {"answer", "drop", "receive-and-drop", "act-and-drop", "half"}


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status, value):
        super().__init__(value)
        self.status, self.value = status, value


class Request:
    def __init__(self, handler, body):
        parts = urllib.parse.urlsplit(handler.path)
        self.time, self.method, self.path = time.time(), handler.command, parts.path
        self.pairs = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
        self.query = dict(self.pairs)
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = body

    def fields(self):
        return json.loads(self.body or b"{}")


def encoded(value):
    """(media type, bytes)"""
    if isinstance(value, bytes):
        return "application/octet-stream", value
    if isinstance(value, str):
        return "text/plain; charset=utf-8", value.encode()
    return "application/json; charset=utf-8", json.dumps(value).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *_):
        pass

    def read(self):
        """The whole body; None when the connection ends before it does: then nothing was received."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or ""):
            return self.read_chunks()
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def read_chunks(self):
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0] or b"0", 16)
            chunk = self.rfile.read(size)
            self.rfile.readline()
            if len(chunk) < size:
                return None
            if not size:
                return body
            body += chunk

    def send(self, status, value, headers, half=False):
        kind, data = encoded(value)
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[:len(data) // 2] if half else data)

    def do_GET(self):
        rule = self.server.take_rule(self.command, self.path)
        body = None if rule.get("do") == "drop" else self.read()
        if body is None:
            self.close_connection = True
            return
        request = Request(self, body)
        self.server.record(request)
        if rule.get("do") == "answer":
            self.send(rule["status"], rule.get("value"), rule.get("headers", {}))
            return
        answer = (0, None, {}) if rule.get("do") == "receive-and-drop" else self.server.take(request)
        if rule.get("do") in ("receive-and-drop", "act-and-drop", "half"):
            self.close_connection = True
        if rule.get("do") not in ("receive-and-drop", "act-and-drop"):
            self.send(*answer, half=rule.get("do") == "half")

    do_POST = do_DELETE = do_HEAD = do_PUT = do_PATCH = do_GET


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, mind, log_file, contract):
        super().__init__(("127.0.0.1", 0), Handler)
        self.mind, self.log_file = mind, open(log_file or os.devnull, "a", encoding="utf-8")
        self.contract, self.complaints = contract, []
        self.lock, self.requests, self.rules = threading.Lock(), [], []

    def handle_error(self, *_):
        pass  # the other side died: that is what is tested

    def take_rule(self, method, path):
        with self.lock:
            return fault_rules.take(self.rules, method, path)

    def record(self, request):
        with self.lock:
            self.requests.append(request)
            self.log_file.write(json.dumps({"time": request.time, "method": request.method, "path": request.path}) + "\n")
            self.log_file.flush()
            if self.log_file.name != os.devnull:
                os.fsync(self.log_file.fileno())
            # HEAD only warms a connection up: it is no request of a driver
            elsewhere = request.path in getattr(self.mind, "elsewhere", ())  # stands for another host's
            if self.contract is not None and request.method != "HEAD" and not elsewhere:
                self.judge(request)

    def judge(self, request):
        try:
            self.complaints += self.contract.complaints(request)
        except Exception as error:  # a body that is not what its type says
            self.complaints.append(f"{request.method} {request.path}: {error!r}")

    def take(self, request):
        with self.lock:
            if request.method == "HEAD":
                return 404, None, {}
            try:
                status, value, *headers = self.mind.answer(request)
                return status, value, headers[0] if headers else {}
            except Refused as refused:
                return refused.status, refused.value, {}


class ScriptedServer:
    def __init__(self, mind, log_file=None, contract=None):
        self.mind, self.server = mind, Server(mind, log_file, contract)
        self.url = mind.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def requests(self):
        with self.server.lock:
            return list(self.server.requests)

    def script(self, *rules):
        """Adds rules; the first that fits a request is taken."""
        for rule in rules:
            if set(rule) - RULE or rule.get("do") not in DOINGS:
                raise ValueError(f"not a rule: {rule}")
            re.compile(rule.get("path", ""))
        with self.server.lock:
            self.server.rules += fault_rules.added(rules)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind=None, *_):
        self.server.shutdown()
        self.server.server_close()
        self.server.log_file.close()
        assert kind or not self.server.complaints, "\n".join(self.server.complaints)

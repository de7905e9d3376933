"""What the small servers of the fault suites share: HTTP in a thread of its own, each request on disk before its answer.

    class Mind: def answer(self, request) → (status, JSON value)       called with the lock held
    with ScriptedServer(Mind(), log_file) as server: server.url; server.requests
"""
import json
import os
import socket
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status, value):
        super().__init__(value)
        self.status, self.value = status, value


class Request:
    def __init__(self, handler, body):
        parts = urllib.parse.urlsplit(handler.path)
        self.time, self.method, self.path = time.time(), handler.command, parts.path
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = body

    def fields(self):
        return json.loads(self.body or b"{}")


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
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def do_GET(self):
        body = self.read()
        if body is None:
            self.close_connection = True
            return
        status, value = self.server.take(Request(self, body))
        data = json.dumps(value).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else data)

    do_POST = do_DELETE = do_HEAD = do_GET


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, mind, log_file):
        super().__init__(("127.0.0.1", 0), Handler)
        self.mind, self.log_file = mind, open(log_file, "a", encoding="utf-8")
        self.lock, self.requests = threading.Lock(), []

    def handle_error(self, *_):
        pass  # the other side died: that is what is tested

    def take(self, request):
        with self.lock:
            self.requests.append(request)
            self.log_file.write(json.dumps({"time": request.time, "method": request.method, "path": request.path}) + "\n")
            self.log_file.flush()
            os.fsync(self.log_file.fileno())
            if request.method == "HEAD":
                return 404, None
            try:
                return self.mind.answer(request)
            except Refused as refused:
                return refused.status, refused.value


class ScriptedServer:
    def __init__(self, mind, log_file):
        self.mind, self.server = mind, Server(mind, log_file)
        self.url = mind.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def requests(self):
        with self.server.lock:
            return list(self.server.requests)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.server.log_file.close()

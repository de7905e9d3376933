"""An HTTP endpoint for the webhook driver: keeps what it is sent, and does what a test tells it.

    with Recorder() as hook:
        hook.script("hold", match="storm")      the answer of the next request whose body has 'storm' waits for release()
        hook.posts                              what was made, in order: time, key, body (JSON), id, url
        hook.requests                           every request that arrived whole
"""
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.recorder.receive(self, body, time.time())

    def answer(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def drop(self):
        self.close_connection = True
        self.connection.close()
        self.rfile = self.wfile = open("/dev/null", "r+b")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_):
        pass  # the other side died: that is what is tested


class Recorder:
    """honours_key: a repeat under a known Idempotency-Key gets the first answer again and makes nothing."""

    def __init__(self, honours_key=True):
        self.honours_key = honours_key
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.posts, self.requests, self.rules = [], [], []
        self.remembered = {}
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.recorder = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def script(self, do, match="", times=1, status=500):
        """do: hold (act, answer only after release()), act-and-drop, drop (without acting), answer (status only),
        remember (status only, and again for ever to whoever comes under the same key)."""
        with self.lock:
            self.rules.append({"do": do, "match": match, "times": times, "status": status})

    def release(self):
        self.released.set()

    def take_rule(self, text):
        for rule in self.rules:
            if rule["times"] and rule["match"] in text:
                rule["times"] -= 1
                return rule
        return {"do": "act"}

    def make(self, key, body, at):
        """The post of this key; made unless it is there and keys are honoured."""
        known = [p for p in self.posts if self.honours_key and key and p["key"] == key]
        if known:
            return known[0]
        number = len(self.posts) + 1
        post = {"time": at, "key": key, "body": body, "id": str(number), "url": f"{self.url}/posts/{number}"}
        self.posts.append(post)
        return post

    def receive(self, handler, data, at):
        body = json.loads(data)
        with self.lock:
            key = handler.headers.get("Idempotency-Key")
            rule = self.remembered.get(key) or self.take_rule(data.decode())
            if rule["do"] == "remember":
                self.remembered[key] = rule
            self.requests.append({"time": at, "path": handler.path, "body": body,
                                  "headers": {k.lower(): v for k, v in handler.headers.items()}})
            if rule["do"] in ("act", "hold", "act-and-drop"):
                post = self.make(key, body, at)
        if rule["do"] == "hold":
            self.released.wait(60)
        if rule["do"] in ("answer", "remember"):
            handler.answer(rule["status"], {"message": "as the script says"})
        elif rule["do"] in ("drop", "act-and-drop"):
            handler.drop()
        else:
            handler.answer(201, {"id": post["id"], "url": post["url"]})

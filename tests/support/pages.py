"""A server of pages and of accounts, for what only the network can say: links that answer, mentions that exist.

/here 200 · /gone 404 · /later 503 · /robots 403 · /moved → /here · /loop → /loop · /get answers only GET · /silent never
"""
import http.server
import json
import threading
import urllib.parse

ACCOUNTS = {"anna", "anna.example.org"}


class Pages:
    def __init__(self):
        self.asked, self.wait = [], threading.Event()
        pages = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                pages.asked.append((self.command, self.path, dict(self.headers)))
                url = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(url.query))
                name = query.get("acct") or query.get("handle") or ""
                if name:
                    found = name in ACCOUNTS
                    missing = 400 if "resolveHandle" in url.path else 404
                    body = {"acct": name, "did": "did:plc:abcdefghijklmnopqrstuvwx"} if found else {"error": "InvalidRequest"}
                    return self.say(200 if found else missing, json.dumps(body), "application/json")
                if url.path == "/silent":
                    pages.wait.wait(60)
                    return self.say(200)
                status = {"/gone": 404, "/later": 503, "/robots": 403, "/moved": 301, "/loop": 302}.get(url.path, 200)
                if url.path == "/get" and self.command == "HEAD":
                    status = 405
                self.say(status, "x" * 10)

            def say(self, status, body="", kind="text/html"):
                self.send_response(status)
                if status in (301, 302):
                    self.send_header("Location", {"/moved": "here", "/loop": "/loop"}[self.path])
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body.encode())

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def paths(self):
        return [path for _, path, _ in self.asked]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wait.set()
        self.server.shutdown()
        self.server.server_close()

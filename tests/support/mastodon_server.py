#!/usr/bin/python3
"""A scripted Mastodon on loopback: what the client API does, and its unpleasant sides on demand.

    python3 mastodon_server.py --port 0 [--flavour pixelfed] [--log FILE]     prints its URL as the first line

    with MastodonServer(max_characters=600) as server:                        in a test
        server.script({"method": "POST", "path": "/api/v1/statuses", "do": "act-and-drop"})
        server.statuses(); server.log()

Real: token and scopes, instance, media with processing, statuses with Idempotency-Key (one hour, stored only
after the status was made: a repeat sent meanwhile makes a second one), replies, lengths, rate-limit headers with
microseconds, the account's list with HTML, sources. Flavours: pixelfed (a key answers 400 for an hour and is
stored first; needs media or a parent), gotosocial (keys are ignored).

Run time control, never logged and without token:
    POST /_script   one rule or a list: {"method", "path" (regular expression of path and query), "times" (1; -1 for
                    ever), "skip" (0), "delay", "delay_answer" (s), "do", …}; [] removes all rules. "do" is one of
        act            as usual (for the delays)
        answer         "status", "headers", "body" (JSON value or text) without acting
        rate-limit     429, reset in "reset" seconds
        drop           close before the body is read
        receive-and-drop  read it, do not act, close
        act-and-drop   act, close without an answer
        half           act, send half of the answer, close
    POST /_config   {"flavour", "max_characters", "processing", "processing_fails", "create_delay", "key_lifetime",
                     "image_bytes", "image_pixels", "image_types", "limit", "window", "clock" (s ahead), "scopes", "token"}
    GET /_log       every fully received request in order: time, connection, method, path, headers, body, key
    GET /_statuses  what was published, oldest first, with "text", "key", "made" (time) and "deleted"
"""
import argparse
import base64
import email.parser
import email.policy
import hashlib
import html
import json
import os
import re
import socket
import struct
import threading
import time
import unicodedata
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import fault_rules

LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]}'»]")
MENTION = re.compile(r"(?<![\w/@])@([A-Za-z0-9_]+)(@[A-Za-z0-9.-]+[A-Za-z0-9])?")
HASHTAG = re.compile(r"(?<![\w/&])#(\w*[^\W\d]\w*)")
SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif",
              b"RIFF": "image/webp", b"\0\0\0\x14ftyp": "video/mp4"}
VERSIONS = {"mastodon": "4.3.1", "pixelfed": "3.5.3 (compatible; Pixelfed 0.12.3)", "gotosocial": "0.17.3 git-6d7fa2b"}
SOURCES = {"mastodon": "https://github.com/mastodon/mastodon", "pixelfed": "https://github.com/pixelfed/pixelfed",
           "gotosocial": "https://codeberg.org/superseriousbusiness/gotosocial"}
BODY_MOST = 64 * 1024 * 1024


class Refused(Exception):
    """An answer that is an error: status and Mastodon's words."""

    def __init__(self, status, error):
        super().__init__(error)
        self.status, self.error = status, error


# ---- texts ----

def length_of(text):
    """Graphemes, nearly: code points without combining marks, joiners and what they join."""
    text = LINK.sub("x" * 23, text)
    text = MENTION.sub(lambda m: "@" + m.group(1), text)
    text = re.sub("\u200d.", "", text)
    return sum(1 for c in text if not unicodedata.combining(c) and c not in "\ufe0e\ufe0f")


def link_html(url):
    """As Mastodon's formatter: scheme hidden, 30 characters shown, the rest hidden."""
    prefix = re.match(r"https?://(www\.)?", url).group(0)
    shown, rest = url[len(prefix):len(prefix) + 30], url[len(prefix) + 30:]
    e = html.escape
    return (f'<a href="{e(url)}" target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">{e(prefix)}'
            f'</span><span class="{"ellipsis" if rest else ""}">{e(shown)}</span><span class="invisible">{e(rest)}</span></a>')


def html_of(text, base):
    """Paragraphs, line breaks, links, mentions without domain, hashtags."""
    def mention(match):
        return (f'<span class="h-card" translate="no"><a href="{base}/{match.group(0)}" class="u-url mention">@<span>'
                f"{match.group(1)}</span></a></span>")

    def hashtag(match):
        return f'<a href="{base}/tags/{match.group(1)}" class="mention hashtag" rel="tag">#<span>{match.group(1)}</span></a>'

    def words(piece):
        return HASHTAG.sub(hashtag, MENTION.sub(mention, html.escape(piece)))

    def line(piece):
        out, at = [], 0
        for match in LINK.finditer(piece):
            out += [words(piece[at:match.start()]), link_html(match.group(0))]
            at = match.end()
        return "".join(out + [words(piece[at:])])

    paragraphs = re.split(r"\n{2,}", text.strip()) if text.strip() else []
    return "".join("<p>" + "<br />".join(line(one) for one in p.split("\n")) + "</p>" for p in paragraphs)


def iso(seconds, digits=3):
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}"[:digits] + "Z"


# ---- the server's mind ----

class Mastodon:
    """Accounts, media and statuses; knows no HTTP but its statuses. All calls with the lock held."""

    def __init__(self, config):
        self.config = config
        self.url = ""
        self.statuses, self.media, self.keys, self.last_id = [], {}, {}, 0
        self.window = {}  # name of a limit → [start of its window, requests]

    def now(self):
        return time.time() + self.config["clock"]

    def new_id(self):
        self.last_id = max(self.last_id + 1, int(self.now() * 1000) << 16)
        return str(self.last_id)

    def account(self):
        return {"id": "1", "username": "alice", "acct": "alice", "url": f"{self.url}/@alice", "display_name": "Alice"}

    def instance(self, version):
        flavour = self.config["flavour"]
        host = self.url.split("//")[1]
        configuration = {
            "statuses": {"max_characters": self.config["max_characters"], "max_media_attachments": 4,
                         "characters_reserved_per_url": 23},
            "media_attachments": {"supported_mime_types": self.config["image_types"], "description_limit": 1500,
                                  "image_size_limit": self.config["image_bytes"],
                                  "image_matrix_limit": self.config["image_pixels"]}}
        common = {"version": VERSIONS[flavour], "title": "scripted", "configuration": configuration}
        if version == 1:
            return common | {"uri": host}
        return common | {"domain": host, "source_url": SOURCES[flavour], "api_versions": {"mastodon": 2}}

    def count(self, name, limit, window):
        """One request more of this limit: what its headers say, and whether it is too many."""
        start, used = self.window.get(name, (self.now(), 0))
        if self.now() >= start + window:
            start, used = self.now(), 0
        self.window[name] = (start, used + 1)
        return {"limit": limit, "remaining": max(0, limit - used - 1), "reset": start + window, "over": used >= limit}

    # -- media --

    def add_media(self, fields):
        file = fields.get("file")
        if not isinstance(file, bytes):
            raise Refused(422, "Validation failed: File can't be blank")
        if len(file) > self.config["image_bytes"] and not file[4:].startswith(b"ftyp"):
            raise Refused(422, f"Validation failed: File size must be less than {self.config['image_bytes']} bytes")
        mime = next((m for s, m in SIGNATURES.items() if file.startswith(s)), None)
        if mime not in self.config["image_types"]:
            raise Refused(422, "Validation failed: File content type is invalid, File is invalid")
        description = fields.get("description") or ""
        if len(description) > 1500:
            raise Refused(422, "Validation failed: Description is too long (maximum is 1500 characters)")
        one = {"id": self.new_id(), "ready": self.now() + self.config["processing"], "description": description,
               "mime": mime, "size": len(file), "sha256": hashlib.sha256(file).hexdigest(), "status": None}
        self.media[one["id"]] = one
        return one

    def media_is_ready(self, one):
        return self.now() >= one["ready"]

    def media_json(self, one):
        ready = self.media_is_ready(one)
        return {"id": one["id"], "type": one["mime"].split("/")[0], "url": f"{self.url}/media/{one['id']}" if ready else None,
                "description": one["description"] or None}

    # -- statuses --

    def find_status(self, id):
        return next((s for s in self.statuses if s["id"] == id and not s["deleted"]), None)

    def check_media(self, ids):
        if len(ids) > 4:
            raise Refused(422, "Validation failed: Cannot attach more than 4 files")
        for id in ids:
            one = self.media.get(id)
            if not one or one["status"]:
                raise Refused(422, f"Validation failed: Media {id} not found or already attached to another post")
            if not self.media_is_ready(one):
                raise Refused(422, "Cannot attach files that have not finished processing. Try again in a moment!")

    def check_status(self, fields):
        text, warning = fields.get("status") or "", fields.get("spoiler_text") or ""
        ids, parent = fields.get("media_ids") or [], fields.get("in_reply_to_id")
        if parent is not None and not self.find_status(parent):
            raise Refused(404, "The post you are trying to reply to does not appear to exist.")
        self.check_media(ids)
        if self.config["flavour"] == "pixelfed" and not ids and parent is None:
            raise Refused(403, "Unauthorized")
        if not text.strip() and not ids:
            raise Refused(422, "Validation failed: Text can't be blank")
        if length_of(text) + length_of(warning) > self.config["max_characters"]:
            raise Refused(422, f"Validation failed: Text character limit of {self.config['max_characters']} exceeded")
        if fields.get("visibility", "public") not in ("public", "unlisted", "private", "direct"):
            raise Refused(422, "Validation failed: Visibility is not included in the list")

    def add_status(self, fields, key):
        id = self.new_id()
        status = {"id": id, "text": fields.get("status") or "", "spoiler_text": fields.get("spoiler_text") or "",
                  "visibility": fields.get("visibility", "public"), "language": fields.get("language"),
                  "sensitive": bool(fields.get("sensitive")), "in_reply_to_id": fields.get("in_reply_to_id"),
                  "media_ids": fields.get("media_ids") or [], "key": key, "made": self.now(), "deleted": False}
        for one in status["media_ids"]:
            self.media[one]["status"] = id
        self.statuses.append(status)
        return status

    def status_json(self, s):
        return {"id": s["id"], "created_at": iso(s["made"]), "in_reply_to_id": s["in_reply_to_id"],
                "sensitive": s["sensitive"], "spoiler_text": s["spoiler_text"], "visibility": s["visibility"],
                "language": s["language"], "uri": f"{self.url}/users/alice/statuses/{s['id']}",
                "url": f"{self.url}/@alice/{s['id']}", "content": html_of(s["text"], self.url), "reblog": None,
                "media_attachments": [self.media_json(self.media[m]) for m in s["media_ids"]],
                "account": self.account(), "card": None, "replies_count": 0, "reblogs_count": 0, "favourites_count": 0}

    def known_key(self, key):
        """The status of a key that is remembered; None when it is new."""
        made, id = self.keys.get(key, (0, None))
        if not key or self.config["flavour"] == "gotosocial" or self.now() >= made + self.config["key_lifetime"]:
            return None
        if self.config["flavour"] == "pixelfed":
            raise Refused(400, "Duplicate idempotency key.")
        status = self.find_status(id)
        if not status:
            raise Refused(404, "Record not found")
        return status

    def list_statuses(self, query):
        limit = min(int(query.get("limit", "20")), 40)
        found = [s for s in reversed(self.statuses) if not s["deleted"]]
        for name, keep in (("max_id", lambda a, b: a < b), ("since_id", lambda a, b: a > b), ("min_id", lambda a, b: a > b)):
            if name in query:
                found = [s for s in found if keep(int(s["id"]), int(query[name]))]
        return [self.status_json(s) for s in found[:limit]]


# ---- HTTP ----

def fields_of(content_type, body):
    """The fields of JSON, form or multipart; "x[]" gives a list x; files are bytes."""
    kind = content_type.split(";")[0].strip().lower()
    if kind == "application/json":
        try:
            fields = json.loads(body or b"{}")
        except ValueError:
            raise Refused(400, "There was a problem parsing the JSON") from None
        return fields if isinstance(fields, dict) else {}
    fields = {}
    if kind == "multipart/form-data":
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        pairs = []
        for part in message.iter_parts():
            content = part.get_payload(decode=True)
            is_file = part.get_filename() is not None
            pairs.append((part.get_param("name", header="content-disposition"), content if is_file else content.decode()))
    else:
        pairs = urllib.parse.parse_qsl(body.decode(), keep_blank_values=True)
    for name, value in pairs:
        if name.endswith("[]"):
            fields.setdefault(name[:-2], []).append(value)
        else:
            fields[name] = value
    return fields


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    routes = []  # (method, pattern, function name, scope or None)

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.server.lock:
            self.server.connections += 1
            self.number = self.server.connections

    def log_message(self, *_):
        pass

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.handle_request
        raise AttributeError(name)

    # -- one request --

    def handle_request(self):
        if self.path.startswith("/_"):
            self.control()
            return
        rule = self.server.take_rule(self.command, self.path)
        what = rule.get("do", "act")
        if what == "drop":
            self.drop()
            return
        body = self.read_body()
        self.server.record(self, body)
        time.sleep(rule.get("delay", 0))
        if what == "receive-and-drop":
            self.drop()
            return
        status, headers, answer = self.answer_of(rule, what, body)
        time.sleep(rule.get("delay_answer", 0))
        if what == "act-and-drop":
            self.drop()
        else:
            self.send(status, headers, answer, half=what == "half")

    def answer_of(self, rule, what, body):
        if what == "answer":
            return rule.get("status", 200), rule.get("headers", {}), rule.get("body", "")
        if what == "rate-limit":
            reset = iso(self.server.mind.now() + rule.get("reset", 300), 6)
            return 429, {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, \
                {"error": "Too many requests"}
        try:
            status, answer, limits = self.act(body)
        except Refused as refused:
            status, answer, limits = refused.status, {"error": refused.error}, getattr(refused, "limits", None)
        return status, self.limit_headers(limits), answer

    @staticmethod
    def limit_headers(limits):
        if not limits:
            return {}
        return {"X-RateLimit-Limit": str(limits["limit"]), "X-RateLimit-Remaining": str(limits["remaining"]),
                "X-RateLimit-Reset": iso(limits["reset"], 6)}

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), BODY_MOST))
        body = b""
        while size := int(self.rfile.readline(100).split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline(10)
        self.rfile.readline(10)
        return body

    def drop(self):
        """Closes at once; what was not read yet makes it a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
        self.rfile = self.wfile = open(os.devnull, "r+b")

    def send(self, status, headers, answer, half=False):
        data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        if isinstance(answer, str):
            headers = {"Content-Type": "text/html; charset=utf-8"} | headers
        else:
            headers = {"Content-Type": "application/json; charset=utf-8"} | headers
        self.server_version, self.sys_version = "scripted", ""
        self.send_response_only(status)
        self.send_header("Date", datetime.fromtimestamp(self.server.mind.now(), timezone.utc)
                         .strftime("%a, %d %b %Y %H:%M:%S GMT"))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[:len(data) // 2] if half else data)
        if half:
            self.wfile.flush()
            self.close_connection = True

    # -- acting as Mastodon --

    def act(self, body):
        parts = urllib.parse.urlsplit(self.path)
        for method, pattern, name, scope in self.routes:
            match = re.fullmatch(pattern, parts.path)
            if match and method == self.command:
                limits = self.check_token(scope, name) if scope else None
                try:
                    status, answer = getattr(self, name)(match, dict(urllib.parse.parse_qsl(parts.query)), body)
                except Refused as refused:
                    refused.limits = limits
                    raise
                return status, answer, limits
        raise Refused(404, "Not Found")

    def check_token(self, scope, name):
        mind, config = self.server.mind, self.server.mind.config
        if self.headers.get("Authorization") != "Bearer " + config["token"]:
            raise Refused(401, "The access token is invalid")
        if not {scope, scope.split(":")[0]} & set(config["scopes"].split()):
            raise Refused(403, "This action is outside the authorized scopes")
        with self.server.lock:
            limits = [mind.count("all", config["limit"], config["window"])]
            if name == "post_status":
                limits.append(mind.count("statuses", 300, 3 * 3600))
            if name == "post_media":
                limits.append(mind.count("media", 30, 1800))
        nearest = min(limits, key=lambda one: one["remaining"])
        if any(one["over"] for one in limits):
            refused = Refused(429, "Too many requests")
            refused.limits = nearest
            raise refused
        return nearest

    def get_instance(self, match, _query, _body):
        version = int(match.group(1))
        if version == 2 and self.server.mind.config["no_v2"]:
            raise Refused(404, "Not Found")
        return 200, self.server.mind.instance(version)

    def get_account(self, _match, _query, _body):
        return 200, self.server.mind.account()

    def get_list(self, match, query, _body):
        if match.group(1) != "1":
            raise Refused(404, "Record not found")
        with self.server.lock:
            return 200, self.server.mind.list_statuses(query)

    def post_media(self, _match, _query, body):
        with self.server.lock:
            one = self.server.mind.add_media(fields_of(self.headers.get("Content-Type", ""), body))
            return (200 if self.server.mind.media_is_ready(one) else 202), self.server.mind.media_json(one)

    def get_media(self, match, _query, _body):
        with self.server.lock:
            mind = self.server.mind
            one = mind.media.get(match.group(1))
            if not one:
                raise Refused(404, "Record not found")
            if not mind.media_is_ready(one):
                return 206, mind.media_json(one)
            if mind.config["processing_fails"]:
                raise Refused(422, "There was a problem processing the media attachment")
            return 200, mind.media_json(one)

    def post_status(self, _match, _query, body):
        """Looks for the key, makes the status, and only then stores the key: with create_delay, the race."""
        server, mind = self.server, self.server.mind
        key = self.headers.get("Idempotency-Key")
        fields = fields_of(self.headers.get("Content-Type", ""), body)
        with server.lock:
            known = mind.known_key(key)
            if known:
                return 200, mind.status_json(known)
            if mind.config["flavour"] == "pixelfed" and key:
                mind.keys[key] = (mind.now(), None)
            mind.check_status(fields)
        time.sleep(mind.config["create_delay"])
        with server.lock:
            status = mind.add_status(fields, key)
            if key:
                mind.keys[key] = (mind.now(), status["id"])
            return 200, mind.status_json(status)

    def get_status(self, match, _query, _body):
        with self.server.lock:
            status = self.server.mind.find_status(match.group(1))
            if not status:
                raise Refused(404, "Record not found")
            if match.group(2):
                return 200, {"id": status["id"], "text": status["text"], "spoiler_text": status["spoiler_text"]}
            return 200, self.server.mind.status_json(status)

    def delete_status(self, match, _query, _body):
        with self.server.lock:
            status = self.server.mind.find_status(match.group(1))
            if not status:
                raise Refused(404, "Record not found")
            status["deleted"] = True
            return 200, self.server.mind.status_json(status)

    def put_status(self, match, _query, body):
        """What is not given is taken away, as there; what says the same is no edit."""
        fields = fields_of(self.headers.get("Content-Type", ""), body)
        with self.server.lock:
            mind = self.server.mind
            status = mind.find_status(match.group(1))
            if not status:
                raise Refused(404, "Record not found")
            mind.check_status({"status": fields.get("status"), "spoiler_text": fields.get("spoiler_text")}
                              | ({} if fields.get("status") else {"media_ids": fields.get("media_ids")}))
            if set(fields.get("media_ids") or []) - set(status["media_ids"]):
                raise Refused(422, "Validation failed: Media not found or already attached to another post")
            after = {"text": fields.get("status") or "", "spoiler_text": fields.get("spoiler_text") or "",
                     "media_ids": fields.get("media_ids") or [], "language": fields.get("language", status["language"]),
                     "sensitive": bool(fields.get("sensitive"))}
            if any(status[name] != value for name, value in after.items()):
                status.setdefault("edits", []).append(status["text"])
            status.update(after)
            for one in fields.get("media_attributes") or []:
                mind.media[one["id"]]["description"] = one["description"]
            return 200, mind.status_json(status)

    # -- the test's side --

    def control(self):
        body = self.read_body()
        try:
            what = json.loads(body or b"null")
            if self.command == "GET":
                answer = {"/_log": self.server.log, "/_statuses": self.server.statuses}[self.path]()
            else:
                answer = {"/_script": self.server.script, "/_config": self.server.configure}[self.path](what)
            self.send(200, {}, answer if answer is not None else {})
        except (KeyError, ValueError, TypeError, re.error) as error:
            self.send(400, {}, {"error": repr(error)})


Handler.routes = [
    ("GET", r"/api/v([12])/instance", "get_instance", None),
    ("GET", r"/api/v1/accounts/verify_credentials", "get_account", "read:accounts"),
    ("GET", r"/api/v1/accounts/([^/]+)/statuses", "get_list", "read:statuses"),
    ("POST", r"/api/v[12]/media", "post_media", "write:media"),
    ("GET", r"/api/v1/media/([^/]+)", "get_media", "write:media"),
    ("POST", r"/api/v1/statuses", "post_status", "write:statuses"),
    ("GET", r"/api/v1/statuses/([^/]+)(/source)?", "get_status", "read:statuses"),
    ("PUT", r"/api/v1/statuses/([^/]+)", "put_status", "write:statuses"),
    ("DELETE", r"/api/v1/statuses/([^/]+)", "delete_status", "write:statuses"),
]

CONFIG = {"flavour": "mastodon", "max_characters": 500, "processing": 0.0, "processing_fails": False,
          "create_delay": 0.0, "key_lifetime": 3600.0, "limit": 300, "window": 300.0, "clock": 0.0, "no_v2": False,
          "image_bytes": 16777216, "image_pixels": 33177600, "image_types": sorted(set(SIGNATURES.values())),
          "scopes": "write:statuses write:media read:statuses read:accounts", "token": "test-token"}
RULE = {"method", "path", "times", "skip", "delay", "delay_answer", "do", "status", "headers", "body", "reset"}
DOINGS = {"act", "answer", "rate-limit", "drop", "receive-and-drop", "act-and-drop", "half"}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port, config, log_file):
        self.lock = threading.RLock()
        self.mind = Mastodon(config)
        self.rules, self.requests, self.connections = [], [], 0
        self.log_file = open(log_file, "a", encoding="utf-8") if log_file else None
        super().__init__(("127.0.0.1", port), Handler)
        self.mind.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        pass  # the other side went away: that is what many tests do

    def take_rule(self, method, path):
        with self.lock:
            return fault_rules.take(self.rules, method, path)

    def record(self, handler, body):
        """Written, and synced, before anything is done about the request."""
        try:
            text = {"body": body.decode()}
        except UnicodeDecodeError:
            text = {"body_base64": base64.b64encode(body).decode()}
        one = {"time": time.time(), "connection": handler.number, "method": handler.command, "path": handler.path,
               "headers": {k.lower(): v for k, v in handler.headers.items()}, "sha256": hashlib.sha256(body).hexdigest(),
               "key": handler.headers.get("Idempotency-Key")} | text
        with self.lock:
            self.requests.append(one)
            if self.log_file:
                self.log_file.write(json.dumps(one) + "\n")
                self.log_file.flush()
                os.fsync(self.log_file.fileno())

    def log(self):
        with self.lock:
            return list(self.requests)

    def statuses(self):
        with self.lock:
            return [dict(s) for s in self.mind.statuses]

    def script(self, rules):
        rules = rules if isinstance(rules, list) else [rules]
        for rule in rules:
            if set(rule) - RULE or rule.get("do", "act") not in DOINGS:
                raise ValueError(f"not a rule: {rule}")
            re.compile(rule.get("path", ""))
        with self.lock:
            self.rules = self.rules + fault_rules.added(rules) if rules else []

    def configure(self, changes):
        if set(changes) - set(CONFIG):
            raise ValueError(f"unknown: {sorted(set(changes) - set(CONFIG))}")
        with self.lock:
            self.mind.config.update(changes)


class MastodonServer:
    """For tests: a server in a thread. 'with' starts and stops it; keywords as in /_config."""

    def __init__(self, port=0, log_file=None, **config):
        if set(config) - set(CONFIG):
            raise ValueError(f"unknown: {sorted(set(config) - set(CONFIG))}")
        self.server = Server(port, CONFIG | config, log_file)
        self.url, self.token = self.server.mind.url, self.server.mind.config["token"]
        self.script, self.configure = self.server.script, self.server.configure
        self.log, self.statuses = self.server.log, self.server.statuses

    def start(self):
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    __enter__ = start

    def __exit__(self, *_):
        self.stop()


def main():
    parser = argparse.ArgumentParser(description="A scripted Mastodon on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--flavour", choices=sorted(VERSIONS), default="mastodon")
    parser.add_argument("--token", default=CONFIG["token"])
    parser.add_argument("--log", help="append every request to this file, synced, before it is answered")
    options = parser.parse_args()
    server = Server(options.port, CONFIG | {"flavour": options.flavour, "token": options.token}, options.log)
    print(server.mind.url, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()

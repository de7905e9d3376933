"""A small X (API v2, OAuth 2 and 1.0a), as far as cald asks: users/me, posts, media, the token endpoint.

Refresh tokens are good for one use: who shows a used one loses the whole family, as people report of X. OAuth 1.0a
signatures are worked out here with Python's own hmac. Posts are in .posts, oldest first; tokens that were given in
.issued; what goes wrong is scripted (scripted.py). spelling: "post" or "tweet", the name of query and members.
"""
import base64
import hashlib
import hmac
import re
import time
import urllib.parse

from contract import Contract, parts_of
from scripted import Refused, ScriptedServer

CONSUMER, CONSUMER_SECRET, TOKEN, TOKEN_SECRET = "consumerkey0", "consumer-secret-0", "42-accesstoken0", "token-secret-000"
CLIENT, CLIENT_SECRET = "clientid0", "client-secret-000"
DUPLICATE = {"title": "Forbidden", "type": "about:blank", "status": 403,
             "detail": "You are not allowed to create a Tweet with duplicate content."}


def quote(text):
    return urllib.parse.quote(text, safe="~")


def signature(method, url, pairs, consumer_secret, token_secret):
    """RFC 5849 section 3.4."""
    listed = "&".join(f"{k}={v}" for k, v in sorted((quote(k), quote(v)) for k, v in pairs))
    base = "&".join(map(quote, (method, url, listed)))
    key = f"{quote(consumer_secret)}&{quote(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def form_of(request):
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    return dict(urllib.parse.parse_qsl(request.body.decode(), strict_parsing=True))


class X:
    def __init__(self, spelling="post", life=7200, secret=CLIENT_SECRET):
        self.url, self.spelling, self.life, self.secret = None, spelling, life, secret
        self.posts, self.media, self.ids, self.nonces = [], {}, 1000, set()
        self.access, self.refresh, self.used, self.issued = set(), set(), set(), []
        self.codes = {}  # code → (challenge, redirect)
        self.scope = "tweet.read tweet.write users.read media.write offline.access"
        self.refreshes, self.reused, self.more = 0, 0, {}  # more: of the token's answer
        self.on_request = None  # called with each request, before its answer

    # ---- tokens ----

    def issue(self):
        n = len(self.issued)
        pair = {"access_token": f"access-token-{n:04}", "refresh_token": f"refresh-token-{n:04}"}
        self.access, self.refresh = {pair["access_token"]}, {pair["refresh_token"]}
        self.issued.append(pair)
        return pair | {"token_type": "bearer", "expires_in": self.life, "scope": self.scope} | self.more

    def login(self, made=None):
        """What a session of cald holds after a login, made so many seconds ago."""
        pair = self.issue()
        made = int((time.time() - (made or 0)) * 1000)
        return {"access_token": pair["access_token"], "refresh_token": pair["refresh_token"], "made_at": made,
                "expires_at": made + self.life * 1000}

    def code(self, query):
        """What the person's browser brings back, from the address that was opened."""
        assert query["response_type"] == "code" and query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256" and set(query["scope"].split()) == set(self.scope.split())
        code = f"code-{len(self.codes):04}-of-x"
        self.codes[code] = (query["code_challenge"], query["redirect_uri"])
        return code

    def token(self, request):
        form = form_of(request)
        if self.secret:
            basic = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
            if request.headers.get("authorization") != f"Basic {basic}":
                raise Refused(401, {"error": "invalid_client"})
        elif form.get("client_id") != CLIENT:
            raise Refused(401, {"error": "invalid_client"})
        if form["grant_type"] == "authorization_code":
            challenge, redirect = self.codes.pop(form["code"], (None, None))
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if challenge != base64.urlsafe_b64encode(digest).decode().rstrip("=") or redirect != form["redirect_uri"]:
                raise Refused(400, {"error": "invalid_request", "error_description": "Value passed for the authorization code was invalid."})
            return 200, self.issue()
        assert form["grant_type"] == "refresh_token"
        if form["refresh_token"] in self.used:
            self.access, self.refresh, self.reused = set(), set(), self.reused + 1  # the whole family
        if form["refresh_token"] not in self.refresh:
            raise Refused(400, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."})
        self.used.add(form["refresh_token"])
        self.refreshes += 1
        return 200, self.issue()

    def authorise(self, request):
        given = request.headers.get("authorization", "")
        if given.startswith("OAuth "):
            pairs = [(k, urllib.parse.unquote(v)) for k, v in re.findall(r'(\w+)="([^"]*)"', given)]
            told = dict(pairs)
            assert told["oauth_nonce"] not in self.nonces and abs(int(told["oauth_timestamp"]) - time.time()) < 86400
            self.nonces.add(told["oauth_nonce"])
            signed = [(k, v) for k, v in pairs if k != "oauth_signature"] + request.pairs
            good = signature(request.method, self.url + request.path, signed, CONSUMER_SECRET, TOKEN_SECRET)
            if told["oauth_consumer_key"] == CONSUMER and told["oauth_token"] == TOKEN and told["oauth_signature"] == good:
                return
        elif given.removeprefix("Bearer ") in self.access:
            return
        raise Refused(401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"})

    # ---- media ----

    def new_id(self):
        self.ids += 1
        return str(self.ids)

    def upload(self, request):
        step = request.path.removeprefix("/2/media/")
        if step == "metadata":
            told = request.fields()
            self.media[told["id"]]["alt"] = told["metadata"]["alt_text"]["text"]
            return 200, {"data": {"id": told["id"]}}
        if step == "upload" and request.method == "GET":
            one = self.media[request.query["media_id"]]
            one["asked"] += 1
            state = "succeeded" if one["asked"] > 1 else "in_progress"
            return 200, {"data": {"id": request.query["media_id"], "processing_info": {"state": state, "check_after_secs": 1}}}
        if step.endswith(("/append", "/finalize")):
            _, number, what = step.split("/")
            one = self.media[number]
            if what == "append":
                parts = parts_of(request)
                one["pieces"][int(parts["segment_index"])] = parts["media"]
                return 200, {"data": {"expires_at": int(time.time()) + 86400}}
            whole = b"".join(one["pieces"][i] for i in sorted(one["pieces"]))
            assert len(whole) == one["total"]
            one["bytes"] = whole
            return 200, {"data": {"id": number, "processing_info": {"state": "pending", "check_after_secs": 1}}}
        number = self.new_id()
        if step == "upload/initialize":
            told = request.fields()
            self.media[number] = {"pieces": {}, "total": told["total_bytes"], "kind": told["media_category"], "asked": 0}
        else:
            parts = parts_of(request)
            self.media[number] = {"bytes": parts["media"], "kind": parts["media_category"]}
        return 200, {"data": {"id": number, "media_key": f"3_{number}", "expires_after_secs": 86400}}

    # ---- posts ----

    def create(self, request):
        told = request.fields()
        parent = told.get("reply", {}).get("in_reply_to_tweet_id")
        if any(p["told"].get("text") == told["text"] and p["parent"] == parent for p in self.posts):
            raise Refused(403, DUPLICATE)
        images = told.get("media", {}).get("media_ids", [])
        assert all("bytes" in self.media[number] for number in images)
        one = {"id": self.new_id(), "told": told, "parent": parent, "images": images, "alts": [self.media[i].get("alt") for i in images]}
        one["conversation"] = next((p["conversation"] for p in self.posts if p["id"] == parent), one["id"])
        one["time"] = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        self.posts.append(one)
        return 201, {"data": {"id": one["id"], "text": told["text"], f"edit_history_{self.spelling}_ids": [one["id"]]}}

    def shown(self, one):
        """As X shows a post: links as t.co, & < > escaped, images as a link at the end."""
        urls, text = [], one["told"]["text"].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        def short(match):
            urls.append({"url": f"https://t.co/a{len(urls)}", "expanded_url": match[0].replace("&amp;", "&")})
            return urls[-1]["url"]
        text = re.sub(r"https?://\S+", short, text)
        if one["images"]:
            urls.append({"url": "https://t.co/pic", "expanded_url": f"https://x.com/chalet/status/{one['id']}/photo/1"})
            text += " https://t.co/pic"
        post = {"id": one["id"], "text": text, "conversation_id": one["conversation"], "created_at": one["time"]}
        post |= {"entities": {"urls": urls}} if urls else {}
        return post | ({"attachments": {"media_keys": [f"3_{i}" for i in one["images"]]}} if one["images"] else {})

    def listed(self, request):
        if f"{self.spelling}.fields" not in request.query:
            raise Refused(400, {"title": "Invalid Request", "type": "https://api.x.com/2/problems/invalid-request",
                                "detail": "One or more parameters to your request was invalid."})
        found = [self.shown(p) for p in reversed(self.posts) if p["time"] >= request.query["start_time"]]
        return 200, ({"data": found} if found else {}) | {"meta": {"result_count": len(found)}}

    def answer(self, request):
        if request.path == "/2/oauth2/token":
            return self.token(request)
        if request.path == "/2/oauth2/revoke":
            self.access, self.refresh = set(), set()
            return 200, {"revoked": True}
        self.authorise(request)
        if self.on_request:
            self.on_request(request)
        if request.path == "/2/users/me":
            return 200, {"data": {"id": "42", "name": "Chalet", "username": "chalet"}}
        if request.path.startswith("/2/media/"):
            return self.upload(request)
        if request.path == "/2/tweets":
            return self.create(request)
        assert request.path == "/2/users/42/tweets", request.path
        return self.listed(request)


class Judge:
    """X's description judges all but the token endpoint, which it does not describe."""

    def __init__(self, contract):
        self.contract = contract

    def complaints(self, request):
        return [] if request.path.startswith("/2/oauth2/") else self.contract.complaints(request)


class XServer(ScriptedServer):
    def __init__(self, contract="x", **options):
        found = contract and Contract.find(contract)
        super().__init__(X(**options), contract=Judge(found) if found else None)

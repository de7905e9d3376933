"""A small PDS: sessions, blobs and records as com.atproto.* has them, as far as cald asks.

Real: the record key is the caller's and must be a TID; an identical record under it changes nothing, another one is
InvalidSwap; blobs are named by their content and must be there; a reply names records that are there, by uri and cid.
The video service is here, too: it puts a video on the server by the token that it was given, and knows it again.
"""
import base64
import hashlib
import json
import re
import time

from scripted import Refused, ScriptedServer

DID, HANDLE, PASSWORD = "did:plc:abcdefghijklmnopqrstuvwx", "cal.test", "app-pass-word-0123"
POSTS = "app.bsky.feed.post"


def cid(codec, data):
    """CIDv1 with SHA-256 in base32."""
    return "b" + base64.b32encode(bytes([1, codec, 0x12, 0x20]) + hashlib.sha256(data).digest()).decode().lower().rstrip("=")


def token(kind, number):
    now = int(time.time())
    parts = [{"alg": "none"}, {"scope": kind, "iat": now, "exp": now + 7200, "jti": str(number)}, "signature"]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def refuse(error, message, status=400):
    raise Refused(status, {"error": error, "message": message})


class Bluesky:
    def __init__(self):
        self.url, self.sessions, self.uploads = None, 0, 0
        self.access, self.refresh = set(), set()
        self.blobs, self.records = set(), {}  # rkey → {"record", "cid"}, in the order of their making
        self.service, self.jobs = set(), {}  # tokens; id → {"bytes", "polls"}

    def session(self, request=None):
        if request and (request.fields().get("identifier"), request.fields().get("password")) != (HANDLE, PASSWORD):
            refuse("AuthenticationRequired", "Invalid identifier or password", 401)
        self.sessions += 1
        access, refresh = token("access", self.sessions), token("refresh", self.sessions)
        self.access.add(access)
        self.refresh.add(refresh)
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.url}
        return {"did": DID, "handle": HANDLE, "active": True, "accessJwt": access, "refreshJwt": refresh,
                "didDoc": {"id": DID, "service": [service]}}

    def renew(self, request):
        self.check(request, self.refresh)
        return self.session()

    @staticmethod
    def check(request, tokens):
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in tokens:
            refuse("InvalidToken", "Token could not be verified")

    def upload(self, request):
        self.check(request, self.access)
        self.uploads += 1
        name = cid(0x55, request.body)
        self.blobs.add(name)
        return {"blob": {"$type": "blob", "ref": {"$link": name}, "mimeType": request.headers["content-type"],
                         "size": len(request.body)}}

    def lend(self, request):
        self.check(request, self.access)
        assert request.query["aud"] == "did:web:127.0.0.1" and request.query["lxm"] == "com.atproto.repo.uploadBlob"
        assert time.time() + 1200 < int(request.query["exp"]) < time.time() + 3600
        self.service.add(token("service", len(self.service)))
        return {"token": sorted(self.service)[-1]}

    def video(self, request):
        self.check(request, self.service)
        id = hashlib.sha256(request.body).hexdigest()[:20]
        if id in self.jobs:
            raise Refused(409, {"error": "already_exists", "jobId": id, "message": "Video already processed", "state": "JOB_STATE_COMPLETED"})
        self.jobs[id] = {"bytes": request.body, "polls": 2}
        return {"did": request.query["did"], "jobId": id, "state": "JOB_STATE_CREATED"}

    def job(self, request):
        job = self.jobs[request.query["jobId"]]
        job["polls"] -= 1
        if job["polls"] > 0:
            return {"jobStatus": {"jobId": request.query["jobId"], "did": DID, "state": "JOB_STATE_ENCODING", "progress": 50}}
        name = cid(0x55, b"processed" + job["bytes"])
        self.blobs.add(name)
        blob = {"$type": "blob", "ref": {"$link": name}, "mimeType": "video/mp4", "size": len(job["bytes"])}
        return {"jobStatus": {"jobId": request.query["jobId"], "did": DID, "state": "JOB_STATE_COMPLETED", "blob": blob}}

    def check_record(self, record):
        embed = record.get("embed", {})
        for blob in [one["image"] for one in embed.get("images", [])] + ([embed["video"]] if "video" in embed else []):
            if blob["ref"]["$link"] not in self.blobs:
                refuse("BlobNotFound", "Could not find blob")
        for end in record.get("reply", {}).values():
            if self.records.get(end["uri"].rsplit("/", 1)[1], {}).get("cid") != end["cid"]:
                refuse("InvalidRequest", "the reply's parent is not there")

    def put(self, request):
        self.check(request, self.access)
        fields = request.fields()
        rkey, record = fields["rkey"], fields["record"]
        if fields["repo"] != DID or fields["collection"] != POSTS or not re.fullmatch("[2-7a-j][2-7a-z]{12}", rkey):
            refuse("InvalidRequest", "not a key of this repository")
        self.check_record(record)
        there = self.records.get(rkey)
        if there and there["record"] != record and fields.get("swapRecord", "") is None:
            refuse("InvalidSwap", f"Record was at {there['cid']}")
        if not there or there["record"] != record:
            self.records[rkey] = {"record": record, "cid": cid(0x71, json.dumps(record, sort_keys=True).encode())}
        return {"uri": f"at://{DID}/{POSTS}/{rkey}", "cid": self.records[rkey]["cid"], "validationStatus": "valid"}

    def get(self, request):
        rkey = request.query["rkey"]
        if rkey not in self.records:
            refuse("RecordNotFound", f"Could not locate record: {rkey}")
        one = self.records[rkey]
        return {"uri": f"at://{DID}/{POSTS}/{rkey}", "cid": one["cid"], "value": one["record"]}

    def answer(self, request):
        calls = {"com.atproto.server.createSession": self.session, "com.atproto.server.refreshSession": self.renew,
                 "com.atproto.repo.uploadBlob": self.upload, "com.atproto.repo.putRecord": self.put,
                 "com.atproto.repo.getRecord": self.get, "com.atproto.server.getServiceAuth": self.lend,
                 "app.bsky.video.uploadVideo": self.video, "app.bsky.video.getJobStatus": self.job}
        call = calls.get(request.path.removeprefix("/xrpc/"))
        return (200, call(request)) if call else refuse("MethodNotImplemented", request.path, 501)


class BlueskyServer(ScriptedServer):
    def __init__(self, log_file, contract=None):
        super().__init__(Bluesky(), log_file, contract)

"""Small Discord, Slack, Telegram and Matrix servers, as far as cald asks: what their documentation says, line by line.

Messages are in .messages, oldest first; what goes wrong is scripted (scripted.py).
"""
import json
import re
import time
import urllib.parse

from contract import Contract, parts_of
from scripted import Refused, ScriptedServer

DISCORD_EPOCH = 1420070400000


def body_of(request):
    """(fields, files by the name of their part)"""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return request.fields(), {}
    parts = parts_of(request)
    files = {name: value for name, value in parts.items() if isinstance(value, bytes)}
    fields = {name: value for name, value in parts.items() if not isinstance(value, bytes)}
    return fields.pop("payload_json", fields), files


class Discord:
    """A channel 20 of guild 10; webhook 7 of the token HOOK; a bot 5 of the token BOT."""
    HOOK, BOT = "aWebhookTokenThatIsLongEnough", "aBotTokenThatIsLongEnough"

    def __init__(self):
        self.url, self.messages, self.nonces, self.ids = None, [], {}, 0

    def new_id(self):
        self.ids += 1
        return str(((int(time.time() * 1000) - DISCORD_EPOCH) << 22) + self.ids)

    def add(self, fields, files, author, channel, **more):
        if not fields.get("content") and not files:
            raise Refused(400, {"code": 50006, "message": "Cannot send an empty message"})
        if len(fields.get("content", "")) > 2000:
            raise Refused(400, {"code": 50035, "message": "Invalid Form Body"})
        alts = {a["id"]: a.get("description") for a in fields.get("attachments", [])}
        message = {"id": self.new_id(), "channel_id": channel, "content": fields["content"].strip(), "author": {"id": author},
                   "attachments": [{"id": name[6:-1], "description": alts[name[6:-1]]} for name in sorted(files)],
                   "pings": fields["allowed_mentions"]["parse"], "reference": fields.get("message_reference")} | more
        self.messages.append(message)
        return message

    def by_webhook(self, request):
        if request.method == "GET":
            return 200, {"id": "7", "type": 1, "name": "Nouvelles", "guild_id": "10", "channel_id": "20", "token": self.HOOK}
        assert request.query["wait"] == "true"
        channel = request.query.get("thread_id", "20")
        fields, files = body_of(request)
        if "thread_name" in fields:
            channel = self.new_id()
        return 200, self.add(fields, files, "7", channel, webhook_id="7", thread_name=fields.get("thread_name"))

    def by_bot(self, request):
        if request.headers.get("authorization") != f"Bot {self.BOT}":
            raise Refused(401, {"code": 0, "message": "401: Unauthorized"})
        if request.path.endswith("/users/@me"):
            return 200, {"id": "5", "username": "chalet"}
        if request.path.endswith("/channels/20"):
            return 200, {"id": "20", "guild_id": "10", "name": "annonces"}
        if not request.path.startswith("/api/v10/channels/"):
            raise Refused(404, {"code": 0, "message": "404: Not Found"})
        if request.method == "GET":
            found = [m for m in self.messages if int(m["id"]) > int(request.query.get("after", 0))]
            return 200, list(reversed(found[:int(request.query["limit"])]))
        fields, files = body_of(request)
        nonce = fields["nonce"]
        if nonce not in self.nonces:
            self.nonces[nonce] = self.add(fields, files, "5", "20")
        return 200, self.nonces[nonce]

    def answer(self, request):
        assert request.headers["user-agent"].startswith("DiscordBot (")
        hook = re.fullmatch(r"/api/v10/webhooks/(\d+)/(\w+)", request.path)
        if hook and hook.groups() != ("7", self.HOOK):
            raise Refused(404, {"code": 10015, "message": "Unknown Webhook"})
        status, value = self.by_webhook(request) if hook else self.by_bot(request)
        return status, value, {"X-RateLimit-Remaining": "4", "X-RateLimit-Reset": f"{time.time() + 2:.3f}"}


class Telegram:
    """A channel @chalet, -1001234567890, in which the bot of TOKEN is an administrator."""
    TOKEN = "123456:aBotTokenThatIsLongEnough"

    def __init__(self):
        self.url, self.messages, self.may_post, self.files = None, [], True, []

    def refuse(self, status, description, **parameters):
        raise Refused(status, {"ok": False, "error_code": status, "description": description} |
                      ({"parameters": parameters} if parameters else {}))

    def chat(self):
        return {"id": -1001234567890, "type": "channel", "title": "Chalet", "username": "chalet"}

    def add(self, fields, **more):
        text = fields.get("text") or fields.get("caption") or ""
        if len(text.encode("utf-16-le")) // 2 > (4096 if "text" in fields else 1024):
            self.refuse(400, "Bad Request: message is too long")
        message = {"message_id": len(self.messages) + 1, "chat": self.chat(), "date": int(time.time()), "text": text,
                   "reply": fields.get("reply_parameters")} | more
        self.messages.append(message)
        return message

    def send(self, method, fields, files):
        if fields["chat_id"] not in ("@chalet", -1001234567890, "-1001234567890"):
            self.refuse(400, "Bad Request: chat not found")
        self.files += [(method, name, data) for name, data in files.items()]
        if method == "sendMediaGroup":
            album = json.loads(fields["media"])
            assert {item["media"] for item in album} == {f"attach://{name}" for name in files}
            return [self.add({"caption": item.get("caption")}, photos=1) for item in album]
        return self.add(fields, photos=len(files))

    def answer(self, request):
        _, token, method = request.path.split("/")
        fields, files = body_of(request) if request.body else ({}, {})
        if token != f"bot{self.TOKEN}":
            self.refuse(401, "Unauthorized")
        simple = {"getMe": {"id": 99, "is_bot": True, "username": "chalet_bot"}, "getChat": self.chat(),
                  "getChatMember": {"status": "administrator", "can_post_messages": self.may_post}}
        if method == "getChat" and fields["chat_id"] != "@chalet":
            self.refuse(400, "Bad Request: chat not found")
        return 200, {"ok": True, "result": simple.get(method) or self.send(method, fields, files)}


class Slack:
    """The channel C1 of a team, the app of TOKEN in it, and a webhook that ends in HOOK."""
    TOKEN, HOOK = "xoxb-aBotTokenThatIsLongEnough", "aWebhookSecretThatIsLongEnough"

    def __init__(self):
        self.url, self.messages, self.files, self.processing = None, [], {}, 1
        self.posted = 0
        self.telling = 1  # how often files.info does not say yet where a file is shown; None: it never does
        self.scopes = "chat:write,channels:history,channels:read,files:write,files:read"

    def refuse(self, word):
        raise Refused(200, {"ok": False, "error": word})

    def by_webhook(self, request):
        if not request.path.endswith("/" + self.HOOK):
            return 404, "no_service"
        if not request.fields().get("text"):
            return 400, "no_text"
        self.messages.append(request.fields())
        return 200, "ok"

    def method(self, name, request):
        fields = request.query if request.method == "GET" else request.fields() if "json" in request.headers["content-type"] else \
            dict(urllib.parse.parse_qsl(request.body.decode()))
        if fields.get("channel", "C1") != "C1":
            self.refuse("channel_not_found")
        return getattr(self, name.replace(".", "_"))(fields)

    def auth_test(self, _):
        return {"url": "https://chalet.slack.com/", "team": "Chalet", "user": "cald", "user_id": "U1"}

    def conversations_info(self, _):
        return {"channel": {"id": "C1", "name": "annonces", "is_member": True}}

    def files_getUploadURLExternal(self, fields):
        name = f"F{len(self.files) + 1}"
        self.files[name] = {"alt": fields.get("alt_txt"), "length": int(fields["length"]), "state": "ticket", "asked": 0}
        return {"upload_url": f"{self.url}/upload/{name}", "file_id": name}

    def files_completeUploadExternal(self, fields):
        for file in fields["files"]:
            if self.files.get(file["id"], {}).get("state") != "sent":
                self.refuse("file_not_found")  # "can only be called once"
        ids = [file["id"] for file in fields["files"]]
        ts = self.post({"text": fields.get("initial_comment", ""), "files": ids} |
                       {name: fields[name] for name in ("thread_ts",) if name in fields})["ts"] if "channel_id" in fields else None
        for name in ids:
            self.files[name] |= {"state": "whole", "ts": ts}
        return {"files": fields["files"]}

    def files_info(self, fields):
        file = self.files.get(fields["file"], {"state": "none"})
        if file["state"] not in ("whole", "deleted"):
            self.refuse("file_not_found")
        if file["state"] == "deleted":
            self.refuse("file_deleted")
        file["asked"] += 1
        told = file.get("ts") and self.telling is not None and file["asked"] > self.telling
        return {"file": {"id": fields["file"], "mimetype": "image/png" if file["asked"] > self.processing else "",
                         "permalink": f"https://chalet.slack.com/files/{fields['file']}",
                         "shares": {"public": {"C1": [{"ts": file["ts"], "channel_name": "annonces"}]}} if told else {}}}

    def files_delete(self, fields):
        if self.files.get(fields["file"], {}).get("state") != "whole":
            self.refuse("file_not_found")
        self.files[fields["file"]]["state"] = "deleted"
        return {}

    def found(self, fields):
        message = next((one for one in self.messages if one["ts"] == fields["ts"]), None)
        return message or self.refuse("message_not_found")

    def chat_update(self, fields):
        self.found(fields)["text"] = fields["text"]
        return {"channel": "C1", "ts": fields["ts"], "text": fields["text"]}

    def chat_delete(self, fields):
        self.messages.remove(self.found(fields))
        return {"channel": "C1", "ts": fields["ts"]}

    def post(self, message):
        self.posted += 1
        self.messages.append(message | {"ts": f"1796112000.{self.posted:06d}"})
        return self.messages[-1]

    def chat_postMessage(self, fields):
        for block in fields.get("blocks", []):
            if block["type"] == "image" and self.files[block["slack_file"]["id"]]["state"] != "whole":
                self.refuse("invalid_blocks")
        return {"channel": "C1", "ts": self.post(fields)["ts"], "message": {"text": fields["text"]}}

    def conversations_history(self, fields, thread=None):
        start = int(fields.get("cursor", 0))
        found = [m for m in reversed(self.messages) if m.get("thread_ts") == thread]
        more = str(start + 100) if len(found) > start + 100 else ""
        return {"messages": found[start:start + 100], "response_metadata": {"next_cursor": more}}

    def conversations_replies(self, fields):
        return self.conversations_history(fields, fields["ts"])

    def answer(self, request):
        if request.path.startswith("/services/"):
            return self.by_webhook(request)
        if request.path.startswith("/upload/"):
            file = self.files[request.path.rsplit("/", 1)[1]]
            assert len(request.body) == file["length"]
            file["state"] = "sent"
            return 200, "OK"
        if request.headers.get("authorization") != f"Bearer {self.TOKEN}":
            self.refuse("invalid_auth")
        return 200, {"ok": True} | self.method(request.path.rsplit("/", 1)[1], request), {"X-OAuth-Scopes": self.scopes}


class SlackServer(ScriptedServer):
    def __init__(self):
        super().__init__(Slack(), contract=Contract.find("slack"))


class DiscordServer(ScriptedServer):
    def __init__(self):
        super().__init__(Discord(), contract=Contract.find("discord"))


class TelegramServer(ScriptedServer):
    def __init__(self):
        super().__init__(Telegram(), contract=Contract.find("telegram"))


class Matrix:
    """A homeserver with the user @cal:m.example, of TOKEN or of PASSWORD, and the room #news:m.example.

    As Synapse: what comes again under a transaction id of the same device is the same event, and own events carry it."""
    TOKEN, PASSWORD, ROOM = "syt_anAccessTokenThatIsLongEnough", "a password of some length", "!room:m.example"

    def __init__(self):
        self.url, self.messages, self.transactions, self.media = None, [], {}, {}
        self.logins, self.devices = [], {self.TOKEN: "GIVEN"}

    def refuse(self, status, code, **more):
        raise Refused(status, {"errcode": code, "error": "No."} | more)

    def login(self, request):
        fields = request.fields()
        if fields["identifier"] != {"type": "m.id.user", "user": "cal"} or fields["password"] != self.PASSWORD:
            self.refuse(403, "M_FORBIDDEN")
        self.logins.append(fields["device_id"])
        token = f"syt_made_{len(self.logins)}"
        self.devices = {old: device for old, device in self.devices.items() if device != fields["device_id"]}
        self.devices[token] = fields["device_id"]
        return 200, {"access_token": token, "device_id": fields["device_id"], "user_id": "@cal:m.example"}

    def send(self, request, room, transaction, device):
        if room != self.ROOM:
            self.refuse(403, "M_FORBIDDEN")
        key = device, transaction
        if key not in self.transactions:
            content = request.fields()
            assert content["msgtype"] != "m.image" or content["url"] in self.media
            self.transactions[key] = f"$event{len(self.messages) + 1}"
            self.messages.append({"type": "m.room.message", "sender": "@cal:m.example", "event_id": self.transactions[key],
                                  "origin_server_ts": int(time.time() * 1000), "content": content, "key": key})
        return 200, {"event_id": self.transactions[key]}

    def list(self, request, device):
        start, limit = int(request.query.get("from", 0)), int(request.query["limit"])
        found = [{name: value for name, value in message.items() if name != "key"} |
                 {"unsigned": {"transaction_id": message["key"][1]} if message["key"][0] == device else {}}
                 for message in reversed(self.messages)][start:start + limit]
        return 200, {"chunk": found, "start": str(start)} | ({"end": str(start + limit)} if len(found) == limit else {})

    def upload(self, request):
        name = f"mxc://m.example/{len(self.media) + 1}"
        self.media[name] = request.body
        return 200, {"content_uri": name}

    def answer(self, request):
        path = [urllib.parse.unquote(part) for part in request.path.split("/")[2:]]
        if path == ["client", "v3", "login"]:
            return self.login(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.devices:
            self.refuse(401, "M_UNKNOWN_TOKEN", soft_logout=True)
        match request.method, *path:
            case "GET", "client", "v3", "account", "whoami":
                return 200, {"user_id": "@cal:m.example", "device_id": self.devices[token]}
            case "POST", "client", "v3", "join", room if room in ("#news:m.example", self.ROOM):
                return 200, {"room_id": self.ROOM}
            case "GET", "client", "v3", "rooms", _, "state", "m.room.encryption":
                self.refuse(404, "M_NOT_FOUND")
            case "POST", "media", "v3", "upload":
                return self.upload(request)
            case "PUT", "client", "v3", "rooms", room, "send", "m.room.message", transaction:
                return self.send(request, room, transaction, self.devices[token])
            case "GET", "client", "v3", "rooms", self.ROOM, "messages":
                return self.list(request, self.devices[token])
        self.refuse(404, "M_UNRECOGNIZED")


class MatrixServer(ScriptedServer):
    def __init__(self):
        super().__init__(Matrix(), contract=Contract.find("matrix"))

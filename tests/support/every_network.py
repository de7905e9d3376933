"""Each network of the build, as an account of a test: a small server that does what the network does, the account that
leads there, and what everybody can see of it. A new network needs a row here, or tests/fault/test_every_network.py fails.

    place = PLACES["mastodon"]()            network, options (with the address left open), secrets, what is to be said there
    with place.server: place.url = …; place.options(); place.secrets()
    place.shown(daemon)                     the texts (or titles) that are public, each as often as it is there
"""
import json
import os
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "integration")]
os.environ.setdefault("CALD_BUILD", "build")

import bluesky_server  # noqa: E402
import wordpress_server  # noqa: E402
from chat_servers import Discord, DiscordServer, Matrix, MatrixServer, Slack, SlackServer, Telegram, TelegramServer  # noqa: E402
from contract import Contract  # noqa: E402
from films import film  # noqa: E402
from mastodon_server import MastodonServer  # noqa: E402
from scripted import ScriptedServer  # noqa: E402
from smtp_server import SmtpServer  # noqa: E402
from test_blogs import MINDS as BLOGS  # noqa: E402
from test_graph import TOKENS as GRAPH_TOKENS, Graph  # noqa: E402
from test_linked import TOKEN as LINKEDIN_TOKEN, LinkedIn  # noqa: E402
from test_pinterest import TOKEN as PINTEREST_TOKEN, Pinterest  # noqa: E402
from test_tumblr import SECRETS as TUMBLR_SECRETS, Tumblr, text_of as tumblr_text  # noqa: E402
from test_youtube import YouTube  # noqa: E402
from x_server import CONSUMER, CONSUMER_SECRET, TOKEN as X_TOKEN, TOKEN_SECRET, XServer  # noqa: E402


class Place:
    """options, secrets: members of the account; {url} in them is where the network is reached. thread: it is said in two
    parts. said: what its variant of the entry has besides. asks: whether what is in doubt may be left to a person."""

    def __init__(self, network, server, shown, options=None, secrets=None, asks=False, thread=False, said=None):
        self.network, self.server, self.shown_by = network, server, shown
        self.own, self.secret_values, self.asks, self.thread, self.said = options or {}, secrets or {}, asks, thread, said or {}
        self.url = getattr(server, "url", None)

    def reached_at(self, url):
        """By which address it is reached, and tells others that it is."""
        self.url = url
        mind = getattr(self.server, "mind", None) or self.server.server.mind
        mind.url = url

    def account(self, name):
        filled = {key: value.format(url=self.url) if isinstance(value, str) else value for key, value in self.own.items()}
        return {"network": self.network} | filled | {key: {"file": f"{name}.{key}"} for key in self.secret_values}

    def secrets(self, name):
        return {f"{name}.{key}": value.format(url=self.url) + "\n" for key, value in self.secret_values.items()}

    def prepare(self, daemon):
        """What must be there before cald starts."""
        for folder in [self.own["directory"]] if "directory" in self.own else []:
            (daemon.directory / folder).mkdir()

    def shown(self, daemon):
        return self.shown_by(daemon)


def of(network, mind, shown, contract=None, **more):
    server = ScriptedServer(mind, contract=Contract.find(contract) if contract else None)
    return Place(network, server, lambda daemon: shown(mind), **more)


def blog(name, asks=False):
    mind = BLOGS[name]()
    words = dict(pair.split(": ") for pair in mind.options.split(", ")) if mind.options else {}
    options = {"url": "{url}"} | {key: int(value) if value.isdigit() else value for key, value in words.items()}
    return of(name, mind, lambda mind: mind.out, mind.contract, options=options, secrets={mind.secret: "6489:0a0b"}, asks=asks)


def mastodon():
    server = MastodonServer()
    return Place("mastodon", server, lambda daemon: [one["text"] for one in server.statuses()], {"url": "{url}"},
                 {"token": server.token}, thread=True)


FILM = {"media": [{"file": "b.mp4", "alt": "Snow"}]}


def bluesky(said=None):
    server = bluesky_server.BlueskyServer(os.devnull)
    return Place("bluesky", server, lambda daemon: [one["record"]["text"] for one in server.mind.records.values()],
                 {"url": "{url}", "handle": bluesky_server.HANDLE, "video_url": "{url}"}, {"app_password": bluesky_server.PASSWORD},
                 thread=True, said=said)


def wordpress():
    server = wordpress_server.WordPressServer(os.devnull)
    return Place("wordpress", server, lambda daemon: [server.mind.posts[id]["title"] for id in server.mind.published],
                 {"url": "{url}", "user": wordpress_server.USER}, {"application_password": wordpress_server.PASSWORD},
                 said={"body": "# Long\n\nA *body*.", "tags": ["snow"]})


def discord_webhook():
    server = DiscordServer()
    return Place("discord", server, lambda daemon: [one["content"] for one in server.mind.messages],
                 secrets={"webhook": "{url}/api/webhooks/7/" + Discord.HOOK}, asks=True)


def discord_bot():
    server = DiscordServer()
    return Place("discord", server, lambda daemon: [one["content"] for one in server.mind.messages],
                 {"url": "{url}/api/v10", "channel": "20"}, {"token": Discord.BOT}, thread=True)


def slack(said=None):
    server = SlackServer()
    return Place("slack", server, lambda daemon: [one["text"] for one in server.mind.messages],
                 {"url": "{url}/api", "channel": "C1"}, {"token": Slack.TOKEN}, thread=True, said=said)


def telegram():
    server = TelegramServer()
    return Place("telegram", server, lambda daemon: [one["text"] for one in server.mind.messages],
                 {"url": "{url}", "chat": "@chalet"}, {"token": Telegram.TOKEN}, asks=True)


def matrix():
    server = MatrixServer()
    return Place("matrix", server, lambda daemon: [one["content"]["body"] for one in server.mind.messages],
                 {"url": "{url}", "room": "#news:m.example", "user": "cal"}, {"password": Matrix.PASSWORD}, thread=True)


def graph(network, kind, member, **more):
    mind = Graph()
    mind.quota = 1000  # posts a day: the test has more
    place = of(network, mind, lambda mind: [post.get(member) or "" for post in mind.posts if post["kind"].startswith(kind)],
               options={"url": "{url}"} | more.pop("options", {}), secrets={"token": GRAPH_TOKENS[kind]}, **more)
    place.graph = mind
    return place


def linkedin(after_doubt=None, said=None):
    more = {"after_doubt": after_doubt} if after_doubt else {"author": "urn:li:organization:5"}
    return of("linkedin", LinkedIn(), lambda mind: [post["commentary"] for post in mind.posts],  # of which a look sees ten
              options={"url": "{url}"} | more, secrets={"token": LINKEDIN_TOKEN}, asks=True, said=said)


def pinterest(said=None):
    return of("pinterest", Pinterest(), lambda mind: [pin["description"] for pin in mind.pins], "pinterest",
              options={"url": "{url}/v5", "board": "Hiver"}, secrets={"token": PINTEREST_TOKEN},
              said=said or {"media": [{"file": "a.jpg", "alt": "Snow"}]})


def tumblr():
    files = {"consumer_secret": "consumer", "access_token": "token", "access_token_secret": "token-secret"}
    return of("tumblr", Tumblr(), lambda mind: [tumblr_text(post) for post in mind.posts], thread=True,
              options={"url": "{url}", "blog": "chalet", "consumer_key": "key"},
              secrets={name: TUMBLR_SECRETS[file] for name, file in files.items()})


class Mailbox(SmtpServer):
    """The faults of a mail server, by the same chance: before the end of a message nothing is taken."""

    chance = None
    BEFORE = {"refused": "drop", "reset": "drop", "limited": "451 4.7.0 later", "failing": "421 4.3.0 closing"}
    AFTER = {"reset-after": "keep", "lost": "keep", "timeout": "keep-hold"}

    def fault(self, where):
        kind = self.chance.draw() if self.chance and where == "mail" else None
        if kind in self.AFTER:
            self.script("end", self.AFTER[kind])
        return self.BEFORE.get(kind) or super().fault(where)


def email():
    server = Mailbox()
    return Place("email", server, lambda daemon: [one.data.decode(errors="replace") for one in server.messages],
                 {"server": "127.0.0.1", "port": server.port, "security": "none", "from": "news@example.org",
                  "to": ["list@lists.example.org"]}, asks=True)


class Hook:
    """Anything else that speaks HTTP; it knows what came under a key."""

    def __init__(self):
        self.url, self.posts, self.keys = None, [], {}

    def answer(self, request):
        key = request.headers.get("idempotency-key")
        if key is None or key not in self.keys:
            self.posts.append(request.body.decode())
            self.keys[key] = len(self.posts)
        return 201, {"id": self.keys[key]}


def webhook(keyed):
    return of("webhook", Hook(), lambda mind: mind.posts, options={"url": "{url}/in", "id": "/id"} | (
        {"key_header": "Idempotency-Key"} if keyed else {}), asks=not keyed)


def feed():
    def shown(daemon):
        items = daemon.api("GET", "/feed/feed/feed.json").json["items"]
        return [item.get("content_text") or item.get("content_html") for item in items]
    return Place("feed", None, shown, {"title": "Chalet", "entries": 200})


def files():
    return Place("files", None, lambda daemon: [page.read_text() for page in (daemon.directory / "site").glob("*.md")],
                 {"directory": "site"})


def x():
    server = XServer()
    return Place("x", server, lambda daemon: [one["told"]["text"] for one in server.mind.posts],
                 {"url": "{url}", "consumer_key": CONSUMER, "threads": True},
                 {"consumer_secret": CONSUMER_SECRET, "access_token": X_TOKEN, "access_token_secret": TOKEN_SECRET}, thread=True)


class Channel(Place):
    """Somebody has logged in to it."""

    def prepare(self, daemon):
        daemon.write("a.mp4", film(size=3000))
        token, now = "ya29.given", int(time.time() * 1000)
        self.server.mind.tokens.append(token)
        login = {"access_token": token, "refresh_token": "1//refresh-0001", "made_at": now, "expires_at": now + 10 * 86400000}
        (daemon.state / "sessions").mkdir(parents=True, mode=0o700)
        daemon.write("state/sessions/youtube.json", json.dumps({"login": login}), 0o600)


def youtube():
    mind = YouTube()
    return Channel("youtube", ScriptedServer(mind), lambda daemon: [
        video["snippet"]["title"] for video in mind.videos.values() if video["status"]["privacyStatus"] == "public"],
        {"url": "{url}", "client_id": "app", "max_units": 1000000, "max_uploads": 1000000}, {"client_secret": "google-client-secret"},
        said={"media": [{"file": "a.mp4", "alt": "Snow"}]})


# Name of an account → its place. The first of a network is named as the network.
PLACES = {
    "bluesky": bluesky,
    "bluesky-film": lambda: bluesky(said=FILM),
    "devto": lambda: blog("devto"),
    "discord": discord_webhook,
    "discord-bot": discord_bot,
    "discourse": lambda: blog("discourse"),
    "email": email,
    "facebook": lambda: graph("facebook", "page", "message", options={"page": "77"}),
    "feed": feed,
    "files": files,
    "ghost": lambda: blog("ghost"),
    "instagram": lambda: graph("instagram", "insta", "caption", said={"media": [{"file": "a.jpg", "alt": "Snow"}]}),
    "lemmy": lambda: blog("lemmy"),
    "linkedin": linkedin,
    "linkedin-member": lambda: linkedin("ask"),
    "linkedin-film": lambda: linkedin(said=FILM),
    "mastodon": mastodon,
    "matrix": matrix,
    "micropub": lambda: blog("micropub", asks=True),
    "nodebb": lambda: blog("nodebb", asks=True),
    "pinterest": pinterest,
    "pinterest-film": lambda: pinterest(FILM),
    "slack": slack,
    "slack-film": lambda: slack(FILM),
    "telegram": telegram,
    "threads": lambda: graph("threads", "threads", "text"),
    "tumblr": tumblr,
    "webhook": lambda: webhook(keyed=True),
    "webhook-deaf": lambda: webhook(keyed=False),
    "wordpress": wordpress,
    "x": x,
    "youtube": youtube,
}

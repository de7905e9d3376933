"""cald with accounts on every chat: one post goes to all at once, with an image; what was accepted and then dropped is
looked for where that can be, is a person's elsewhere, and never sent twice."""
import contextlib
import os
import sys
from pathlib import Path

import pytest

SUPPORT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "tests/support"
sys.path.insert(0, str(SUPPORT))
sys.path.insert(0, str(Path(__file__).parent))
from chat_servers import Discord, DiscordServer, Matrix, MatrixServer, Slack, SlackServer, Telegram, TelegramServer  # noqa: E402
from daemon import Daemon  # noqa: E402
from driver_walk import png  # noqa: E402
from films import film  # noqa: E402
from test_delete import wait  # noqa: E402

ACCOUNTS = """  salon: {{network: discord, webhook: {{file: salon}}}}
  robot: {{network: discord, url: "{discord}/api/v10", channel: "20", token: {{file: robot}}}}
  equipe: {{network: slack, url: "{slack}/api", channel: C1, token: {{file: equipe}}}}
  texte: {{network: slack, webhook: {{file: texte}}}}
  canal: {{network: telegram, url: "{telegram}", chat: "@chalet", token: {{file: canal}}}}
  piece: {{network: matrix, url: "{matrix}", room: "#news:m.example", token: {{file: piece}}}}
  coin: {{network: matrix, url: "{matrix}", room: "#news:m.example", user: cal, password: {{file: coin}}}}
"""
CALENDAR = "version: 1\ntimezone: UTC\nposts: []\n"
NAMES = ("salon", "robot", "equipe", "canal", "piece", "coin")


@pytest.fixture(scope="module")
def world():
    with contextlib.ExitStack() as stack:
        servers = {"discord": DiscordServer(), "slack": SlackServer(), "telegram": TelegramServer(), "matrix": MatrixServer()}
        for server in servers.values():
            stack.enter_context(server)
        daemon = Daemon(accounts=ACCOUNTS.format(**{name: server.url for name, server in servers.items()}),
                        calendar=CALENDAR)
        for name, secret in (("salon", f"{servers['discord'].url}/api/webhooks/7/{Discord.HOOK}"), ("robot", Discord.BOT),
                             ("equipe", Slack.TOKEN), ("texte", f"{servers['slack'].url}/services/T1/B1/{Slack.HOOK}"), ("canal", Telegram.TOKEN),
                             ("piece", Matrix.TOKEN), ("coin", Matrix.PASSWORD)):
            daemon.write(name, secret, 0o600)
        stack.enter_context(daemon)
        yield daemon, servers


def add(daemon, post, text, *arguments):
    done = daemon.calctl("add", "--to", ",".join(NAMES), "--id", post, *arguments, text)
    assert done.returncode == 0, done.stderr


def test_one_post_with_an_image_goes_to_all(world, tmp_path):
    daemon, servers = world
    picture = tmp_path / "chalet.png"
    picture.write_bytes(png(40, 30))
    add(daemon, "a", "Il neige & @everyone", "--media", str(picture), "--alt", "le chalet")
    for name in NAMES:
        assert daemon.wait_state("a", name, "published", patience=60), name
    assert sorted(m["author"]["id"] for m in servers["discord"].mind.messages) == ["5", "7"]
    assert all(m["pings"] == [] and m["attachments"][0]["description"] == "le chalet" for m in servers["discord"].mind.messages)
    assert [m["text"] for m in servers["slack"].mind.messages] == ["Il neige &amp; @everyone"]
    assert [m["photos"] for m in servers["telegram"].mind.messages] == [1]
    said = [m["content"]["body"] for m in servers["matrix"].mind.messages]
    assert sorted(said) == ["Il neige & @everyone"] * 2 + ["le chalet"] * 2 and len(servers["matrix"].mind.logins) == 1
    assert daemon.delivery("a", "piece")["url"].startswith("https://matrix.to/#/%21room%3Am.example/%24event")


def test_a_video_and_a_document_go_to_each_that_takes_files(world):
    daemon, servers = world
    sent, files = {name: len(servers[name].mind.messages) for name in ("discord", "matrix", "slack")}, len(servers["telegram"].mind.files)
    data, paper = film(size=100_000), b"%PDF-1.4\n%%EOF\n"
    kept = [daemon.api("POST", "/v1/media", one, {"Content-Type": kind}).json["file"]
            for one, kind in ((data, "video/mp4"), (paper, "application/pdf"))]
    media = [{"file": kept[0], "alt": "le col"}, {"file": kept[1]}]
    to = ["salon", "robot", "piece", "equipe"]
    assert daemon.api("POST", "/v1/posts", {"id": "f", "to": to, "text": "le film", "media": media}).status == 201
    assert daemon.api("POST", "/v1/posts", {"id": "d", "to": ["canal"], "text": "le plan", "media": media[1:]}).status == 201
    for post, name in [("f", name) for name in to] + [("d", "canal")]:
        assert daemon.wait_state(post, name, "published", patience=60), name
    assert [len(m["attachments"]) for m in servers["discord"].mind.messages[sent["discord"]:]] == [2, 2]
    said = [m["content"] for m in servers["matrix"].mind.messages[sent["matrix"]:]]
    assert [one["msgtype"] for one in said] == ["m.text", "m.video", "m.file"]
    assert [servers["matrix"].mind.media[one["url"]] for one in said[1:]] == [data, paper]
    assert servers["telegram"].mind.files[files:] == [("sendDocument", "document", paper)]
    assert [(m["text"], len(m["files"])) for m in servers["slack"].mind.messages[sent["slack"]:]] == [("le film", 2)]
    assert daemon.delivery("f", "equipe")["url"].startswith("https://chalet.slack.com/archives/C1/p")
    refused = daemon.api("POST", "/v1/posts", {"id": "x", "to": ["texte", "canal"], "text": "le film", "media": media})
    assert "a Slack webhook takes no images, videos or documents: use a bot token" in str(refused.json)
    assert "no images or videos beside a document" in str(refused.json)


def test_a_video_on_slack_is_shown_once_and_changed_and_deleted_where_it_is(world):
    daemon, servers = world
    team = servers["slack"]
    team.mind.telling = 0
    kept = daemon.api("POST", "/v1/media", film(size=50_000), {"Content-Type": "video/mp4"}).json["file"]
    team.script({"path": "/files.completeUploadExternal$", "do": "act-and-drop"})
    post = {"id": "flim", "to": ["equipe"], "text": "le flim", "media": [{"file": kept, "alt": "le col"}]}
    assert daemon.api("POST", "/v1/posts", post).status == 201
    assert daemon.wait_state("flim", "equipe", "published", patience=60)
    assert [m["text"] for m in team.mind.messages].count("le flim") == 1
    done = daemon.calctl("edit", "flim", "--yes", "--text", "le film")
    assert done.returncode == 0, done.stderr
    wait(lambda: daemon.delivery("flim", "equipe")["edited"], daemon)
    assert [m["text"] for m in team.mind.messages if len(m.get("files", "")) == 1] == ["le film"]
    done = daemon.calctl("delete", "flim", "--yes", "--why", "essai")
    assert done.returncode == 0, done.stderr
    wait(lambda: daemon.delivery("flim", "equipe")["deleted"], daemon)
    assert "flim" not in str(team.mind.messages) and list(team.mind.files.values())[-1]["state"] == "deleted"


def test_accepted_and_dropped_is_never_sent_twice(world):
    daemon, servers = world
    servers["discord"].script({"method": "POST", "path": "/webhooks/", "do": "act-and-drop"},
                              {"method": "POST", "path": "/channels/", "do": "act-and-drop"})
    servers["slack"].script({"path": "/chat.postMessage$", "do": "act-and-drop"})
    servers["telegram"].script({"path": "/sendMessage$", "do": "act-and-drop"})
    servers["matrix"].script({"path": "/send/", "do": "act-and-drop", "times": 2})
    add(daemon, "b", "une fois")
    for name, state in (("salon", "unsure"), ("robot", "published"), ("equipe", "published"), ("canal", "unsure"),
                        ("piece", "published"), ("coin", "published")):
        assert daemon.wait_state("b", name, state, patience=60), name
    assert "https://t.me/s/chalet" in daemon.delivery("b", "canal")["message"]
    assert [m["content"] for m in servers["discord"].mind.messages].count("une fois") == 2
    for name in ("slack", "telegram"):
        assert [m["text"] for m in servers[name].mind.messages].count("une fois") == 1
    assert [m["content"]["body"] for m in servers["matrix"].mind.messages].count("une fois") == 2


def test_what_a_thread_lacks_when_a_person_found_its_beginning_is_said(world):
    daemon, servers = world
    servers["discord"].script({"method": "POST", "path": "/webhooks/", "do": "act-and-drop"})
    answer = daemon.api("POST", "/v1/posts", {"id": "fil", "to": ["salon"], "thread": ["le début", "la suite", "la fin"]})
    assert answer.status == 201, answer
    daemon.wait_state("fil", "salon", "unsure")
    done = daemon.calctl("resolve", "fil", "--published", "https://discord.com/channels/10/20/1")
    assert done.returncode == 0 and "part 1 of 3" in done.stdout, done
    assert "part 1 of 3" in daemon.calctl("history", "fil").stdout
    assert [m["content"] for m in servers["discord"].mind.messages][-1] == "le début"


def test_a_password_of_matrix_is_logged_in_with_when_it_is_right(world):
    daemon, servers = world
    wrong = daemon.calctl("login", "coin", "--stdin", input="not-the-password\n")
    assert wrong.returncode == 1 and "the password is not right" in wrong.stderr, wrong
    right = daemon.calctl("login", "coin", "--stdin", input=Matrix.PASSWORD + "\n")
    assert right.returncode == 0 and "@cal:m.example" in right.stdout, right.stderr
    assert len(set(servers["matrix"].mind.logins)) == 1  # always the same device


def test_no_secret_is_told(world):
    daemon, _ = world
    told = daemon.log() + str(daemon.api("GET", "/v1/posts/b").body)
    for secret in (Discord.HOOK, Discord.BOT, Slack.TOKEN, Slack.HOOK, Telegram.TOKEN, Matrix.TOKEN, Matrix.PASSWORD, "syt_made"):
        assert secret not in told

"""Newsletters through a real mail server: cald logs in over TLS, Exim delivers into Maildirs, and Python's parser reads them.

What the server refuses, or puts off, is what cald says of it; a message whose answer was lost is never sent again.
"""
import contextlib
import os
import re
import shutil
import socket
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2]))
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/interop")]
from daemon import Daemon  # noqa: E402
from mail_server import EXIM, PASSWORD, USER, MailServer  # noqa: E402
from pictures import noise, png  # noqa: E402
from smtp_server import certificate  # noqa: E402

pytestmark = pytest.mark.skipif(not shutil.which(EXIM), reason="Debian's exim4-daemon-light is not installed (one mail server at a "
                                "time is: another may be)")

TITLE = "Été au chalet : l'ouverture 😀 de la saison, avec un sujet bien plus long qu'une seule ligne d'en-tête"
LONG = "Schneeschuh" * 200
BODY = f"""# Ouverture

Le chalet est **ouvert** : [horaires](https://example.org/h?a=1&b=2), & plus = mieux.

.Une ligne qui commence par un point

```
.
..
From moi
```

{LONG}

![Le chalet sous la neige](chalet.png)

Fin, à bientôt 😀
"""
PICTURE = png(300, 200, 7)
TEXT = ".\n..\nFrom here\n.point, et " + "é" * 1200 + "\n" + LONG + "\nfin"


class CutAfterTheEnd:
    """A way to the server that loses its answer to the end of each message, and what comes after."""

    def __init__(self, port):
        self.there, self.listener, self.cuts = port, socket.create_server(("127.0.0.1", 0)), 0
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(peer, socket.create_connection(("127.0.0.1", self.there))), daemon=True).start()

    def serve(self, peer, server):
        ended = threading.Event()

        def forth():
            tail = b""
            with contextlib.suppress(OSError):
                while data := peer.recv(65536):
                    tail = (tail + data)[-5:]
                    if tail == b"\r\n.\r\n":
                        ended.set()  # before the server can answer it
                    server.sendall(data)
        with contextlib.suppress(OSError), peer, server:
            threading.Thread(target=forth, daemon=True).start()
            while data := server.recv(65536):
                if ended.is_set():
                    self.cuts += 1
                    peer.shutdown(socket.SHUT_RDWR)
                    return
                peer.sendall(data)


def account(server, *to, **more):
    return {"network": "email", "server": "localhost", "port": server.port, "security": "starttls", "from": "news@example.org",
            "to": [one if "@" in one else one + "@lists.example.org" for one in to], "user": USER, "password": {"file": "pw"}, **more}


class House:
    """A cald with an account for each thing that can happen, and one post for each."""

    def __init__(self, stack, directory):
        files = certificate(directory)
        self.server = MailServer(files)
        stack.callback(self.server.stop)
        self.server.start()
        self.cut = CutAfterTheEnd(self.server.port)
        stack.callback(self.cut.close)
        bare = {"security": "none", "server": "127.0.0.1", "user": None, "password": None}
        accounts = {
            "news": account(self.server, "list", name='Chalet "Été", Les Contamines', reply_to="bonjour@example.org",
                            bounces="retours@example.org", one_click=True, footer="Chalet, [quitter](https://example.org/quitter)",
                            unsubscribe=["https://example.org/quitter?liste=chalet", "mailto:quitter@example.org?subject=quitter"]),
            "grey": account(self.server, "grey"), "nobody": account(self.server, "nobody"),
            "far": account(self.server, "somebody@elsewhere.example"), "some": account(self.server, "list", "nobody", "second"),
            "large": account(self.server, "list"), "wrong": account(self.server, "list", password={"file": "wrong"}),
            "stranger": account(self.server, "list") | bare, "bare": account(self.server, "open") | bare,
            "lost": account(self.server, "open") | bare | {"port": self.cut.port},
        }
        accounts = {name: {key: value for key, value in one.items() if value is not None} for name, one in accounts.items()}
        now = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
        text = {"at": now, "title": TITLE}
        posts = [text | {"id": "hiver", "to": ["news"], "body_file": "ouverture.md", "language": "fr", "text": "La saison est ouverte.",
                         "media": [{"file": "chalet.png", "alt": "Le chalet sous la neige"}]},
                 {"at": now, "id": "plain", "to": [name for name in accounts if name not in ("news", "large")], "text": TEXT},
                 text | {"id": "heavy", "to": ["large"], "text": "Lourd", "media": [{"file": "large.png", "alt": "Neige"}]}]
        self.daemon = Daemon(accounts=yaml.safe_dump(accounts, allow_unicode=True).replace("\n", "\n  ").join(["  ", "\n"]),
                             settings=f"outgoing: {{ca_file: {files[0]}}}\n",
                             calendar=yaml.safe_dump({"version": 1, "timezone": "UTC", "posts": posts}, allow_unicode=True))
        for name, data in (("ouverture.md", BODY), ("chalet.png", PICTURE), ("large.png", noise(500, 400)), ("pw", PASSWORD + "\n"),
                           ("wrong", "another\n")):
            self.daemon.write(name, data, 0o600)
        stack.callback(self.daemon.__exit__, None, None, None)
        self.daemon.start()

    def settled(self, post, name, state):
        return self.daemon.wait_state(post, name, state, patience=90)

    def account(self, name):
        return next(one for one in self.daemon.api("GET", "/v1/accounts").json["items"] if one["name"] == name)

    def got(self, mailbox, message_id):
        return [mail for mail in self.server.mails(mailbox) if mail["Message-ID"] == message_id]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with contextlib.ExitStack() as stack:
        yield House(stack, tmp_path_factory.mktemp("tls"))


def wait(condition, house):
    end = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < end, house.daemon.log() + house.server.log("main")
        time.sleep(0.05)


def lines_of(mail, kind):
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_a_newsletter_with_everything_is_delivered_as_it_was_written(house):
    delivery = house.settled("hiver", "news", "published")
    wait(lambda: house.got("list", delivery["remote_id"]), house)
    [mail] = house.got("list", delivery["remote_id"])
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", mail["Message-ID"])
    assert (mail["Return-path"], mail["Envelope-to"]) == ("<retours@example.org>", "list@lists.example.org")
    assert mail["Subject"] == TITLE and mail["Content-Language"] == "fr"
    assert [(a.display_name, a.addr_spec) for a in mail["From"].addresses] == [('Chalet "Été", Les Contamines', "news@example.org")]
    assert (mail["To"], mail["Reply-To"]) == ("list@lists.example.org", "bonjour@example.org")
    assert mail["List-Unsubscribe"] == "<https://example.org/quitter?liste=chalet>, <mailto:quitter@example.org?subject=quitter>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    plain, html = lines_of(mail, "plain"), lines_of(mail, "html")
    [image] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert image.get_content() == PICTURE and image.get_content_disposition() == "inline"
    assert f'<img src="cid:{image["Content-ID"][1:-1]}" alt="Le chalet sous la neige"' in html and html.count("<img") == 1
    assert "<strong>ouvert</strong>" in html and "<pre><code>.\n..\nFrom moi\n</code></pre>" in html and LONG in html
    assert "\n.Une ligne qui commence par un point\n" in plain and LONG in plain.replace("\n", "") and "Fin, à bientôt 😀" in plain
    assert plain.rstrip().endswith("-- \nChalet, quitter <https://example.org/quitter>")
    raw = next(path.read_bytes() for path in house.server.files("list") if delivery["remote_id"].encode() in path.read_bytes())
    assert max(map(len, raw.splitlines())) <= 998


def test_it_logged_in_over_tls(house):
    house.settled("hiver", "news", "published")
    line = next(line for line in house.server.log("main").splitlines() if "<= retours@example.org" in line)
    assert "P=esmtpsa" in line and "X=TLS1." in line and f"A=plain:{USER}" in line, line
    assert PASSWORD not in house.daemon.log()


def test_a_text_with_dots_and_long_lines_is_the_same_on_arrival(house):
    delivery = house.settled("plain", "bare", "published")
    wait(lambda: house.got("open", delivery["remote_id"]), house)
    [mail] = house.got("open", delivery["remote_id"])
    assert lines_of(mail, "plain").rstrip("\n") == TEXT


def test_an_address_that_the_server_does_not_take_stops_the_account_and_the_delivery_says_why(house):
    for name, words in (("nobody", "550 Unrouteable address"), ("far", "550 relaying is not permitted"),
                        ("stranger", "550 5.7.0 log in first")):
        wait(lambda: house.account(name)["state"] == "braked", house)
        delivery = house.daemon.delivery("plain", name)
        assert words in delivery["message"] and "recipient in 'to'" in delivery["message"], (delivery, house.account(name))
        assert house.daemon.delivery("plain", name)["state"] not in ("published", "unsure")


def test_who_is_not_there_is_named_and_the_others_get_it(house):
    delivery = house.settled("plain", "some", "published")
    assert "nobody@lists.example.org (550 Unrouteable address)" in delivery["message"]
    wait(lambda: house.got("second", delivery["remote_id"]), house)
    assert len(house.got("list", delivery["remote_id"])) == len(house.got("second", delivery["remote_id"])) == 1


def test_what_is_too_large_is_refused(house):
    delivery = house.settled("heavy", "large", "refused")
    assert "552" in delivery["message"] and "size" in delivery["message"].lower(), delivery


def test_a_wrong_password_is_told_of_the_account(house):
    wait(lambda: house.account("wrong")["state"] == "reconnect", house)
    assert "535" in house.daemon.calctl("accounts", "--check").stdout
    assert house.daemon.delivery("plain", "wrong")["state"] not in ("published", "unsure")


def test_greylisted_it_comes_back_and_arrives_once(house):
    wait(lambda: "greylisted" in house.server.log("main"), house)
    assert house.daemon.delivery("plain", "grey")["state"] in ("waiting", "ready", "sending")
    house.server.release()
    delivery = house.settled("plain", "grey", "published")
    wait(lambda: house.server.files("grey"), house)
    assert [mail["Message-ID"] for mail in house.server.mails("grey")] == [delivery["remote_id"]] and delivery["attempts"] >= 2


def test_a_lost_answer_is_a_persons_to_settle_and_never_sent_again(house):
    delivery = house.settled("plain", "lost", "unsure")
    message_id = re.search(r"Message-ID (<\S+>)", delivery["message"]).group(1)
    wait(lambda: house.got("open", message_id), house)
    done = house.daemon.calctl("resolve", "plain/lost", "--published")
    assert done.returncode == 0, done
    house.settled("plain", "lost", "published")
    assert house.cut.cuts == 1 and len(house.got("open", message_id)) == 1


def test_nothing_came_twice_and_nothing_was_left_behind(house):
    def ids():
        return [mail["Message-ID"] for box in ("list", "grey", "open", "second") for mail in house.server.mails(box)]
    house.server.release()
    wait(lambda: len(ids()) >= 6, house)
    wait(lambda: not list((house.server.directory / "spool/input").glob("*")), house)
    assert sorted(ids().count(one) for one in set(ids())) == [1] * 4 + [2], ids()  # one went to two recipients
    assert not house.server.log("panic")

"""A newsletter: the message as a stranger's parser reads it, and never twice, whatever the mail server does and when."""
import contextlib
import email
import email.policy
import json
import os
import pathlib
import re
import sys
import time

import pytest

SOURCE = pathlib.Path(os.environ.get("CALD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests/support"))

from daemon import BUILD, Daemon  # noqa: E402
from pictures import noise, png  # noqa: E402
from smtp_server import Message as SmtpMessage, SmtpServer, certificate  # noqa: E402

CALENDAR = "version: 1\ntimezone: Europe/Paris\n"
PASSWORD = "g3heim-und-lang-genug"


def account(name, server, more=""):
    return (f"  {name}: {{network: email, server: 127.0.0.1, port: {server.port}, security: none, from: news@example.org, "
            f"to: [list@lists.example.org]{', ' + more if more else ''}}}\n")


@contextlib.contextmanager
def house(accounts, settings="", calendar=CALENDAR, **files):
    daemon = Daemon(accounts=accounts, calendar=calendar, charter="version: 1\nbrand: {name: Test}\n", settings=settings)
    for name, content in files.items():
        daemon.write(name, content, 0o600)
    with daemon:
        yield daemon


def run(daemon, *arguments, code=0):
    done = daemon.calctl(*arguments)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def wait_for(condition, daemon, patience=30):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.02)


def state_of(daemon, name):
    return next(a["state"] for a in daemon.api("GET", "/v1/accounts").json["items"] if a["name"] == name)


def parse(message):
    """As strictly as Python's parser can; and it is what it says: 7-bit, short lines, CRLF only."""
    assert all(byte < 0x7f for byte in message.data)
    assert all(len(line) <= 78 for line in message.data.split(b"\r\n")), message.data
    assert b"\n" not in message.data.replace(b"\r\n", b"") and b"\r" not in message.data.replace(b"\r\n", b"")
    parsed = email.message_from_bytes(message.data, policy=email.policy.strict.clone(raise_on_defect=True))
    for part in parsed.walk():
        assert not part.defects, part.defects
        assert all(not getattr(value, "defects", ()) for value in part.values())
    return parsed


def text_of(parsed, kind):
    return parsed.get_body((kind,)).get_content().replace("\r\n", "\n")


BODY = """# Ouverture

Le chalet est **ouvert** : [horaires](https://example.org/h?a=1&b=2), & plus = mieux.
.Une ligne qui commence par un point

![Le chalet sous la neige](chalet.png)

- un
- deux 😀
"""
TITLE = "Été au chalet : l'ouverture 😀 de la saison d'hiver, avec un sujet plus long qu'une ligne"


def test_a_message_with_everything():
    with SmtpServer(size=10_000_000) as server:
        more = ("name: 'Chalet \"Été\", Les Contamines', reply_to: bonjour@example.org, bounces: retours@example.org, one_click: true, "
                "unsubscribe: ['https://example.org/quitter?liste=chalet', 'mailto:quitter@example.org?subject=quitter'], "
                "footer: 'Chalet Exemple, 1 rue du Col — [quitter la liste](https://example.org/quitter)'")
        post = {"id": "hiver", "at": time.strftime("%Y-%m-%d %H:%M", time.gmtime()), "to": ["news"], "title": TITLE,
                "body_file": "ouverture.md", "language": "fr", "text": "La saison est ouverte.",
                "media": [{"file": "chalet.png", "alt": "Le chalet sous la neige"}]}
        picture = png(300, 200, 7)
        with house(account("news", server, more), calendar=json.dumps({"version": 1, "timezone": "UTC", "posts": [post]}, ensure_ascii=False),
                   **{"chalet.png": picture, "ouverture.md": BODY}) as daemon:
            assert "without a login" in run(daemon, "accounts", "--check").stdout
            daemon.wait_state("hiver", "news", "published")
            [message] = server.messages
    assert (message.sender, message.recipients) == ("retours@example.org", ["list@lists.example.org"])
    size = next(int(m[1]) for c in server.commands if (m := re.match(r"MAIL FROM:<retours@example.org> SIZE=(\d+)$", c)))
    assert size == len(message.data)
    assert "EHLO example.org" in server.commands and server.commands[-1] == "QUIT"
    m = parse(message)
    assert m["Subject"] == TITLE
    assert [(a.display_name, a.addr_spec) for a in m["From"].addresses] == [('Chalet "Été", Les Contamines', "news@example.org")]
    assert (m["To"], m["Reply-To"]) == ("list@lists.example.org", "bonjour@example.org")
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", m["Message-ID"])
    assert abs(m["Date"].datetime.timestamp() - time.time()) < 60
    assert m["List-Unsubscribe"] == "<https://example.org/quitter?liste=chalet>, <mailto:quitter@example.org?subject=quitter>"
    assert m["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert m["Content-Language"] == "fr" and m["MIME-Version"] == "1.0"
    assert [p.get_content_type() for p in m.walk()] == ["multipart/alternative", "text/plain", "multipart/related", "text/html",
                                                        "image/png"]
    plain, html = text_of(m, "plain"), text_of(m, "html")
    image = [p for p in m.walk() if p.get_content_type() == "image/png"][0]
    assert image.get_content() == picture and image.get_content_disposition() == "inline"
    assert f'<img src="cid:{image["Content-ID"][1:-1]}" alt="Le chalet sous la neige"' in html and html.count("<img") == 1
    assert "<html lang=\"fr\">" in html and "<strong>ouvert</strong>" in html and "<li>deux 😀</li>" in html
    assert "horaires <https://example.org/h?a=1&b=2>, & plus = mieux. .Une ligne" in plain
    assert "[Le chalet sous la neige]" in plain and "- un\n- deux 😀\n" in plain and "<strong>" not in plain
    assert plain.rstrip().endswith("-- \nChalet Exemple, 1 rue du Col — quitter la liste <https://example.org/quitter>")


def test_a_document_is_attached():
    paper = b"%PDF-1.4\n" + bytes(range(256)) * 300 + b"\n%%EOF\n"
    post = {"id": "plan", "at": time.strftime("%Y-%m-%d %H:%M", time.gmtime()), "to": ["news"], "title": "Le plan", "text": "Ci-joint.",
            "media": [{"file": "Le plan été.pdf"}, {"file": "chalet.png", "alt": "Le chalet"}]}
    with SmtpServer() as server:
        with house(account("news", server), calendar=json.dumps({"version": 1, "timezone": "UTC", "posts": [post]}, ensure_ascii=False),
                   **{"chalet.png": png(300, 200, 7), "Le plan été.pdf": paper}) as daemon:
            daemon.wait_state("plan", "news", "published")
            [message] = server.messages
    m = parse(message)
    assert [p.get_content_type() for p in m.walk()] == ["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related",
                                                        "text/html", "image/png", "application/pdf"]
    attached, = m.iter_attachments()
    assert (attached.get_content(), attached.get_filename()) == (paper, "Le plan été.pdf")
    assert "<img" in text_of(m, "html") and ".pdf" not in text_of(m, "html")


def test_lines_that_begin_with_a_dot_and_odd_texts_come_as_they_were():
    texts = [".", "..\n.\n\n.x", "From here\nFrom there", "trailing \t\nspace ", "=3D = =\n" + "é" * 200, "a" * 2000, "l\n" * 300 + "."]
    with SmtpServer() as server, house(account("news", server, "spacing: 0s")) as daemon:
        for number, text in enumerate(texts):
            assert daemon.api("POST", "/v1/posts", {"to": ["news"], "id": f"t{number}", "text": text, "title": "t"}).status == 201
            daemon.wait_state(f"t{number}", "news", "published")
        for text, message in zip(texts, server.messages):
            got = text_of(parse(message), "plain")
            assert got.rstrip() == text.rstrip(), text


def test_a_subject_brings_no_header():
    with SmtpServer() as server, house(account("news", server, "spacing: 0s")) as daemon:
        for number, title in enumerate(["a\r\nBcc: x@y.example", "=?UTF-8?Q?=0ABcc:?=", "  blanks  ", "x" * 1200, "a  b   c " * 30 + "d"]):
            answer = daemon.api("POST", "/v1/posts", {"to": ["news"], "id": f"t{number}", "text": "t", "title": title})
            if answer.status != 201:
                continue
            daemon.wait_state(f"t{number}", "news", "published")
            parsed = parse(server.messages[-1])
            assert parsed["Bcc"] is None
            assert parsed["Subject"] == re.sub(r"[\r\n]", " ", title), title


# Where the server does what, once; whether the message may then have been taken; and what becomes of the delivery.
FAULTS = [
    ("connect", "drop", "again"), ("connect", "421 4.3.2 closing", "again"), ("connect", "450 not now", "again"), ("ehlo", "drop", "again"),
    ("mail", "drop", "again"), ("mail", "451 4.3.0 later", "again"), ("mail", "421 4.7.0 too many", "again"),
    ("mail", "452 4.3.1 full", "again"), ("mail", "550 5.4.5 daily quota", "again"),
    ("rcpt", "drop", "again"), ("rcpt", "450 4.7.1 greylisted", "again"), ("rcpt", "421 4.7.0 closing", "again"),
    ("rcpt", "552 5.5.3 too many", "again"),
    ("data", "drop", "again"), ("data", "451 4.7.0 not now", "again"), ("data", "421 4.3.2 closing", "again"),
    ("body", "early 421 4.4.2 idle", "again"), ("body", "early 452 4.3.1 full", "again"),
    ("end", "451 4.7.1 greylisted", "again"), ("end", "421 4.3.2 closing", "again"), ("end", "452 4.3.1 full", "again"),
    ("quit", "drop", "at once"), ("quit", "500 what", "at once"),
    ("end", "554 5.7.1 spam", "refused"), ("end", "552 5.3.4 too big", "refused"), ("mail", "552 5.3.4 too big", "refused"),
    ("data", "554 5.5.0 no", "refused"), ("end", "550 5.7.26 unauthenticated", "refused"),
    ("mail", "550 5.1.8 who are you", "account"), ("rcpt", "550 5.1.1 no such list", "account"), ("connect", "554 5.3.2 no mail here", "account"),
    ("mail", "530 5.7.0 log in", "reconnect"), ("rcpt", "530 5.7.1 log in", "reconnect"),
    ("body", "drop", "unsure"),  # so short that its end has left by then
    ("end", "drop", "unsure"), ("end", "keep", "unsure"), ("end", "nonsense", "unsure"), ("end", "354 more", "unsure"),
]


def test_each_fault_at_each_command_and_never_twice():
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(SmtpServer()) for _ in FAULTS]
        for server, (where, what, _) in zip(servers, FAULTS):
            server.script(where, what)
        accounts = "".join(account(f"a{i}", server) for i, server in enumerate(servers))
        with house(accounts, settings="outgoing: {concurrency: 100}\n") as daemon:
            names = [f"a{i}" for i in range(len(FAULTS))]
            assert daemon.api("POST", "/v1/posts", {"to": names, "id": "one", "text": "Bonjour"}).status == 201
            for i, (server, (where, what, becomes)) in enumerate(zip(servers, FAULTS)):
                case, name = f"{where}: {what}", f"a{i}"
                if becomes in ("again", "at once"):
                    delivery = daemon.wait_state("one", name, "published", patience=60)
                    assert len(server.messages) == 1, case
                    assert delivery["attempts"] == (1 if becomes == "at once" else 2), (case, delivery)
                elif becomes in ("refused", "unsure"):
                    delivery = daemon.wait_state("one", name, becomes, patience=60)
                    assert len(server.messages) == (what == "keep"), case
                    assert delivery["message"] and (becomes == "refused" or "Message-ID" in delivery["message"]
                                                    or "sent" in delivery["message"] or "answer" in delivery["message"]), delivery
                else:
                    wait_for(lambda: daemon.delivery("one", name)["state"] == "waiting", daemon)
                    assert state_of(daemon, name) == ("reconnect" if becomes == "reconnect" else "braked"), case
                    assert server.messages == [], case
            for server in servers:
                assert server.connections <= 2 and len(set(server.ids())) <= 1


def test_recipients_are_told_apart():
    """Taken for one, refused for another, later for the third: each gets it once, and who did not is named."""
    with SmtpServer() as server:
        to = "to: [a@example.org, b@example.org, c@example.org]"
        with house(account("news", server).replace("to: [list@lists.example.org]", to)) as daemon:
            server.script("rcpt", "250 2.1.5 ok, but is not", "550 5.1.1 no such person", "451 4.7.1 later")
            # the first reply is one of success that the server does not count: it stands for the usual one
            server.faults["rcpt"].pop(0)
            server.faults["rcpt"].insert(0, None)
            daemon.api("POST", "/v1/posts", {"to": ["news"], "id": "one", "text": "Bonjour"})
            delivery = daemon.wait_state("one", "news", "published")
            assert [m.recipients for m in server.messages] == [["a@example.org"], ["c@example.org"]]
            assert "b@example.org (550 5.1.1 no such person)" in delivery["message"]
            assert len(set(server.ids())) == 1
            assert parse(server.messages[0])["To"] == "undisclosed-recipients:;"


def test_a_cald_that_takes_a_lost_answer_for_nothing_sends_twice():
    """Else the tests above prove nothing."""
    with SmtpServer() as server:
        server.script("end", "keep")
        daemon = Daemon(accounts=account("news", server), calendar=CALENDAR, program=BUILD / "tests/cald-NOT_SENT")
        with daemon:
            daemon.api("POST", "/v1/posts", {"to": ["news"], "id": "one", "text": "Bonjour"})
            daemon.wait_state("one", "news", "published")
            assert len(server.messages) == 2


def large_post(daemon):
    """So large that it cannot be in the buffers of the kernel: the connection is full while the server does not read."""
    picture = noise(1700, 1900)
    daemon.write("large.png", picture)
    post = {"id": "large", "at": time.strftime("%Y-%m-%d %H:%M", time.gmtime()), "to": ["news"], "text": "Bonjour",
            "media": [{"file": "large.png", "alt": "Neige"}]}
    daemon.write("calendar.yaml", json.dumps({"version": 1, "timezone": "UTC", "posts": [post]}))
    return picture


@pytest.mark.parametrize("how", ["drop", "kill"])
def test_a_message_that_was_cut_is_not_taken(how):
    """Cut by the server: provably not sent, and sent again. Cut by kill -9: cald cannot know, and asks."""
    with SmtpServer() as server:
        daemon = Daemon(accounts=account("news", server), calendar=CALENDAR)
        picture = large_post(daemon)
        server.script("body", "drop" if how == "drop" else "hold")
        with contextlib.ExitStack() as stack:
            stack.callback(daemon.__exit__, None, None, None)
            daemon.start()
            if how == "kill":
                assert server.held.wait(30)
                daemon.kill()
                server.release.set()
                daemon.start()
                daemon.wait_state("large", "news", "unsure")
                assert server.messages == []
                run(daemon, "resolve", "large", "--not-published")
            delivery = daemon.wait_state("large", "news", "published", patience=60)
            assert delivery["attempts"] == 2
            [message] = server.messages
            assert [p.get_content() for p in parse(message).walk() if p.get_content_type() == "image/png"] == [picture]


@pytest.mark.parametrize("fault", ["hold", "keep-hold"])
def test_killed_while_the_server_has_it(fault):
    """kill -9 between the end of the message and its answer: a person is asked, who is told where to look."""
    with SmtpServer() as server:
        daemon = Daemon(accounts=account("news", server), calendar=CALENDAR)
        with contextlib.ExitStack() as stack:
            stack.callback(daemon.__exit__, None, None, None)
            daemon.start()
            server.script("end", fault)
            daemon.api("POST", "/v1/posts", {"to": ["news"], "id": "one", "text": "Bonjour\n" * 50})
            assert server.held.wait(30)
            daemon.kill()
            server.release.set()
            taken = fault == "keep-hold"
            assert len(server.messages) == taken
            daemon.start()
            delivery = daemon.wait_state("one", "news", "unsure")
            assert "Message-ID <" in delivery["message"] and "calctl resolve" in delivery["message"]
            assert len(server.messages) == taken
            explained = run(daemon, "explain", "one").stdout
            assert "calctl resolve one/news --published\n" in explained or "--published  " in explained, explained
            run(daemon, "resolve", "--published" if taken else "--not-published", "one")
            assert daemon.wait_state("one", "news", "published")["url"] is None
            assert len(server.messages) == 1


def test_a_server_that_promises_to_drop_doubles_is_asked_again_with_the_same_bytes():
    with SmtpServer() as server, house(account("news", server, "deduplicates: true")) as daemon:
        server.script("end", "keep")
        daemon.api("POST", "/v1/posts", {"to": ["news"], "id": "one", "text": "Bonjour"})
        wait_for(lambda: daemon.delivery("one", "news")["state"] == "unsure", daemon)
        assert "calctl resolve" not in (daemon.delivery("one", "news")["message"] or "")
        assert daemon.delivery("one", "news")["due"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


def secure_account(name, server, security, password="pw"):
    return (f"  {name}: {{network: email, server: localhost, port: {server.port}, security: {security}, from: news@example.org, "
            f"to: [list@example.org], user: redaction, password: {{file: {password}}}}}\n")


def test_logins_over_tls(files):
    users = {"redaction": PASSWORD}
    with contextlib.ExitStack() as stack:
        make = lambda **more: stack.enter_context(SmtpServer(**more))  # noqa: E731
        servers = {"starttls": make(starttls=files, users=users), "tls": make(tls=files, users=users),
                   "login": make(starttls=files, users=users, mechanisms="CRAM-MD5 LOGIN"),
                   "wrong": make(starttls=files, users={"redaction": "another"}), "later": make(starttls=files, users=users),
                   "bare": make(users=users), "anyone": make(starttls=files), "stranger": make(starttls=files, users=users)}
        servers["later"].script("auth", "454 4.7.0 not now")
        servers["stranger"].script("starttls", "454 4.7.0 not now")
        accounts = "".join(secure_account(name, server, "tls" if name == "tls" else "starttls") for name, server in servers.items())
        with house(accounts, settings=f"outgoing: {{ca_file: {files[0]}}}\n", pw=PASSWORD + "\n") as daemon:
            told = run(daemon, "accounts", "--check", code=6).stdout
            assert "news@example.org at localhost, as redaction" in told
            assert "STARTTLS" in told and "AUTH PLAIN or LOGIN" in told and "correct 'user' and 'password'" in told
            daemon.api("POST", "/v1/posts", {"to": list(servers), "id": "one", "text": "Bonjour"})
            for name in ("starttls", "tls", "login", "later", "stranger"):
                daemon.wait_state("one", name, "published")
                assert len(servers[name].messages) == 1
            wait_for(lambda: state_of(daemon, "wrong") == "reconnect", daemon)
            assert servers["login"].logins[-1] == ("LOGIN", "redaction", PASSWORD)
            for name in ("wrong", "bare", "anyone"):
                assert servers[name].messages == [] and not any(c.startswith("MAIL") for c in servers[name].commands)
            assert not servers["bare"].logins  # never in clear
            log, history = daemon.log(), str(daemon.api("GET", "/v1/history").json)
            for secret in (PASSWORD, __import__("base64").b64encode(b"\0redaction\0" + PASSWORD.encode()).decode()):
                assert secret not in log and secret not in history
            for path in daemon.state.iterdir():
                assert not path.is_file() or PASSWORD.encode() not in path.read_bytes()


def test_a_certificate_of_nobody_is_not_trusted(files):
    with SmtpServer(starttls=files, users={"redaction": PASSWORD}) as server:
        with house(secure_account("news", server, "starttls"), pw=PASSWORD) as daemon:
            assert run(daemon, "accounts", "--check", code=6)
            assert server.logins == []


def test_a_password_is_tried_before_it_is_stored(files):
    with SmtpServer(starttls=files, users={"redaction": PASSWORD}) as server:
        accounts = secure_account("news", server, "starttls", "kept/pw")
        with house(accounts, settings=f"outgoing: {{ca_file: {files[0]}}}\n") as daemon:
            kept = daemon.directory / "kept/pw"
            assert daemon.calctl("login", "news", "--stdin", input="another\n").returncode == 1 and not kept.exists()
            done = daemon.calctl("login", "news", "--stdin", input=PASSWORD + "\n")
            assert done.returncode == 0 and "as redaction" in done.stdout and kept.read_text() == PASSWORD, done.stderr


@pytest.mark.parametrize("change, says", [
    ("security: none, server: smtp.example.org", "is for a server on this machine only"),
    ("from: 'news@example'", "'from': 'news@example' is no address"),
    ("from: \"x@example.org>\\r\\nRCPT TO:<y@example.org\"", "control character"),
    ("to: [é@example.org]", "'to': 'é@example.org' is no address"),
    ("unsubscribe: ['http://example.org/']", "'unsubscribe'"),
    ("unsubscribe: ['mailto:a@example.org'], one_click: true", "needs an https:// address"),
    ("user: me", "a login needs both"),
    ("server: 'smtp.example.org:587'", "write it into 'port'"),
    ("server: 'smtp.example.org/x'", "is no host name"),
])
def test_an_account_that_cannot_work_is_refused_at_once(change, says, tmp_path):
    options = {"server": "127.0.0.1", "security": "none", "from": "news@example.org", "to": "[list@example.org]"}
    for part in re.split(r", (?=[a-z_]+:)", change):
        name, _, value = part.partition(": ")
        options[name] = value
    text = "{network: email, " + ", ".join(f"{k}: {v}" for k, v in options.items()) + "}"
    daemon = Daemon(accounts=f"  news: {text}\n", calendar=CALENDAR, directory=tmp_path)
    done = daemon.calctl("check")
    assert done.returncode == 1 and says in done.stdout + done.stderr, done.stdout + done.stderr


def test_a_server_that_is_not_ours(files):
    """aiosmtpd: STARTTLS and a login required, lines and commands held to the RFCs."""
    controller = pytest.importorskip("aiosmtpd.controller")
    import ssl
    from aiosmtpd.handlers import Sink
    from aiosmtpd.smtp import AuthResult

    class Mailbox(Sink):
        messages = []

        async def handle_DATA(self, _, __, envelope):
            self.messages.append(SmtpMessage(envelope.mail_from, envelope.rcpt_tos, envelope.content))
            return "250 2.0.0 kept"

    def judge(_, __, ___, ____, data):
        return AuthResult(success=data.password == PASSWORD.encode() and data.login == b"redaction")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    with contextlib.closing(__import__("socket").create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    server = controller.Controller(Mailbox(), hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True,
                                   auth_required=True, authenticator=judge, enable_SMTPUTF8=False, decode_data=False)
    server.start()
    try:
        with house(secure_account("news", server, "starttls").replace("localhost, port", "127.0.0.1, port"),
                   settings=f"outgoing: {{ca_file: {files[0]}}}\n", pw=PASSWORD) as daemon:
            daemon.write("a.png", png(200, 100, 3))
            assert "as redaction" in run(daemon, "accounts", "--check").stdout
            run(daemon, "add", "--to", "news", "--id", "one", "--media", str(daemon.directory / "a.png"), "--alt", "Neige", "Été\n..\n.")
            daemon.wait_state("one", "news", "published")
    finally:
        server.stop()
    [message] = Mailbox.messages
    parsed = parse(message)
    assert (message.sender, message.recipients) == ("news@example.org", ["list@example.org"])
    assert text_of(parsed, "plain").startswith("Été\n..\n.\n") and [p.get_content() for p in parsed.walk() if
                                                                    p.get_content_type() == "image/png"] == [png(200, 100, 3)]

"""A mail server on a thread, that does as it is told: it takes messages, refuses, waits, or goes away at any command.

    with SmtpServer() as server:
        server.script("rcpt", "450 4.7.1 greylisted")   # the next RCPT is answered so, then all is well again
        server.script("end", "drop")                    # after the whole message: closes without an answer
        …
        server.messages                                 # [Message(from, to, bytes)], in the order they were taken

Where a fault may be: connect ehlo starttls auth mail rcpt data body end quit noop. What it may be: a reply; "drop" (closes);
"hold" (says nothing until released); "keep" (of end: takes the message, then closes without an answer); "early REPLY" (of
body: replies in the middle of the message and closes).
"""
import base64
import socket
import ssl
import subprocess
import tempfile
import threading
from collections import namedtuple
from pathlib import Path

Message = namedtuple("Message", "sender recipients data")


def certificate(directory):
    """A certificate for localhost, that is its own authority; (path of it, path of its key)."""
    cert, key = Path(directory) / "cert.pem", Path(directory) / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "30",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                   check=True, capture_output=True)
    return cert, key


class SmtpServer:
    def __init__(self, tls=None, starttls=None, users=None, mechanisms="PLAIN LOGIN", size=None):
        """tls, starttls: (certificate, key); users: {name: password}, then a login is needed."""
        self.tls, self.starttls, self.users, self.mechanisms, self.size = tls, starttls, users, mechanisms, size
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.faults = {}
        self.messages, self.commands, self.logins = [], [], []
        self.connections = 0
        self.held = threading.Event()    # somebody is being held
        self.release = threading.Event()
        self.sockets = []
        threading.Thread(target=self.accept, daemon=True).start()

    def script(self, where, *what):
        with self.lock:
            self.faults.setdefault(where, []).extend(what)

    def fault(self, where):
        with self.lock:
            queue = self.faults.get(where)
            return queue.pop(0) if queue else None

    def ids(self):
        """The Message-IDs of all that was taken."""
        import email
        return [email.message_from_bytes(m.data)["Message-ID"] for m in list(self.messages)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release.set()
        self.listener.close()
        for one in self.sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.sockets.append(peer)
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            if self.tls:
                peer = self.secure(peer, self.tls)
            Session(self, peer).run()
        except (OSError, Gone):
            pass
        finally:
            try:
                peer.close()
            except OSError:
                pass

    @staticmethod
    def secure(peer, files):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        return context.wrap_socket(peer, server_side=True)


class Gone(Exception):
    pass


class Session:
    def __init__(self, server, peer):
        self.server, self.peer, self.file = server, peer, peer.makefile("rb")
        self.secured = bool(server.tls)
        self.logged_in = not server.users
        self.reset()

    def reset(self):
        self.sender, self.recipients = None, []

    def say(self, text):
        self.peer.sendall("".join(line + "\r\n" for line in text.split("\n")).encode())

    def line(self):
        line = self.file.readline(4096)
        if not line.endswith(b"\r\n"):
            raise Gone
        return line[:-2]

    def answer(self, where, usual):
        """Says what is usual, or what was scripted. True: it was usual."""
        fault = self.server.fault(where)
        if fault is None:
            self.say(usual)
            return True
        if fault == "drop":
            raise Gone
        if fault == "hold":
            self.hold()
            raise Gone
        self.say(fault)
        if fault.startswith("421"):
            raise Gone
        return False

    def hold(self):
        self.server.held.set()
        self.server.release.wait(60)

    def run(self):
        if not self.answer("connect", "220 scripted ESMTP"):
            return
        while True:
            line = self.line()
            verb, _, rest = line.decode("ascii").partition(" ")
            with self.server.lock:
                self.server.commands.append(verb.upper() if verb.upper() == "AUTH" else line.decode("ascii"))
            getattr(self, "do_" + verb.lower(), self.unknown)(rest)

    def unknown(self, _):
        self.say("502 5.5.1 not here")

    def do_ehlo(self, _):
        lines = ["250-scripted"]
        if self.server.starttls and not self.secured:
            lines.append("250-STARTTLS")
        if self.server.users and (self.secured or not self.server.starttls):
            lines.append("250-AUTH " + self.server.mechanisms)
        if self.server.size:
            lines.append(f"250-SIZE {self.server.size}")
        self.answer("ehlo", "\n".join(lines + ["250 8BITMIME"]))

    do_helo = do_ehlo

    def do_starttls(self, _):
        if self.answer("starttls", "220 go"):
            self.peer = self.server.secure(self.peer, self.server.starttls)
            self.file = self.peer.makefile("rb")
            self.secured = True
            self.reset()

    def do_auth(self, rest):
        mechanism = rest.split()[0].upper()
        if mechanism == "PLAIN":
            self.say("334 ")
            _, user, password = base64.b64decode(self.line()).decode().split("\0")
        else:
            self.say("334 VXNlcm5hbWU6")
            user = base64.b64decode(self.line()).decode()
            self.say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.line()).decode()
        self.server.logins.append((mechanism, user, password))
        right = (self.server.users or {}).get(user) == password
        self.logged_in = self.answer("auth", "235 2.7.0 welcome" if right else "535 5.7.8 wrong") and right

    def do_mail(self, rest):
        if not self.logged_in:
            self.say("530 5.7.0 log in first")
        elif self.answer("mail", "250 2.1.0 ok"):
            self.sender = rest.split("<")[1].split(">")[0]

    def do_rcpt(self, rest):
        if self.answer("rcpt", "250 2.1.5 ok"):
            self.recipients.append(rest.split("<")[1].split(">")[0])

    def do_data(self, _):
        if not self.recipients:
            self.say("554 5.5.1 nobody to send to")
        elif self.answer("data", "354 go on"):
            self.message()

    def message(self):
        lines, fault = [], self.server.fault("body")
        while True:
            line = self.line()
            if fault and len(lines) == 3:
                if fault == "hold":
                    self.hold()
                elif fault.startswith("early "):
                    self.say(fault[6:])
                raise Gone
            if line == b".":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        self.ended(Message(self.sender, list(self.recipients), b"".join(line + b"\r\n" for line in lines)))
        self.reset()

    def ended(self, message):
        fault = self.server.faults.get("end", [None])[:1]
        if fault == ["keep"] or fault == ["keep-hold"]:
            self.server.fault("end")
            self.server.messages.append(message)
            if fault == ["keep-hold"]:
                self.hold()
            raise Gone
        with self.server.lock:
            refused = bool(self.server.faults.get("end"))
        if not refused:
            self.server.messages.append(message)
        self.answer("end", "250 2.0.0 taken")

    def do_noop(self, _):
        self.answer("noop", "250 2.0.0 ok")

    def do_rset(self, _):
        self.reset()
        self.say("250 2.0.0 ok")

    def do_quit(self, _):
        self.answer("quit", "221 2.0.0 bye")
        raise Gone

"""What lies between cald and a network: a proxy on loopback that does to some of the requests what networks do.

    chance = Chance(seed, 100)                of each 100 requests one meets each kind of fault, at places that the seed says
    with ChanceProxy(server_url, chance) as proxy: proxy.url
    chance.calm = True                        no more faults
    chance.done                               kind → how often

    refused      connections are refused for a moment, from the next one on
    reset        the connection is reset before the server saw the request
    reset-after  and after it: the server acted
    timeout      no answer for longer than anybody waits: the server acted, or not, in turn
    limited      429 with Retry-After, not acted
    failing      500; acted, or not, in turn
    lost         acted, and closed without an answer

Requests that only warm a connection up (HEAD) pass as they are.
"""
import collections
import http.client
import random
import socket
import struct
import threading
import time
import urllib.parse

KINDS = ("refused", "reset", "reset-after", "timeout", "limited", "failing", "lost")
PATIENCE = 5  # seconds; more than hasty.c has
CLOSED = 0.3  # how long a door is closed


class Chance:
    def __init__(self, seed, of=100):
        self.dice, self.of, self.lock, self.calm = random.Random(seed), of, threading.Lock(), False
        self.places, self.count, self.done = {}, 0, collections.Counter()

    def draw(self):
        """What happens to this request; None: nothing."""
        with self.lock:
            if self.count % self.of == 0:
                self.places = dict(zip(self.dice.sample(range(self.of), len(KINDS)), KINDS))
            kind = None if self.calm else self.places.get(self.count % self.of)
            self.count += 1
            if kind:
                self.done[kind] += 1
            return kind

    def every_other(self, kind):
        return self.done[kind] % 2 == 1


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class ChanceProxy:
    def __init__(self, upstream, chance):
        self.upstream, self.chance = urllib.parse.urlsplit(upstream), chance
        self.holder = self.bound()  # never listens: while nobody else does, connections are refused
        self.port = self.holder.getsockname()[1]
        self.url = f"{self.upstream.scheme}://127.0.0.1:{self.port}"
        self.lock, self.open, self.ended = threading.Lock(), set(), False
        self.door = None

    def bound(self, port=0):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind(("127.0.0.1", port))
        return one

    # ---- the door ----

    def listen(self):
        door = self.bound(self.port)
        door.listen(128)
        with self.lock:
            self.door = door
        threading.Thread(target=self.accept, args=(door,), daemon=True).start()

    def accept(self, door):
        while True:
            try:
                connection, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def close_door(self):
        """And every kept connection with it, unless a request is on it."""
        with self.lock:
            door, self.door = self.door, None
        if door is None:
            return
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        time.sleep(CLOSED)
        if not self.ended:
            self.listen()

    def __enter__(self):
        self.listen()
        return self

    def __exit__(self, *_):
        self.ended = True
        with self.lock:
            for one in [self.door, self.holder, *self.open]:
                if one is not None:
                    try:
                        one.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
                    one.close()

    # ---- requests ----

    @staticmethod
    def read(stream):
        """Bytes of a whole request and its method, or None."""
        line = stream.readline(65536)
        if not line.endswith(b"\r\n"):
            return None
        head, length, chunked = line, 0, False
        while True:
            line = stream.readline(65536)
            head += line
            if line in (b"\r\n", b""):
                break
            name, _, value = line.lower().partition(b":")
            length = int(value) if name == b"content-length" else length
            chunked |= name == b"transfer-encoding" and b"chunked" in value
        body = b""
        while chunked:
            line = stream.readline(65536)
            body += line + (more := stream.read(int(line.split(b";")[0], 16) + 2))
            chunked = len(more) > 2
        body += stream.read(length)
        return head + body, head.split(b" ")[0].decode()

    def ask(self, data, method):
        """The server's whole answer; None when it gave none."""
        try:
            with socket.create_connection((self.upstream.hostname, self.upstream.port), 30) as server:
                server.sendall(data)
                answer = http.client.HTTPResponse(server, method=method)
                answer.begin()
                body = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        head = f"HTTP/1.1 {answer.status} {answer.reason}\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in answer.getheaders()
            if name.lower() not in ("connection", "transfer-encoding", "content-length"))
        length = answer.getheader("Content-Length", "0") if method == "HEAD" else len(body)
        return f"{head}Content-Length: {length}\r\n\r\n".encode() + body

    def happen(self, kind, connection, data, method):
        """True: the connection goes on."""
        acts = kind in ("reset-after", "lost", "refused", None) or (
            kind in ("timeout", "failing") and self.chance.every_other(kind))
        answer = self.ask(data, method) if acts else None
        if kind in ("reset", "reset-after"):
            reset(connection)
        elif kind == "timeout":
            time.sleep(PATIENCE)
        elif kind == "limited":
            answer = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        elif kind == "failing":
            answer = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nOops"
        if kind in ("reset", "reset-after", "timeout", "lost") or answer is None:
            return False
        connection.sendall(answer)
        if kind == "refused":
            self.close_door()
        return kind != "refused"

    def serve(self, connection):
        with self.lock:
            self.open.add(connection)
        try:
            with connection, connection.makefile("rb") as stream:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while request := self.read(stream):
                    kind = None if request[1] == "HEAD" else self.chance.draw()
                    if not self.happen(kind, connection, *request):
                        return
        except (OSError, ValueError):
            pass  # the other side went away
        finally:
            with self.lock:
                self.open.discard(connection)

"""A server that misbehaves in the way that the request's path names, and counts what it received whole.

    with FaultyServer() as server:
        server.url("half")          answers half a body
        server.received["half"]     how many whole requests came
"""
import collections
import json
import re
import socket
import ssl
import struct
import threading
import time

ANSWER = json.dumps({"id": "7", "url": "https://example.org/7"}).encode()
CREATED = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"


def reset(connection):
    """Closes with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def whole(connection, head=CREATED, body=ANSWER):
    """An answer after which the connection is kept, as its head says: to close it all the same may hit the next request."""
    connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    return True


def drip(connection, data):
    for byte in data:
        connection.sendall(bytes([byte]))
        time.sleep(1)


def endless_body(connection):
    connection.sendall(CREATED + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(1 << 10):
        connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


def endless(connection, data, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection.sendall(data)
        time.sleep(0.01)


KINDS = {
    "good": whole,
    "http-1.0": lambda c: whole(c, CREATED.replace(b"1.1", b"1.0")),
    "continue": lambda c: whole(c, b"HTTP/1.1 100 Continue\r\n\r\n" + CREATED),
    "early-hints": lambda c: whole(c, b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + CREATED),
    "silent-cut": lambda c: None,
    "reset-after": reset,
    "no-answer": lambda c: time.sleep(60),
    "cut-in-headers": lambda c: c.sendall(CREATED),
    "cut-after-headers": lambda c: c.sendall(CREATED + b"Content-Length: 100\r\n\r\n"),
    "half": lambda c: c.sendall(CREATED + b"Content-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER[:10]),
    "half-chunk": lambda c: c.sendall(CREATED + b"Transfer-Encoding: chunked\r\n\r\n40\r\n" + ANSWER[:10]),
    "bad-chunk": lambda c: c.sendall(CREATED + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + ANSWER),
    "short-length": lambda c: c.sendall(CREATED + b"Content-Length: 5\r\n\r\n" + ANSWER),
    "no-json": lambda c: whole(c, body=b"<html>created</html>"),
    "no-id": lambda c: whole(c, body=b"{}"),
    "deep-json": lambda c: whole(c, body=b"[" * 100000),
    "endless-body": endless_body,
    "slow-body": lambda c: drip(c, CREATED + b"Content-Length: 100\r\n\r\n" + b" " * 100),
    "huge-header": lambda c: whole(c, CREATED + b"X-Long: " + b"x" * 200000 + b"\r\n"),
    "many-headers": lambda c: whole(c, CREATED + b"X-Many: x\r\n" * 20000),
    "endless-continue": lambda c: endless(c, b"HTTP/1.1 100 Continue\r\n\r\n" * 20),
    "garbage": lambda c: c.sendall(bytes(range(256)) * 40),
    "status-999": lambda c: whole(c, b"HTTP/1.1 999 Enhance\r\n"),
    "error-500": lambda c: whole(c, b"HTTP/1.1 500 Internal Server Error\r\n"),
    "moved": lambda c: whole(c, b"HTTP/1.1 301 Moved Permanently\r\nLocation: /good\r\n"),
    "moved-307": lambda c: whole(c, b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /good\r\n"),
    "limited": lambda c: whole(c, b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\n"),
    "bad-request": lambda c: whole(c, b"HTTP/1.1 400 Bad Request\r\n"),
}


class FaultyServer:
    def __init__(self, certificate=None, key=None):
        self.received = collections.Counter()
        self.times = collections.defaultdict(list)
        self.bodies = collections.defaultdict(list)
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate, key)
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        self.scheme = "https" if certificate else "http"

    def url(self, kind):
        return f"{self.scheme}://127.0.0.1:{self.port}/{kind}"

    def read(self, connection):
        """Kind and body of a whole request; None when it ends before."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return None
            data += more
            if b"/reset-in-request " in data:
                reset(connection)
                return None
        head, body = data.split(b"\r\n\r\n", 1)
        length = int((re.search(rb"(?i)content-length: (\d+)", head) or [0, 0])[1])
        while len(body) < length:
            more = connection.recv(65536)
            if not more:
                return None
            body += more
        method, path = head.split(b" ")[:2]
        return method.decode(), path.decode()[1:], body

    def talk(self, connection):
        try:
            with connection:
                connection.settimeout(90)
                if self.tls:
                    connection = self.tls.wrap_socket(connection, server_side=True)
                while request := self.read(connection):
                    method, kind, body = request
                    if method == "HEAD":
                        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                        continue
                    self.received[kind] += 1
                    self.times[kind].append(time.time())
                    self.bodies[kind].append(body)
                    if not KINDS[kind](connection):
                        return
        except OSError:
            pass

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

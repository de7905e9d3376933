"""Requests nobody should send: each is refused, and nothing changes. Slow and many clients do not stop others."""
import http.client
import json
import os
import socket
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import BUILD, Daemon, UnixConnection  # noqa: E402

BODY = b'{"to":["site"],"text":"evil","id":"evil","at":"2034-01-01 09:00"}'


@contextmanager
def served(**options):
    """A cald that strangers can reach over the socket: it must be the daemon who refuses, not the file system."""
    with Daemon(control="hosts: [news.example.org]", **options) as running:
        running.secret = running.token("editor", "editor")
        running.directory.chmod(0o755)
        running.state.chmod(0o711)
        running.socket.chmod(0o666)
        yield running


@pytest.fixture(scope="module")
def daemon():
    with served() as running:
        yield running


def post(host="localhost", line="POST /v1/posts HTTP/1.1", headers=(), body=BODY, length=None, kind="application/json",
         token=None):
    lines = [line]
    if host is not None:
        lines.append(f"Host: {host}")
    if kind:
        lines.append(f"Content-Type: {kind}")
    if length is not False:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    if token:
        lines.append(f"Authorization: Bearer {token}")
    head = "\r\n".join([*lines, *headers, "Connection: close"]) + "\r\n\r\n"
    return head.encode("latin-1") + body


# Over the Unix socket, where who asks is admin: only the form of the request speaks against it.
HOSTILE = {
    "no Host": post(host=None),
    "two Hosts": post(headers=["Host: other"]),
    "empty request line": b"\r\n\r\n\r\n\r\n",
    "nonsense": b"\x00\x01\x02\x03\xff\xfe" * 50 + b"\r\n\r\n",
    "TLS": bytes.fromhex("160301020001000001fc0303") + b"\x00" * 500,
    "HTTP/0.9": b"GET /v1/status\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/9.9": post(line="POST /v1/posts HTTP/9.9"),
    "no version": post(line="POST /v1/posts"),
    "two Content-Lengths, the same": post(headers=[f"Content-Length: {len(BODY)}"]),
    "two Content-Lengths": post(headers=["Content-Length: 5"]),
    "Content-Length list": post(length=f"{len(BODY)}, {len(BODY)}"),
    "negative Content-Length": post(length="-1"),
    "Content-Length with a sign": post(length=f"+{len(BODY)}"),
    "hexadecimal Content-Length": post(length="0x41"),
    "huge Content-Length": post(length="99999999999999999999999"),
    "overflowing Content-Length": post(length="18446744073709551617"),
    "blank before the colon": post(length=False, headers=[f"Content-Length : {len(BODY)}"]),
    "chunked": post(length=False, headers=["Transfer-Encoding: chunked"],
                    body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)),
    "chunked and Content-Length": post(headers=["Transfer-Encoding: chunked"],
                                       body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)),
    "Transfer-Encoding xchunked": post(headers=["Transfer-Encoding: xchunked"]),
    "Transfer-Encoding with a tab": post(headers=["Transfer-Encoding:\tchunked"]),
    "Transfer-Encoding identity": post(headers=["Transfer-Encoding: identity"]),
    "folded header": post(headers=["X-A: b", " Content-Length: 5"]),
    "NUL in a header's name": post(headers=["X\x00A: b"]),
    "bare CR in a header": post(headers=["X-A: a\rIdempotency-Key: x"]),
    "header without a name": post(headers=[": value"]),
    "header without a colon": post(headers=["Nothing here"]),
    "control in a header's name": post(headers=["X\x01A: b"]),
    "headers of 100 KB": post(headers=["X-A: " + "a" * 100_000]),
    "a thousand headers": post(headers=[f"X-{i}: {i}" for i in range(1000)]),
    "target of 100 KB": post(line="POST /v1/posts?" + "a" * 100_000 + " HTTP/1.1"),
    "body of 2 MiB": post(body=b'{"text":"' + b"a" * (2 << 20) + b'"}'),
    "two Content-Types": post(headers=["Content-Type: text/plain"]),
    "form": post(kind="application/x-www-form-urlencoded"),
    "multipart": post(kind="multipart/form-data; boundary=x"),
    "text/plain": post(kind="text/plain"),
    "no Content-Type": post(kind=None),
    "JSON in UTF-16": post(kind="application/json; charset=utf-16"),
    "gzip": post(headers=["Content-Encoding: gzip"]),
    "two Idempotency-Keys": post(headers=["Idempotency-Key: a", "Idempotency-Key: b"]),
    "dot segments": post(line="POST /v1/../v1/posts HTTP/1.1"),
    "encoded dot segments": post(line="POST /v1/%2e%2e/v1/posts HTTP/1.1"),
    "encoded slash": post(line="POST /v1%2fposts HTTP/1.1"),
    "NUL in the path": post(line="POST /v1/posts%00x HTTP/1.1"),
    "CRLF in the path": post(line="POST /v1/posts%0d%0a HTTP/1.1"),
    "bad escape": post(line="POST /v1/posts%zz HTTP/1.1"),
    "cut escape": post(line="POST /v1/posts?dry_run=% HTTP/1.1"),
    "not UTF-8": post(line="POST /v1/posts/%ff%fe/cancel HTTP/1.1"),
    "absolute form": post(line="POST http://evil.example/v1/posts HTTP/1.1"),
    "authority form": post(line="CONNECT localhost:80 HTTP/1.1"),
    "asterisk form": post(line="OPTIONS * HTTP/1.1"),
    "fragment": post(line="POST /v1/posts#x HTTP/1.1"),
    "double slash": post(line="POST //v1/posts HTTP/1.1"),
    "trailing slash": post(line="POST /v1/posts/ HTTP/1.1"),
    "another case": post(line="POST /V1/POSTS HTTP/1.1"),
    "lower-case method": post(line="post /v1/posts HTTP/1.1"),
    "method override": post(line="GET /v1/posts/far-away HTTP/1.1", headers=["X-HTTP-Method-Override: PATCH"]),
    "GET with a body": post(line="GET /v1/status HTTP/1.1"),
    "a hundred parameters": post(line="POST /v1/posts?" + "&".join(["dry_run=true"] * 100) + " HTTP/1.1"),
    "doubled parameter": post(line="POST /v1/posts?dry_run=true&dry_run=false HTTP/1.1"),
    "JSON bomb": post(body=b"[" * 100_000),
    "object bomb": post(body=b'{"a":' * 50_000),
    "doubled member": post(body=b'{"to":["site"],"text":"a","text":"b"}'),
    "NUL in JSON": post(body=b'{"to":["site"],"text":"a\\u0000b"}'),
    "not UTF-8 in JSON": post(body=b'{"to":["site"],"text":"\xff"}'),
    "a lone surrogate": post(body=b'{"to":["site"],"text":"\\ud800"}'),
    "control character in a post": post(body=b'{"to":["site"],"text":"a\\u001b[31mb"}'),
    "JSON and more": post(body=BODY + BODY),
    "huge number": post(body=b'{"to":["site"],"text":"x","id":1e999}'),
    "newline in a title": post(body=b'{"to":["site"],"text":"x","title":"a\\r\\nBcc: b"}'),
    "path out of the media root": post(body=b'{"to":["site"],"text":"x","media":[{"file":"../cald.yaml","alt":"a"}]}'),
    "absolute media path": post(body=b'{"to":["site"],"text":"x","media":[{"file":"/etc/passwd","alt":"a"}]}'),
    "upload name with a path": post(body=b'{"to":["site"],"text":"x","media":[{"file":"upload:../cald.db","alt":"a"}]}'),
    "body file out of the root": post(body=b'{"to":["site"],"text":"x","body_file":"/etc/passwd"}'),
    "foreign Origin": post(headers=["Origin: https://evil.example"]),
    "null Origin": post(headers=["Origin: null"]),
    "cross-site": post(headers=["Sec-Fetch-Site: cross-site"]),
    "same-site": post(headers=["Sec-Fetch-Site: same-site"]),
}

# Over TCP, with a good token: the browser that was led astray.
HOSTILE_TCP = {
    "rebound name": dict(host="evil.example"),
    "rebound name with our port": dict(host="evil.example:{port}"),
    "another port": dict(host="127.0.0.1:1"),
    "without the port": dict(host="127.0.0.1"),
    "localhost without the port": dict(host="localhost"),
    "another loopback address": dict(host="127.0.0.2:{port}"),
    "IPv6 loopback": dict(host="[::1]:{port}"),
    "empty Host": dict(host=""),
    "a name that ends like ours": dict(host="xlocalhost:{port}"),
    "a name that begins like ours": dict(host="localhost.evil.example:{port}"),
    "user in Host": dict(host="localhost@evil.example:{port}"),
    "served name with another port": dict(host="news.example.org:1"),
    "foreign Origin": dict(host="localhost:{port}", headers=["Origin: http://evil.example"]),
    "Origin with another port": dict(host="localhost:{port}", headers=["Origin: http://localhost:1"]),
    "Origin null": dict(host="localhost:{port}", headers=["Origin: null"]),
    "cross-site": dict(host="localhost:{port}", headers=["Sec-Fetch-Site: cross-site"]),
    "no token": dict(host="localhost:{port}", token=""),
    "wrong token": dict(host="localhost:{port}", token="x" * 40),
    "another scheme": dict(host="localhost:{port}", token="", headers=["Authorization: Basic ZWRpdG9yOng="]),
    "two tokens": dict(host="localhost:{port}", headers=["Authorization: Bearer x"]),
}


def unchanged(daemon):
    return daemon.api("GET", "/v1/history?limit=1").json, daemon.api("GET", "/v1/status").json["counts"]


def assert_refused(answer):
    """An error, or no answer at all; and never two answers. (libmicrohttpd 0.9.75 writes the head of an error of its own
    twice when it refuses while it reads the headers: the same head is the same answer.)"""
    heads = {head.split(b"\r\n\r\n")[0] for head in answer.split(b"HTTP/1.1 ")[1:]}
    assert len(heads) <= 1, answer[:2000]
    for head in heads:
        assert 400 <= int(head.split(b" ")[0]) < 600 and not head.startswith(b"500"), answer[:300]
        assert b"Access-Control" not in head


def try_over_the_socket(daemon, name):
    before = unchanged(daemon)
    assert_refused(daemon.raw(HOSTILE[name], patience=1))
    assert unchanged(daemon) == before


def try_over_tcp(daemon, name):
    before = unchanged(daemon)
    request = {"token": daemon.secret, **HOSTILE_TCP[name]}
    request["host"] = request["host"].format(port=daemon.port)
    answer = daemon.raw(post(**request), tcp=True)
    assert answer, "closed without an answer"
    assert_refused(answer)
    assert unchanged(daemon) == before


def try_as_a_stranger(daemon, user):
    """A good request over the socket, by a user who was granted nothing."""
    before = unchanged(daemon)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
        os.write(write, daemon.raw(post())[:60000])
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    assert answer.startswith(b"HTTP/1.1 403 "), answer[:300]
    assert unchanged(daemon) == before


NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to ask as another user")


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_over_the_socket(daemon, name):
    try_over_the_socket(daemon, name)


@pytest.mark.parametrize("name", HOSTILE_TCP)
def test_it_is_refused_over_tcp(daemon, name):
    try_over_tcp(daemon, name)


@NEEDS_ROOT
@pytest.mark.parametrize("user", [1, 6, 65534])
def test_another_user_of_this_machine_is_refused(daemon, user):
    try_as_a_stranger(daemon, user)


@pytest.mark.parametrize("mutant, way, name", [
    ("ANY_HOST", try_over_tcp, "rebound name"),
    ("ANY_ORIGIN", try_over_tcp, "foreign Origin"),
    ("ANY_ORIGIN", try_over_the_socket, "cross-site"),
    ("ANY_TOKEN", try_over_tcp, "wrong token"),
    ("ANY_TYPE", try_over_the_socket, "text/plain"),
    ("DOUBLED_LENGTH", try_over_the_socket, "two Content-Lengths, the same"),
    pytest.param("ANY_PEER", try_as_a_stranger, 65534, marks=NEEDS_ROOT),
])
def test_a_cald_that_lets_it_in_is_found_out(mutant, way, name):
    with served(program=BUILD / "tests" / f"cald-{mutant}") as broken:
        with pytest.raises(AssertionError):
            way(broken, name)
        assert broken.api("GET", "/v1/posts/evil").status == 200, "it failed for another reason"


def test_the_same_request_without_the_fault_is_accepted(daemon):
    """Else the tests above could pass for another reason."""
    good = BODY.replace(b'"evil"', b'"good-1"', 2).replace(b'"text":"good-1"', b'"text":"x"')
    assert b" 201 " in daemon.raw(post(body=good)).split(b"\r\n")[0]
    for i, host in enumerate((f"127.0.0.1:{daemon.port}", f"localhost:{daemon.port}", "news.example.org",
                              f"news.example.org:{daemon.port}")):
        good = b'{"to":["site"],"text":"x","at":"2034-01-01 09:00","id":"tcp-%d"}' % i
        answer = daemon.raw(post(host=host, body=good, token=daemon.secret, headers=[f"Origin: http://{host}",
                                                                                     "Sec-Fetch-Site: same-origin"]), tcp=True)
        assert b" 201 " in answer.split(b"\r\n")[0], answer


def test_a_smuggled_second_request_is_not_heard(daemon):
    before = unchanged(daemon)
    hidden = post(body=BODY)
    answer = daemon.raw(post(body=b"0\r\n\r\n" + hidden, length=5, headers=["Transfer-Encoding: chunked"]))
    assert_refused(answer)
    answer = daemon.raw(post(body=b"{}" + hidden, headers=["Content-Length: 2"]))
    assert_refused(answer)
    assert unchanged(daemon) == before


def test_there_is_no_cors(daemon):
    answer = daemon.api("OPTIONS", "/v1/posts", headers={"Origin": "https://evil.example",
                                                         "Access-Control-Request-Method": "POST"})
    assert answer.status == 405 and not [h for h in answer.headers if h.startswith("access-control")]


def test_a_link_from_another_site_shows_the_public_pages(daemon):
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert daemon.api("GET", "/feed/site/", headers=headers, tcp=True).status == 200
    assert daemon.api("GET", "/v1/status", headers=headers, tcp=True, token=daemon.secret).status == 403


def test_no_get_changes_anything(daemon):
    before = unchanged(daemon)
    for path in ("/", "/v1/status", "/v1/deliveries", "/v1/accounts", "/v1/slots", "/metrics", "/calendar.ics",
                 "/v1/posts/far-away", "/feed/site/", "/v1/posts/far-away/cancel", "/v1/reload", "/v1/pause"):
        daemon.api("GET", path)
        daemon.api("HEAD", path)
    assert unchanged(daemon) == before


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def test_a_thousand_slow_clients_stop_nobody(daemon):
    before = descriptors(daemon)
    slow = []
    for i in range(1000):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(2)
        try:
            sock.connect(str(daemon.socket))
            sock.sendall(b"GET /v1/status HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        except OSError:  # already thrown out
            pass
        slow.append(sock)
    start = time.monotonic()
    assert daemon.api("GET", "/v1/status").status == 200
    assert daemon.api("POST", "/v1/posts", {"to": ["site"], "text": "in between", "id": "between"}).status == 201
    daemon.wait_state("between", "site", "published", patience=5)
    assert time.monotonic() - start < 3
    assert descriptors(daemon) - before < 200
    for sock in slow:
        sock.close()
    end = time.monotonic() + 10
    while descriptors(daemon) > before + 2 and time.monotonic() < end:
        time.sleep(0.1)
    assert descriptors(daemon) <= before + 2


def test_a_byte_a_second_is_not_enough(daemon):
    """The library's own time-out is an idle one; ours counts from the beginning."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(str(daemon.socket))
    start, closed = time.monotonic(), None
    sock.settimeout(0.5)
    while time.monotonic() - start < 15:
        try:
            sock.sendall(b"G")
            if sock.recv(1) == b"":
                closed = time.monotonic() - start
                break
        except socket.timeout:
            continue
        except OSError:
            closed = time.monotonic() - start
            break
    assert closed and 8 < closed < 13, closed


def test_a_reader_who_never_reads_does_not_hold_others(daemon):
    readers = []
    for _ in range(20):
        connection = UnixConnection(daemon.socket)
        connection.request("GET", "/v1/deliveries?limit=1000")
        readers.append(connection)
    assert daemon.api("GET", "/v1/status", timeout=5).status == 200
    for connection in readers:
        connection.close()


def test_requests_in_one_breath_are_answered_in_order(daemon):
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    two = b"GET /v1/nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = daemon.raw(one + one + two)
    assert [part.split(b" ")[0] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"404"]


def test_the_log_has_no_line_of_theirs(daemon):
    daemon.raw(post(body=b'{"to":["site"],"text":"x","at":"2034-01-01 09:00","id":"log-1"}'))
    daemon.api("POST", "/v1/posts/log-1/cancel", {"why": "x\n2026-01-01T00:00:00Z error forged"})
    assert "\n2026-01-01T00:00:00Z error forged" not in daemon.log()
    assert "Sanitizer" not in daemon.log()

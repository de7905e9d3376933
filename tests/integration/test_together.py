"""Requests that are there at the same time share one commit, and nothing else: what fails, fails alone; what could not be
stored is told to all of them. The daemon is stopped while they are sent, so that they are there together."""
import json
import os
import re
import resource
import shutil
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import UnixConnection  # noqa: E402
from openapi import CheckedDaemon  # noqa: E402


@pytest.fixture(scope="module")
def daemon():
    running = CheckedDaemon()
    running.start(wrapper=["env", "--ignore-signal=XFSZ"])
    try:
        yield running
        assert running.stop() == 0, running.log()
    finally:
        running.kill()


class Clients:
    """Connections that are open: each sends one request while the daemon stands still."""

    def __init__(self, daemon, count):
        self.daemon, self.connections = daemon, [UnixConnection(daemon.socket) for _ in range(count)]
        for connection in self.connections:
            connection.request("GET", "/healthz")
            assert connection.getresponse().read()

    def ask(self, requests, limit=None):
        pid = self.daemon.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        os.kill(pid, signal.SIGSTOP)
        try:
            for connection, (method, path, body, *headers) in zip(self.connections, requests):
                sent = {"Content-Type": "application/json", **(headers[0] if headers else {})}
                connection.request(method, path, json.dumps(body) if body else None, sent if body else {})
            if limit is not None:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, before[1]))
        finally:
            os.kill(pid, signal.SIGCONT)
        answers = [connection.getresponse() for connection, _ in zip(self.connections, requests)]
        bodies = [answer.read() for answer in answers]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        return [(answer.status, body.decode()) for answer, body in zip(answers, bodies)]


def post(name, text="A text."):
    return "POST", "/v1/posts", {"id": name, "to": ["site"], "text": text, "at": "2034-06-01 10:00"}


def commits(daemon):
    return int(re.search(rb"^cald_database_commits_total (\d+)", daemon.api("GET", "/metrics").body, re.M)[1])


def states(daemon, prefix):
    items = daemon.api("GET", "/v1/deliveries?limit=1000").json["items"]
    return sorted(item["post"] for item in items if item["post"].startswith(prefix))


def test_they_share_a_commit_and_what_is_refused_is_refused_alone(daemon):
    clients, before = Clients(daemon, 10), commits(daemon)
    answers = clients.ask([post("t0"), post("t1"), post("t1"), post("t2", "So cheap!"), post("t3"), post("t4"),
                           ("POST", "/v1/posts?dry_run=true", *post("t5")[2:]), post("t6"), post("t7"), post("t8")])
    said = [status for status, _ in answers]
    assert said.count(409) == 1 and said.pop(1 if said[1] == 409 else 2) == 409  # one of the two with the same name
    assert said == [201, 201, 422, 201, 201, 200, 201, 201, 201], answers
    assert commits(daemon) - before <= 2, "ten requests at once made more than a commit or two"
    assert states(daemon, "t") == ["t0", "t1", "t3", "t4", "t6", "t7", "t8"]
    assert daemon.calctl("audit", "verify").returncode == 0


def test_who_asks_among_them_is_told_only_of_what_is_on_disk(daemon):
    clients = Clients(daemon, 6)
    answers = clients.ask([post("g0"), post("g1"), ("GET", "/v1/posts/g0", None), post("g2"),
                           ("POST", "/v1/posts/g1/cancel", {"why": "no"}), post("g3")])
    assert [status for status, _ in answers if status == 201] == [201] * 4, answers
    assert answers[2][0] in (200, 404) and answers[4][0] in (200, 404), answers
    assert states(daemon, "g") == ["g0", "g1", "g2", "g3"]


def test_a_key_that_comes_twice_at_once_is_answered_twice_and_done_once(daemon):
    key = {"Idempotency-Key": "the-same"}
    answers = Clients(daemon, 4).ask([(*post("k0"), key), (*post("k0"), key), (*post("k0"), key), post("k1")])
    assert [status for status, _ in answers] == [201] * 4, answers
    assert answers[0][1] == answers[1][1] == answers[2][1]


def test_when_the_disk_takes_nothing_all_are_told_and_nothing_is_there(daemon):
    clients = Clients(daemon, 5)
    answers = clients.ask([post(f"d{i}") for i in range(5)], limit=0)
    assert [status for status, _ in answers] == [503] * 5, answers
    assert all("nothing was changed" in body for _, body in answers)
    assert states(daemon, "d") == []
    assert [status for status, _ in clients.ask([post(f"d{i}") for i in range(5)])] == [201] * 5
    assert states(daemon, "d") == [f"d{i}" for i in range(5)]
    assert daemon.calctl("audit", "verify").returncode == 0


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_post_alone_is_synced_once_and_several_at_once_too(tmp_path):
    syncs = tmp_path / "syncs"
    daemon = CheckedDaemon(environment={"ASAN_OPTIONS": "detect_leaks=0"})
    daemon.start(wrapper=["strace", "-D", "-f", "-qqq", "-e", "signal=none", "-e", "trace=fsync,fdatasync", "-o", str(syncs)])
    try:
        def synced():
            return len(syncs.read_text().splitlines())
        before = synced()
        for i in range(5):
            assert daemon.api(*post(f"a{i}")).status == 201
        assert synced() - before == 5
        clients, before = Clients(daemon, 8), synced()
        assert [status for status, _ in clients.ask([post(f"b{i}") for i in range(8)])] == [201] * 8
        assert synced() - before <= 2
        assert daemon.stop() == 0, daemon.log()
    finally:
        daemon.kill()

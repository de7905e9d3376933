"""Every fault a network can have, each on an account of its own, all at once; another account does not notice.

What was provably not sent is tried again; what may have been done is unsure and left alone; what the server refused is refused.
"""
import contextlib
import os
import socket
import subprocess
import time

import pytest

from faulty_server import FaultyServer
from stage import CALD, Stage, milliseconds, mutant, say, second_after

UNSURE, AGAIN, DONE = {"unsure"}, {"waiting"}, {"published"}
REFUSED = {"refused"}
ACCOUNT = {"waiting"}  # until a person corrects the address: the account is held back

# What becomes of a post to a server that … without a key to repeat it under.
CLASSES = {
    "http-1.0": DONE, "continue": DONE, "early-hints": DONE,
    "reset-in-request": UNSURE, "silent-cut": UNSURE, "reset-after": UNSURE, "no-answer": UNSURE,
    "cut-in-headers": UNSURE, "cut-after-headers": UNSURE, "half": UNSURE, "half-chunk": UNSURE, "bad-chunk": UNSURE,
    "short-length": UNSURE, "no-json": UNSURE, "no-id": UNSURE, "deep-json": UNSURE, "endless-body": UNSURE,
    "slow-body": UNSURE, "huge-header": UNSURE, "many-headers": UNSURE, "endless-continue": UNSURE, "garbage": UNSURE,
    "status-999": UNSURE, "error-500": UNSURE,
    "moved": ACCOUNT, "moved-307": ACCOUNT, "bad-request": REFUSED, "limited": AGAIN,
}
DEADLINE = 30  # seconds, of one exchange
HEALTHY = 14   # posts, one each second
LATE_MS = 1500 # most, on a machine that does other things too


def openssl(*arguments, cwd):
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


def make_certificates(folder):
    """An authority, a server for 127.0.0.1 and one for elsewhere signed by it, and one that signed itself."""
    folder.mkdir()
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    openssl(*new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority", cwd=folder)
    openssl(*new, "-keyout", "self.key", "-out", "self.pem", "-subj", "/CN=127.0.0.1", "-addext",
            "subjectAltName=IP:127.0.0.1", cwd=folder)
    for name, what in {"server": "IP:127.0.0.1", "elsewhere": "DNS:elsewhere.example"}.items():
        (folder / "ext").write_text(f"subjectAltName={what}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out",
                f"{name}.csr", "-subj", f"/CN={name}", cwd=folder)
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "ext", "-out", f"{name}.pem", cwd=folder)
    return folder


@contextlib.contextmanager
def unaccepted():
    """A port where no connection is ever made: its queue is full."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    clients = []
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(server.getsockname())
        clients.append(client)
    try:
        yield server.getsockname()[1]
    finally:
        for each in [server, *clients]:
            each.close()


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def account(name, url):
    return f'  {name}: {{network: webhook, url: "{url}", id: /id, spacing: 0s}}\n'


class Faults(Stage):
    def __init__(self, urls, slot, healthy, program=CALD, settings=""):
        super().__init__(0, {}, {}, program, settings=settings)
        posts = "".join(f'  - {{id: p, at: {stamp(slot)}, to: [{", ".join(urls)}], text: "Post p."}}\n' for _ in [0])
        for i in range(HEALTHY):
            posts += f'  - {{id: well-{i:02}, at: {stamp(slot + i * 1000)}, to: [well], text: "Post {i:02}."}}\n'
        accounts = "".join(account(name, url) for name, url in urls.items()) + account("well", healthy)
        self.write("calendar.yaml", "version: 1\ntimezone: UTC\nposts:\n" + posts)
        self.write("cald.yaml", self.config.read_text().replace("accounts:\n", "accounts:\n" + accounts))


def stamp(ms):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(ms / 1000))


def wait_for(stage, wanted, patience):
    """The delivery of each account as it was when it was first in a state that is wanted, or when patience ended."""
    end = time.monotonic() + patience
    found, left = {}, dict(wanted)
    while left and time.monotonic() < end:
        for name in list(left):
            found[name] = delivery = stage.delivery("p", name)
            if delivery["state"] in wanted[name] and delivery["attempts"]:
                del left[name]
        time.sleep(0.3)
    return found, {name: (found[name]["state"], found[name].get("message")) for name in left}


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = make_certificates(tmp_path_factory.mktemp("tls") / "certificates")
    with contextlib.ExitStack() as held:
        plain = held.enter_context(FaultyServer())
        well = held.enter_context(FaultyServer())
        trusted, elsewhere, own = (held.enter_context(FaultyServer(folder / f"{n}.pem", folder / f"{n}.key"))
                                   for n in ("server", "elsewhere", "self"))
        urls = {kind: plain.url(kind) for kind in CLASSES}
        classes = dict(CLASSES)
        for name, url, states in (
                ("refusing", f"http://127.0.0.1:{closed_port()}/", AGAIN),
                ("unaccepting", f"http://127.0.0.1:{held.enter_context(unaccepted())}/", AGAIN),
                ("no-name", "https://nowhere.invalid/", AGAIN), ("self-signed", own.url("good"), AGAIN),
                ("other-name", elsewhere.url("good"), AGAIN), ("no-tls", plain.url("good").replace("http:", "https:"), AGAIN),
                ("trusted", trusted.url("good"), DONE)):
            urls[name], classes[name] = url, states
        slot = second_after(6000)
        stage = Faults(urls, slot, well.url("good"), settings=f"outgoing: {{ca_file: {folder / 'ca.pem'}}}\n")
        with stage:
            stage.start()
            while milliseconds() < slot:
                time.sleep(0.05)
            found, wrong = wait_for(stage, classes, DEADLINE + 15)
            took = (milliseconds() - slot) / 1000
            while well.received["good"] < HEALTHY and milliseconds() < slot + 60000:
                time.sleep(0.1)
            stage.stop()
            log = stage.log()
        yield {"found": found, "wrong": wrong, "took": took, "plain": plain, "well": well, "slot": slot, "log": log,
               "tls": {"self": own.received, "elsewhere": elsewhere.received, "trusted": trusted.received}}


def test_each_fault_is_told_apart(played):
    assert not played["wrong"], played["wrong"]
    for name, delivery in played["found"].items():
        if delivery["state"] != "published":
            assert len(delivery["message"]) > 15, (name, delivery)
    for name in (name for name, states in CLASSES.items() if states is ACCOUNT):
        assert f"account '{name}' is held back" in played["log"]
    assert "Sanitizer" not in played["log"] and "bug:" not in played["log"], played["log"]


def test_what_may_have_arrived_is_not_sent_again(played):
    received = played["plain"].received
    assert received["good"] == 0, "a redirect was followed"
    for kind in CLASSES:
        assert received[kind] == (0 if kind == "reset-in-request" else 1), (kind, received[kind])


def test_nothing_leaves_to_a_server_that_cannot_prove_who_it_is(played):
    assert played["tls"]["self"].total() == played["tls"]["elsewhere"].total() == 0
    assert played["tls"]["trusted"]["good"] == 1


def test_no_exchange_outlives_its_deadline(played):
    say(f"all {len(played['found'])} faults settled {played['took']:.1f} s after the slot")
    assert played["took"] < DEADLINE + 10


def test_another_account_does_not_notice(played):
    well, slot = played["well"], played["slot"]
    late = [at * 1000 - (slot + i * 1000) for i, at in enumerate(well.times["good"])]
    say(f"lateness beside the faults: {max(late):.0f} ms at most, {sorted(late)[len(late) // 2]:.0f} ms in the middle")
    assert [b"Post %02d." % i in body for i, body in enumerate(well.bodies["good"])] == [True] * HEALTHY
    assert min(late) >= -1 and max(late) < LATE_MS, late


def test_a_cald_that_repeats_blindly_is_found_out():
    kinds = ("silent-cut", "half", "error-500")
    with FaultyServer() as plain:
        slot = second_after(2500)
        with Faults({kind: plain.url(kind) for kind in kinds}, slot, plain.url("good"), mutant("BLIND_REPEAT")) as stage:
            stage.start()
            end = time.monotonic() + 30
            while time.monotonic() < end and max(plain.received[kind] for kind in kinds) < 2:
                time.sleep(0.1)
        assert max(plain.received[kind] for kind in kinds) > 1, "it did not repeat"

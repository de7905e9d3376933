"""Sections of tests/bench/run about sending: what is out at a time, what is due at once, what others must not delay,
what waits; and adding posts one by one, many at once, and by calctl.
"""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import large
from harness import (HOSTS, LATE, Asker, Meter, Sink, account, connect, entries, figure, lateness, limit, note, share, stamp, table,
                     text)

PEER = {0: 7720, 50: 3520}  # posts/s of the best job queue measured on two cores, without and with a network of 50 ms


def milliseconds(value):
    return f"{value:.0f} ms"


def names_of(count):
    return [f"a{i:02}" for i in range(count)]


def wait_for(sink, slot, posts, patience=120):
    """From shortly before the slot until all is there: the meter of the one in the block."""
    time.sleep(max(0, slot - 0.3 - time.time()))
    sink.wait(posts, slot + patience)


# ---- 1,000 in flight ----

def flight_once(bench, posts, parallel):
    names = names_of(HOSTS)
    with Sink(bench.tools, HOSTS, 50) as sink:
        bare = limit(bench, sink, HOSTS, posts, HOSTS * parallel)
        accounts = "".join(account(name, sink.port, i + 1, f", parallel: {parallel}") for i, name in enumerate(names))
        slot = int(time.time()) + 8 + posts // 4000
        with bench.daemon(accounts, entries([slot] * posts, names),
                          settings=f"late: {{grace: 2h}}\noutgoing: {{concurrency: {HOSTS * parallel}}}\n") as daemon:
            time.sleep(max(0, slot - 0.5 - time.time()))
            with Meter(daemon.process.pid, sink.process.pid) as meter:
                wait_for(sink, slot, posts)
            late, twice = lateness(sink.records(), [slot] * posts)
    return {"bare": bare, "late": late, "twice": twice, "rate": len(late) / max(late[-1], 1) * 1000, "meter": meter}


def flight(bench):
    posts, parallel = 5000 if bench.quick else 10000, 20
    note(f"flight: {posts} posts, {HOSTS * parallel} in flight, 50 ms")
    runs = [flight_once(bench, posts, parallel) for _ in range(bench.repeat)]
    best = max(runs, key=lambda run: run["rate"] / run["bare"]["rate"])
    LATE[f"{posts} at once, {HOSTS * parallel} in flight, network 50 ms"] = best["late"]
    table(f"{posts} posts due at the same instant, {HOSTS * parallel} in flight, 50 ms", [{
        "posts/s": round(best["rate"]), "bare libcurl": round(best["bare"]["rate"]),
        "ratio": f"{best['rate'] / best['bare']['rate']:.2f}", "late p50": milliseconds(share(best["late"], 0.5)),
        "p99": milliseconds(share(best["late"], 0.99)), "CPU": f"{best['meter'].cpu:.2f} s",
        "bare CPU": f"{best['bare']['cpu']:.2f} s", "peak PSS": f"{best['meter'].peak:.1f} MiB",
        "lost": posts - len(best["late"]), "twice": best["twice"], "others": f"{best['meter'].others:.2f}"}])
    figure("burst, 1,000 in flight, 50 ms: rate to bare libcurl's", best["rate"] / best["bare"]["rate"], ">= 0.7")
    figure("burst, 1,000 in flight, 50 ms: rate to the best peer's", best["rate"] / PEER[50], ">= 3")
    figure("burst, 1,000 in flight: peak PSS", best["meter"].peak, "<= 40", "MiB")


# ---- 1,000 due at once ----

class Repeating(threading.Thread):
    """Does something again and again while in the block."""

    def __init__(self, what):
        super().__init__(daemon=True)
        self.what, self.running, self.times = what, True, 0

    def run(self):
        while self.running:
            self.what()
            self.times += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.join()


def due_once(bench, posts, large, meanwhile):
    """Lateness of so many at once, with a large calendar beside them and something that goes on meanwhile."""
    names = names_of(HOSTS)
    with Sink(bench.tools, HOSTS) as sink:
        accounts = "".join(account(name, sink.port, i + 1) for i, name in enumerate(names))
        accounts += "".join(account(name, 9) for name in ("one", "two", "three"))
        daemon = bench.daemon(accounts, "")
        config = daemon.config.read_text().replace("calendar: calendar.yaml", "calendar: [due.yaml, calendar.yaml]")
        daemon.write("cald.yaml", config)
        daemon.write("calendar.yaml", large)
        daemon.write("due.yaml", entries([2000000000], names))
        with daemon:
            slot = int(time.time()) + 12
            daemon.write("due.yaml", entries([slot] * posts, names))
            assert daemon.api("POST", "/v1/reload", timeout=120).status == 200
            if time.time() > slot - 2:
                note("the slot came too soon: the machine is too busy")
            time.sleep(max(0, slot - 1.5 - time.time()))
            with Repeating(lambda: meanwhile(daemon)) as others:
                wait_for(sink, slot, posts)
        late, twice = lateness(sink.records(), [slot] * posts)
    return {"late": late, "twice": twice, "lost": posts - len(late), "times": others.times}


def reload(daemon):
    assert daemon.api("POST", "/v1/reload", timeout=120).status == 200


def list_posts(daemon):
    assert daemon.api("GET", "/v1/deliveries?limit=100", timeout=120).status == 200


def due(bench):
    from large_calendar import calendar
    posts, waiting = 1000, 10000 if bench.quick else 100000
    large = calendar(waiting, bench.seed, ["one", "two", "three"], zone="UTC")
    rows = []
    for what, meanwhile in (("nothing else", lambda _: time.sleep(0.05)),
                            (f"reloads of {waiting} posts", reload), ("lists of posts", list_posts)):
        note(f"due: {posts} at once, meanwhile {what}")
        best = min((due_once(bench, posts, large, meanwhile) for _ in range(bench.repeat)),
                   key=lambda run: share(run["late"], 0.99))
        LATE[f"{posts} at once, meanwhile {what}"] = best["late"]
        rows.append({"meanwhile": what, "p50": milliseconds(share(best["late"], 0.5)),
                     "p99": milliseconds(share(best["late"], 0.99)), "max": milliseconds(best["late"][-1]),
                     "lost": best["lost"], "twice": best["twice"]})
        figure(f"{posts} due at once, p99 of lateness; meanwhile {what}", share(best["late"], 0.99), "<= 100", "ms")
    table(f"{posts} posts due at the same instant, {HOSTS} accounts, {waiting} more in the calendar", rows)


# ---- one account of 50 is dead ----

def dead_once(bench, posts, url):
    names = names_of(HOSTS)
    with Sink(bench.tools, HOSTS) as sink:
        lines = [account(name, sink.port, i + 1) for i, name in enumerate(names)]
        if url:
            lines[0] = lines[0].replace(f"http://127.0.0.1:{sink.port}/", url)
        slot = int(time.time()) + 8
        with bench.daemon("".join(lines), entries([slot] * posts, names)):
            wait_for(sink, slot, posts - posts // HOSTS if url else posts, 30)
        healthy = [f"p{i}" for i in range(posts) if i % HOSTS]
        arrived = dict(reversed([(post, at) for at, post in sink.records()]))
    return sorted(arrived[post] - slot * 1000 for post in healthy if post in arrived), len(healthy)


def dead(bench):
    import socket
    posts = 1000
    silent = socket.create_server(("127.0.0.1", 0), backlog=64)  # takes connections, and never answers
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    kinds = {"all well": None, "refuses": f"http://127.0.0.1:{closed.getsockname()[1]}/",
             "never answers": f"http://127.0.0.1:{silent.getsockname()[1]}/", "no such name": "https://dead.invalid/"}
    rows, before = [], None
    for what, url in kinds.items():
        note(f"dead: one account of {HOSTS}: {what}")
        runs = [dead_once(bench, posts, url) for _ in range(bench.repeat)]
        late, wanted = min(runs, key=lambda run: share(run[0], 0.99))
        p99 = share(late, 0.99)
        before = before or p99
        LATE[f"{posts} at once, one of {HOSTS} accounts: {what}"] = late
        rows.append({"one account": what, "the others' p50": milliseconds(share(late, 0.5)), "p99": milliseconds(p99),
                     "max": milliseconds(late[-1]) if late else "-", "of them lost": wanted - len(late)})
        if url:
            figure(f"49 accounts, one dead ({what}): p99 to that without", p99 / before, "<= 1.2")
    table(f"{posts} posts due at the same instant, {HOSTS} accounts, one of them dead", rows)
    silent.close()
    closed.close()


# ---- with many waiting ----

def waiting_once(bench, posts, waiting):
    names = names_of(HOSTS)
    with Sink(bench.tools, HOSTS) as sink:
        accounts = "".join(account(name, sink.port, i + 1) for i, name in enumerate(names))
        with bench.daemon(accounts, entries([2000000000], names)) as daemon:
            answer = daemon.api("POST", "/v1/posts", {"id": "waits", "to": [names[0]], "at": "2035-01-01T09:00:00Z", "text": text(0)})
            assert answer.status == 201, answer
            daemon.stop()
            large.fill(daemon.state / "cald.db", waiting, names)
            daemon.start()
            slot = int(time.time()) + 8
            daemon.write("calendar.yaml", entries([slot] * posts, names))
            reload(daemon)
            time.sleep(max(0, slot - 0.5 - time.time()))
            with Meter(daemon.process.pid, sink.process.pid) as meter:
                wait_for(sink, slot, posts)
            late, twice = lateness(sink.records(), [slot] * posts)
    return {"late": late, "twice": twice, "cpu": meter.cpu / posts * 1e6, "peak": meter.peak, "lost": posts - len(late)}


def waiting(bench):
    posts, sizes = 5000, (1000, 100000 if bench.quick else 1000000)
    runs = {many: [] for many in sizes}
    for _ in range(bench.repeat):  # turn by turn, so that what else the machine does falls on both
        for many in sizes:
            note(f"waiting: {posts} due, {many} more waiting")
            runs[many].append(waiting_once(bench, posts, many))
    best = {many: min(its, key=lambda run: run["cpu"]) for many, its in runs.items()}
    table(f"{posts} posts due at the same instant, with others waiting", [
        {"waiting": f"{many:,}", "CPU a post": f"{run['cpu']:.0f} us", "late p50": milliseconds(share(run["late"], 0.5)),
         "p99": milliseconds(share(run["late"], 0.99)), "peak PSS": f"{run['peak']:.1f} MiB",
         "lost": run["lost"], "twice": run["twice"]} for many, run in best.items()])
    few, many = best.values()
    figure(f"CPU a due post with {max(runs):,} waiting to that with 1,000", many["cpu"] / few["cpu"], "<= 1.2")


# ---- adding ----

def synced_commits(directory, count=2000):
    """How many one-row commits a second the disk takes: SQLite, write-ahead log, synchronous=FULL."""
    connection = sqlite3.connect(Path(directory, "commits.db"), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
    start = time.monotonic()
    for i in range(count):
        connection.execute("INSERT INTO t (b) VALUES (?)", ("x" * 300,))
    took = time.monotonic() - start
    connection.close()
    return count / took


def body_of(key, **more):
    return {"id": key, "to": ["one"], "at": "2035-01-01T09:00:00Z", "text": text(7), **more}


def requests_of(key, count):
    """Made before the clock runs."""
    bodies = [json.dumps(body_of(f"{key}-{i}")).encode() for i in range(count)]
    return [b"POST /v1/posts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body) for body in bodies]


def read_answer(connection):
    """The head of one answer; its body is read, too."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head, re.I)[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head


def post_all(daemon, requests):
    """One after the other on one connection; by hand, for http.client takes as long for a request as cald."""
    connection = connect(daemon).sock
    for request in requests:
        connection.sendall(request)
        head = read_answer(connection)
        assert head.startswith(b"HTTP/1.1 201"), head
    connection.close()


def post_many(daemon, count, key):
    requests = requests_of(key, count)
    return rate(count, lambda: post_all(daemon, requests))


def at_once(daemon, count, clients, key):
    """Each client is a process, for threads of one would wait for each other."""
    requests = [requests_of(f"{key}-{i}", count // clients) for i in range(clients)]

    def all_of_them():
        children = []
        for mine in requests:
            child = os.fork()
            if not child:
                post_all(daemon, mine)
                os._exit(0)
            children.append(child)
        assert all(os.waitpid(child, 0)[1] == 0 for child in children)
    return rate(count, all_of_them)


def rate(count, call):
    start = time.monotonic()
    call()
    return count / (time.monotonic() - start)


def calctl_many(daemon, count, key):
    for i in range(count):
        done = daemon.calctl("add", "--to", "one", "--at", "2035-01-01 09:00", "--id", f"{key}-{i}", text(7))
        assert done.returncode == 0, done.stderr


def curl_many(daemon, count, key):
    for i in range(count):
        done = subprocess.run(["curl", "-sf", "--unix-socket", daemon.socket, "-H", "Content-Type: application/json",
                               "--data-binary", "@-", "http://localhost/v1/posts"],
                              input=json.dumps(body_of(f"{key}-{i}")).encode(), stdout=subprocess.PIPE, check=True)
        assert b'"state"' in done.stdout, done.stdout


def add_by_reload(bench, count):
    """A calendar with as many new entries, and a reload."""
    slots = [2000000000 + i for i in range(count)]
    with bench.daemon(account("one", 9), entries([2000000000], ["one"])) as daemon:
        daemon.write("calendar.yaml", entries(slots, ["one"]))
        return rate(count, lambda: reload(daemon))


def add_in_one_call(bench, count):
    """And the longest that another request waited meanwhile."""
    posts = [body_of(f"b-{i}", at=stamp(2000000000 + i).replace(" ", "T") + "Z") for i in range(count)]
    body = json.dumps(posts, ensure_ascii=False).encode()
    with bench.daemon(account("one", 9), entries([2000000000], ["one"])) as daemon, Asker(daemon) as asker:
        start = time.monotonic()
        answer = daemon.api("POST", "/v1/posts/batch", body, timeout=120)
        took = time.monotonic() - start
        time.sleep(0.05)
    assert answer.status == 201 and answer.json["count"] == count, answer
    return count / took, asker.longest * 1000


def add(bench):
    count, processes, many = (500, 50, 10000) if bench.quick else (2000, 200, 10000)
    note(f"add: {count} posts over the socket, {processes} by calctl, {many} at once")
    # turn by turn, so that what else the machine does falls on all of them
    turns, tools = [], []
    with bench.daemon(account("one", 9), entries([2000000000], ["one"])) as daemon, \
            tempfile.TemporaryDirectory(dir="/tmp") as directory:
        for n in range(bench.repeat):
            turns.append((synced_commits(tempfile.mkdtemp(dir=directory)), post_many(daemon, count, f"o{n}"),
                          at_once(daemon, count, 8, f"e{n}")))
        for n in range(bench.repeat):
            tools.append((rate(processes, lambda: calctl_many(daemon, processes, f"c{n}")),
                          rate(processes, lambda: curl_many(daemon, processes, f"u{n}")) if shutil.which("curl") else None))
    disk, one, eight = (max(turn[i] for turn in turns) for i in range(3))
    calctl = max(tool[0] for tool in tools)
    curl = max(tool[1] for tool in tools) if tools[0][1] else None
    bulk, waited = max(add_in_one_call(bench, many) for _ in range(bench.repeat))
    table("adding (each is on disk when it is answered)", [{
        "POST /v1/posts, one client": f"{one:.0f}/s", "8 clients": f"{eight:.0f}/s", "the disk's commits": f"{disk:.0f}/s",
        f"{many} in one call": f"{bulk:.0f}/s", "others waited": f"{waited:.0f} ms",
        "by one reload": f"{max(add_by_reload(bench, many) for _ in range(bench.repeat)):.0f}/s", "calctl add": f"{calctl:.0f}/s",
        "curl, the same bytes": f"{curl:.0f}/s" if curl else "no curl"}])
    figure("POST /v1/posts one by one, to the disk's synced commits", one / disk, ">= 0.8")
    figure("POST /v1/posts by 8 clients, to the disk's synced commits", eight / disk, ">= 1")
    figure(f"{many:,} in one call", bulk, ">= 50000", "posts/s")
    if curl:
        figure("calctl add, whole process, to curl's time", curl / calctl, "<= 1.2")

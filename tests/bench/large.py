"""What much of it costs: large calendars against a bare scan of the same file, a million deliveries in the queue, and how
time, memory and file grow.
"""
import json
import os
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from harness import account, connect, cpu, entries, figure, note, pss, switches, table, text

NAMES = ["one", "two", "three"]
ACCOUNTS = "".join(account(name, 9) for name in NAMES)


def ms(seconds):
    return f"{seconds * 1000:.1f} ms"


def written(pid):
    """Bytes that it had written to disks."""
    return int(next(line for line in Path(f"/proc/{pid}/io").read_text().splitlines() if line.startswith("write_bytes"))[13:])


# ---- a calendar ----

def scan(bench, path):
    """CPU seconds of the bare libyaml: the best, as of all that it is held against."""
    runs = [json.loads(subprocess.run([bench.tools / "scan", path], capture_output=True, text=True, check=True).stdout)
            for _ in range(max(3, bench.repeat))]
    return min(run["cpu"] for run in runs)


def check(bench, config):
    """CPU seconds of calctl check: load, check and plan."""
    times = []
    for _ in range(bench.repeat):
        before = os.times()
        subprocess.run([Path(os.environ["CALD_BUILD"]) / "calctl", "check", "--config", config], stdout=subprocess.DEVNULL,
                       check=True)
        after = os.times()
        times.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return min(times)


def reload(bench, daemon, change):
    """CPU seconds of the daemon until it is applied, and rows that were changed; the best."""
    best = None
    for n in range(bench.repeat):
        change(n)
        before = cpu(daemon.process.pid), updates(daemon)
        answer = daemon.api("POST", "/v1/reload", timeout=300)
        assert answer.status == 200, answer
        run = cpu(daemon.process.pid) - before[0], updates(daemon) - before[1], answer.json
        best = run if best is None or run[0] < best[0] else best
    return best


def updates(daemon):
    """How often deliveries were written: their versions, of which each change makes a new one."""
    with closing(sqlite3.connect(f"file:{daemon.state}/cald.db?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT sum(version) FROM delivery").fetchone()[0]


def calendar_once(bench, posts):
    from large_calendar import calendar
    large = calendar(posts, bench.seed, NAMES, zone="UTC")
    daemon = bench.daemon(ACCOUNTS, large)
    bare, checked = scan(bench, daemon.directory / "calendar.yaml"), check(bench, daemon.config)
    with daemon:
        first = cpu(daemon.process.pid)
        same = reload(bench, daemon, lambda n: None)
        one = reload(bench, daemon, lambda n: daemon.write("calendar.yaml", large.replace("(7).", f"(7, edited {n}).")))
        changed = one[2]["changed"] + one[2]["moved"]
        time.sleep(1)
        memory, size = pss(daemon.process.pid), (daemon.state / "cald.db").stat().st_size
        daemon.stop()
        start = time.monotonic()
        daemon.start()
        again = time.monotonic() - start
    return {"posts": posts, "scan": bare, "check": checked, "first": first, "same": same[0], "one": one[0],
            "rows": one[1], "changed": changed, "again": again, "memory": memory, "size": size}


def calendars(bench):
    rows = []
    for posts in (1000, 10000) if bench.quick else (1000, 10000, 100000):
        note(f"calendar: {posts} posts")
        rows.append(calendar_once(bench, posts))
    table("calendars: CPU seconds, and how many times the bare scan of libyaml that is", [
        {"posts": r["posts"], "scan": f"{r['scan']:.3f} s",
         "load, check, plan": f"{r['check']:.2f} s ({r['check'] / r['scan']:.1f})",
         "first start": f"{r['first']:.2f} s ({r['first'] / r['scan']:.1f})",
         "unchanged reload": f"{r['same']:.2f} s ({r['same'] / r['scan']:.1f})",
         "1 changed": f"{r['one']:.2f} s ({r['one'] / r['scan']:.1f})", "rows written": r["rows"],
         "start again": f"{r['again']:.2f} s", "PSS": f"{r['memory']:.1f} MiB"} for r in rows])
    large = rows[-1]
    posts = f"{large['posts']:,} posts"
    figure(f"load, check and plan of {posts}: times the bare scan", large["check"] / large["scan"], "<= 3")
    figure(f"unchanged reload of {posts}: times the bare scan", large["same"] / large["scan"], "<= 1.5")
    figure(f"one changed entry of {posts}: times the bare scan", large["one"] / large["scan"], "<= 2")
    figure("one changed entry: rows written, of its deliveries", large["rows"] / max(1, large["changed"]), "<= 1")


# ---- a queue ----

PAGES = ["", "?account=two", "?state=ready", "?state=held,unsure", "?state=ready,waiting", "?bucket=none", "?series=none",
         "?text=atelier", "?text=nowhere", "?network=feed", "?origin=calendar", "?from=2036-01-01", "?order=-slot",
         "?account=two&state=ready", "?account=one,two&text=nowhere"]


def fill(database, count, accounts):
    """As many deliveries, each a minute after the other, as one that is there; they take turns with the accounts."""
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        columns = [row[1] for row in connection.execute("PRAGMA table_info(delivery)")
                   if row[1] not in ("id", "post_id", "account", "slot", "due")]
        names = ", ".join(columns)
        turn = " ".join(f"WHEN {i} THEN '{account}'" for i, account in enumerate(accounts))
        connection.executemany("INSERT OR IGNORE INTO account (name) VALUES (?)", [[account] for account in accounts])
        connection.execute(
            f"INSERT INTO delivery (post_id, account, slot, due, {names}) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT"
            f" i + 1 FROM n WHERE i < ?) SELECT 'w' || i, CASE i % {len(accounts)} {turn} END,"
            f" slot + i * 60000, slot + i * 60000, {names} FROM n CROSS JOIN delivery WHERE post_id = 'waits'", [count])
        connection.execute(
            "INSERT INTO content (delivery, content, folded) SELECT d.id, c.content, c.folded FROM delivery d, content c"
            " WHERE d.post_id GLOB 'w[0-9]*' AND c.delivery = (SELECT id FROM delivery WHERE post_id = 'waits')")
        connection.execute("UPDATE account SET ready = (SELECT count(*) FROM delivery WHERE account = name)")
    connection.close()


def best_of(count, call):
    times = []
    for _ in range(count):
        start = time.monotonic()
        call()
        times.append(time.monotonic() - start)
    return min(times)


def get(connection, path):
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200 or "none" in path, (path, body)  # such a name is nowhere, once all was looked through


def ready_in(daemon):
    """Seconds until it answers, asked each millisecond."""
    start = time.monotonic()
    daemon.start(wait=False)
    while True:
        try:
            connection = connect(daemon)
            get(connection, "/v1/status")
            connection.close()
            return time.monotonic() - start
        except OSError:
            time.sleep(0.001)
            assert daemon.process.poll() is None, daemon.log()


def idle_for(daemon, seconds):
    pid = daemon.process.pid
    time.sleep(12)  # what waits for a client that may ask more is over after ten seconds
    before = switches(pid), cpu(pid), written(pid)
    time.sleep(seconds)
    return [after - first for first, after in zip(before, (switches(pid), cpu(pid), written(pid)))]


def queue_once(bench, count):
    with bench.daemon(ACCOUNTS, entries([2000000000], ["one"])) as daemon:
        answer = daemon.api("POST", "/v1/posts", {"id": "waits", "to": ["one"], "at": "2035-01-01T09:00:00Z", "text": text(0)})
        assert answer.status == 201, answer
        daemon.stop()
        if count > 1:
            fill(daemon.state / "cald.db", count - 1, NAMES)
        starts = []
        for _ in range(max(3, bench.repeat)):
            starts.append(ready_in(daemon))
            memory = pss(daemon.process.pid)
            if len(starts) < max(3, bench.repeat):
                daemon.stop()
        connection = connect(daemon)
        pages = {page: best_of(5, lambda page=page: get(connection, f"/v1/deliveries{page}")) for page in PAGES}
        for page in ("/v1/history", "/v1/audit", "/v1/status", "/v1/accounts"):
            pages[page] = best_of(5, lambda page=page: get(connection, page))
        connection.close()
        size = (daemon.state / "cald.db").stat().st_size
    return {"queued": count, "start": min(starts), "memory": memory, "size": size, "pages": pages}


def queues(bench):
    from pictures import draw_growth
    from sending import waiting_once
    rows = []
    for count in (1, 1000, 10000, 100000) if bench.quick else (1, 1000, 10000, 100000, 1000000):
        note(f"queue: {count} deliveries")
        rows.append(queue_once(bench, count))
        if bench.pictures and count >= 1000:
            note(f"queue: 5,000 more due at once beside {count}")
            rows[-1]["cpu"] = min(waiting_once(bench, 5000, count)["cpu"] for _ in range(bench.repeat))
    table("a queue of deliveries, none of them due", [
        {"queued": f"{r['queued']:,}", "ready after": ms(r["start"]), "PSS": f"{r['memory']:.1f} MiB",
         "file": f"{r['size'] / 1e6:.1f} MB", "slowest page": ms(max(r["pages"].values())),
         "": max(r["pages"], key=r["pages"].get)} for r in rows])
    large = rows[-1]
    table(f"pages of 100 with {large['queued']:,} queued",
          [{"page": page if page.startswith("/") else f"/v1/deliveries{page}", "ms": f"{took * 1000:.1f}"}
           for page, took in large["pages"].items()])
    figure("memory: idle", rows[0]["memory"], "<= 10", "MiB")
    figure(f"memory: {large['queued']:,} queued", large["memory"], "<= 12", "MiB")
    figure(f"ready with {large['queued']:,} queued", large["start"] * 1000, "<= 100", "ms")
    figure(f"slowest page of {large['queued']:,}", max(large["pages"].values()) * 1000, "<= 20", "ms")
    if bench.pictures:
        draw_growth(bench.pictures, rows)

"""What the sections of tests/bench share: processes that are measured, the sink that stands in for the networks, posts,
tables, and figures held against what is wanted of them.
"""
import datetime
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
HOSTS = 50
TABLES, FIGURES = [], []  # all that was printed, for --json
LATE = {}  # what was measured → how late each post was, ms, sorted: for the picture


# ---- measuring a process ----

def cpu(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def machine_cpu():
    user, nice, system, idle, waiting, *rest = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    return (user + nice + system + sum(rest)) / TICKS


def pss(pid):
    return int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1]) / 1024


def switches(pid):
    """Voluntary context switches of all its threads: how often it woke up."""
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(), re.M)[1])
               for status in Path(f"/proc/{pid}/task").glob("*/status"))


class Meter(threading.Thread):
    """CPU and highest PSS of a process while in the block, and the cores that others used."""

    def __init__(self, *pids, every=0.2):
        super().__init__(daemon=True)
        self.pids, self.every, self.peak, self.running = pids, every, 0, True

    def run(self):
        while self.running:
            self.peak = max(self.peak, pss(self.pids[0]))
            time.sleep(self.every)

    def times(self):
        return [cpu(pid) for pid in self.pids], machine_cpu(), time.monotonic(), time.process_time()

    def __enter__(self):
        self.before = self.times()
        self.start()
        return self

    def __exit__(self, *_):
        self.running = False
        after = self.times()
        self.cpu = after[0][0] - self.before[0][0]
        ours = sum(after[0]) - sum(self.before[0]) + after[3] - self.before[3]
        self.others = max(0, after[1] - self.before[1] - ours) / (after[2] - self.before[2])
        self.join()


# ---- the network ----

class Sink:
    def __init__(self, tools, hosts, delay=0):
        self.process = subprocess.Popen([tools / "sink", str(hosts), str(delay)], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path)
        body = connection.getresponse().read().decode()
        connection.close()
        return body

    def wait(self, posts, until):
        while int(self.get("/count")) < posts and time.time() < until:
            time.sleep(0.1)

    def records(self):
        return [(int(arrived) / 1e6, post) for arrived, post in map(str.split, self.get("/records").splitlines())]


def account(name, port, host=1, options=""):
    return (f'  {name}: {{network: webhook, url: "http://127.0.0.{host}:{port}/", key_header: Idempotency-Key, id: /id, '
            f'headers: {{X-Post-Id: "{{{{post_id}}}}"}}, spacing: 0s{options}}}\n')


# ---- others ----

class Asker(threading.Thread):
    """Asks for something small all the time: the longest answer is for how long the loop did nothing else."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.daemon_, self.running, self.longest = daemon, True, 0

    def run(self):
        connection = None
        while self.running:
            start = time.monotonic()
            try:
                connection = connection or connect(self.daemon_)
                connection.request("GET", "/v1/accounts/pulse")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                connection = None  # a loop that stood still for long takes it for an idle connection
            self.longest = max(self.longest, time.monotonic() - start)
            time.sleep(0.002)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.join()


# ---- posts ----

def stamp(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def text(number):
    return (f"Le chalet ouvre ses portes, l’équipe vous attend à l’atelier dès 9 h 30 ({number}). Entrée libre, café offert ! "
            "Plus d’infos : https://example.org/agenda/2030/hiver #agenda #montagne 🎉")


def entries(slots, accounts):
    """slots: when each post is due; they take turns with the accounts."""
    return "version: 1\ntimezone: UTC\nposts:\n" + "".join(
        f'  - {{id: p{i}, at: {stamp(slot)}, to: [{accounts[i % len(accounts)]}], text: "{text(i)}"}}\n'
        for i, slot in enumerate(slots))


def lateness(records, slots):
    """Sorted, in ms, of each post's first arrival; and how many arrived twice."""
    first = {}
    for arrived, post in records:
        first.setdefault(post, arrived)
    return sorted(first[f"p{i}"] - slot * 1000 for i, slot in enumerate(slots) if f"p{i}" in first), \
        len(records) - len(first)


def share(values, part):
    return values[min(len(values) - 1, int(len(values) * part))] if values else float("nan")


# ---- what is printed ----

def table(title, rows):
    """rows: dicts of one shape."""
    TABLES.append({"title": title, "rows": rows})
    print(f"\n{title}")
    columns = list(rows[0])
    cells = [columns] + [[str(row[column]) for column in columns] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for line in cells:
        print("  " + "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths))).rstrip(), flush=True)


def note(what):
    print(f"… {what}", file=sys.stderr, flush=True)


def figure(what, value, wanted, unit=""):
    """A number, and what is wanted of it: "<= 1.2" or ">= 0.6"."""
    sign, bound = wanted.split()
    reached = value <= float(bound) if sign == "<=" else value >= float(bound)
    FIGURES.append({"what": what, "value": round(value, 3), "unit": unit, "wanted": wanted, "reached": reached})


def print_figures():
    if FIGURES:
        rows = list(FIGURES)
        table("figures and what is wanted of them",
              [{"figure": row["what"], "here": f"{row['value']:g} {row['unit']}".strip(),
                "wanted": f"{row['wanted']} {row['unit']}".strip(), "": "" if row["reached"] else "not reached"}
               for row in rows])


# ---- the limit ----

def limit(bench, sink, hosts, posts, in_flight=HOSTS):
    """What bare libcurl does with as many posts: rate, CPU seconds."""
    out = subprocess.run([bench.tools / "limit", str(sink.port), str(hosts), str(posts), str(in_flight)],
                         stdout=subprocess.PIPE, text=True, check=True).stdout
    sink.get("/records")
    return json.loads(out)


# ---- the control socket ----

def connect(daemon):
    from daemon import UnixConnection
    connection = UnixConnection(daemon.socket, timeout=120)
    connection.connect()
    return connection

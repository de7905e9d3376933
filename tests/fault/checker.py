"""Holds what cald believes (its database) against what the network received (the oracle's log).

    report = check(database, oracle_log, expected)
    assert not report.violations, report

'expected' are the deliveries that must exist: (post, account) → slot in ms. Of every delivery, one of these is true:

  - the network received it once, and it is published under the id that the network gave;
  - the network did not receive it, and it is not counted as published;
  - it is unsure, and its history says why.

Besides: nothing is created twice, no more requests arrive than attempts were written down, always with the bytes and
the key that were written down, never before the slot; an account's order is that of the slots; and each state is where
the moves of its history lead, each of which the drawing in queue.h knows.

    checker.py DATABASE LOG     checks without knowing what was expected
"""
import hashlib
import json
import sqlite3
import sys
from collections import Counter, defaultdict
from pathlib import Path

# The drawing in queue.h and the words below it, without what only people and files do with drafts.
MOVES = {
    None: {"draft", "ready", "held", "missed"},
    "draft": {"ready", "held", "missed", "cancelled"},
    "ready": {"draft", "held", "missed", "cancelled", "sending", "waiting", "published", "refused"},
    "waiting": {"draft", "ready", "held", "missed", "cancelled", "sending", "published", "refused"},
    "sending": {"published", "refused", "unsure", "waiting", "held"},
    "unsure": {"published", "ready", "sending", "refused"},
    "held": {"draft", "ready", "missed", "cancelled"},
    "refused": {"draft", "ready", "held", "missed", "cancelled"},
    "missed": {"draft", "ready", "held", "cancelled"},
    "cancelled": {"draft", "ready", "held", "missed"},
    "published": set(),
}


class Report:
    def __init__(self):
        self.violations = []
        self.figures = Counter()

    def wrong(self, kind, what, why):
        self.figures[kind] += 1
        self.violations.append(f"{kind}: {what}: {why}")

    def __repr__(self):
        figures = ", ".join(f"{name} {number}" for name, number in sorted(self.figures.items()))
        return "\n".join([figures, *self.violations[:40]])


class Delivery:
    def __init__(self, row):
        self.__dict__.update(dict(row))
        self.name = f"{self.post_id}/{self.account}"
        self.history, self.attempts, self.receipts = [], [], []

    @property
    def created(self):
        return [receipt for receipt in self.receipts if receipt["effect"] == "created"]

    @property
    def place(self):
        return self.slot, self.post_id

    @property
    def creating(self):
        return [attempt for attempt in self.attempts if attempt["kind"] == "create"]


def read_log(path):
    """The oracle's lines; a last one without its end was not synced, so it was not answered."""
    lines = Path(path).read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines]


STATES = ["draft", "ready", "held", "waiting", "sending", "unsure", "published", "refused", "missed", "cancelled"]


def miscounted(database):
    """Accounts in whose row another number of deliveries is than there are."""
    there = {tuple(row) for row in database.execute("SELECT account, state, count(*) FROM delivery GROUP BY account, state")}
    said = {(row["name"], state, row[state]) for row in database.execute("SELECT * FROM account") for state in STATES if row[state]}
    return [f"counted {wrong}" for wrong in there ^ said]


def read_database(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    sound = [row[0] for row in database.execute("PRAGMA integrity_check")]
    sound += miscounted(database)
    rows = {row["id"]: Delivery(row) for row in database.execute(
        "SELECT id, post_id, account, state, slot, delivery_key, remote_id, created AS added FROM delivery")}
    for row in database.execute("SELECT * FROM history WHERE delivery IS NOT NULL ORDER BY id"):
        rows[row["delivery"]].history.append(row)
    for row in database.execute(
            "SELECT * FROM attempt LEFT JOIN settlement ON settlement.attempt = attempt.id ORDER BY id"):
        rows[row["delivery"]].attempts.append(row)
    database.close()
    return {(row.post_id, row.account): row for row in rows.values()}, sound


def check_receipts(report, delivery):
    """Against what was written down before it left."""
    if len(delivery.created) > 1:
        report.wrong("twice", delivery.name, [f"{r['ms']} {r['fate']} {r['id']}" for r in delivery.receipts])
    if len(delivery.receipts) > len(delivery.creating):
        report.wrong("without intent", delivery.name,
                     f"{len(delivery.receipts)} requests arrived, {len(delivery.creating)} were intended")
    bodies = {hashlib.sha256(attempt["body"] or b"").hexdigest() for attempt in delivery.creating}
    for receipt in delivery.receipts:
        if receipt["ms"] < delivery.slot:
            report.wrong("early", delivery.name, f"{delivery.slot - receipt['ms']} ms before its slot")
        if receipt["key"] not in ("", delivery.delivery_key):
            report.wrong("other key", delivery.name, receipt["key"])
        if receipt["body"] not in bodies:
            report.wrong("other bytes", delivery.name, "what arrived is not what was written down")
    if len(bodies) > 1:
        report.wrong("other bytes", delivery.name, "a repeat has other bytes")


def check_state(report, delivery, drained):
    created = delivery.created
    if delivery.state == "published":
        if not created:
            report.wrong("false success", delivery.name, "published, and never received")
        elif delivery.remote_id != created[0]["id"]:
            report.wrong("other id", delivery.name, f"{delivery.remote_id}, the network says {created[0]['id']}")
    elif created and delivery.state not in ("unsure", "sending"):
        report.wrong("forgotten", delivery.name, f"received, and it is {delivery.state}")
    if drained and delivery.state in ("ready", "waiting", "sending"):
        report.wrong("unfinished", delivery.name, delivery.state)


def check_history(report, delivery):
    state = None
    for move in delivery.history:
        old, new = move["from_state"], move["to_state"]
        if old != state:
            report.wrong("history", delivery.name, f"was {state}, and the history goes on from {old}")
        if new != old and new not in MOVES[old]:
            report.wrong("history", delivery.name, f"there is no move from {old} to {new}")
        state = new
    if state != delivery.state:
        report.wrong("unexplained", delivery.name, f"it is {delivery.state}, its history ends with {state}")
    outcomes = {attempt["outcome"] for attempt in delivery.creating}
    if delivery.state == "unsure" and not outcomes & {"unsure", None}:
        report.wrong("unexplained", delivery.name, f"unsure, and the attempts ended with {outcomes}")
    ended = {attempt["outcome"] for attempt in delivery.attempts}  # also those that looked for it
    if delivery.state == "published" and "done" not in ended and delivery.history[-1]["who"] == "cald":
        report.wrong("unexplained", delivery.name, f"published, and the attempts ended with {ended}")


def in_order(report, account, what, deliveries):
    """deliveries: as it happened to them. What was not yet written down when another was tried could not go first."""
    last = None
    for delivery in deliveries:
        if last and delivery.place < last.place and delivery.added < last.creating[0]["started"]:
            report.wrong("order", account, f"{what}: {delivery.post_id} after {last.post_id}")
        last = max(last, delivery, key=lambda d: d.place) if last else delivery


def check_order(report, deliveries, receipts):
    tried, received = defaultdict(list), defaultdict(list)
    for delivery in sorted((d for d in deliveries.values() if d.creating), key=lambda d: d.creating[0]["id"]):
        tried[delivery.account].append(delivery)
    for receipt in receipts:
        delivery = deliveries.get((receipt["post"], receipt["path"][1:]))
        if delivery and len(delivery.creating) == 1:
            received[delivery.account].append(delivery)
    for what, accounts in (("first tried", tried), ("received", received)):
        for account, its in accounts.items():
            in_order(report, account, what, its)


def count(report, delivery):
    report.figures[f"in state {delivery.state}"] += 1
    report.figures["deliveries"] += 1
    report.figures["received"] += bool(delivery.receipts)
    if delivery.state == "unsure":
        report.figures["unsure, was received" if delivery.created else "unsure, was not received"] += 1
    report.figures["repeated under the key"] += sum(receipt["effect"] == "same" for receipt in delivery.receipts)
    report.figures["went through unsure"] += any(move["to_state"] == "unsure" for move in delivery.history)


def check(database, log, expected=None, drained=True, order=True):
    report = Report()
    deliveries, sound = read_database(database)
    receipts = [receipt for receipt in read_log(log) if receipt["method"] == "POST"]
    if sound != ["ok"]:
        report.wrong("damaged", database, sound[:3])
    for name, slot in (expected or {}).items():
        if name not in deliveries:
            report.wrong("lost", "/".join(name), "accepted, and not in the queue")
        elif slot is not None and deliveries[name].slot != slot:
            report.wrong("moved", "/".join(name), f"wanted at {slot}, queued for {deliveries[name].slot}")
    for receipt in receipts:
        delivery = deliveries.get((receipt["post"], receipt["path"][1:]))
        if delivery:
            delivery.receipts.append(receipt)
        else:
            report.wrong("unknown", receipt["post"], f"received at {receipt['path']}, and not in the queue")
    for delivery in deliveries.values():
        check_receipts(report, delivery)
        check_state(report, delivery, drained)
        check_history(report, delivery)
        count(report, delivery)
    if order:
        check_order(report, deliveries, receipts)
    return report


if __name__ == "__main__":
    result = check(sys.argv[1], sys.argv[2], drained=False)
    print(result)
    sys.exit(bool(result.violations))

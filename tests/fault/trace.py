"""cald's system calls, in order, with faults put in: strace, and what its output says about intents and bytes."""
import re
import time
from pathlib import Path

CALLS = "pwrite64,fdatasync,fsync,sendto,recvfrom,sendmsg,write,writev"
LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<fd>-?\d+)(<(?P<file>.*?)>(?=[,)]))?(?P<rest>.*)$")
RESULT = re.compile(r"= (?P<result>-?\d+|\?)[^=\"]*$")
UNFINISHED = re.compile(r"^(?P<pid>\d+) +(?P<text>.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. \w+ resumed>(?P<text>.*)$")
KEY = re.compile(r'\\"key\\":\\"([0-9a-f]{32})\\"')


def wrapper(output, injection=None):
    """cald stays the child of who starts it; the tracer is its grandchild. (Without injections the kernel chooses the
    calls, which is faster; with it strace 6.1 forgets to send signals.)"""
    fault = ["-e", f"inject={injection}"] if injection else ["--seccomp-bpf"]
    return ["strace", "-D", "-f", "-qqq", "-yy", "-s", "9000", "-e", "signal=none", "-e", f"trace={CALLS}", *fault,
            "-o", str(output)]


def settle(output, patience=10):
    """Waits for the tracer to write its last line."""
    size, end = -1, time.monotonic() + patience
    while time.monotonic() < end:
        now = Path(output).stat().st_size if Path(output).exists() else 0
        if now == size:
            return
        size = now
        time.sleep(0.1)


def was_injected(output):
    return Path(output).exists() and "(INJECTED)" in Path(output).read_text(errors="replace")


def calls(lines):
    """Each finished call with what it was given and gave back; calls that threads interleaved are put together."""
    waiting = {}
    for line in lines:
        line = line.rstrip("\n")
        if part := UNFINISHED.match(line):
            waiting[part["pid"]] = part["text"]
            continue
        if part := RESUMED.match(line):
            line = f"{part['pid']} {waiting.pop(part['pid'], '')}{part['text']}"
        if call := LINE.match(line):
            result = RESULT.search(line)
            yield call, int(result["result"]) if result and result["result"] != "?" else None


class Intents:
    """Follows the calls: which intents are on disk, and whether the bytes of a request left before its own was."""

    def __init__(self):
        self.number = 0             # of the call
        self.written = set()        # keys of intents in the log since its last sync
        self.dirty = False          # the log has writes that are not synced
        self.durable = {}           # key → when it was synced
        self.leaving = {}           # connection → when the first byte of its request left, dirty then
        self.sends = 0
        self.violations = []

    def wrote(self, call, result):
        if result is not None and result > 0:
            self.dirty = True
            self.written.update(KEY.findall(call["rest"]))

    def synced(self, result):
        if result == 0:
            for key in self.written:
                self.durable.setdefault(key, self.number)
            self.dirty = False
        self.written.clear()

    def sent(self, call):
        if ', "POST /' in call["rest"][:20]:
            self.leaving[call["fd"]] = self.number
            if self.dirty:
                self.violations.append(f"call {self.number}: bytes left while the log had unsynced writes")
        if call["fd"] not in self.leaving:
            return
        for key in KEY.findall(call["rest"]):
            self.sends += 1
            start = self.leaving.pop(call["fd"], self.number)
            if self.durable.get(key, start) >= start:
                self.violations.append(f"call {start}: the request of key {key} left before its intent was synced")

    def follow(self, lines):
        for call, result in calls(lines):
            self.number += 1
            name, file = call["call"], call["file"] or ""
            if name == "pwrite64" and file.endswith("-wal"):
                self.wrote(call, result)
            elif name in ("fdatasync", "fsync") and file.endswith("-wal"):
                self.synced(result)
            elif name in ("sendto", "sendmsg", "write", "writev") and file.startswith("TCP"):
                self.sent(call)
        return self

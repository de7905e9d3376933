"""With nothing due and nobody asking, cald does not wake. What would wake it is seen without waiting: the kernel shows when
its timers fire (proc(5), fdinfo) and which threads there are."""
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import Daemon  # noqa: E402

REALTIME, MONOTONIC = "0", "1"
DAY = 86400
PATIENCE = 30


def timers(daemon):
    """clock → seconds until it fires, 0: not set."""
    found = {}
    for info in Path(f"/proc/{daemon.process.pid}/fdinfo").iterdir():
        try:
            facts = dict(line.split(":", 1) for line in info.read_text().splitlines())
        except OSError:
            continue  # was closed meanwhile
        if "clockid" in facts:
            seconds, nanoseconds = facts["it_value"].strip(" ()").split(",")
            found[facts["clockid"].strip()] = int(seconds) + int(nanoseconds) / 1e9
    return found


def threads(daemon):
    return len(list(Path(f"/proc/{daemon.process.pid}/task").iterdir()))


def sleeps(daemon):
    """Only the wall clock is watched, for it may be set; it fires in a month."""
    found = timers(daemon)
    return found.get(MONOTONIC) == 0 and found[REALTIME] > DAY and threads(daemon) == 1


def wait_until(condition, daemon):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert daemon.process.poll() is None and time.monotonic() < end, f"{timers(daemon)}, {threads(daemon)} threads\n{daemon.log()}"
        time.sleep(0.05)


def test_with_nothing_due_it_waits_for_nothing_until_somebody_asks():
    with Daemon() as daemon:
        daemon.stop()
        daemon.start(wait=False)  # nobody asks
        wait_until(lambda: daemon.log().count("info listening on http") == 2 and sleeps(daemon), daemon)
        with socket.socket(socket.AF_UNIX) as client:  # somebody is there, and may take his time, but not for ever
            client.connect(str(daemon.socket))
            wait_until(lambda: 0 < timers(daemon)[MONOTONIC] < DAY, daemon)

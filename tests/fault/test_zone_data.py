"""Governments change their hours: what is planned in local time moves with the system's time zone data, and says why."""
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from daemon import Daemon
from stage import CALD, mutant

SYSTEM = Path("/usr/share/zoneinfo")
CALENDAR = """\
version: 1
timezone: Europe/Paris
posts:
  - {id: spring, at: 2035-01-01 09:00, to: [site], text: "Nine o'clock."}
series:
  - {id: weekly, rrule: "FREQ=WEEKLY;BYDAY=FR", at: "17:00", to: [site], text: "Friday."}
"""
WHY = "moved because the time zone data changed"


def release(zones, name, as_of):
    """A new release of the data, as packages bring it: a new file takes the place of the old one."""
    path = zones / name
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".dpkg-new")
    shutil.copyfile(SYSTEM / as_of, new)
    new.rename(path)


@pytest.fixture
def zones(tmp_path):
    if not (SYSTEM / "Europe/Paris").exists():
        pytest.skip("no time zone data on this system")
    release(tmp_path, "Europe/Paris", "Europe/Paris")
    shutil.copyfile(SYSTEM / "tzdata.zi", tmp_path / "tzdata.zi")
    return tmp_path


class Household(Daemon):
    def __init__(self, zones, program=CALD):
        super().__init__(calendar=CALENDAR, tcp=False, environment={"TZDIR": str(zones), "TZ": ""})
        self.program = program

    def start(self, wait=True, wrapper=(), arguments=()):
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen([self.program, "--config", self.config], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=self.environment)
        return self.wait_ready()


def wait_slot(daemon, post, slot, patience=15):
    end = time.monotonic() + patience
    while daemon.delivery(post, "site")["slot"] != slot:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_new_zone_data_moves_what_is_planned_and_says_so(zones):
    with Household(zones) as daemon:
        assert daemon.delivery("spring", "site")["slot"] == "2035-01-01T08:00:00Z"
        series = daemon.api("GET", "/v1/deliveries?series=weekly").json["items"]
        release(zones, "Europe/Paris", "Europe/Athens")
        assert wait_slot(daemon, "spring", "2035-01-01T07:00:00Z"), daemon.log()
        assert daemon.delivery("spring", "site")["message"] == WHY
        moved = daemon.api("GET", "/v1/deliveries?series=weekly").json["items"]
        ids = [[post["id"] for post in posts] for posts in (series, moved)]
        # an hour earlier, one more may come before the end of what is planned
        assert ids[1][:len(series)] == ids[0] and len(series) > 5 and len(moved) <= len(series) + 1, ids
        assert all(was["slot"][11:] > now["slot"][11:] and now["message"] == WHY for was, now in zip(series, moved))
        assert "the time zone data changed" in daemon.log()
        history = daemon.api("GET", "/v1/deliveries/spring/site/history").json
        assert WHY in str(history)


def test_zone_data_that_changed_while_cald_was_down_is_noticed(zones):
    daemon = Household(zones)
    with daemon:
        daemon.own_directory = False
        assert daemon.delivery("spring", "site")["slot"] == "2035-01-01T08:00:00Z"
    release(zones, "Europe/Paris", "Europe/Athens")
    daemon.own_directory = True
    with daemon:
        assert daemon.delivery("spring", "site")["slot"] == "2035-01-01T07:00:00Z"
        assert daemon.delivery("spring", "site")["message"] == WHY


def test_data_that_cannot_be_read_changes_nothing(zones):
    with Household(zones) as daemon:
        (zones / "Europe/new").write_bytes(b"TZif\0 damaged")
        (zones / "Europe/new").rename(zones / "Europe/Paris")
        end = time.monotonic() + 15
        while "what was running keeps running" not in daemon.log():
            assert time.monotonic() < end, daemon.log()
            time.sleep(0.05)
        assert daemon.delivery("spring", "site")["slot"] == "2035-01-01T08:00:00Z"
        release(zones, "Europe/Paris", "Europe/Athens")
        assert wait_slot(daemon, "spring", "2035-01-01T07:00:00Z"), daemon.log()


def test_a_cald_that_keeps_old_zone_data_is_found_out(zones):
    with Household(zones, mutant("OLD_ZONES")) as daemon:
        release(zones, "Europe/Paris", "Europe/Athens")
        assert not wait_slot(daemon, "spring", "2035-01-01T07:00:00Z", patience=2)

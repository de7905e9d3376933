"""What would go out twice under another name, and what a rule puts where the charter wants silence: held, and told."""
import datetime
import os
import pathlib
import sys
import time
import zoneinfo

SOURCE = pathlib.Path(os.environ.get("CALD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests/support"))

from daemon import Daemon  # noqa: E402

ACCOUNTS = '  site: {network: "null"}\n  other: {network: "null"}\n'
HEAD = "version: 1\ntimezone: Europe/Paris\n"


def civil(moment):
    zone = zoneinfo.ZoneInfo("Europe/Paris")
    return datetime.datetime.fromtimestamp(moment, zone).strftime("%Y-%m-%d %H:%M:%S")


def reload(daemon, code=0):
    done = daemon.calctl("reload")
    assert done.returncode == code, (done.stdout, done.stderr)


def test_a_published_post_under_another_id_is_not_published_again():
    at = civil(int(time.time()) - 1)
    post = HEAD + "posts:\n  - {id: %s, at: " + at + ', to: [site], text: "%s"}\n'
    with Daemon(accounts=ACCOUNTS, calendar=post % ("tpyo", "Hello")) as daemon:
        daemon.wait_state("tpyo", "site", "published")
        daemon.write("calendar.yaml", post % ("typo", "Hello"))
        reload(daemon)
        held = daemon.wait_state("typo", "site", "held")
        assert "'tpyo/site'" in held["message"], held
        daemon.write("calendar.yaml", post % ("third", "Something else"))
        reload(daemon)
        daemon.wait_state("third", "site", "published")  # written down late, and new


def test_a_renamed_account_gets_nothing_a_second_time():
    at = civil(int(time.time()) - 1)
    post = HEAD + "posts:\n  - {id: a, at: " + at + ', to: [%s], text: "Hello"}\n'
    with Daemon(accounts=ACCOUNTS, calendar=post % "site") as daemon:
        daemon.wait_state("a", "site", "published")
        daemon.write("calendar.yaml", post % "chalet")
        daemon.write("cald.yaml", daemon.config.read_text().replace("  site:", "  chalet:"))
        reload(daemon)
        held = daemon.wait_state("a", "chalet", "held")
        assert "'a/site'" in held["message"], held
        daemon.write("calendar.yaml", post % "chalet, other")  # another account that is not new gets it, as asked
        reload(daemon)
        daemon.wait_state("a", "other", "published")


def test_what_is_released_is_held_against_the_charter_of_today():
    with Daemon(accounts=ACCOUNTS, calendar=HEAD + "posts: []\n", charter="version: 1\n") as daemon:
        post = daemon.api("POST", "/v1/posts", {"to": ["site"], "text": "Cheap!", "at": "2035-01-01 09:00"}).json["id"]
        assert daemon.api("POST", f"/v1/posts/{post}/hold").status == 200
        daemon.write("charter.yaml", "version: 1\nvocabulary: {forbidden: [cheap]}\n")
        reload(daemon)
        for deed in ("release", "now"):
            assert daemon.api("POST", f"/v1/posts/{post}/{deed}").status == 422
        assert daemon.delivery(post, "site")["state"] == "held"
        override = {"override": {"reason": "a quotation"}}
        assert daemon.api("POST", f"/v1/posts/{post}/release", override).status == 200
        assert "a quotation" in daemon.delivery(post, "site")["message"]


def test_a_series_that_comes_into_quiet_hours_is_held_and_the_daemon_runs():
    calendar = HEAD + 'series:\n  - {id: s, rrule: FREQ=DAILY, at: "23:00", to: [site], text: Good night}\n'
    day = (datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Paris")) + datetime.timedelta(days=2)).strftime("%Y-%m-%d")
    quiet = "version: 1\npace: {quiet: ['%s']}\n"
    with Daemon(accounts=ACCOUNTS, calendar=calendar, charter=quiet % "22:00-06:00") as daemon:
        held = daemon.wait_state(f"s@{day}", "site", "held")
        assert "quiet hours" in held["message"], held
        assert "it is held" in daemon.log()
        checked = daemon.calctl("check")
        assert checked.returncode != 0 and "quiet hours" in checked.stdout + checked.stderr
        daemon.write("charter.yaml", quiet % "01:00-06:00")
        reload(daemon)
        daemon.wait_state(f"s@{day}", "site", "ready")
        daemon.write("charter.yaml", quiet % "22:00-06:00")
        reload(daemon)
        daemon.wait_state(f"s@{day}", "site", "held")
        assert daemon.calctl("release", f"s@{day}").returncode != 0
        released = daemon.api("POST", f"/v1/posts/s@{day}/release", {"override": {"reason": "New Year's Eve"}})
        assert released.status == 200, released
        reload(daemon)
        assert daemon.delivery(f"s@{day}", "site")["state"] == "ready"

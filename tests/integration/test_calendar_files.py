"""A calendar of several files and directories: what belongs to it, in which order, and that files which come or go count."""
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import CALCTL, Daemon  # noqa: E402

ZONE = "version: 1\ntimezone: Europe/Paris\n"


def posts(*names):
    return "posts:\n" + "".join(f"  - {{id: {n}, at: 2034-06-01 10:00, to: [silent], text: {n}}}\n" for n in names)


def brand(listed, directory=None, **files):
    """A directory with documents; files by name, with '__' for '/' and '_' for '.'."""
    daemon = Daemon(calendar=ZONE + posts("main"), directory=directory)
    daemon.config.write_text(daemon.config.read_text().replace("calendar: calendar.yaml", f"calendar: {listed}"))
    (daemon.directory / "calendar.d").mkdir()
    for name, text in files.items():
        daemon.write(name.replace("__", "/").replace("_", "."), text)
    return daemon


def check(daemon):
    return subprocess.run([CALCTL, "check"], cwd=daemon.directory, capture_output=True, text=True, timeout=60)


def queued(daemon):
    return {d["post"] for d in daemon.api("GET", "/v1/deliveries?state=ready").json["items"]}


def wait_for(condition, patience=30):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_directory_is_its_yaml_files_by_name():
    files = {"calendar_d__b_yaml": posts("b"), "calendar_d__a_yaml": posts("a"), "calendar_d__c_yaml_bak": "posts: 7",
             "calendar_d___hidden_yaml": "posts: 7", "calendar_d__notes_txt": "no YAML: ["}
    with brand("[calendar.yaml, calendar.d/]", **files) as daemon:
        assert queued(daemon) == {"main", "a", "b"}
        assert check(daemon).stdout == "all well: 3 posts, 0 slots\n"
        shown = json.loads(daemon.calctl("list", "--json").stdout)["items"]
        assert [Path(d["source"]).name.split(":")[0] for d in sorted(shown, key=lambda d: d["post"])] == [
            "a.yaml", "b.yaml", "calendar.yaml"]


def test_a_directory_alone_whose_first_file_names_the_zone(tmp_path):
    alone = brand("calendar.d/", tmp_path, calendar_d__1_yaml=ZONE + posts("one"), calendar_d__2_yaml=posts("two"))
    assert check(alone).stdout == "all well: 2 posts, 0 slots\n"
    alone.write("calendar.d/0.yaml", posts("zero"))
    assert "calendar.d/0.yaml" in check(alone).stdout and "timezone" in check(alone).stdout


def test_files_that_come_and_go_are_noticed():
    with brand("[calendar.yaml, calendar.d/]") as daemon:
        assert queued(daemon) == {"main"}
        path = daemon.write("calendar.d/new.yaml", posts("new"))
        wait_for(lambda: queued(daemon) == {"main", "new"})
        assert daemon.api("GET", "/v1/alerts").json["items"] == []  # nobody need know of what will go out
        daemon.write("calendar.d/new.yaml", posts("new", "other"))
        wait_for(lambda: queued(daemon) == {"main", "new", "other"})
        (daemon.directory / "calendar.d/copy.yaml").write_text(posts("copy"))  # written in place, not renamed
        wait_for(lambda: queued(daemon) == {"main", "new", "other", "copy"})
        daemon.write("calendar.d/wrong.yaml", "posts: 7\n")
        wait_for(lambda: daemon.api("GET", "/v1/status").json["documents"]["errors"])
        assert queued(daemon) == {"main", "new", "other", "copy"}
        (daemon.directory / "calendar.d/wrong.yaml").unlink()
        path.unlink()
        wait_for(lambda: queued(daemon) == {"main", "copy"})


@pytest.mark.parametrize("listed, words", [
    ("[calendar.yaml, none.d/]", "none.d/: cannot open the directory"),
    ("calendar.d", "calendar.d: this is a directory; write it with '/' at its end in cald.yaml"),
    ("calendar.d/", "cald.yaml: there is no file of the calendar"),
    ("[calendar.yaml, calendar.yaml/]", "calendar.yaml/: cannot open the directory"),
])
def test_what_is_no_directory_or_has_nothing_is_told(tmp_path, listed, words):
    wrong = check(brand(listed, tmp_path))
    assert wrong.returncode == 1 and words in wrong.stdout, wrong


def test_more_files_than_a_thousand_are_refused(tmp_path):
    crowded = brand("[calendar.yaml, calendar.d/]", tmp_path)
    for i in range(1001):
        (crowded.directory / f"calendar.d/{i}.yaml").touch()
    assert "has more than 1000 files" in check(crowded).stdout


def test_an_earlier_revision_has_its_own_files(tmp_path):
    daemon = brand("[calendar.yaml, calendar.d/]", tmp_path, calendar_d__old_yaml=posts("old"))

    def git(*words):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words], cwd=daemon.directory, check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"})

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")
    (daemon.directory / "calendar.d/old.yaml").unlink()
    daemon.write("calendar.d/new.yaml", posts("new"))
    done = subprocess.run([CALCTL, "plan", "--git", "HEAD", "--json"], cwd=daemon.directory, capture_output=True, text=True)
    assert {c["post"]: c["kind"] for c in json.loads(done.stdout)["changes"]} == {"old": "cancel", "new": "add"}
    git("add", "-A")
    git("commit", "-qm", "y")
    git("rm", "-q", "-r", "calendar.d")
    (daemon.directory / "calendar.d").mkdir()
    done = subprocess.run([CALCTL, "plan", "--git", "HEAD", "--json"], cwd=daemon.directory, capture_output=True, text=True)
    assert {c["post"]: c["kind"] for c in json.loads(done.stdout)["changes"]} == {"new": "cancel"}

"""config/git/pre-commit in real repositories: what is staged decides, not what lies in the working tree."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

BUILD = Path(os.environ["CALD_BUILD"]).resolve()
SOURCE = Path(os.environ["CALD_SOURCE"]).resolve()
HOOK = SOURCE / "config" / "git" / "pre-commit"

SETTINGS = """\
version: 1
calendar: calendar.yaml
charter: charter.yaml
state: state
accounts:
  site: {network: feed, title: Site}
"""
CALENDAR = """\
version: 1
timezone: Europe/Paris
posts:
  - {id: neige, at: 2035-01-01 09:00, to: [site], text: "Il neige."}
"""
CHEAP = CALENDAR.replace("Il neige.", "Des nuits cheap.")
CHARTER = "version: 1\nbrand: {name: Chalet}\nvocabulary: {forbidden: [cheap]}\n"


class Repository:
    def __init__(self, directory, path=None):
        self.directory = directory
        self.path = path or f"{BUILD}:{os.environ['PATH']}"
        directory.mkdir()
        self.git("init", "-q")
        self.git("config", "user.name", "Anna")
        self.git("config", "user.email", "anna@example.org")
        shutil.copy(HOOK, directory / ".git" / "hooks" / "pre-commit")

    def git(self, *words, **more):
        environment = dict(os.environ, PATH=self.path, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
        done = subprocess.run(["git", *words], cwd=self.directory, env=environment, capture_output=True, text=True)
        return done if more.get("may_fail") else (done.check_returncode(), done)[1]

    def write(self, **files):
        for name, text in files.items():
            (self.directory / f"{name}.yaml").write_text(text)

    def commit(self, *words):
        return self.git("commit", "-m", "change", *words, may_fail=True)

    def commits(self):
        return len(self.git("log", "--all", "--format=%h", may_fail=True).stdout.split())


@pytest.fixture()
def repository(tmp_path):
    made = Repository(tmp_path / "plan")
    made.write(cald=SETTINGS, calendar=CALENDAR, charter=CHARTER)
    made.git("add", ".")
    assert made.commit().returncode == 0 and made.commits() == 1
    return made


def test_what_is_staged_and_wrong_is_not_committed_and_said_with_its_place(repository):
    repository.write(calendar=CHEAP)
    repository.git("add", ".")
    done = repository.commit()
    assert done.returncode == 1 and repository.commits() == 1
    assert "calendar.yaml:4:68: " in done.stdout + done.stderr and "cheap" in done.stdout + done.stderr
    assert "/tmp" not in done.stdout + done.stderr
    assert repository.commit("--no-verify").returncode == 0


def test_a_merge_that_git_makes_by_itself_is_refused_as_well(repository):
    """Two branches add a post of one id in different places: no conflict, no pre-commit, and a calendar of no use."""
    linked = [line.split() for line in HOOK.read_text().splitlines() if line.startswith("#   ln -s ")]
    (words,) = linked
    (repository.directory / words[4].removeprefix("REPOSITORY/")).symlink_to(words[3])
    same = '  - {{id: same, at: 2035-01-0{} 09:00, to: [site], text: "Branch {}."}}\n'
    repository.git("checkout", "-q", "-b", "other")
    repository.write(calendar=CALENDAR + same.format(2, 1))
    assert repository.commit("-a").returncode == 0
    repository.git("checkout", "-q", "-")
    repository.write(calendar=CALENDAR.replace("posts:\n", "posts:\n" + same.format(3, 2)))
    assert repository.commit("-a").returncode == 0
    done = repository.git("merge", "--no-edit", "other", may_fail=True)
    assert done.returncode and "id 'same' is used already" in done.stdout + done.stderr, done
    assert repository.commits() == 3


def test_what_lies_in_the_working_tree_does_not_count(repository):
    repository.write(calendar=CHEAP)
    repository.git("add", ".")
    repository.write(calendar=CALENDAR)  # mended, and not added
    assert repository.commit().returncode == 1
    repository.git("add", ".")
    repository.write(calendar="half written: [")  # broken, and not added
    repository.git("rm", "-q", "--cached", "charter.yaml")
    assert "charter.yaml" in repository.commit().stderr  # it is still there on disk
    repository.git("reset", "-q")
    (repository.directory / "notes").write_text("x")
    repository.git("add", "notes")
    assert repository.commit().returncode == 0


def test_a_stricter_charter_is_held_against_the_whole_calendar(repository):
    repository.write(charter=CHARTER.replace("cheap", "neige"))
    repository.git("add", ".")
    assert repository.commit().returncode == 1


def test_a_commit_of_named_files_checks_what_would_be_committed(repository):
    repository.write(calendar=CHEAP, charter="version: 1\n")
    assert repository.commit("charter.yaml").returncode == 0  # by its own index: the calendar is as it was
    assert repository.commit("-a").returncode == 0
    repository.write(charter=CHARTER)
    assert repository.commit("-a").returncode == 1


def test_nothing_is_left_behind_and_the_index_is_as_it_was(repository, tmp_path):
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    os.environ["TMPDIR"] = str(elsewhere)
    try:
        repository.write(calendar=CHEAP)
        repository.git("add", ".")
        before = repository.git("status", "--porcelain").stdout
        assert repository.commit().returncode == 1
    finally:
        del os.environ["TMPDIR"]
    assert not list(elsewhere.iterdir()) and repository.git("status", "--porcelain").stdout == before


def test_each_brand_of_a_repository_is_checked(tmp_path):
    repository = Repository(tmp_path / "plans")
    for brand, calendar in (("lac", CALENDAR), ("col des neiges", CHEAP)):
        (repository.directory / brand).mkdir()
        repository.write(**{f"{brand}/cald": SETTINGS, f"{brand}/calendar": calendar, f"{brand}/charter": CHARTER})
    repository.git("add", ".")
    done = repository.commit()
    assert done.returncode == 1 and "col des neiges/calendar.yaml:4:68: " in done.stdout + done.stderr


def test_files_without_a_cald_yaml_are_named_once(tmp_path):
    repository = Repository(tmp_path / "plan")
    repository.write(calendar=CHEAP, charter=CHARTER)
    repository.git("add", ".")
    assert "git config cald.check" in repository.commit().stderr
    repository.git("config", "cald.check", "calendar.yaml charter.yaml")
    done = repository.commit()
    assert done.returncode == 1 and "cheap" in done.stdout + done.stderr
    repository.write(calendar=CALENDAR)
    repository.git("add", ".")
    assert repository.commit().returncode == 0


def test_without_calctl_nothing_is_passed_unseen(tmp_path):
    empty = tmp_path / "bin"
    empty.mkdir()
    for name in ("git", "sh", "mktemp", "rm"):
        (empty / name).symlink_to(shutil.which(name))
    repository = Repository(tmp_path / "plan", str(empty))
    repository.write(cald=SETTINGS, calendar=CALENDAR, charter=CHARTER)
    repository.git("add", ".")
    done = repository.commit()
    assert done.returncode == 1 and "calctl is not installed" in done.stderr

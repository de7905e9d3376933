"""An old database put back, or a copied one started again: nothing is sent again; cald holds everything and says so."""
import shutil
import subprocess
import time

import pytest
from stage import CALCTL, CALD, Oracle, Stage, milliseconds, mutant, second_after

HOUR = 3600_000


def backup(stage, path):
    """A consistent copy of the database, taken while cald runs."""
    path.unlink(missing_ok=True)
    subprocess.run([CALCTL, "--socket", stage.socket, "backup", path], check=True, stdout=subprocess.DEVNULL)


def put_back(stage, path):
    for suffix in ("-wal", "-shm"):
        stage.database.with_name(stage.database.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(path, stage.database)
    stage.database.chmod(0o600)


def attention(stage):
    return [item["what"] for item in stage.api("GET", "/v1/status").json["attention"] if item.get("daemon") == "restored"]


def wait_receipts(oracle, number, patience=20):
    end = time.monotonic() + patience
    while oracle.receipts() < number:
        assert time.monotonic() < end, f"{oracle.receipts()} of {number} requests"
        time.sleep(0.02)


def stays_silent(stage, oracle, number, seconds=1.5):
    """Long enough for everything that is due to leave: the publisher starts with what is overdue."""
    stage.wait_ready()
    time.sleep(seconds)
    return oracle.receipts() == number


@pytest.fixture
def house(tmp_path):
    """A cald that published 'before', was backed up, published 'after', and was killed."""
    made = []

    def make(program=CALD):
        oracle = Oracle(tmp_path / f"oracle-{len(made)}.log")
        soon = second_after(2500)
        stage = Stage(oracle.port, {"a": False}, {"before": (soon - 1000, ("a",)), "after": (soon + 1000, ("a",)),
                                                  "later": (milliseconds() // 1000 * 1000 + HOUR, ("a",))}, program)
        made.append((oracle, stage))
        stage.start()
        stage.wait_state("before", "a", "published")
        backup(stage, tmp_path / "backup.db")
        stage.wait_state("after", "a", "published")
        wait_receipts(oracle, 2)
        stage.kill()
        stage.backup = tmp_path / "backup.db"
        return stage, oracle

    yield make
    for oracle, stage in made:
        stage.kill()
        oracle.__exit__()
        shutil.rmtree(stage.directory, ignore_errors=True)


def test_an_old_database_sends_nothing_again_and_says_so(house):
    stage, oracle = house()
    put_back(stage, stage.backup)
    stage.start()
    assert stays_silent(stage, oracle, 2)
    assert "older than the one that was used here last" in attention(stage)[0]
    status = stage.calctl("status")
    assert status.returncode == 6 and "calctl resume --restored" in status.stdout, status.stdout

    resumed = stage.calctl("resume")
    assert resumed.returncode == 0 and "but still: nothing is published: " in resumed.stderr
    assert stays_silent(stage, oracle, 2), "who ends a pause does not know of it"
    assert attention(stage)

    answer = stage.calctl("resume", "--restored")
    assert answer.returncode == 0, answer.stderr
    assert not attention(stage)
    held = stage.wait_state("after", "a", "held")
    assert "may be published already" in held["message"], held
    assert stage.delivery("later", "a")["state"] == "ready"
    assert stage.add("a")
    wait_receipts(oracle, 3)
    assert stays_silent(stage, oracle, 3)
    events = stage.api("GET", "/v1/history").json["items"]
    assert any(event["to"] == "running" and "older than" in (event["why"] or "") for event in events), events[-5:]


def test_it_holds_until_it_is_resumed_however_often_it_is_started(house):
    stage, oracle = house()
    put_back(stage, stage.backup)
    for _ in range(2):
        stage.start()
        assert stays_silent(stage, oracle, 2, 0.7) and attention(stage)
        stage.kill()
    stage.start()
    assert stage.calctl("resume", "--restored").returncode == 0
    stage.kill()
    stage.start()
    assert stays_silent(stage, oracle, 2) and not attention(stage)


def test_the_same_backup_put_back_once_more_is_known_again(house):
    stage, oracle = house()
    for _ in range(2):
        put_back(stage, stage.backup)
        stage.start()
        assert stays_silent(stage, oracle, 2, 0.7) and attention(stage)
        assert stage.calctl("resume", "--restored").returncode == 0
        stage.kill()


def test_a_directory_put_back_whole_is_a_copy(house, tmp_path):
    stage, oracle = house()
    shutil.copytree(stage.state, tmp_path / "state", ignore=shutil.ignore_patterns("*.sock"))
    shutil.rmtree(stage.state)
    shutil.copytree(tmp_path / "state", stage.state)
    stage.start()
    assert stays_silent(stage, oracle, 2)
    assert "is a copy, or was put back" in attention(stage)[0]


def test_a_database_without_its_companion_comes_from_elsewhere(house):
    stage, oracle = house()
    (stage.state / "instance").unlink()
    stage.start()
    assert stays_silent(stage, oracle, 2)
    assert "used elsewhere" in attention(stage)[0]


def test_a_new_database_where_another_one_was_is_not_trusted(house):
    stage, oracle = house()
    for path in stage.state.glob("cald.db*"):
        path.unlink()
    stage.start()
    assert stays_silent(stage, oracle, 2), "the calendar still has what was published"
    assert "another one was used here" in attention(stage)[0]
    assert stage.calctl("resume", "--restored").returncode == 0
    stage.wait_state("after", "a", "held")
    stage.wait_state("before", "a", "held")
    assert oracle.receipts() == 2


def test_a_kill_at_any_time_raises_no_doubt(house):
    stage, oracle = house()
    for i in range(6):
        stage.start(wait=False)
        time.sleep(0.02 * 2 ** i)
        stage.kill()
    stage.start()
    assert not attention(stage)
    assert stage.add("a")
    wait_receipts(oracle, 3)


def test_a_cald_that_trusts_any_database_is_found_out(house):
    stage, oracle = house(mutant("TRUST_ANY_DATABASE"))
    put_back(stage, stage.backup)
    stage.start()
    assert not stays_silent(stage, oracle, 2)

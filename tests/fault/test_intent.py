"""The intent is on disk before the first byte of its request leaves: as seen from the system calls."""
import os
import threading

from stage import CALD, FULL, Oracle, Stage, mutant, say, second_after
from trace import Intents, wrapper

ACCOUNTS = {"k0": True, "k1": True, "n0": False, "n1": False, "n2": False}


def watch(program, number, tmp_path, patience, ends=True):
    """Publishes number posts to each of the accounts; follows what cald does through a pipe, for it is much."""
    pipe = tmp_path / "trace"
    os.mkfifo(pipe)
    intents = Intents()

    def follow():
        with open(pipe, errors="replace") as lines:
            intents.follow(lines)

    follower = threading.Thread(target=follow)
    follower.start()
    start = second_after(2000)
    posts = {f"p{i:05}": (start + i // 60 * 1000, tuple(ACCOUNTS)) for i in range(number)}
    with Oracle(tmp_path / "oracle.log", delay=0.05, delay_ms=30) as oracle:
        with Stage(oracle.port, ACCOUNTS, posts, program) as stage:
            stage.start(wrapper=wrapper(pipe))
            if ends:
                stage.drain(patience)
                stage.stop()
            else: # a mutant may never see what it did itself
                oracle.wait(number * len(ACCOUNTS) // 2, patience)
                stage.kill()
            follower.join(60)
            report = stage.check(oracle, order=False)
    say(f"{intents.sends} sends seen, {len(intents.violations)} violations; {report!r}".splitlines()[0])
    return intents, report


def test_no_byte_leaves_before_its_intent_is_synced(tmp_path):
    number = 2000 if FULL else 40
    intents, report = watch(CALD, number, tmp_path, 1200 if FULL else 90)
    assert not report.violations, report
    assert intents.sends >= number * len(ACCOUNTS), f"only {intents.sends} sends were seen"
    assert not intents.violations, intents.violations[:20]


def watch_few(program, tmp_path):
    intents, _ = watch(program, 4, tmp_path, 60, ends=False)
    return intents.violations


def test_a_cald_that_sends_before_its_commit_is_found_out(tmp_path):
    assert any("before its intent" in violation for violation in watch_few(mutant("SEND_BEFORE_COMMIT"), tmp_path))


def test_a_cald_that_does_not_sync_its_commit_is_found_out(tmp_path):
    assert any("unsynced writes" in violation for violation in watch_few(mutant("SYNC_NORMAL"), tmp_path))

"""A kill, or an error of the disk, at the n-th system call of a kind, for n = 1, 2, … until nothing is hit any more."""
import itertools
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from stage import CALD, FULL, SEED, Oracle, Stage, mutant, say, second_after
from trace import Intents, settle, was_injected, wrapper

ACCOUNTS = {"k": True, "n": False}
AT_ONCE = 6
PATIENCE = 200 if FULL else 45

# In CI each n-th of those that are made in hundreds.
STRIDE = {"fdatasync": 1, "sendto": 1, "recvfrom": 1, "pwrite64": 1 if FULL else 9}


def run_until_hit(stage, kills, patience):
    """Until the process ends, or has nothing to do; then it is ended. True: the kill came."""
    end = time.monotonic() + patience
    while stage.process.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
        try:
            states = stage.states()
        except sqlite3.Error:
            continue
        if sum(states.values()) >= len(stage.expected) and not any(map(states.get, ("ready", "waiting", "sending"))):
            break
    if stage.process.poll() is None and kills:
        stage.process.terminate()
        stage.process.wait(30)
        return False
    hit = stage.process.poll() == -9
    stage.kill()
    return hit


def one(program, n, call, fault, tmp_path):
    """A life with the fault, then one without. Returns whether the fault came, and what was wrong."""
    folder = tmp_path / f"{call}-{fault.replace(':', '-').replace('=', '-')}-{n}"
    folder.mkdir()
    trace = folder / "trace"
    kills = fault == "signal=KILL"
    start = second_after(1200)
    posts = {f"p{i}": (start, tuple(ACCOUNTS)) for i in range(2)}
    with Oracle(folder / "oracle.log") as oracle, Stage(oracle.port, ACCOUNTS, posts, program) as stage:
        when = f"{n}+" if fault.endswith("+") else str(n)
        stage.start(wait=False, wrapper=wrapper(trace, f"{call}:{fault.rstrip('+')}:when={when}"))
        hit = run_until_hit(stage, kills, 5 if fault.endswith("+") else 20)
        settle(trace)
        hit = hit or was_injected(trace)
        with open(trace, errors="replace") as lines:
            wrong = Intents().follow(lines).violations
        stage.start()
        stage.drain(PATIENCE, doubts=FULL)
        stage.stop()
        wrong += stage.check(oracle).violations
        return hit, [f"{call} {n} {fault}: {what}" for what in wrong]


def sweep(program, call, fault, tmp_path, most=None):
    """Returns how many n were hit, and everything that was wrong."""
    step = STRIDE[call]
    numbers = itertools.count(1 + SEED % step, step)
    hits, wrong = 0, []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            batch = list(itertools.islice(numbers, AT_ONCE))
            for hit, what in pool.map(lambda n: one(program, n, call, fault, tmp_path), batch):
                wrong += what
                if not hit or (most and hits >= most):
                    say(f"{call} {fault}: {hits} hit, {len(wrong)} wrong")
                    return hits, wrong
                hits += 1


@pytest.mark.parametrize("call", ["fdatasync", "sendto", "recvfrom", "pwrite64"])
def test_a_kill_at_any_system_call_loses_and_doubles_nothing(call, tmp_path):
    hits, wrong = sweep(CALD, call, "signal=KILL", tmp_path)
    assert not wrong, wrong[:20]
    assert hits >= 4, f"only {hits} were hit"


ERRORS = [("fdatasync", "error=EIO"), ("pwrite64", "error=EIO"), ("pwrite64", "error=ENOSPC")]
LASTING = [("fdatasync", "error=EIO+"), ("pwrite64", "error=ENOSPC+")]


@pytest.mark.parametrize("call, fault", ERRORS + LASTING if FULL else ERRORS[:2] + LASTING[1:])
def test_an_error_of_the_disk_is_never_taken_for_success(call, fault, tmp_path):
    hits, wrong = sweep(CALD, call, fault, tmp_path)
    assert not wrong, wrong[:20]
    assert hits >= 4, f"only {hits} were hit"


def cut_short(size, tmp_path):
    """
    A life that makes the database; one in which no file can grow beyond so many bytes, so that the write that would is
    short; then one without.
    """
    folder = tmp_path / str(size)
    folder.mkdir()
    start = second_after(4000)
    posts = {f"p{i}": (start, tuple(ACCOUNTS)) for i in range(3)}
    with Oracle(folder / "oracle.log") as oracle, Stage(oracle.port, ACCOUNTS, posts) as stage:
        stage.start()
        stage.stop()
        stage.start(wait=False, wrapper=["env", "--ignore-signal=XFSZ", "prlimit", f"--fsize={size}"])
        run_until_hit(stage, kills=False, patience=9)
        hit = "the disk" in stage.log()
        early = oracle.receipts()
        stage.start()
        stage.drain(PATIENCE, doubts=FULL)
        stage.stop()
        return hit, early, [f"at {size}: {what}" for what in stage.check(oracle).violations]


def test_a_write_that_is_cut_short_is_never_taken_for_success(tmp_path):
    sizes = range(1234, 4120 * 80, 4120 if FULL else 4120 * 6)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda size: cut_short(size, tmp_path), sizes))
    hits = sum(hit for hit, _, _ in results)
    amid = sum(0 < early < 6 for _, early, _ in results)
    wrong = [what for _, _, its in results for what in its]
    say(f"short writes: {hits} of {len(results)} sizes hit, {amid} amid the sending, {len(wrong)} wrong")
    assert not wrong, wrong[:20]
    assert hits >= 4 and amid, f"only {hits} were hit, {amid} amid the sending"


def test_a_cald_that_forgets_what_was_being_sent_is_found_out(tmp_path):
    _, wrong = sweep(mutant("FORGET_UNSURE"), "recvfrom", "signal=KILL", tmp_path)
    assert any("twice" in what for what in wrong), "sent again what had been sent, and the sweep saw nothing"

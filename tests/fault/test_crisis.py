"""A crisis in the middle of many due posts: after the answer to its start nothing is created but what the answer names as
being sent; and what is in between, with its intent on disk, does not leave. A kill -9 does not end it."""
import json
import random
import time
from datetime import datetime

from stage import CALD, FULL, SEED, Oracle, Stage, milliseconds, mutant, say, second_after

ACCOUNTS = 10


def posts_at(start, seconds, number):
    """As many in each second, all accounts at once: at its end many have their intent on disk and wait."""
    accounts = [f"k{i}" for i in range(ACCOUNTS)]
    return {f"p{i:05}": (start + i * seconds // number * 1000, (accounts[i % ACCOUNTS],)) for i in range(number)}


def created(oracle):
    """post → when it was received, by what the oracle's log says."""
    lines = oracle.log.read_text().splitlines()
    received = [json.loads(line) for line in lines]
    return {line["post"]: line["ms"] for line in received if line["method"] == "POST" and line["effect"] == "created"}


def crisis_in_the_middle(program, tmp_path, number, seconds, lead_ms, kill=False, patience=2):
    """Started so long before a second at which a batch is due. What came after the answer, and what the answer named."""
    tmp_path.mkdir(exist_ok=True)
    start = second_after(2000)
    with Oracle(tmp_path / "oracle.log", delay=0.3, delay_ms=200) as oracle:
        stage = Stage(oracle.port, {f"k{i}": True for i in range(ACCOUNTS)}, posts_at(start, seconds, number), program,
                      options=", parallel: 50")
        with stage:
            stage.start()
            at = start + seconds // 2 * 1000 - lead_ms
            time.sleep(max(0, (at - milliseconds()) / 1000))
            answer = stage.api("POST", "/v1/crisis/start", {"why": "an accident"})
            answered = milliseconds()
            assert answer.status == 200, answer
            out = {name.split("/")[0] for name in answer.json["in_flight"]}
            if kill:
                stage.kill()
                stage.start()
            time.sleep(patience)
            seen = created(oracle)
            after = {post for post, ms in seen.items() if ms > answered}
            before = set(seen) - after
            report = after, out, before, ended(stage, oracle, set(seen)) if program == CALD else None
            say(f"{len(before)} created before the answer, {len(after)} after it, {len(out)} were named; {lead_ms} ms ahead")
            return report


def ended(stage, oracle, seen):
    """The way back: everything that was missed is held, nothing goes out by itself; the rest is published at its time."""
    answer = stage.api("POST", "/v1/crisis/end")
    assert answer.status == 200, answer
    overdue = {held["delivery"].split("/")[0] for held in answer.json["held"]}
    time.sleep(1)
    assert not overdue & set(created(oracle)), "what was overdue went out by itself"
    assert stage.ask("SELECT count(*) FROM delivery WHERE state IN ('ready', 'waiting') AND slot <= "
                     f"{milliseconds() - 5000}") == [(0,)]
    stage.stop()
    report = stage.check(oracle, drained=False, order=False)  # parallel posts keep none
    assert not report.violations, report
    return overdue


def test_nothing_is_created_after_the_answer_but_what_was_being_sent(tmp_path):
    number, seconds = (1000, 20) if FULL else (180, 3)
    named = set()
    for lead in (0, 30, 60, 500, -60, -150) if FULL else (50, -60):
        after, out, before, overdue = crisis_in_the_middle(CALD, tmp_path / str(lead), number, seconds, lead)
        assert after <= out, f"created after the answer, and not named: {sorted(after - out)}"
        assert before and overdue, "the crisis was not in the middle"
        named |= out
    assert named, "nothing was being sent at any of these moments"


def test_a_kill_does_not_end_it(tmp_path):
    number, seconds = (1000, 20) if FULL else (180, 3)
    after, out, before, _ = crisis_in_the_middle(CALD, tmp_path, number, seconds, 40, kill=True)
    assert after <= out and before


def test_a_cald_that_lets_go_what_was_committed_is_found_out(tmp_path):
    for attempt in range(5):
        after, out, _, _ = crisis_in_the_middle(mutant("LATE_CRISIS"), tmp_path / str(attempt), 180, 3, 60 - 10 * attempt,
                                                patience=1)
        if after - out:
            return
    raise AssertionError("what was committed left after the answer, and nobody saw it")

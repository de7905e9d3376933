"""kill -9 at random instants while posts are published: none lost, none twice, every doubtful one unsure."""
import random
import time

from stage import CALD, FULL, SEED, Oracle, Stage, mutant, say, second_after

FAULTS = {"unread": 0.01, "limited": 0.01, "failing": 0.01, "cut": 0.02, "half": 0.01, "garbage": 0.01, "delay": 0.1,
          "delay_ms": 150}


def posts_over(seconds, number, accounts, first_ms=1500):
    """Slots spread evenly; each post goes to an account with keys and to one without."""
    start = second_after(first_ms)
    pairs = len(accounts) // 2
    keyed, plain = list(accounts)[:pairs], list(accounts)[pairs:]
    return {f"p{i:05}": (start + i * seconds // number * 1000, (keyed[i % pairs], plain[i % pairs]))
            for i in range(number)}


def kill_loop(program, kills, number, seconds, seed, tmp_path, pairs=4, faults=FAULTS, longest=1.6, patience=150):
    tmp_path.mkdir(exist_ok=True)
    chance = random.Random(seed)
    accounts = {f"k{i}": True for i in range(pairs)} | {f"n{i}": False for i in range(pairs)}
    with Oracle(tmp_path / "oracle.log", seed, **faults) as oracle:
        stage = Stage(oracle.port, accounts, posts_over(seconds, number, accounts), program)
        with stage:
            for _ in range(kills):
                stage.start(wait=False)
                end = time.monotonic() + chance.uniform(0, longest)
                while (left := end - time.monotonic()) > 0:
                    if left > 0.1 and stage.socket.exists():
                        stage.add(chance.choice(list(accounts)))
                    time.sleep(max(0, min(left, chance.uniform(0, 0.2))))
                stage.kill()
            oracle.calm()
            stage.start()
            stage.drain(patience)
            stage.stop()
            return stage.check(oracle)


def describe(report, kills, seed):
    say(f"seed {seed}, {kills} kills: {str(report).splitlines()[0]}")


def test_nothing_is_lost_or_published_twice_by_a_kill(tmp_path):
    kills, number, seconds = (1000, 10000, 900) if FULL else (15, 200, 16)
    report = kill_loop(CALD, kills, number, seconds, SEED, tmp_path, patience=900 if FULL else 100)
    describe(report, kills, SEED)
    assert not report.violations, report
    assert report.figures["went through unsure"] > 0, f"no kill hit a request: {report}"


def test_a_cald_that_forgets_what_was_being_sent_is_found_out(tmp_path):
    for seed in range(SEED, SEED + 5):
        report = kill_loop(mutant("FORGET_UNSURE"), 8, 160, 10, seed, tmp_path / str(seed),
                           faults={"delay": 1, "delay_ms": 100})
        describe(report, 8, seed)
        if report.figures["twice"]:
            return
    raise AssertionError("sent again what had been sent, and the checker saw nothing")

"""What servers do to a request: each failure is told for what it is, and nothing goes out twice because of it."""
import socket
import time

from checker import read_log
from stage import CALD, FULL, Oracle, Stage, mutant, say, second_after


def many(number, prefix="a"):
    return {f"{prefix}{i}": False for i in range(number)}


def die_on_warm_connections(program, accounts, rounds, tmp_path):
    """
    Each account's first post is answered, so that its connection is kept; the server reads the next one whole and dies.
    Then it begins again. Returns the report and how many died.
    """
    start = second_after(2500)
    posts = {f"p{i:04}": (start + i * 1000, tuple(accounts)) for i in range(rounds)}
    with Oracle(tmp_path / "oracle.log", reused=1) as oracle:
        with Stage(oracle.port, accounts, posts, program) as stage:
            stage.start()
            stage.drain(rounds + 60)
            stage.stop()
            report = stage.check(oracle)
            died = sum(receipt["fate"] == "reused" for receipt in read_log(oracle.log))
    say(f"{died} died on kept connections: {report!r}".splitlines()[0])
    return report, died


def test_a_server_that_reads_and_dies_received_it_once(tmp_path):
    accounts, wanted = (many(50), 1000) if FULL else (many(20), 200)
    report, died = die_on_warm_connections(CALD, accounts, 42 if FULL else 15, tmp_path)
    assert not report.violations, report
    assert died >= wanted, f"only {died} connections were kept ones"
    assert report.figures["in state unsure"] == died


def test_a_cald_that_lets_libcurl_repeat_is_found_out(tmp_path):
    report, died = die_on_warm_connections(mutant("HIDDEN_REPEAT"), many(4), 4, tmp_path)
    assert died and report.figures["twice"], report


FAULTY = {"unread": 0.1, "limited": 0.05, "failing": 0.1, "cut": 0.1, "half": 0.1, "garbage": 0.1, "slow": 0.02,
          "delay": 0.1, "delay_ms": 500}


def publish_through_faults(program, number, tmp_path, faults=FAULTY, patience=100, drained=True, first_ms=1500):
    accounts = {f"k{i}": True for i in range(4)} | {f"n{i}": False for i in range(4)}
    start = second_after(first_ms)
    posts = {f"p{i:04}": (start + i // 10 * 1000, tuple(accounts)) for i in range(number)}
    with Oracle(tmp_path / "oracle.log", **faults) as oracle:
        with Stage(oracle.port, accounts, posts, program) as stage:
            stage.start()
            if drained:
                time.sleep(number / 10 + 4)
                oracle.calm()
                stage.drain(patience)
                stage.stop()
            else:
                oracle.wait(number, patience)
                time.sleep(3)
                stage.kill()
            report = stage.check(oracle, drained=drained)
    say(repr(report).splitlines()[0])
    return report


def test_no_answer_is_taken_for_more_than_it_says(tmp_path):
    report = publish_through_faults(CALD, 1000 if FULL else 40, tmp_path, patience=900 if FULL else 100)
    assert not report.violations, report
    assert report.figures["repeated under the key"], "no key was used twice"
    assert report.figures["unsure, was received"] and report.figures["unsure, was not received"], report


def test_a_cald_that_repeats_blindly_is_found_out(tmp_path):
    report = publish_through_faults(mutant("BLIND_REPEAT"), 10, tmp_path, {"cut": 0.5}, drained=False)
    assert report.figures["twice"], report


def test_a_cald_that_takes_doubt_for_success_is_found_out(tmp_path):
    report = publish_through_faults(mutant("FALSE_SUCCESS"), 10, tmp_path, {"unread": 0.9}, drained=False)
    assert report.figures["false success"], report


def test_a_cald_that_sends_before_the_slot_is_found_out(tmp_path):
    report = publish_through_faults(mutant("EARLY"), 10, tmp_path, {}, drained=False, first_ms=6000)
    assert report.figures["early"], report


def test_a_cald_that_does_not_keep_the_order_is_found_out(tmp_path):
    report = publish_through_faults(mutant("DISORDER"), 10, tmp_path, {}, drained=False)
    assert report.figures["order"], report


def test_what_never_reached_the_server_is_not_in_doubt(tmp_path):
    """Refused connections, names that do not exist and TLS that fails: provably not sent, tried again, never unsure."""
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    start = second_after(1000)
    accounts = {"late": False, "nameless": False, "plain": False}
    posts = {f"p{i}": (start, tuple(accounts)) for i in range(3)}
    stage = Stage(port, accounts, posts)
    config = stage.config.read_text()
    config = config.replace(f"http://127.0.0.1:{port}/nameless", "https://nowhere.invalid/nameless")
    config = config.replace(f"http://127.0.0.1:{port}/plain", f"https://127.0.0.1:{port}/plain")
    stage.write("cald.yaml", config)
    with stage:
        stage.start()
        end = time.monotonic() + 30
        while time.monotonic() < end and not all(f"account={account}" in stage.log() for account in accounts):
            time.sleep(0.1)
        closed.close()
        with Oracle(tmp_path / "oracle.log", port=port) as oracle:
            for i in range(3):
                stage.wait_state(f"p{i}", "late", "published", 60)
            time.sleep(1)
            states = {account: [stage.delivery(f"p{i}", account)["state"] for i in range(3)] for account in accounts}
            stage.kill()
            report = stage.check(oracle, drained=False)
    say(f"{states}; {report!r}".splitlines()[0])
    assert not report.violations, report
    assert not report.figures["went through unsure"], report
    assert set(states["nameless"] + states["plain"]) <= {"ready", "waiting", "sending"}, states

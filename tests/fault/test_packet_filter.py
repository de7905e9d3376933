"""
What happens on the way to a network: packets that are dropped, refused or too long, and name servers that fail.

cald, the oracle and a name server are in a network namespace of their own. Each account's network is at an address of
its own, for which nftables has a rule: from before the slot until the fault was seen; then it is lifted. Beside them an
account without faults publishes each second, before the faults and among them.

    not sent          is tried again by itself, and only that: nobody's key is needed to do so
    may have been     is unsure; under a key it is sent again and published, without one it is left alone
"""
import re
import signal
import statistics
import time

import pytest

from concurrent.futures import ThreadPoolExecutor

from netns import Namespace, Unavailable
from stage import CALD, Oracle, Stage, milliseconds, mutant, say, second_after

# Packets to the network ('daddr') or from it. Each rule's set holds the addresses of those that suffer it now. A segment
# with data is longer than one without; some 60 bytes are headers.
RULES = {
    "syn_dropped": "ip daddr @syn_dropped tcp flags & (syn | ack) == syn drop",
    "syn_refused": "ip daddr @syn_refused tcp flags & (syn | ack) == syn reject with tcp reset",
    "unreachable": "ip daddr @unreachable tcp flags & (syn | ack) == syn reject with icmp host-unreachable",
    "request_dropped": "ip daddr @request_dropped meta length > 100 drop",
    "request_reset": "ip daddr @request_reset meta length > 100 reject with tcp reset",
    "answer_dropped": "ip saddr @answer_dropped meta length > 100 drop",
    "all_dropped": "ip daddr @all_dropped drop",
    "long_dropped": "ip daddr @long_dropped meta length > 1000 drop",  # a path whose MTU nobody tells
    "lossy": "ip daddr @lossy numgen random mod 100 < 15 drop",
}
NOT_SENT = ["syn_dropped", "syn_refused", "unreachable"]
NAMES = ["dead", "refused", "servfail", "nxdomain", "garbage"]  # see resolver.py
MAY_BE_SENT = ["request_dropped", "request_reset", "answer_dropped", "all_dropped", "long_dropped"]
DEADLINE = 30000  # ms, of one exchange; resolving and connecting have 20000 of them
QUIET = 4         # seconds without faults before
LONG = "This is said at length. " * 100


class Filtered(Stage):
    """accounts: name → (rule or None, host, keyed). Posts: 'before' without its fault, 'amid' and 'after' with it."""

    def __init__(self, port, accounts, posts, program=CALD):
        super().__init__(port, {name: keyed for name, (_, _, keyed) in accounts.items()}, posts, program,
                         settings="outgoing: {insecure: true, private_addresses: true}\n")
        text = self.config.read_text()
        for name, (_, host, _) in accounts.items():
            text = text.replace(f"//127.0.0.1:{port}/{name}\"", f"//{host}:{port}/{name}\"")
        self.write("cald.yaml", text)
        self.write("calendar.yaml", (self.directory / "calendar.yaml").read_text().replace("Post amid.", LONG.strip()))

    def state_of(self, post, account):
        rows = self.ask(f"SELECT state FROM delivery WHERE post_id = '{post}' AND account = '{account}' AND attempts > 0")
        return rows[0][0] if rows else None

    def first_try(self, post, account):
        """Outcome and duration in ms of the first request that was to publish it."""
        return self.ask("SELECT outcome, ended - started FROM attempt JOIN delivery ON delivery.id = attempt.delivery "
                        "LEFT JOIN settlement ON settlement.attempt = attempt.id WHERE "
                        f"post_id = '{post}' AND account = '{account}' AND kind = 'create' ORDER BY attempt.id LIMIT 1")[0]

    def lateness(self, account):
        """post → ms, as the delivery log has it."""
        found = re.findall(rf"attempt post=(\S+) account={account} .* late_ms=(\d+)", self.log())
        return {post: int(ms) for post, ms in found}


def make_accounts():
    """Every fault on an account without a key; those that may have been sent on one with a key as well."""
    accounts = {"well": (None, "127.2.0.1", False)}
    for rule in [*NOT_SENT, *MAY_BE_SENT, "lossy"]:
        accounts[rule] = (rule, f"127.1.0.{len(accounts)}", False)
    for rule in MAY_BE_SENT:
        accounts[rule + "-keyed"] = (rule, f"127.1.0.{len(accounts)}", True)
    for name in [*NAMES, "slow"]:
        accounts[name] = (None, f"{name}.test", False)
    return {name.replace("_", "-"): what for name, what in accounts.items()}


def is_seen(stage, name):
    return (stage.state_of("amid", name) or "sending") != "sending"


def play(network, stage, accounts, resolver, slot):
    """
    Puts the faults on, and lifts each when it was seen. Returns of each account what it was then and the bytes that
    the kernel was still to send; and when the last fault was lifted.
    """
    kept = [name for name, (rule, _, _) in accounts.items() if rule in MAY_BE_SENT + ["lossy"]]
    for name, (rule, host, _) in accounts.items():
        if rule in NOT_SENT:
            network.add(rule, host)
    stage.start()
    for name in kept:
        while stage.state_of("before", name) != "published":
            assert milliseconds() < slot - 300, (name, stage.log())
            time.sleep(0.02)
        network.add(accounts[name][0], accounts[name][1])
    seen, left, end = {}, {}, time.monotonic() + DEADLINE / 1000 + 15
    while len(seen) < len(accounts) and time.monotonic() < end:
        for name in accounts.keys() - seen.keys():
            if is_seen(stage, name):
                seen[name] = stage.state_of("amid", name)
                if accounts[name][0]:
                    left[name] = network.left_behind(accounts[name][1])
                    network.remove(*accounts[name][:2])
        if resolver and all(name in seen for name in NAMES):
            resolver.send_signal(signal.SIGUSR1)
            resolver = None
        time.sleep(0.1)
    return seen, left, time.monotonic()


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    try:
        with Namespace(tmp_path_factory.mktemp("network")) as network:
            resolver = network.name_server()
            try:
                network.filter(RULES)
            except OSError as problem:
                pytest.skip(str(problem))
            network.resolver = resolver
            yield network
    except Unavailable as problem:
        pytest.skip(str(problem))


def inside(network, stage):
    """The stage's cald starts in the network."""
    start = stage.start
    stage.start = lambda *arguments, **options: start(*arguments, wrapper=network.inside, **options)
    return stage


@pytest.fixture(scope="module")
def played(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("oracle")
    accounts = make_accounts()
    faulty = tuple(name for name in accounts if name != "well")
    kept = tuple(name for name in faulty if accounts[name][0] in MAY_BE_SENT + ["lossy"])
    slot = second_after(2500 + QUIET * 1000)
    posts = {f"well-{i:02}": (slot + (i - QUIET) * 1000, ("well",)) for i in range(QUIET + DEADLINE // 1000)}
    posts |= {"before": (slot - 2000, kept), "amid": (slot, (*faulty, "well")), "next": (slot + 1000, faulty)}
    with (Oracle(folder / "oracle.log", wrapper=network.inside, anywhere=True) as oracle,
          Filtered(oracle.port, accounts, posts) as stage):
        inside(network, stage)
        seen, left, lifted = play(network, stage, accounts, network.resolver, slot)
        took = (milliseconds() - slot) / 1000
        stage.drain(40)
        settled = time.monotonic() - lifted
        stage.stop()
        yield {"stage": stage, "accounts": accounts, "seen": seen, "left": left, "took": took, "settled": settled,
               "report": stage.check(oracle), "firsts": {name: stage.first_try("amid", name) for name in faulty}}


def of_class(accounts, faults):
    return [name for name, (rule, host, _) in accounts.items() if (rule or host.split(".")[0]) in faults]


def test_what_did_not_leave_is_told_from_what_may_have(played):
    firsts, accounts = played["firsts"], played["accounts"]
    for name in of_class(accounts, NOT_SENT + NAMES):
        assert firsts[name][0] == "retry" and played["seen"][name] == "waiting", (name, firsts[name], played["seen"][name])
    for name in of_class(accounts, MAY_BE_SENT):
        assert firsts[name][0] == "unsure" and played["seen"][name] == "unsure", (name, firsts[name], played["seen"][name])
    assert firsts["slow"][0] == "done"


def test_what_was_given_up_does_not_arrive_later(played):
    assert not any(played["left"].values()), "the kernel goes on sending what is unsure, and may be looked for and not found"


def test_no_exchange_outlives_its_deadline(played):
    longest = max(played["firsts"].items(), key=lambda one: one[1][1])
    say(f"{len(played['firsts'])} faults seen {played['took']:.1f} s after the slot; longest exchange: {longest[0]}, "
        f"{longest[1][1]} ms; all settled {played['settled']:.1f} s after the last was lifted")
    assert longest[1][1] < DEADLINE + 1500, longest


def test_when_the_fault_is_gone_all_is_published_once_that_can_be(played):
    assert not played["report"].violations, played["report"]
    stage, accounts = played["stage"], played["accounts"]
    for name, (rule, _, keyed) in accounts.items():
        for post in ("amid", "next"):
            state = stage.state_of(post, name)
            if name != "well" and (rule not in MAY_BE_SENT + ["lossy"] or keyed):
                assert state == "published", (name, post, state)
            elif rule in MAY_BE_SENT and post == "amid":
                assert state == "unsure", (name, post, state)
    assert stage.state_of("next", "long-dropped") == "published", "a short one fits through"


def test_another_account_does_not_notice(played):
    late = played["stage"].lateness("well")
    quiet = [late[f"well-{i:02}"] for i in range(QUIET)]
    faulty = [ms for post, ms in late.items() if post not in {f"well-{i:02}" for i in range(QUIET)}]
    say(f"late without faults: {statistics.median(quiet)} ms in the middle, {max(quiet)} at most; "
        f"among them: {statistics.median(faulty)} and {max(faulty)}")
    assert len(faulty) == DEADLINE // 1000 + 1
    assert statistics.median(faulty) < statistics.median(quiet) + 300, (quiet, faulty)
    assert max(faulty) < max(quiet) + 1500, (quiet, faulty)


def kill_amid(network, program, host, folder):
    """cald is killed while its request does not come through: the bytes that the kernel goes on sending."""
    folder.mkdir()
    accounts = {"all-dropped": ("all_dropped", host, False)}
    slot = second_after(3000)
    with (Oracle(folder / "oracle.log", wrapper=network.inside, anywhere=True) as oracle,
          Filtered(oracle.port, accounts, {"amid": (slot, ("all-dropped",))}, program) as stage):
        inside(network, stage).start()
        while milliseconds() < slot - 700:  # connected ahead of the slot
            time.sleep(0.02)
        network.add("all_dropped", host)
        while milliseconds() < slot + 500 or stage.state_of("amid", "all-dropped") != "sending":
            assert milliseconds() < slot + 9000, stage.log()
            time.sleep(0.02)
        stage.kill()
        time.sleep(0.3)
        return network.left_behind(host)


def fail_amid(network, host, folder):
    """A request is answered with a reset: what it is taken for by a cald that takes it for not sent."""
    folder.mkdir()
    accounts = {"request-reset": ("request_reset", host, False)}
    slot = second_after(4000)
    posts = {"before": (slot - 2000, ("request-reset",)), "amid": (slot, ("request-reset",))}
    with (Oracle(folder / "oracle.log", wrapper=network.inside, anywhere=True) as oracle,
          Filtered(oracle.port, accounts, posts, mutant("NOT_SENT")) as stage):
        seen, _, _ = play(network, inside(network, stage), accounts, None, slot)
        return seen["request-reset"]


@pytest.fixture(scope="module")
def broken(network, tmp_path_factory):
    """The short plays, all at once."""
    folder = tmp_path_factory.mktemp("broken")
    with ThreadPoolExecutor() as pool:
        return {"left": pool.submit(kill_amid, network, CALD, "127.3.0.2", folder / "left"),
                "left by a mutant": pool.submit(kill_amid, network, mutant("KEEP_SENDING"), "127.3.0.3", folder / "mutant"),
                "seen by a mutant": pool.submit(fail_amid, network, "127.3.0.1", folder / "seen")}


def test_a_killed_cald_leaves_nothing_that_is_still_being_sent(broken):
    assert broken["left"].result() == 0, "may arrive after it was looked for"


def test_a_cald_that_lets_the_kernel_go_on_is_found_out(broken):
    assert broken["left by a mutant"].result() > 0, "its request was dropped with its socket"


def test_a_cald_that_takes_a_failed_request_for_one_not_sent_is_found_out(broken):
    assert broken["seen by a mutant"].result() == "waiting", "what may have arrived is to be sent again, and nobody saw it"

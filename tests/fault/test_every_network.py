"""
One calendar, whose every entry goes to every network of the build at once, with its variants; between cald and each of them
lies a proxy that does to one request in a hundred each of what networks do (tests/support/chance_proxy.py). Afterwards each
post is on each network exactly once: what was in doubt was looked for by cald, or a person was asked, who looked.

The wall clock of cald and of the servers runs SPEED times as fast (tests/support/hasty.c), for cald waits minutes where it is
in doubt. Which networks there are is read from calctl: one that tests/support/every_network.py does not have fails here.
"""
import contextlib
import re
import subprocess
import time

import yaml

from stage import CALCTL, FULL, SEED, Stage, mutant, say  # first: it knows where the rest is

SPEED = 100
BASE = time.time()
clock, calendar_of, text_of = time.time, time.gmtime, time.strftime


def hasty_time():
    return BASE + (clock() - BASE) * SPEED


# The servers' clock is cald's; they ask it only so.
time.time = hasty_time
time.gmtime = lambda seconds=None: calendar_of(hasty_time() if seconds is None else seconds)
time.strftime = lambda form, moment=None: text_of(form, time.gmtime() if moment is None else moment)

from chance_proxy import KINDS, Chance, ChanceProxy  # noqa: E402
from checker import Report, check_history, read_database  # noqa: E402
from every_network import PLACES  # noqa: E402
from films import film  # noqa: E402
from test_graph import IMAGE  # noqa: E402

POSTS = 150 if FULL else 8
EVERY = 60  # seconds of the hasty clock between two of them
PATIENCE = 900 if FULL else 100  # real seconds; the limit of what hangs
NEVER = 2 ** 63 - 1


def networks_of_the_build(tmp_path):
    """As calctl names them to who writes another."""
    config = tmp_path / "unknown.yaml"
    config.write_text("calendar: c.yaml\nstate: s\naccounts:\n  a: {network: nonsuch}\n")
    told = subprocess.run([CALCTL, "--config", config, "check"], capture_output=True, text=True)
    names = re.search(r"unknown network 'nonsuch', expected one of ([a-z0-9, ]+)", told.stdout + told.stderr)
    return set(names.group(1).strip().split(", "))


def mark(post):
    return f"Marque {post}."


def more(post):
    return f"Suite {post}."


def entry(number, first, places):
    """One post for everybody, with what each network wants of its own."""
    post = f"p{number:03}"
    variants = {name: place.said for name, place in places.items() if place.said}
    for name, place in places.items():
        if place.thread:
            variants[name] = place.said | {"thread": [f"{mark(post)} La neige est là, venez.", f"{more(post)} Et le soleil aussi."]}
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(first + number * EVERY))
    return {"id": post, "at": at, "to": list(places), "title": f"{mark(post)} La neige",
            "text": f"{mark(post)} La neige est là, venez.", "variants": variants}


class World(Stage):
    """A cald with an account on every network, each behind its proxy."""

    def __init__(self, posts, chance, program):
        super().__init__(0, {}, {}, program, settings='media_urls: {url: "https://media.example.org/m/", listen: "127.0.0.1:0"}\n'
                                                      'late: {grace: 10d}\n')
        self.environment["CALD_HASTY"] = f"{int(BASE * 1000)} {SPEED}"
        self.chance, self.posts = chance, [f"p{number:03}" for number in range(posts)]
        self.places = {name: make() for name, make in PLACES.items()}
        self.stack = contextlib.ExitStack()

    def between(self, name, place):
        """The network's server and the proxy before it."""
        place.prepare(self)
        if place.server is None:
            return
        self.stack.enter_context(place.server)
        if place.url:
            place.reached_at(self.stack.enter_context(ChanceProxy(place.url, self.chance)).url)
        else:
            place.server.chance = self.chance

    def __enter__(self):
        for name, place in self.places.items():
            self.between(name, place)
        accounts = {name: place.account(name) | {"spacing": "0s"} for name, place in self.places.items()}
        for name, place in self.places.items():
            for file, secret in place.secrets(name).items():
                self.write(file, secret, 0o600)
        self.write("a.jpg", IMAGE)
        self.write("b.mp4", film(size=80_000))
        first = hasty_time() + 2 * SPEED
        entries = [entry(number, first, self.places) for number in range(len(self.posts))]
        self.write("calendar.yaml", yaml.safe_dump({"version": 1, "timezone": "UTC", "posts": entries}, allow_unicode=True))
        text = self.config.read_text().replace("accounts:\n", yaml.safe_dump({"accounts": accounts}))
        self.write("cald.yaml", text)
        self.start()
        port = re.search(r"served on http://127\.0\.0\.1:(\d+)/", self.log())
        for place in self.places.values():
            if hasattr(place, "graph"):
                place.graph.port = int(port.group(1))
        return self

    def __exit__(self, kind, *rest):
        super().__exit__(kind, *rest)
        self.stack.__exit__(kind, *rest)

    # ---- what is there, and what is left to do ----

    def counts(self, word):
        """account → how often its network shows it."""
        return {name: sum(word in text for text in place.shown(self)) for name, place in self.places.items()}

    def rows(self, condition):
        return self.ask(f"SELECT post_id, account, state, message FROM delivery WHERE {condition}")

    def asked(self):
        return self.rows(f"state = 'unsure' AND due >= {NEVER}")

    def busy(self):
        return self.rows(f"state NOT IN ('published', 'unsure') OR (state = 'unsure' AND due < {NEVER})")

    def answer(self, post, account):
        """As a person does who looked at the network."""
        there = sum(mark(post) in text for text in self.places[account].shown(self))
        said = {"published": "https://example.org/found"} if there else {"not_published": True}
        answer = self.api("POST", f"/v1/posts/{post}/resolve", said | {"account": account})
        assert answer.status in (200, 409), answer

    def wait(self, done):
        end = time.monotonic() + PATIENCE
        while not done():
            assert self.process.poll() is None and time.monotonic() < end, f"{self.busy()[:20]}\n{self.log()[-6000:]}"
            time.sleep(0.1)

    def finish(self):
        """Until everything is published; people are asked, and answer. Returns who was asked."""
        asked = set()

        def done():
            for post, account, _, message in self.asked():
                assert message
                asked.add((post, account))
                self.answer(post, account)
            return not self.busy() and not self.asked()
        self.wait(done)
        return asked

    def miscounted(self, asked=()):
        """A person who says that the beginning of a thread is there ends it with that."""
        return [(post, account, word, count) for post in self.posts for word in (mark(post), more(post))
                for account, count in self.counts(word).items()
                if count != (word == mark(post) or self.places[account].thread)
                and not (word == more(post) and (post, account) in asked and count == 0)]

    def violations(self, asked):
        deliveries, report = read_database(self.database)[0], Report()
        for delivery in deliveries.values():
            check_history(report, delivery)
        return [f"{post}/{account}: '{word}' is there {count} times" for post, account, word, count in self.miscounted(asked)] + \
            report.violations + \
            [f"{post}/{account}: lost" for post in self.posts for account in self.places if (post, account) not in deliveries]


def test_every_network_of_the_build_is_here(tmp_path):
    here = {make().network for make in PLACES.values()}
    assert networks_of_the_build(tmp_path) == here, "tests/support/every_network.py needs a row for each"


def test_each_post_is_on_each_network_exactly_once_whatever_happens_to_a_request():
    chance = Chance(SEED)
    with World(POSTS, chance, mutant("HASTY")) as world:
        world.wait(lambda: not world.rows("state = 'ready'"))
        chance.calm = not FULL
        asked = world.finish()
        wrong, log = world.violations(asked), world.log()
        doubts = world.ask("SELECT count(DISTINCT delivery) FROM history WHERE to_state = 'unsure'")[0][0]
        world.stop()
    say(f"{POSTS} posts to {len(PLACES)} accounts, {chance.count} requests, faults {dict(chance.done)}, {doubts} in doubt, "
        f"{len(asked)} asked of a person")
    assert not wrong, "\n".join(wrong)
    assert "Sanitizer" not in log and "runtime error" not in log and "bug:" not in log, log[-5000:]
    assert set(chance.done) == set(KINDS) and doubts, f"nothing happened: {chance.done}, {doubts}"
    assert {account for _, account in asked} <= {name for name, place in world.places.items() if place.asks}, asked


def test_a_cald_that_repeats_blindly_is_found_out():
    with World(3, Chance(SEED, 20), mutant("HASTY_BLIND_REPEAT")) as world:
        world.wait(lambda: any(count > 1 for *_, count in world.miscounted()))
        world.kill()

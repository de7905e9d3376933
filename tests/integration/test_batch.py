"""Many posts in one request: all of them or none, with everything that is wrong; judged as if each had come alone after those
before it; others are answered meanwhile; what is cut short is completed by the same request."""
import json
import resource
import signal
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import UnixConnection  # noqa: E402
from openapi import CheckedDaemon  # noqa: E402
from pages import Pages  # noqa: E402

LATER = "2034-06-01 10:00"
LINES = {"Content-Type": "application/x-ndjson"}
PACE = "version: 1\nbrand: {name: Test}\nvocabulary: {forbidden: [cheap]}\npace: {per_day: {max: 2}, gap: {min: 2h}}\n"


@pytest.fixture(scope="module")
def daemon():
    with CheckedDaemon() as running:
        yield running


def post(name=None, **more):
    one = {"to": ["site"], "text": "A text.", "at": LATER, **more}
    return {"id": name, **one} if name else one


def add(daemon, posts, headers=None, query="", **more):
    body = posts if isinstance(posts, bytes) else json.dumps(posts).encode()
    return daemon.api("POST", "/v1/posts/batch" + query, body, headers, **more)


def ids(daemon, prefix):
    found, cursor = [], ""
    while cursor is not None:
        page = daemon.api("GET", f"/v1/deliveries?limit=1000{cursor and '&cursor=' + cursor}").json
        found += [item["post"] for item in page["items"] if item["post"].startswith(prefix)]
        cursor = page["next"]
    return sorted(found)


# ---- what comes in ----

def test_a_list_and_lines_add_the_same(daemon):
    answer = add(daemon, [post("l1", to=["site", "silent"]), post("l2", at="2034-06-02T09:00:00Z")])
    assert answer.status == 201 and answer.json["count"] == 2 and answer.json["findings"] == []
    assert answer.json["posts"] == [{"id": "l1", "slot": "2034-06-01T08:00:00Z", "local": "2034-06-01T10:00:00+02:00"},
                                    {"id": "l2", "slot": "2034-06-02T09:00:00Z", "local": "2034-06-02T11:00:00+02:00"}]
    lines = b"\n\r\n" + b"\r\n\n".join(json.dumps(post(name)).encode() for name in ("l3", "l4")) + b"  "
    assert [one["id"] for one in add(daemon, lines, LINES).json["posts"]] == ["l3", "l4"]
    alone = daemon.api("POST", "/v1/posts", post("l5", to=["site", "silent"])).json
    among = daemon.api("GET", "/v1/posts/l1").json
    fixed = [(d["account"], d["state"], d["slot"], d["content"], d["origin"], d["author"]) for d in alone["deliveries"]]
    assert [(d["account"], d["state"], d["slot"], d["content"], d["origin"], d["author"]) for d in among["deliveries"]] == fixed
    assert daemon.calctl("audit", "verify").returncode == 0


def test_names_are_made_and_posts_of_now_go_out(daemon):
    answer = add(daemon, [post(at="now"), post(at="now")])
    first, second = [one["id"] for one in answer.json["posts"]]
    assert first.endswith("-0") and second.endswith("-1") and first[:-2] == second[:-2]
    assert daemon.wait_state(first, "site", "published") and daemon.wait_state(second, "site", "published")


def test_everything_that_is_wrong_is_said_with_its_place_and_nothing_is_added(daemon):
    answer = add(daemon, [post("w0"), post("far-away"), post("w2", to=["sit"]), post("w3", txt="x"), post("w0"), 7,
                          post("w6", text="How cheap!"), post("w7", at="the day after never"), post("w8")])
    assert answer.status == 422 and answer.json["refused"] == 7
    said = {(one["index"], one.get("field"), one.get("nearest")) for one in answer.json["errors"]}
    assert said == {(1, None, None), (2, "to", "site"), (3, None, "text"), (4, None, None), (5, None, None),
                    (6, "text", None), (7, None, None)}, answer
    assert answer.json["detail"].startswith("7 of 9 posts refused, nothing was added; posts[1]: there is a post 'far-away'")
    assert ids(daemon, "w") == []
    for same, status in (([post("far-away"), post("far-away")], 409), ([post("w1", txt="x")], 400)):
        assert add(daemon, same).status == status


@pytest.mark.parametrize("body, headers, status, said", [
    (b"[]", None, 400, "no posts"), (b"", LINES, 400, "no posts"), (b'{"to": ["site"]}', None, 400, "a list was expected"),
    (b'[{"text": "x"}\n, {"text": "y"}', None, 400, "not closed, line 2"),
    (b"[{}] {}", None, 400, "behind the list"), (b'[{"text": "]"}, nonsense]', None, 422, "not JSON"),
    (b'{"text": "x"}\nnonsense', LINES, 422, "not JSON"),
    (b"[" + b"{}," * 10000 + b"{}]", None, 413, "more than 10000"), (b" " * (8 << 20) + b"[]", None, 413, "8 MiB"),
    (b"[]", {"Content-Type": "text/plain"}, 415, "x-ndjson"),
], ids=range(10))
def test_what_is_no_list_of_posts_is_refused(daemon, body, headers, status, said):
    answer = add(daemon, body, headers)
    assert answer.status == status and said in json.dumps(answer.json), answer


def test_a_dry_run_judges_and_adds_nothing(daemon):
    assert add(daemon, [post("y1"), post("y2")], query="?dry_run=true").json["count"] == 2
    assert add(daemon, [post("y1"), post("y1")], query="?dry_run=true").status == 409
    assert ids(daemon, "y") == []


def test_an_author_adds_drafts_only(daemon):
    token = daemon.token("ann", "author")
    refused = add(daemon, [post("r1", draft=True), post("r2")], tcp=True, token=token)
    assert refused.status == 403 and [one["index"] for one in refused.json["errors"]] == [1]
    assert add(daemon, [post("r1", draft=True)], tcp=True, token=token).status == 201
    assert daemon.delivery("r1", "site")["state"] == "draft"


def test_a_key_is_answered_again(daemon):
    key = {"Idempotency-Key": "a-batch"}
    first = add(daemon, [post("k1"), post()], key)
    again = add(daemon, [post("k1"), post()], key)
    assert first.status == again.status == 201 and first.body == again.body
    assert again.headers["idempotency-replayed"] == "true"
    assert add(daemon, [post("k2")], key).status == 422
    assert ids(daemon, "k") == ["k1"]


# ---- calctl add --from ----

def test_calctl_adds_the_posts_of_a_file(daemon):
    lines = "".join(json.dumps(post(f"q{i}")) + "\n" for i in range(25))
    dry = daemon.calctl("add", "--from", "-", "--dry-run", input=lines)
    assert dry.returncode == 0 and dry.stdout.startswith("would queue 25 posts\n  q0 ") and ids(daemon, "q") == []
    done = daemon.calctl("add", "--from", "-", input=lines)
    assert done.returncode == 0 and "and 5 more (--json" in done.stdout and "1 Jun 2034 10:00" in done.stdout, done
    path = daemon.write("posts.json", json.dumps([post("z1"), post("z2")]))
    for _ in range(2):  # under a key: the same answer
        said = daemon.calctl("add", "--from", path, "--key", "once", "--json")
        assert said.returncode == 0 and [one["id"] for one in json.loads(said.stdout)["posts"]] == ["z1", "z2"], said
    again = daemon.calctl("add", "--from", path)
    assert again.returncode == 5 and f"{path}: posts[1]: there is a post 'z2' already" in again.stderr, again


@pytest.mark.parametrize("words, status, said", [
    (["--from", "-", "--to", "site"], 2, "leave out --to"), (["--from", "-", "text"], 2, "leave out 'text'"),
    (["--from", "/no/such"], 2, "cannot open '/no/such'"), (["--key", "x", "text"], 2, "--key goes with --from"),
    (["--from", "-"], 1, "standard input:4: unknown account 'sit'"), (["--from", "-"], 1, "standard input:2: it is not JSON"),
    (["--from", "-", "--json"], 1, '"index": 2'),
])
def test_calctl_names_the_line_of_what_is_wrong(daemon, words, status, said):
    lines = "\nnonsense\n" + json.dumps(post("i1")) + "\r\n" + json.dumps(post("i2", to=["sit"]))
    done = daemon.calctl("add", *words, input=lines)
    assert done.returncode == status and said in done.stderr + done.stdout, done
    assert ids(daemon, "i") == []


# ---- judged as each alone ----

def test_those_before_it_count_as_if_they_were_queued():
    with CheckedDaemon(charter=PACE) as daemon:
        times = ["2034-06-01 10:00", "2034-06-01 11:00", "2034-06-01 14:00", "2034-06-01 17:00", "2034-06-02 10:00"]
        answer = add(daemon, [post(f"p{i}", at=at) for i, at in enumerate(times)])
        assert [(one["index"], one["rule"]) for one in answer.json["errors"]] == [(1, "gap"), (3, "per-day")], answer
        assert add(daemon, [post(f"p{i}", at=at) for i, at in enumerate(times) if i not in (1, 3)]).status == 201
        slots = [one["slot"] for one in add(daemon, [post(f"n{i}", at="next slot evening") for i in range(3)]).json["posts"]]
        assert len(set(slots)) == 3 and slots == sorted(slots)
        over = {"reason": "a fair", "rules": ["gap"]}
        assert add(daemon, [post("o1", at="2034-07-01 10:00"), post("o2", at="2034-07-01 11:00", override=over)]).status == 201
        assert daemon.delivery("o2", "site")["overrides"] and not daemon.delivery("o1", "site")["overrides"]
        assert daemon.api("POST", "/v1/crisis/start", {"why": "an accident"}).status == 200
        warned = add(daemon, [post("c1", at="2034-08-01 10:00")]).json
        assert [(one["index"], one["rule"]) for one in warned["findings"]] == [(0, "crisis")]


MIX = ("version: 1\nbrand: {name: Test}\npace: {gap: {min: 2h}, per_day: {max: 4}}\n"
       "mix: {b1: {max: 40%, over: 30 days}}\nchecks: {mix: error}\n")


def test_in_whatever_order_they_come_they_are_judged_as_if_one_came_after_the_other():
    """Some are queued before, and each is held against them and those of its list, by their times."""
    shuffled = [(i * 37) % 60 for i in range(60)]
    def one(prefix, i):
        return post(f"{prefix}{i}", at=f"2034-06-{i // 5 + 1:02} {8 + i % 5 * (1 + i % 3):02}:00", bucket=f"b{i % 2 + 1}")
    with CheckedDaemon(charter=MIX) as daemon:
        before = [i for i in range(0, 60, 7) if daemon.api("POST", "/v1/posts", one("q", i)).status == 201]
        answer = add(daemon, [one("m", i) for i in shuffled], query="?dry_run=true").json
        among = {}
        for error in answer["errors"]:
            among.setdefault(error["index"], set()).add(error["rule"])
        alone = {}
        for index, i in enumerate(shuffled):
            said = daemon.api("POST", "/v1/posts", one("m", i))
            if said.status != 201:
                alone[index] = {finding["rule"] for finding in said.json["errors"]}
        assert among == alone and before, (among, alone)
        assert {"mix"} <= set().union(*alone.values()) and len(alone) < 55


def test_nobody_gets_a_slot_of_a_batch_that_is_being_added(daemon):
    answers, singles = [], []
    posts = [post("t0", at="next slot evening")] + [post(f"t{i}", at="2035-01-01 10:00") for i in range(1, 600)]
    adding = threading.Thread(target=lambda: answers.append(add(daemon, posts, timeout=120)))
    adding.start()
    while adding.is_alive():
        single = daemon.api("POST", "/v1/posts", post(at="next slot evening"), timeout=60).json
        singles.append(single["deliveries"][0]["slot"])
        named = {one.get("post") for one in daemon.api("GET", "/v1/slots?limit=5").json["items"]} - {None}
        assert all(daemon.api("GET", f"/v1/posts/{post}").status == 200 for post in named)  # it is stored
    adding.join()
    assert answers[0].status == 201 and len(set(singles)) == len(singles)
    assert answers[0].json["posts"][0]["slot"] not in singles


def test_links_are_looked_at_once_for_all_of_them():
    with Pages() as pages:
        charter = "version: 1\nbrand: {name: Test}\nchecks: {link_reachable: error}\n"
        with CheckedDaemon(charter=charter, settings="outgoing: {private_addresses: true}\n") as daemon:
            texts = [f"Voir {pages.url}/here", f"Voir {pages.url}/gone", f"Voir {pages.url}/here"]
            answer = add(daemon, [post(f"v{i}", text=text) for i, text in enumerate(texts)])
            assert [(one["index"], one["rule"]) for one in answer.json["errors"]] == [(1, "link-reachable")], answer
            asked = pages.paths()
            assert set(asked) == {"/gone", "/here"} and asked.count("/here") == 1
            assert add(daemon, [post(f"v{i}", text=texts[i]) for i in (0, 2)]).status == 201


# ---- in steps ----

MANY = 1200


def many(prefix, named):
    return [post(f"{prefix}{i:05}" if named else None, to=["silent"], text=f"{prefix} {i}.") for i in range(MANY)]


class Adding(threading.Thread):
    """One batch, and how many of it were seen in the queue before it was answered."""

    def __init__(self, daemon, posts, key):
        super().__init__(daemon=True)
        self.daemon_, self.posts, self.key, self.answer = daemon, posts, key, None
        self.before = queued(daemon)
        self.start()

    def run(self):
        try:
            self.answer = add(self.daemon_, self.posts, {"Idempotency-Key": self.key}, timeout=120)
        except OSError:
            pass

    def seen(self):
        while self.is_alive():
            some = queued(self.daemon_) - self.before
            if some:
                return some
        return MANY


def queued(daemon):
    return daemon.api("GET", "/v1/status", timeout=60).json["counts"]["ready"]


def in_steps(daemon, prefix, named=True):
    """A batch of which a part is stored. On a busy machine the asking may miss its middle: then another one."""
    for turn in range(10):
        posts = many(f"{prefix}{turn}-", named)
        adding = Adding(daemon, posts, f"key-{turn}")
        if 0 < adding.seen() < MANY:
            return adding
        adding.join(60)
    raise AssertionError("others are not answered while posts are stored")


def test_others_are_answered_while_they_are_stored_and_the_end_waits_for_them():
    with CheckedDaemon() as daemon:
        adding = in_steps(daemon, "s")
        assert daemon.stop() == 0
        adding.join(30)
        assert adding.answer and adding.answer.status == 201 and adding.answer.json["count"] == MANY
        daemon.start()
        assert queued(daemon) == adding.before + MANY


@pytest.mark.parametrize("named", [True, False])
def test_what_a_kill_cuts_short_is_completed_by_the_same_request(named):
    with CheckedDaemon() as daemon:
        adding = in_steps(daemon, "u", named)
        daemon.kill()
        adding.join(30)
        daemon.start()
        assert queued(daemon) > adding.before
        key = {"Idempotency-Key": adding.key}
        answer = add(daemon, adding.posts, key, timeout=120)
        assert answer.status == 201 and answer.json["count"] == MANY
        assert queued(daemon) == adding.before + MANY
        added = [one["id"] for one in answer.json["posts"]]
        assert len(set(added)) == MANY and set(added) <= set(ids(daemon, "u" if named else "b-"))
        assert add(daemon, adding.posts, key).body == answer.body
        assert daemon.calctl("audit", "verify").returncode == 0


def test_the_same_several_times_at_once_is_done_once(daemon):
    before, posts = queued(daemon), [post(to=["silent"], text=f"Once {i}.") for i in range(50)]
    same = [Adding(daemon, posts, "several-times") for _ in range(5)]
    for adding in same:
        adding.join(60)
    assert {adding.answer.status for adding in same} == {201} and len({adding.answer.body for adding in same}) == 1
    assert queued(daemon) == before + 50


def test_a_disk_that_takes_nothing_is_told_and_the_rest_follows():
    daemon = CheckedDaemon()
    daemon.start(wrapper=["env", "--ignore-signal=XFSZ"])
    try:
        connection, body = UnixConnection(daemon.socket), json.dumps([post("f1"), post("f2")])
        pid, before = daemon.process.pid, resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
        connection.request("POST", "/v1/posts/batch", body, {"Content-Type": "application/json", "Idempotency-Key": "full"})
        answer = connection.getresponse()
        assert answer.status == 503 and "nothing was added" in json.loads(answer.read())["detail"]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        assert ids(daemon, "f") == ["far-away"]
        assert add(daemon, [post("f1"), post("f2")], {"Idempotency-Key": "full"}).status == 201
        assert ids(daemon, "f") == ["f1", "f2", "far-away"]
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(30) == 0
    finally:
        daemon.kill()

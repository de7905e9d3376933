"""What people get wrong: one clear message each, with its place; an exit status; and what was running goes on."""
import contextlib
import json
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import pytest

SOURCE = pathlib.Path(os.environ.get("CALD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests/support"))

from daemon import CALCTL, CALD, Daemon  # noqa: E402
from mastodon_server import MastodonServer  # noqa: E402
from pictures import png  # noqa: E402

HEAD = "version: 1\ntimezone: Europe/Paris\n"
POST = "  - {id: a, at: 2035-01-01 09:00, to: [site], text: x}\n"
ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(not ROOT, reason="only root can arrange this")

# ---- documents: (name, calendar.yaml after its head, place, words of the message) ----

DOCUMENTS = [
    ("syntax error", "posts:\n  - {id: a, text: x\n", "5:1", "not YAML"),
    ("tab", "posts:\n\t- {id: a}\n", "4:1", "cannot start any token"),
    ("unknown key", "posts:\n" + POST.replace("x}", "x, lnk: y}"), "4:56", "unknown key in post: 'lnk'"),
    ("wrong type", "posts: 7\n", "3:8", "'posts' must be a list"),
    ("a number for a flag", "posts:\n" + POST.replace("x}", "x, draft: 1}"), "4:63", "'draft' must be true or false, not '1'"),
    ("duplicate key", "posts:\n  - {id: a, id: b}\n", "4:13", "duplicate key 'id', first at line 4"),
    ("duplicate id", "posts:\n" + POST * 2, "5:10", "id 'a' is used already, at calendar.yaml:4:5"),
    ("unknown account", "posts:\n" + POST.replace("[site]", "[sites]"), "4:40", "unknown account 'sites', expected one of"),
    ("no such date", "posts:\n" + POST.replace("01-01", "02-30"), "4:17", "there is no such date or time as 2035-02-30"),
    ("not a date", "posts:\n" + POST.replace("2035-01-01 09:00", "tomorrow"), "4:17", "not 'tomorrow'"),
    ("no time", "posts:\n  - {id: a, to: [site], text: x}\n", "4:5", "neither 'at' nor 'slot'"),
    ("no account", "posts:\n  - {id: a, at: 2035-01-01 09:00, text: x}\n", "4:5", "no 'to'"),
    ("nothing to say", "posts:\n  - {id: a, at: 2035-01-01 09:00, to: [site]}\n", "4:5", "nothing to publish"),
    ("missing image", "posts:\n" + POST.replace("x}", "x, media: [{file: no.png, alt: y}]}"), "4:71", "cannot open 'no.png'"),
    ("image outside", "posts:\n" + POST.replace("x}", "x, media: [{file: ../etc/x.png, alt: y}]}"), "4:71", "../etc/x.png"),
    ("image without alt", "posts:\n" + POST.replace("x}", "x, media: [{file: a.png}]}"), "4:71", "alternative text"),
    ("no image", "posts:\n" + POST.replace("x}", "x, media: [{file: cald.yaml, alt: y}]}"), "4:71", "not a PNG, JPEG, GIF or WebP"),
    ("bad rule", "series:\n  - {id: s, rrule: FREQ=WEEKLI, at: '09:00', to: [site], text: x}\n", "4:20",
     "FREQ is 'WEEKLI', did you mean 'WEEKLY'?"),
    ("unknown slot", "posts:\n  - {id: a, slot: nope, text: x}\n", "4:19", "unknown slot 'nope'"),
    ("bad time of day", "slots: {s: {days: [mon], at: '25:00', to: [site]}}\n", "3:30", "not '25:00'"),
    ("unknown day", "slots: {s: {days: [mo], at: '09:00', to: [site]}}\n", "3:20", "did you mean 'mon'?"),
    ("forbidden word", "posts:\n" + POST.replace("text: x", "text: so cheap"), "4:5", "the charter forbids 'cheap'"),
    ("tag", "posts:\n  - !!python/object:os.system {id: a}\n", "4:5", "is not allowed"),
    ("second document", "---\nposts: []\n", "3:1", "second document"),
    ("deep nesting", "posts: " + "[" * 5000 + "\n", "3:", "deep"),
    ("huge scalar", "posts:\n  - {id: a, text: " + "x" * (600 << 10) + "}\n", "4:", "long"),
    ("too many aliases", "x: &a [1]\ny: [" + "*a," * 20000 + "]\n", "", "alias"),
]
BOMB = "".join(f"k{n}: &k{n} [{','.join([f'*k{n - 1}' if n else 'x'] * 9)}]\n" for n in range(12))
DOCUMENTS.append(("alias bomb", BOMB, "", "aliases"))


@pytest.fixture(scope="module")
def offline():
    """A directory with documents, and no daemon."""
    directory = Daemon()
    directory.write("a.png", png(8, 8, 1))
    yield directory
    shutil.rmtree(directory.directory)


def check(directory):
    return subprocess.run([CALCTL, "check"], cwd=directory.directory, capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("text, place, words", [d[1:] for d in DOCUMENTS], ids=[d[0] for d in DOCUMENTS])
def test_a_wrong_document_is_refused_with_its_place(offline, text, place, words):
    offline.write("calendar.yaml", HEAD + text)
    began = time.monotonic()
    done = check(offline)
    assert time.monotonic() - began < 5
    lines = done.stderr.splitlines() + done.stdout.splitlines()
    assert done.returncode == 1, lines
    assert lines[0].startswith(f"calendar.yaml:{place}") and words in lines[0], lines[:3]
    assert max(map(len, lines)) < 400, lines
    assert len([line for line in lines if line.startswith("calendar.yaml")]) == 1, lines


def test_an_unknown_zone_is_told_with_the_nearest(offline):
    offline.write("calendar.yaml", "version: 1\ntimezone: Europe/Pari\n")
    done = check(offline)
    assert done.returncode == 1 and "calendar.yaml:2:11: unknown time zone 'Europe/Pari', did you mean 'Europe/Paris'?" \
        in done.stdout + done.stderr


def test_all_errors_of_all_documents_are_told_at_once(offline):
    before = (offline.directory / "charter.yaml").read_text()
    offline.write("calendar.yaml", HEAD + "posts:\n" + POST.replace("[site]", "[sit]") + POST.replace("text:", "txt:")
                  .replace("id: a", "id: b"))
    offline.write("charter.yaml", before + "pace: {gap: {min: soon}}\nvoise: {}\n")
    done = check(offline)
    offline.write("charter.yaml", before)
    said = done.stdout + done.stderr
    for words in ("unknown account 'sit'", "unknown key in post: 'txt'", "charter.yaml:5:19:", "'soon'",
                  "charter.yaml:6:1: unknown key", "'voise'", "errors"):
        assert words in said, said


def test_a_secret_that_others_may_read_is_told_before_cald_refuses_it(offline):
    before = (offline.directory / "cald.yaml").read_text()
    offline.write("calendar.yaml", HEAD)
    offline.write("hook.token", "secret\n").chmod(0o644)
    offline.write("cald.yaml", before + "on_failure: {webhook: {url: 'https://hook.example.org/', token: {file: hook.token}}}\n")
    done = check(offline)
    (offline.directory / "hook.token").chmod(0o600)
    mended = check(offline)
    (offline.directory / "hook.token").unlink()
    elsewhere = check(offline)  # such as a machine where only the documents are
    offline.write("cald.yaml", before)
    assert done.returncode == 1 and "token: 'hook.token' holds a secret but others may read it (mode 0644)" in done.stderr + done.stdout
    assert mended.returncode == elsewhere.returncode == 0, (mended, elsewhere)


def test_a_binary_file_is_no_document(offline):
    offline.write("calendar.yaml", png(50, 50, 3))
    done = check(offline)
    assert done.returncode == 1 and (done.stdout + done.stderr).count("calendar.yaml:") == 1


def test_json_has_the_same_places(offline):
    import json
    offline.write("calendar.yaml", HEAD + "posts: 7\n")
    done = subprocess.run([CALCTL, "check", "--json"], cwd=offline.directory, capture_output=True, text=True)
    told = json.loads(done.stdout)
    diags = told if isinstance(told, list) else told.get("errors", told.get("items"))
    assert done.returncode == 1 and (diags[0]["file"], diags[0]["line"], diags[0]["column"]) == ("calendar.yaml", 3, 8)


# ---- a running daemon keeps what it has ----

@pytest.fixture(scope="module")
def daemon():
    with Daemon(calendar=HEAD + "posts:\n" + POST) as daemon:
        yield daemon


def run(daemon, *arguments, code=0):
    done = daemon.calctl(*arguments)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def test_wrong_documents_change_nothing_in_a_running_daemon(daemon):
    good = (daemon.directory / "calendar.yaml").read_text()
    daemon.write("calendar.yaml", good.replace("[site]", "[sites]") + "  - {id: b, at: 2035-01-01 09:00, to: [site], text: y}\n")
    said = run(daemon, "reload", code=1).stderr
    assert "calendar.yaml:4:40: unknown account 'sites'" in said and "keeps running" in said
    status = run(daemon, "status", code=6).stdout
    assert "refused" in status
    assert daemon.delivery("a", "site")["state"] == "ready"
    assert daemon.api("GET", "/v1/posts/b").status == 404
    run(daemon, "edit", "a", "--text", "still here")
    daemon.write("calendar.yaml", good)
    run(daemon, "reload")
    assert run(daemon, "status").returncode == 0


def test_files_that_vanish_change_nothing(daemon):
    path = daemon.directory / "calendar.yaml"
    path.rename(path.with_suffix(".away"))
    assert "cannot open" in run(daemon, "reload", code=1).stderr
    assert daemon.delivery("a", "site")["state"] == "ready"
    path.with_suffix(".away").rename(path)
    run(daemon, "reload")


# ---- calctl ----

@pytest.mark.parametrize("arguments, code, words", [
    (["lst"], 2, "unknown command 'lst', did you mean 'list'?"),
    (["undo"], 2, "there is no command 'undo': 'calctl retry ID' takes a cancellation back"),
    (["add", "x"], 1, "no 'to': which accounts? one or more of site"),
    (["add", "--to", "site", "--at", "demain", "x"], 1, "at what time? say for instance 'demain 9:00'"),
    (["list", "--until", "next slot"], 2, "'next slot' is no time of its own"),
    (["list", "--during", "week"], 2, "'during': cannot read the span 'week'"),
    (["list", "--during", "demain 9h"], 2, "'demain 9h' is a moment, not a day"),
    (["list", "--during", "today", "--until", "2040-01-01"], 2, "'during' says when it begins and ends: leave out 'until'"),
    (["audit", "--during", "today", "--since", "yesterday"], 2, "leave out 'since'"),
    (["audit", "verify", "--during", "today"], 2, "no filter goes with it"),
    (["list", "--stat", "ready"], 2, "--stat"),
    (["list", "--state", "readdy"], 2, "unknown state 'readdy', did you mean 'ready'?"),
    (["list", "--account", "sit"], 4, "unknown account 'sit', did you mean 'site'?"),
    (["list", "--account", "site,sit", "--from", "2040-01-01"], 4, "unknown account 'sit'"),
    (["list", "--network", "fed"], 4, "unknown network 'fed', did you mean 'feed'?"),
    (["list", "--bucket", "nwes"], 4, "unknown bucket 'nwes'"),
    (["list", "--series", "weeky"], 4, "unknown series 'weeky'"),
    (["list", "--campaign", "winter"], 4, "unknown campaign 'winter'"),
    (["export", "--account", "sit"], 4, "unknown account 'sit', did you mean 'site'?"),
    (["audit", "--account", "sit"], 4, "unknown account 'sit', did you mean 'site'?"),
    (["alerts", "--account", "sit"], 4, "unknown account 'sit', did you mean 'site'?"),
    (["list", "--limit", "many"], 2, "'limit' must be an integer from 1 to 1000"),
    (["show"], 2, "show"),
    (["show", "b"], 4, "there is no post 'b'"),
    (["show", "a/sit"], 4, "sit"),
    (["add", "--to", "sit", "x"], 1, "did you mean 'site'?"),
    (["add", "x"], 1, "'to'"),
    (["add", "--to", "site", ""], 2, "the text is empty"),
    (["add", "--to", "site", "--at", "sometime", "x"], 1, "cannot read the time 'sometime'"),
    (["add", "--to", "site", "--at", "2020-01-01 09:00", "x"], 1, "is past"),
    (["add", "--to", "site", "--id", "a", "x"], 5, "there is a post 'a' already"),
    (["add", "--to", "site", "--id", "a b", "x"], 1, "'id' must be"),
    (["add", "--to", "site", "--media", "/nonexistent.png", "x"], 2, "/nonexistent.png"),
    (["add", "--to", "site", "--media", "/etc/hostname", "x"], 1, "'/etc/hostname' is not a PNG, JPEG, GIF or WebP"),
    (["add", "--to", "site", "--alt", "y", "x"], 2, "--alt describes the --media before it"),
    (["add", "--to", "site", "so cheap"], 1, "the charter forbids 'cheap'"),
    (["move", "a", "never"], 1, "cannot read the time 'never'"),
    (["resolve", "a", "--not-published"], 5, "unsure"),
    (["release", "a"], 5, "only what is held"),
    (["pause", "sit"], 4, "did you mean 'site'?"),
    (["--config", "/nonexistent/cald.yaml", "list"], 3, "cannot open '/nonexistent/cald.yaml'"),
    (["--socket", "/nonexistent/s", "list"], 3, "not running"),
    (["--url", "http://127.0.0.1:1", "list"], 3, "127.0.0.1"),
], ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "")
def test_a_wrong_command_line_is_told_in_a_sentence(daemon, arguments, code, words):
    done = run(daemon, *arguments, code=code)
    assert done.stderr.startswith("calctl: ") and words in done.stderr and not done.stdout, done
    assert done.stderr.count("\n") <= 2 and done.stderr.count("did you mean") <= 1, done.stderr


def test_an_edit_says_where_the_words_are_that_it_replaced(daemon):
    run(daemon, "add", "--to", "site", "--at", "2035-02-02 09:00", "--id", "mug", "At six.")
    said = run(daemon, "edit", "mug", "--text", "At seven.").stdout
    command = said.split("'")[1].split()
    assert command[0] == "calctl" and "- At six.\n      + At seven." in run(daemon, *command[1:]).stdout
    for quiet in (["--at", "2035-02-03 09:00"], ["--text", "At eight.", "--dry-run"]):
        assert "before:" not in run(daemon, "edit", "mug", *quiet).stdout


def test_help_costs_nothing_and_succeeds(daemon):
    for command in ("add", "list", "resolve"):
        assert "usage: calctl " + command in run(daemon, command, "--help").stdout
        assert run(daemon, "help", command).stdout == run(daemon, command, "--help").stdout
    assert run(daemon, "help").stdout == run(daemon, "--help").stdout


STEERS = "\x1b\x07\x9b\x7f\x08\u202e"


def test_what_others_wrote_does_not_steer_the_terminal():
    wrote = {"why": f"because {STEERS}"}
    with Daemon() as daemon:
        post = {"id": "odd", "to": ["site"], "at": "2034-06-01 10:00", "text": "because \u202e"}  # the rest is refused in a text
        assert daemon.api("POST", "/v1/posts", post).status == 201
        assert daemon.api("POST", "/v1/accounts/site/pause", wrote).status == 200
        for command in (["list"], ["preview", "odd"], ["accounts"], ["status"], ["show", "odd"], ["history", "odd"], ["audit"]):
            if command[0] == "show":
                assert daemon.api("POST", "/v1/posts/odd/cancel", wrote).status == 200
            done = daemon.calctl(*command)
            assert "because" in done.stdout and not set(done.stdout + done.stderr) & set(STEERS), (command, done)
        for command in (["audit", "--csv"], ["export", "--all"]):  # the direction of a text is the text's
            done = daemon.calctl(*command)
            assert "because" in done.stdout and not set(done.stdout) & set(STEERS[:-1]), (command, done)
        assert not set(daemon.log()) & set(STEERS)


# ---- tokens, sockets, users ----

def test_a_wrong_bearer_token_opens_nothing(daemon):
    good = daemon.token("wall", "viewer")
    assert daemon.api("GET", "/v1/status", tcp=True, token=good).status == 200
    for token in (None, "wrong", ""):
        answer = daemon.api("GET", "/v1/status", tcp=True, token=token)
        assert answer.status == 401 and "www-authenticate" in answer.headers, answer
    daemon.write("wrong-token", "wrong\n", 0o600)
    done = run(daemon, "--url", f"http://127.0.0.1:{daemon.port}", "--token-file",
               str(daemon.directory / "wrong-token"), "list", code=3)
    assert "token" in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_calctl_refuses_a_token_file_that_others_can_read(daemon):
    daemon.write("open-token", "x\n", 0o644)
    done = daemon.calctl("--url", f"http://127.0.0.1:{daemon.port}", "--token-file", str(daemon.directory / "open-token"), "list")
    assert done.returncode and "open-token" in done.stderr and "600" in done.stderr, done


@root_only
def test_another_user_is_told_that_the_socket_is_not_for_them(daemon):
    tool = shutil.which("setpriv")
    if not tool:
        pytest.skip("setpriv is not installed")
    copy = pathlib.Path(tempfile.mkdtemp(prefix="calctl-"))
    try:
        shutil.copy(CALCTL, copy / "calctl")
        copy.chmod(0o755)
        nobody = pwd.getpwnam("nobody")
        done = subprocess.run([tool, f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups",
                               copy / "calctl", "--socket", daemon.socket, "list"], capture_output=True, text=True, cwd="/")
        assert done.returncode == 3 and "ermission" in done.stderr and done.stderr.count("\n") == 1, done
    finally:
        shutil.rmtree(copy)


# ---- cald that cannot start ----

def start(directory, *arguments, **keywords):
    return subprocess.run([CALD, "--config", directory.config, *arguments], capture_output=True, text=True, timeout=30, **keywords)


def test_two_daemons_on_one_state_are_one_too_many(daemon):
    done = start(daemon)
    assert done.returncode == 7 and "another cald" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert daemon.api("GET", "/v1/status").status == 200


@contextlib.contextmanager
def fresh(**keywords):
    directory = Daemon(**keywords)
    try:
        yield directory
    finally:
        directory.kill()
        shutil.rmtree(directory.directory)


def test_a_missing_configuration_is_told():
    with fresh() as directory:
        directory.config.unlink()
        done = start(directory)
        assert done.returncode == 1 and f"cannot open '{directory.config}'" in done.stderr, done.stderr
        assert directory.calctl("list").returncode == 3


def test_a_mistake_in_the_settings_does_not_hide_the_daemon_nor_lead_to_another():
    with fresh() as directory:
        directory.start()
        right = directory.config.read_text()
        directory.write("cald.yaml", right + "horizont: 3d\n")
        done = subprocess.run([CALCTL, "reload"], cwd=directory.directory, capture_output=True, text=True)
        assert done.returncode == 1 and "unknown key in cald.yaml: 'horizont'" in done.stderr, done
        directory.write("cald.yaml", right + "accounts: {\n")
        done = subprocess.run([CALCTL, "status"], cwd=directory.directory, capture_output=True, text=True)
        assert done.returncode == 3 and "does not say where its socket is" in done.stderr, done


@pytest.mark.parametrize("named", ["--config", "CALD_CONFIG"])
def test_a_cald_yaml_that_cannot_be_read_never_leads_to_another_daemon(tmp_path, named):
    """With a daemon a brand, what is meant for one must not reach the service that is there by default."""
    broken = tmp_path / "broken" / "cald.yaml"
    broken.parent.mkdir()
    broken.write_text("accounts: {site: {network: feed\n")
    for config, words in ((tmp_path / "none" / "cald.yaml", "cannot open"), (broken, "does not say where")):
        options, environment = ([named, config], {}) if named == "--config" else ([], {"CALD_CONFIG": str(config)})
        done = subprocess.run([CALCTL, "status", *options], capture_output=True, text=True,
                              env={**os.environ, **environment})
        assert done.returncode == 3 and words in done.stderr and str(config) in done.stderr, done
    done = subprocess.run([CALCTL, "status"], capture_output=True, text=True, cwd=broken.parent,
                          env={k: v for k, v in os.environ.items() if k != "CALD_CONFIG"})
    assert done.returncode == 3 and "'cald.yaml' does not say where" in done.stderr, done


def test_a_daemon_that_is_not_running_is_told():
    with fresh() as directory:
        done = directory.calctl("list")
        assert done.returncode == 3 and "cald is not running" in done.stderr, done
        directory.start()
        directory.kill()
        done = directory.calctl("list")
        assert done.returncode == 3 and "not running" in done.stderr and done.stderr.count("\n") == 1, done


def test_a_port_that_is_taken_is_told():
    with fresh() as directory, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        directory.write("cald.yaml", directory.config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        done = start(directory)
        assert done.returncode == 7 and f"127.0.0.1:{port}" in done.stderr and "in use" in done.stderr, done.stderr
        assert not directory.socket.exists()


def test_a_listener_for_others_and_tokens_of_no_use_are_told_at_the_start():
    with fresh() as directory:
        directory.write("cald.yaml", directory.config.read_text().replace("127.0.0.1:0", "0.0.0.0:0"))
        directory.write("tokens", "anna editor not-a-hash\n", 0o600)
        directory.start()
        said = directory.log()
        assert re.search(r" warn listening on http://0\.0\.0\.0:\d+/ .* without encryption", said), said
        assert f" warn {directory.directory}/tokens:1: this line gives nobody a role" in said, said
        assert "not-a-hash" not in said  # it may be the token itself
        directory.stop()
        (directory.directory / "tokens").chmod(0o644)
        assert "no token is accepted: " in directory.start().log()


def test_what_only_a_start_takes_up_is_told_until_it_was_started():
    """A new 'listen' was accepted by 'calctl reload' without a word, and nothing listened there."""
    with fresh() as directory:
        directory.start()
        assert "restart" not in run(directory, "reload").stderr
        before = directory.config.read_text()
        directory.write("cald.yaml", before.replace("127.0.0.1:0", "127.0.0.2:0"))
        for _ in range(2):
            done = run(directory, "reload")
            assert done.returncode == 0, done
            assert "cald.yaml: warning: 'control: listen' is another than when cald started; " in done.stderr, done
            assert "restart cald" in done.stderr and done.stderr.count("warning") == 1, done
        directory.write("cald.yaml", before)
        assert "restart" not in run(directory, "reload").stderr


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_secret_that_others_can_read_is_not_used(mode):
    account = '  masto: {network: mastodon, url: "http://127.0.0.1:1", token: {file: token}}\n'
    with fresh(accounts=account, calendar=HEAD) as directory:
        directory.write("token", "secret-word\n", mode)
        directory.start()
        said = directory.log()
        assert " error account 'masto' is held back: its 'token' cannot be used: '" in said and "chmod 600" in said, said
        assert "secret-word" not in said and said.count("cald.yaml:") == 1, said


def test_a_start_that_would_fail_can_be_tried_before():
    account = '  hook: {network: webhook, url: "http://127.0.0.1:1", token: {file: token}}\n' \
              '  unit: {network: webhook, url: "http://127.0.0.1:1", token: {credential: cald_unit}}\n'
    with fresh(accounts=account, calendar=HEAD) as directory:
        done = start(directory, "--check")
        assert done.returncode == 1 and "account 'hook', token: cannot open" in done.stderr, done.stderr
        assert "unit" not in done.stderr  # systemd's credentials are there when the service is
        directory.write("token", "secret-word\n", 0o600)
        done = start(directory, "--check")
        assert done.returncode == 0 and done.stderr == "" and not directory.state.exists(), done.stderr


@pytest.mark.parametrize("what, mode", [("state", 0o770), ("state", 0o702), ("state/cald.db", 0o660), ("state/cald.db", 0o602)])
def test_a_queue_that_others_may_write_to_is_told_until_it_is_mended(what, mode):
    with fresh() as directory:
        directory.start()
        assert "others may write" not in directory.log()
        directory.stop()
        path = directory.directory / what
        path.chmod(mode)
        said = f"warning: '{path}' holds the queue but others may write to it (mode {mode:04o}), run: chmod go-w '{path}'"
        for _ in range(2):  # it does not mend itself
            done = start(directory, "--check")
            assert done.returncode == 0 and f"cald.yaml: {said}\n" in done.stderr, done.stderr
            assert done.stderr.count("others may write") == 1, done.stderr
        assert f" warn {directory.config}: {said}" in directory.start().log(), directory.log()
        assert said in run(directory, "reload").stderr
        subprocess.run(["chmod", "go-w", path], check=True)
        assert "others may write" not in run(directory, "reload").stderr and not start(directory, "--check").stderr


def test_what_is_wrong_with_cald_yaml_has_its_priority_in_the_journal():
    with fresh() as directory:
        directory.write("cald.yaml", directory.config.read_text().replace("network: feed", "network: fed"))
        done = start(directory, env={**os.environ, "JOURNAL_STREAM": "8:1"})
        lines = done.stderr.splitlines()
        assert done.returncode == 1 and len(lines) > 1 and all(line.startswith("<3>") for line in lines), lines


def test_a_state_directory_that_cannot_be_written_is_told():
    with fresh() as directory:
        (directory.directory / "state").write_text("a file")
        done = start(directory)
        assert done.returncode == 7 and "state" in done.stderr and done.stderr.count("\n") == 1, done.stderr


@root_only
def test_a_read_only_state_directory_is_told():
    with fresh() as directory:
        directory.state.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", directory.state], capture_output=True).returncode:
            pytest.skip("tmpfs cannot be mounted here")
        try:
            done = start(directory)
            assert done.returncode == 7 and "Read-only file system" in done.stderr and "state" in done.stderr, done.stderr
            assert done.stderr.count("\n") == 1, done.stderr
        finally:
            subprocess.run(["umount", directory.state], check=True)


# ---- a wrong token for a network ----

def test_a_wrong_network_token_stops_that_account_only():
    with MastodonServer() as server:
        account = f'  masto: {{network: mastodon, url: "{server.url}", token: {{file: token}}}}\n  site: {{network: feed}}\n'
        daemon = Daemon(accounts=account, calendar=HEAD)
        daemon.write("token", "wrong\n", 0o600)
        with daemon:
            out = run(daemon, "accounts", "--check", code=6).stdout
            masto = next(line for line in out.splitlines() if line.startswith("masto"))
            assert "refused" in masto and "token" in masto and next(
                line for line in out.splitlines() if line.startswith("site")).split()[1] == "ok", out
            run(daemon, "add", "--to", "masto", "--to", "site", "--id", "a", "text")
            daemon.wait_state("a", "site", "published")
            end = time.monotonic() + 20
            while "reconnect" not in run(daemon, "accounts").stdout:
                assert time.monotonic() < end, daemon.log()
                time.sleep(0.05)
            assert "'calctl login masto' renews it" in run(daemon, "status", code=6).stdout
            assert "calctl login masto " in run(daemon, "explain", "a/masto").stdout
            assert daemon.delivery("a", "masto")["state"] in ("held", "ready", "waiting") and not server.statuses()
            daemon.write("token", server.token + "\n", 0o600)
            run(daemon, "reload")
            run(daemon, "resume", "masto")
            if daemon.delivery("a", "masto")["state"] == "held":
                run(daemon, "release", "a")
            daemon.wait_state("a", "masto", "published")
            assert run(daemon, "accounts", "--check").returncode == 0
            assert "wrong" not in daemon.log().replace("wrong token", "")


# ---- a full disk ----

@root_only
def test_a_full_disk_refuses_before_it_accepts_and_loses_nothing():
    disk = pathlib.Path(tempfile.mkdtemp(prefix="cald-disk-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], capture_output=True).returncode:
        disk.rmdir()
        pytest.skip("tmpfs cannot be mounted here")
    try:
        with Daemon(directory=disk, calendar=HEAD + "posts:\n" + POST) as daemon:
            accepted = []
            run(daemon, "add", "--to", "site", "--at", "in 3d", "--id", "before", "text")
            filler = open(disk / "filler", "wb")
            with contextlib.suppress(OSError):
                while True:
                    filler.write(b"x" * 65536)
                    filler.flush()
            with contextlib.suppress(OSError):
                while True:
                    filler.write(b"x" * 512)
                    filler.flush()
            refused = None
            for n in range(400):
                done = daemon.calctl("add", "--to", "site", "--at", "in 3d", "--id", f"p{n}", "text " * 400)
                if done.returncode:
                    refused = done
                    break
                accepted.append(f"p{n}")
            assert refused and refused.returncode == 7 and "disk" in refused.stderr.lower(), refused
            assert refused.stderr.count("\n") == 1, refused.stderr
            assert daemon.api("GET", "/v1/status").json["healthy"] is False
            assert run(daemon, "list").stdout.count("before/site") == 1
            with contextlib.suppress(OSError):
                filler.close()
            os.unlink(disk / "filler")
            end = time.monotonic() + 30
            while daemon.calctl("add", "--to", "site", "--id", "after", "text").returncode:
                assert time.monotonic() < end, daemon.log()
                time.sleep(0.2)
            daemon.wait_state("after", "site", "published")
            for post in ["before", *accepted]:
                assert daemon.delivery(post, "site")["state"] == "ready", post
            assert run(daemon, "status").returncode == 0
    finally:
        subprocess.run(["umount", disk], check=True)
        disk.rmdir()


PLACES = """version: 1
timezone: Europe/Paris
posts:
  - id: a
    at: 2035-01-01 09:00
    to: [site, other, third]
    text: |

      Été :
        so cheap
    variants:
      other: {text: 'C''est cheap'}
      third: {thread: [One., {text: Two cheap.}]}
  - {id: b, at: 2035-01-02 09:00, to: [site], thread: [x, {text: y, media: [{file: a.png, alt: cheap}]}]}
  - {id: c, at: 2035-01-03 09:00, to: [site], text: x, body_file: c.md}
  - {id: d, at: 2035-01-04 09:00, to: [site], text: x, summary: Not so
      cheap}
  - {id: e, at: 2035-01-05 09:00, to: [site], text: x, media: [{file: a.png, alt: Été cheap}]}
  - {id: f, at: 2035-01-06 09:00, to: [site, other], text: x, variants: {other: {title: "It is cheap"}}}
  - {id: g, at: 2035-01-07 09:00, to: [site], text: x, tags: [neige, cheap]}
  - {id: i, at: 2035-01-08 09:00, to: [site], thread: [x, {text: y, media: [{file: a.png}]}]}
series:
  - {id: h, rrule: "FREQ=WEEKLY;COUNT=2", from: 2035-01-04, at: "09:00", to: [site], one_of: [Fine., Cheap.]}
"""


def test_a_finding_is_where_its_word_stands():
    """In its line and column; where YAML folded or escaped the text, or another file has it, at the field."""
    accounts = "".join(f"  {name}: {{network: feed}}\n" for name in ("site", "other", "third"))
    with Daemon(accounts=accounts, calendar=HEAD) as daemon:
        daemon.write("a.png", png(1, 1, 9))
        daemon.write("c.md", "So cheap.")
        daemon.write("calendar.yaml", PLACES)
        told = daemon.calctl("--json", "check")
        places = {(e["post"], e.get("in"), f"{e['line']}:{e['column']}") for e in json.loads(told.stdout)["errors"]}
        assert places == {
            ("a", "text", "10:12"), ("a", "text", "12:21"), ("a", "thread[1]", "13:41"), ("b", "thread[1].media[0].alt", "14:96"),
            ("c", "body", "15:67"), ("d", "summary", "16:65"), ("e", "media[0].alt", "18:87"), ("f", "title", "19:96"),
            ("g", "tags[1]", "20:70"), ("h", "text", "23:102"), ("i", None, "21:84")}, places
        reloaded = daemon.api("POST", "/v1/reload").json
        assert {(e["post"], e.get("in"), f"{e['line']}:{e['column']}") for e in reloaded["errors"]} == places

"""on_failure: what needs a person is told to a command and to a webhook, at least once, and not twice without need."""
import contextlib
import datetime
import email.utils
import http.server
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
import zoneinfo
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import BUILD, CALCTL, CALD, Daemon  # noqa: E402

ACCOUNTS = """\
  site: {network: feed, title: "Test site"}
  no: {network: "null", answer: refused}
  nono: {network: "null", answer: refused}
"""

CALENDAR = """\
version: 1
timezone: Europe/Paris
posts:
  - {id: far-away, at: 2035-01-01 09:00, to: [site], text: "Far away."}
"""

# Appends what it is told, a line each, then what it was started with.
TELL = """#!/bin/sh
cat >> "$1/told"
echo "$CALD_EVENT|$CALD_DELIVERY|$2|$HOME$SECRET_OF_THE_DAEMON" >> "$1/started"
"""


class Server:
    """An HTTP server that keeps what it gets and answers as it is told; for networks and for webhooks."""

    def __init__(self, status=200, headers=()):
        self.status, self.headers, self.got = status, dict(headers), []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.got.append((self.path, dict(self.headers), body))
                if server.status is None:  # read everything, say nothing
                    self.close_connection = True
                    return
                self.send_response(server.status)
                for name, value in server.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_HEAD = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def posts(self):
        return [g for g in self.got if g[1].get("Content-Type")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def wait_for(what, patience=20):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen")


class Hooked(Daemon):
    """A daemon with a hook; script is that of the command, None: there is no command."""

    def __init__(self, script=TELL, accounts=ACCOUNTS, webhook=None, mode=0o755, program=CALD, **more):
        super().__init__(accounts=accounts, calendar=CALENDAR, settings="on_failure: {}\n", tcp=False,
                         environment={"SECRET_OF_THE_DAEMON": "x"}, **more)
        self.program = program
        parts = []
        if script is not None:
            parts.append(f'command: [bin/tell, "{self.directory}", "a b; $(c)"]')
            self.script(script, mode)
        if webhook:
            self.write("hook.token", "token-of-the-hook\n", 0o600)
            parts.append(f"webhook: {{url: \"{webhook}/hook\", token: {{file: hook.token}}}}")
        self.settings_with(", ".join(parts))

    def start(self, wait=True, wrapper=(), arguments=()):
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen([*wrapper, str(self.program), "--config", str(self.config), *arguments],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)
        return self.wait_ready() if wait else self

    def settings_with(self, hook):
        text = self.config.read_text()
        line = next(x for x in text.splitlines() if x.startswith("on_failure:"))
        self.write("cald.yaml", text.replace(line, f"on_failure: {{{hook}}}"))

    def script(self, text, mode=0o755):
        self.write("bin/tell", text, mode)

    def add(self, name, account):
        answer = self.api("POST", "/v1/posts", {"id": name, "to": [account], "text": "Bonjour."})
        assert answer.status == 201, answer

    def told(self):
        path = self.directory / "told"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def started(self):
        path = self.directory / "started"
        return path.read_text().splitlines() if path.exists() else []

    def wait_told(self, count, patience=20):
        try:
            return wait_for(lambda: len(self.told()) >= count and self.told(), patience)
        except AssertionError:
            raise AssertionError(f"told {len(self.told())} of {count}:\n{self.log()}")

    def stays_told(self, count):
        """That nothing more is told: after another event was told, in its turn."""
        self.add(f"last-{time.monotonic_ns()}", "nono")
        told = self.wait_told(count + 1)
        assert len(told) == count + 1 and told[-1]["account"] == "nono"


def test_a_refused_delivery_is_told_to_the_command_once_with_what_happened():
    with Hooked() as daemon:
        daemon.add("p1", "no")
        event = daemon.wait_told(1)[0]
        assert event["event"] == "refused" and event["delivery"] == "p1/no" and event["state"] == "refused"
        assert event["message"] and event["attempts"] == 1 and event["others"] == [] and len(event["id"]) == 32
        # No shell: the argument is one word; nothing of our environment.
        assert wait_for(daemon.started) == ["refused|p1/no|a b; $(c)|"]
        daemon.stays_told(1)
        assert daemon.calctl("status").returncode == 6


def test_what_is_told_says_which_daemon_tells_it_and_calctl_in_the_command_asks_that_one():
    """Where there is a daemon a brand, whoever is called at night has to know which."""
    tell = f'#!/bin/sh\n{CALCTL.resolve()} list --state refused > "$1/listed"\n' + TELL.split("\n", 1)[1]
    with Hooked(script=tell) as daemon:
        daemon.add("p1", "no")
        assert daemon.wait_told(1)[0]["config"] == str(daemon.config.resolve())
        assert "p1/no" in (daemon.directory / "listed").read_text()


def test_a_refused_delivery_is_told_to_the_webhook_with_its_token():
    with Server() as server, Hooked(script=None, webhook=server.url) as daemon:
        daemon.add("p1", "no")
        path, headers, body = wait_for(server.posts)[0]
        event = json.loads(body)
        assert path == "/hook" and event["delivery"] == "p1/no"
        assert headers["Authorization"] == "Bearer token-of-the-hook"
        assert headers["Content-Type"] == "application/json" and headers["Idempotency-Key"] == event["id"]
        assert "token-of-the-hook" not in daemon.log()


def test_alerts_say_which_way_took_it_and_status_that_one_takes_nothing():
    with Server(status=500) as server, Hooked(webhook=server.url) as daemon:
        def alert():
            return daemon.api("GET", "/v1/alerts").json["items"][0]
        daemon.add("p1", "no")
        for tries in (1, 2, 3):
            wait_for(lambda: daemon.api("GET", "/v1/alerts").json["items"])
            wait_for(lambda: alert()["tries"] >= tries)
            if tries < 3:
                assert "on_failure" not in daemon.calctl("status").stdout
                assert daemon.calctl("reload").returncode == 0  # is told again at once
        assert alert()["taken_by"] == ["command"] and alert()["waits_for"] == ["webhook"]
        assert alert()["told"] is None and alert()["next_try"]
        assert "command; not webhook, tried 3 times" in daemon.calctl("alerts", "--untold").stdout
        status = daemon.calctl("status")
        assert status.returncode == 6 and "on_failure: 1 alert is not told, for " in status.stdout
        assert "the webhook (it answered HTTP 500) did not take it" in status.stdout
        server.status = 200
        assert daemon.calctl("reload").returncode == 0
        wait_for(lambda: alert()["told"])
        assert alert()["taken_by"] == ["command", "webhook"] and alert()["waits_for"] == []
        assert daemon.calctl("alerts", "--untold").stdout == "nothing\n"
        assert "command, webhook" in daemon.calctl("alerts").stdout
        assert "on_failure" not in daemon.calctl("status").stdout
        daemon.stays_told(1)


def test_what_is_published_is_not_told():
    with Hooked() as daemon:
        daemon.add("p1", "site")
        daemon.wait_state("p1", "site", "published")
        daemon.stays_told(0)


def webhook_account(server, more=""):
    return ACCOUNTS + f"  team: {{network: webhook, url: \"{server.url}/team\"{more}}}\n"


def test_an_unsure_delivery_is_told_when_only_a_person_can_go_on():
    with Server(status=None) as server, Hooked(accounts=webhook_account(server)) as daemon:
        daemon.add("p1", "team")
        event = daemon.wait_told(1)[0]
        assert event["event"] == "unsure" and event["delivery"] == "p1/team" and "resolve" in event["message"]
        daemon.wait_state("p1", "team", "unsure")
        daemon.stays_told(1)


@pytest.mark.parametrize("policy, state", [
    ("late: {grace: 2s, then: missed}", "missed"), ("late: {grace: 2s, then: hold}", "held"),
    ("late: {grace: 1h}, retry: {give_up: 2s}", "held")])
def test_a_delivery_that_is_tried_in_vain_is_given_up_and_says_why(policy, state):
    account = f"  later: {{network: \"null\", answer: retry, {policy}}}\n"
    with Hooked(accounts=ACCOUNTS + account) as daemon:
        daemon.add("p1", "later")
        event = daemon.wait_told(1)[0]
        assert event["event"] == "gave-up" and event["delivery"] == "p1/later" and event["state"] == state
        assert "in vain" in event["message"] and "the account's option 'answer' says so" in event["message"]
        assert event["attempts"] >= 1
        daemon.wait_state("p1", "later", state)
        daemon.stays_told(1)


def test_an_account_that_needs_a_reconnection_is_told_once_however_many_posts_wait():
    with Server(status=401) as server, Hooked(accounts=webhook_account(server)) as daemon:
        daemon.add("p1", "team")
        event = daemon.wait_told(1)[0]
        assert event["event"] == "reconnect" and event["account"] == "team" and "delivery" not in event
        assert wait_for(daemon.started) == ["reconnect||a b; $(c)|"]
        daemon.add("p2", "team")
        daemon.add("p3", "team")
        daemon.stays_told(1)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_an_account_that_is_told_to_stay_away_for_long_is_told_once(form):
    wait = "7200" if form == "seconds" else email.utils.formatdate(time.time() + 7200, usegmt=True)
    with Server(429, {"Retry-After": wait}) as server, Hooked(accounts=webhook_account(server)) as daemon:
        daemon.add("p1", "team")
        event = daemon.wait_told(1)[0]
        assert event["event"] == "failing" and event["account"] == "team" and "429" in event["message"]
        account = next(a for a in daemon.api("GET", "/v1/accounts").json["items"] if a["name"] == "team")
        until = datetime.datetime.fromisoformat(account["until"]).timestamp()
        assert 7100 < until - time.time() < 7205
        daemon.add("p2", "team")
        daemon.stays_told(1)
        assert len(server.posts()) == 1


def test_what_is_held_because_its_account_is_gone_is_told_in_few_tellings():
    gone = '  gone: {network: feed, title: "Soon gone"}\n'
    with Hooked(accounts=ACCOUNTS + gone) as daemon:
        for i in range(20):
            assert daemon.api("POST", "/v1/posts", {"id": f"p{i}", "to": ["gone"], "text": "x",
                                                    "at": "2035-01-01 09:00"}).status == 201
        daemon.write("cald.yaml", daemon.config.read_text().replace(gone, ""))
        assert daemon.calctl("reload").returncode == 0
        told = daemon.wait_told(1)
        assert len(told) == 1 and told[0]["event"] == "held" and told[0]["state"] == "held"
        assert {e["delivery"] for e in [told[0], *told[0]["others"]]} == {f"p{i}/gone" for i in range(20)}
        daemon.stays_told(1)


def test_refused_documents_are_told_once_until_some_are_applied():
    with Hooked() as daemon:
        good = (daemon.directory / "calendar.yaml").read_text()
        for bad in ("timezone: Mars/Olympus\n", "timezone: Mars/Phobos\n"):
            daemon.write("calendar.yaml", "version: 1\n" + bad)
            assert daemon.calctl("reload").returncode == 1
        event = daemon.wait_told(1)[0]
        assert event["event"] == "documents" and "Mars/Olympus" in event["errors"][0]
        daemon.write("calendar.yaml", good)
        assert daemon.calctl("reload").returncode == 0
        daemon.stays_told(1)
        daemon.write("calendar.yaml", "version: 1\n" + bad)
        assert daemon.calctl("reload").returncode == 1
        assert daemon.wait_told(3)[2]["event"] == "documents"


def test_a_post_that_is_too_late_when_it_comes_in_is_told():
    with Hooked() as daemon:
        late = (datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Paris")) - datetime.timedelta(hours=3)).strftime("%Y-%m-%d %H:%M")
        daemon.write("calendar.yaml", (daemon.directory / "calendar.yaml").read_text() +
                     f"  - {{id: late, at: {late}, to: [site], text: Late.}}\n")
        assert daemon.calctl("reload").returncode == 0
        event = daemon.wait_told(1)[0]
        assert event["event"] == "held" and event["delivery"] == "late/site"


def test_a_hook_that_fails_is_told_again_until_it_succeeds_and_then_no_more():
    failing = TELL + 'echo "no mail server" >&2; exit 3\n'
    with Hooked(script=failing) as daemon:
        daemon.add("p1", "no")
        first = daemon.wait_told(1)[0]
        wait_for(lambda: "it ended with 3 and said: no mail server" in daemon.log())
        second = daemon.wait_told(2)[1]
        assert first["id"] == second["id"]
        daemon.script(TELL)
        count = len(daemon.wait_told(3, 40))
        wait_for(lambda: "told on_failure command event=" in daemon.log())
        assert all(e["id"] == first["id"] for e in daemon.told())
        daemon.stays_told(max(count, len(daemon.told())))


@pytest.mark.parametrize("mode, script", [(0o644, TELL), (0o755, "#!/nonexistent/interpreter\n")])
def test_a_hook_that_cannot_be_run_loses_nothing(mode, script):
    with Hooked(script=script, mode=mode) as daemon:
        daemon.add("p1", "no")
        wait_for(lambda: "cannot run" in daemon.log())
        daemon.add("p2", "site")
        daemon.wait_state("p2", "site", "published")
        daemon.script(TELL)
        assert daemon.wait_told(1)[0]["delivery"] == "p1/no"


def test_a_hook_that_hangs_holds_up_nothing_and_is_ended():
    with Hooked(script="#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n") as daemon:
        for i in range(3):
            daemon.add(f"p{i}", "no")
        daemon.add("fine", "site")
        daemon.wait_state("fine", "site", "published", patience=5)
        assert daemon.api("GET", "/v1/status", timeout=5).status == 200
        wait_for(lambda: "it was killed after 30 s" in daemon.log(), patience=40)
        daemon.script(TELL)
        told = daemon.wait_told(1, 45)
        wait_for(lambda: len({e["delivery"] for t in daemon.told() for e in [t, *t["others"]]}) == 3, 45)
        assert told


def test_a_webhook_that_answers_500_is_told_again():
    with Server(status=500) as server, Hooked(script=None, webhook=server.url) as daemon:
        daemon.add("p1", "no")
        wait_for(lambda: len(server.posts()) >= 2)
        server.status = 204
        wait_for(lambda: "told on_failure webhook" in daemon.log())
        assert len({json.loads(body)["id"] for _, _, body in server.posts()}) == 1


def play_kill_9(program):
    """kill -9 while an event is told, then after it was told."""
    slow = '#!/bin/sh\necho x >> "$1/begun"\nsleep 60\n'
    daemon = Hooked(script=slow, program=program)
    try:
        daemon.start()
        daemon.add("p1", "no")
        wait_for((daemon.directory / "begun").exists)
        daemon.kill()
        assert daemon.told() == []
        daemon.script(TELL)
        daemon.start()
        event = daemon.wait_told(1, 8)[0]
        assert event["event"] == "refused" and event["delivery"] == "p1/no"
        wait_for(lambda: "told on_failure command" in daemon.log())
        # Told and marked: neither another kill nor a proper stop makes it be told again.
        daemon.stays_told(1)
        wait_for(lambda: daemon.log().count("told on_failure command") == 2)
        daemon.kill()
        daemon.start()
        daemon.stays_told(2)
        assert daemon.stop() == 0
    finally:
        daemon.__exit__(AssertionError)


def test_an_event_whose_telling_was_cut_by_kill_9_is_told_after_the_start_and_then_no_more():
    play_kill_9(CALD)


@pytest.mark.parametrize("name", ["TOLD_TOO_SOON", "TELL_AGAIN"])
def test_a_mutant_that_forgets_or_repeats_is_caught(name):
    mutant = BUILD / "tests" / f"cald-{name}"
    if not mutant.exists():
        pytest.skip(f"{mutant} is not built")
    with pytest.raises(AssertionError):
        play_kill_9(mutant)


def test_a_telling_that_flies_when_cald_is_stopped_is_waited_for_and_not_repeated():
    with Hooked(script='#!/bin/sh\necho x >> "$1/begun"\nsleep 2\ncat >> "$1/told"\n') as daemon:
        daemon.add("p1", "no")
        wait_for((daemon.directory / "begun").exists)
        assert daemon.stop() == 0
        assert len(daemon.told()) == 1
        daemon.script(TELL)
        daemon.start()
        daemon.stays_told(1)


def test_a_hook_named_later_is_not_told_the_past_and_one_changed_at_reload_is_used():
    with Hooked(script=TELL) as daemon:
        daemon.settings_with("webhook: {url: \"http://127.0.0.1:1/\"}")
        assert daemon.calctl("reload").returncode == 0
        text = daemon.config.read_text()
        line = next(x for x in text.splitlines() if x.startswith("on_failure:"))
        daemon.write("cald.yaml", text.replace(line + "\n", ""))
        assert daemon.calctl("reload").returncode == 0
        daemon.add("before", "no")
        daemon.wait_state("before", "no", "refused")
        daemon.write("cald.yaml", text.replace(line, f'on_failure: {{command: [bin/tell, "{daemon.directory}"]}}'))
        assert daemon.calctl("reload").returncode == 0
        daemon.add("after", "no")
        assert daemon.wait_told(1)[0]["delivery"] == "after/no"
        daemon.stays_told(1)


def fill(path):
    with open(path, "ab", buffering=0) as filler:
        for size in (1 << 20, 4096):
            with contextlib.suppress(OSError):
                while True:
                    filler.write(bytes(size))


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a tmpfs needs root")
def test_a_full_disk_is_told_from_memory_once():
    daemon = Hooked()
    daemon.state.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=28m,mode=700", "cald-test", str(daemon.state)], check=True)
    try:
        with daemon:
            daemon.add("before", "site")
            for i in range(2000):
                fill(daemon.state / "filler")
                body = {"id": f"p{i}", "to": ["site"], "text": "Filled. " * 500, "at": "2035-01-01 09:00"}
                if daemon.api("POST", "/v1/posts", body).status == 503:
                    break
            event = daemon.wait_told(1)[0]
            assert event["event"] == "disk" and "full" in event["message"]
            assert [e["event"] for e in daemon.told()] == ["disk"]
            (daemon.state / "filler").unlink()
            wait_for(lambda: daemon.api("GET", "/healthz").status == 200)
            wait_for(lambda: daemon.api("POST", "/v1/posts", {"id": "after", "to": ["nono"], "text": "x"}).status in (201, 409))
            assert [e["event"] for e in daemon.wait_told(2)] == ["disk", "refused"]
    finally:
        daemon.kill()
        subprocess.run(["umount", "-l", str(daemon.state)], check=True)
        shutil.rmtree(daemon.directory, ignore_errors=True)


def test_the_command_is_run_outside_with_a_group_and_descriptors_of_its_own():
    script = TELL + 'ls -l /proc/self/fd > "$1/fds"; pwd > "$1/cwd"; cut -d" " -f5 /proc/$$/stat > "$1/group"; echo $$ >> "$1/group"\n'
    with Hooked(script=script) as daemon:
        daemon.add("p1", "no")
        wait_for((daemon.directory / "group").exists)
        wait_for(lambda: "told on_failure command" in daemon.log())
        fds = (daemon.directory / "fds").read_text()
        assert "cald.db" not in fds and "socket" not in fds and "eventpoll" not in fds
        assert (daemon.directory / "cwd").read_text() == "/\n"
        group, pid = (daemon.directory / "group").read_text().split()
        assert group == pid and daemon.process.pid != int(group)
        assert stat.S_ISREG((daemon.directory / "bin/tell").stat().st_mode)

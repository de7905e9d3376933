"""What only the network can say of a post: links that answer, mentions that exist. Asked of every way in, where the charter
wants it; that the network cannot tell is never an error."""
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import ACCOUNTS, CALCTL  # noqa: E402
from openapi import CheckedDaemon  # noqa: E402
from pages import Pages  # noqa: E402

CHARTER = """\
version: 1
brand: {name: Test}
checks: {link_reachable: error, mention_exists: error}
"""


@pytest.fixture()
def pages():
    with Pages() as server:
        yield server


def calendar(*texts, to="site"):
    return ("version: 1\ntimezone: Europe/Paris\nposts:\n"
            + "".join(f'  - {{id: p{i}, at: 2035-01-0{i + 1} 09:00, to: [{to}], text: "{t}"}}\n' for i, t in enumerate(texts)))


def make(pages, text="Far away.", settings="outgoing: {private_addresses: true}\n", to="site", charter=CHARTER):
    accounts = ACCOUNTS + (f'  toot: {{network: mastodon, url: "{pages.url}", token: {{file: secret}}}}\n'
                           f'  sky: {{network: bluesky, url: "{pages.url}", handle: me.example.org, app_password: {{file: secret}}}}\n'
                           f'  hook: {{network: webhook, url: "{pages.url}/hook", token: {{file: secret}}}}\n')
    daemon = CheckedDaemon(accounts=accounts, calendar=calendar(text, to=to), charter=charter, settings=settings)
    daemon.write("secret", "a-secret-of-the-account\n", 0o600)
    return daemon


def check(daemon, *options):
    return subprocess.run([CALCTL, "--config", daemon.config, "check", *options], capture_output=True, text=True)


@pytest.mark.parametrize("path, status, said", [
    ("/here", 0, None), ("/moved", 0, None), ("/get", 0, None),
    ("/gone", 1, "leads nowhere: it answers HTTP 404"),
    ("/robots", 0, "cannot be told: it answers HTTP 403; look yourself"),
    ("/later", 0, "cannot be told: it answers HTTP 503"),
    ("/loop", 0, "cannot be told: it leads on more than 5 times"),
])
def test_what_a_server_answers_is_an_error_only_when_it_is_sure(pages, path, status, said):
    daemon = make(pages, f"Voir {pages.url}{path}#bas.")
    assert check(daemon).returncode == 0 and not pages.asked  # nothing is asked unless one wants it
    done = check(daemon, "--online")
    assert done.returncode == status, done.stdout
    assert ("link" in done.stdout or "whether" in done.stdout) == bool(said) or said in done.stdout
    if said:
        assert said in done.stdout and "calendar.yaml:4:5: " in done.stdout
    assert all("Authorization" not in headers and "a-secret" not in str(headers) for _, _, headers in pages.asked)


def test_a_network_that_is_down_is_a_warning(pages):
    daemon = make(pages, "Voir http://127.0.0.1:9/ et https://nulle-part.invalid/.")
    done = check(daemon, "--online")
    assert done.returncode == 0 and done.stdout.count("cannot be told: cannot reach") == 2, done.stdout


def test_nothing_is_asked_in_the_operators_own_network(pages):
    daemon = make(pages, f"Voir {pages.url}/gone et http://169.254.169.254/.", settings="")
    done = check(daemon, "--online")
    assert done.returncode == 0 and done.stdout.count("has the private address") == 2 and not pages.asked


@pytest.mark.parametrize("account, name, status, said", [
    ("toot", "@anna", 0, None), ("toot", "@nobody", 1, "there is no '@nobody': 127.0.0.1"),
    ("sky", "@anna.example.org", 0, None), ("sky", "@nobody.example.org", 1, "there is no '@nobody.example.org'"),
])
def test_mentions_are_looked_up_where_a_network_can(pages, account, name, status, said):
    daemon = make(pages, f"Merci {name} !", to=account)
    done = check(daemon, "--online")
    assert done.returncode == status, done.stdout
    assert not said or said in done.stdout
    assert len(pages.asked) == 1


def test_each_link_is_asked_once_and_a_charter_that_does_not_want_it_asks_nothing(pages):
    daemon = make(pages, f"Voir {pages.url}/here, {pages.url}/here et {pages.url}/here.", to="site, other, silent")
    assert check(daemon, "--online").returncode == 0 and pages.paths() == ["/here"]
    daemon.write("charter.yaml", "version: 1\nchecks: {link_https: warning}\n")
    assert check(daemon, "--online").returncode == 0 and len(pages.asked) == 1


def test_what_is_added_edited_and_approved_is_looked_at_first(pages):
    with make(pages) as daemon:
        gone = {"id": "a", "to": ["site"], "at": "2035-02-01 09:00", "text": f"Voir {pages.url}/gone"}
        refused = daemon.api("POST", "/v1/posts", gone)
        assert refused.status == 422 and refused.json["errors"][0]["rule"] == "link-reachable", refused
        assert daemon.api("GET", "/v1/posts/a").status == 404
        asked = len(pages.asked)
        assert daemon.api("POST", "/v1/posts", gone).status == 422 and len(pages.asked) == asked  # remembered
        here = {**gone, "text": f"Voir {pages.url}/here"}
        key = {"Idempotency-Key": "the-same-request"}
        assert daemon.api("POST", "/v1/posts", here, headers=key).status == 201
        assert daemon.api("POST", "/v1/posts", here, headers=key).status == 201  # and is there once
        assert daemon.api("PATCH", "/v1/posts/a", {"text": f"Voir {pages.url}/gone?2"}).status == 422
        told = daemon.api("PATCH", "/v1/posts/a", {"text": f"Voir {pages.url}/later"})
        assert told.status == 200 and told.json["findings"][0]["rule"] == "link-reachable"
        overridden = {**gone, "id": "b", "override": {"rules": ["link-reachable"], "reason": "the page comes tomorrow"}}
        assert daemon.api("POST", "/v1/posts", overridden).status == 201
        trail = daemon.api("GET", "/v1/audit?post=a").json["items"]
        assert len([e for e in trail if e["kind"] == "delivery"]) == 2


def test_who_goes_away_while_it_is_looked_at_does_no_harm(pages):
    daemon = make(pages)
    with daemon:
        from daemon import UnixConnection
        for _ in range(3):
            connection = UnixConnection(daemon.socket)
            body = '{"to": ["site"], "text": "Voir %s/silent"}' % pages.url
            connection.request("POST", "/v1/posts", body, {"Content-Type": "application/json"})
            while "/silent" not in pages.paths():
                time.sleep(0.01)
            connection.close()
        assert daemon.api("GET", "/v1/deliveries?post=p0").status == 200
        connection = UnixConnection(daemon.socket)  # and one is waiting when it ends
        connection.request("POST", "/v1/posts", body.replace("/silent", "/silent?2"), {"Content-Type": "application/json"})
        while "/silent?2" not in pages.paths():
            time.sleep(0.01)
    assert daemon.process.returncode == 0, daemon.log()


def test_a_changed_file_is_looked_at_and_what_was_taken_before_stays(pages):
    with make(pages, f"Voir {pages.url}/here") as daemon:
        first = len(pages.asked)
        assert first  # a post that is new to the queue, at the start
        daemon.write("calendar.yaml", calendar(f"Voir {pages.url}/here", f"Voir {pages.url}/gone"))
        planned = daemon.api("GET", "/v1/plan").json
        assert [e["rule"] for e in planned["errors"]] == ["link-reachable"] and planned["errors"][0]["post"] == "p1"
        assert daemon.api("POST", "/v1/reload", {}).status == 422
        assert daemon.api("GET", "/v1/posts/p1").status == 404
        daemon.write("calendar.yaml", calendar(f"Voir {pages.url}/here", f"Voir {pages.url}/later"))
        done = daemon.api("POST", "/v1/reload", {})
        assert done.status == 200 and [w["rule"] for w in done.json["warnings"]] == ["link-reachable"]
        asked = len(pages.asked)
        daemon.stop()
        daemon.start()  # nothing is new: nothing is asked, and no page that is gone keeps cald from starting
        assert daemon.api("POST", "/v1/reload", {}).status == 200 and len(pages.asked) == asked


def test_an_end_while_files_wait_for_answers_is_clean(pages):
    with make(pages) as daemon:
        daemon.write("calendar.yaml", calendar(f"Voir {pages.url}/silent"))
        while "/silent" not in pages.paths():
            time.sleep(0.01)
    assert daemon.process.returncode == 0, daemon.log()

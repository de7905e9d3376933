"""The units: sound, shut tight, and working in their own sandbox under a real systemd.

The machine (support/machine.py) lives for the whole file: its tests build on each other, in this order.
"""
import datetime
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

SOURCE = Path(os.environ["CALD_SOURCE"])
RELEASE = Path(os.environ["CALD_BUILD"]) / "release"
MUTANTS = Path(os.environ["CALD_BUILD"]) / "tests"
sys.path.insert(0, str(SOURCE / "tests/support"))
from machine import Cannot, Machine  # noqa: E402

SERVICES = ["cald.service", "cald@.service"]
UNITS = SERVICES + ["cald.socket", "cald@.socket"]

# The endpoint that the webhook account reaches: by name, through the sandbox's own resolver files.
HOOK = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        open("/run/hook.log", "a").write(self.headers.get("Authorization", "none") + "\\n")
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", 9009), Handler).serve_forever()
"""

SETTINGS = """\
version: 1
calendar: calendar.yaml
state: /var/lib/{unit}
control: {{socket: /run/{unit}/cald.sock, listen: "127.0.0.1:{port}"}}
outgoing: {{insecure: true, private_addresses: true}}
accounts:
  site: {{network: feed, title: Test}}
"""
HOOK_ACCOUNT = """\
  hook: {network: webhook, url: "http://hook.test:9009/", token: {credential: cald_hook}}
"""
NEXT_WEEK = (datetime.date.today() + datetime.timedelta(days=7)).isoformat()
CALENDAR = f"""\
version: 1
timezone: Europe/Paris
posts:
  - {{id: far-away, at: {NEXT_WEEK} 09:00, to: [site], text: "Far away.", media: [{{file: dot.png, alt: "a dot"}}]}}
"""
DOT = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da63f8cfc0"
                    "000003010100c9fe92ef0000000049454e44ae426082")


# ---- the files ----

@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_wrong_with_the_unit(unit, tmp_path):
    for name in UNITS:  # a socket without its service is nothing
        text = (RELEASE / "systemd" / name).read_text()
        for program in ("cald", "calctl"):
            text = text.replace(f"/usr/bin/{program} ", f"{RELEASE / program} ")
        (tmp_path / name.replace("@.", "@brand.")).write_text(text)
    path = tmp_path / unit.replace("@.", "@brand.")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True)
    assert done.returncode == 0 and unit[:4] not in done.stderr, done.stderr


@pytest.mark.parametrize("unit", SERVICES)
def test_the_unit_is_exposed_no_more_than_twelve_tenths(unit):
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=12",
                           RELEASE / "systemd" / unit], capture_output=True, text=True)
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", done.stdout)
    assert done.returncode == 0 and found and float(found[1]) <= 1.2, done.stdout[-3000:]


# ---- the machine ----

def write(machine, path, content, mode=0o644):
    """As editors do: a new file in the place of the old one."""
    target = machine.file(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(target.name + ".new")
    new.write_bytes(content if isinstance(content, bytes) else content.encode())
    new.chmod(mode)
    new.rename(target)


def install_documents(machine, directory, unit, port):
    write(machine, f"{directory}/cald.yaml", SETTINGS.format(unit=unit, port=port))
    write(machine, f"{directory}/calendar.yaml", CALENDAR)
    write(machine, f"{directory}/dot.png", DOT)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    machine = Machine(RELEASE, tmp_path_factory.mktemp("machine"))
    try:
        machine.__enter__()
    except Cannot as reason:
        pytest.skip(str(reason))
    try:
        yield machine
    finally:
        machine.__exit__()


def status(machine):
    return json.loads(machine.run("calctl", "status", "--json").stdout)


def published(machine, port=8470):
    done = machine.run("curl", "-fsS", "--noproxy", "*", f"http://127.0.0.1:{port}/feed/site/feed.json")
    return [item["content_text" if "content_text" in item else "content_html"] for item in json.loads(done.stdout)["items"]]


def test_users_and_directories_are_made_at_boot(machine):
    assert machine.run("id", "-un", "cald").stdout == "cald\n"
    assert machine.run("stat", "-c", "%U:%G %a", "/etc/cald", "/etc/cald/credentials").stdout.split("\n")[:2] == [
        "root:cald 750", "root:root 700"]


def test_refused_documents_fail_the_start_and_are_not_tried_again(machine):
    install_documents(machine, "/etc/cald", "cald", 8470)
    write(machine, "/etc/cald/calendar.yaml", CALENDAR.replace("to: [site]", "to: [sitte]"))
    assert machine.run("systemctl", "start", "cald", check=False).returncode == 1
    assert machine.show("cald", "ActiveState") == "failed" and machine.show("cald", "NRestarts") == "0"
    assert "calendar.yaml:4:" in machine.journal("cald") and "did you mean 'site'" in machine.journal("cald")


def test_the_start_is_over_when_the_calendar_is_loaded_and_the_socket_answers(machine):
    install_documents(machine, "/etc/cald", "cald", 8470)
    machine.run("systemctl", "start", "cald")
    answer = status(machine)  # at once: nothing is waited for
    assert answer["healthy"] and answer["next"]["post"] == "far-away"
    assert "applied: 1 added" in machine.show("cald", "StatusText")


def test_the_socket_knows_who_asks(machine):
    machine.run("calctl", "add", "--to", "site", "--at", "in 3h", "--id", "by-root", "Later.")
    assert "root" in machine.run("calctl", "history", "by-root").stdout
    stranger = machine.run("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "calctl", "status",
                           check=False)
    assert stranger.returncode == 3 and "no permission" in stranger.stderr


def test_it_publishes_in_its_sandbox(machine):
    machine.run("calctl", "add", "--to", "site", "From the sandbox.")
    machine.wait("nothing was published", lambda: any("From the sandbox." in text for text in published(machine)))


def test_it_sees_what_it_needs_and_nothing_else(machine):
    pid = machine.pid("cald")

    def inside(*words, **options):
        return machine.run("nsenter", "-t", pid, "-m", "-r", "--", *words, **options)
    top = set(inside("/usr/bin/ls", "/").stdout.split())
    assert top <= {"bin", "dev", "etc", "lib", "lib64", "proc", "root", "run", "sys", "tmp", "usr", "var", "home"}, top
    assert inside("/usr/bin/find", "/root", "/home", "/tmp", "-mindepth", "1", check=False).stdout == ""
    assert inside("/usr/bin/ls", "/var/lib").stdout == "cald\n"
    for needed in ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt", "/etc/cald/cald.yaml",
                   "/usr/share/zoneinfo/Europe/Paris"):
        inside("/usr/bin/test", "-s", needed)
    for mount in inside("/usr/bin/cat", "/proc/self/mountinfo").stdout.splitlines():
        fields = mount.split()
        writable = fields[5].split(",")[0] == "rw"
        assert not writable or re.match(r"/(var/lib/cald|run/cald|tmp|var/tmp|dev|proc|run$)", fields[4]), mount


def test_a_saved_file_is_noticed_from_inside(machine):
    write(machine, "/etc/cald/calendar.yaml", CALENDAR.replace("Far away.", "Far, far away."))
    machine.wait("the edit was not noticed", lambda: "Far, far away." in machine.run("calctl", "list").stdout)


def test_a_reload_waits_for_the_load_and_fails_with_it(machine):
    machine.run("systemctl", "reload", "cald")
    before = machine.pid("cald")
    write(machine, "/etc/cald/calendar.yaml", CALENDAR.replace("text:", "txet:"))
    assert machine.run("systemctl", "reload", "cald", check=False).returncode != 0
    assert machine.pid("cald") == before and "far-away" in machine.run("calctl", "list").stdout
    assert machine.run("calctl", "status", check=False).returncode == 6
    write(machine, "/etc/cald/calendar.yaml", CALENDAR)
    machine.run("systemctl", "reload", "cald")


def test_a_credential_is_read_and_a_name_is_resolved(machine):
    write(machine, "/etc/hosts", "127.0.0.1 localhost hook.test\n")
    write(machine, "/run-hook.py", HOOK)
    write(machine, "/etc/cald/credentials/hook", "a-secret-of-the-hook\n", 0o600)
    write(machine, "/etc/cald/cald.yaml", SETTINGS.format(unit="cald", port=8470) + HOOK_ACCOUNT)
    machine.run("systemd-run", "--quiet", "--unit=hook", "/usr/bin/python3", "/run-hook.py")
    machine.run("systemctl", "restart", "cald")  # credentials are read at the start
    machine.run("calctl", "add", "--to", "hook", "To the hook.")
    log = machine.wait("the hook was not reached", lambda: machine.run("cat", "/run/hook.log", check=False).stdout)
    assert log == "Bearer a-secret-of-the-hook\n"
    assert "a-secret-of-the-hook" not in machine.journal("cald")


# ---- several people ----

def test_a_team_of_the_machine_has_its_roles_as_readme_says(machine):
    text = (SOURCE / "README.md").read_text()
    commands, = re.findall(r"^    (sudo groupadd .*)$", text, re.M)
    control, = re.findall(r"^    control:\n((?:      .*\n)+)", text, re.M)
    for user in ("anna", "ida", "eve"):
        machine.run("useradd", user)
    machine.run("sh", "-ec", commands.replace("sudo ", "") + "; usermod -aG redaction ida")
    good = machine.file("/etc/cald/cald.yaml").read_text()
    lines = [line if not line.startswith("control:") else "control:\n" + control for line in good.splitlines()]
    write(machine, "/etc/cald/cald.yaml", "\n".join(lines + ["charter: charter.yaml", ""]))
    write(machine, "/etc/cald/charter.yaml", "version: 1\napproval: {own: false, rules: [{to: [site], stages: [{by: [editor]}]}]}\n")
    machine.run("systemctl", "restart", "cald")

    def calctl(user, *words):
        return machine.run("setpriv", "--reuid", user, "--regid", user, "--init-groups", "calctl", *words, check=False)
    assert machine.run("stat", "-c", "%U:%G %a", "/run/cald/cald.sock").stdout == "cald:redaction 660\n"
    assert "must be in the socket's group" in calctl("eve", "status").stderr
    assert "--draft" in calctl("ida", "add", "--to", "site", "Hello").stderr
    assert calctl("ida", "add", "--to", "site", "--id", "team", "--at", "in 3h", "--draft", "Hello").returncode == 0
    assert "calctl submit team/site" in calctl("ida", "explain", "team").stdout
    assert calctl("ida", "submit", "team").returncode == 0
    assert "needs the role editor" in calctl("ida", "approve", "team").stderr
    assert "team/site" in calctl("anna", "list", "--waiting-for", "me").stdout
    assert calctl("anna", "approve", "team", "--now").returncode == 0
    machine.wait("what was approved did not go out", lambda: "published" in calctl("ida", "list", "--all").stdout)
    assert "(ida)" in calctl("ida", "history", "team").stdout and "(anna)" in calctl("ida", "history", "team").stdout
    write(machine, "/etc/cald/cald.yaml", good)
    machine.run("systemctl", "restart", "cald")


# ---- what writes elsewhere, and what is another program ----

PAGES = """\
  vitrine: {network: files, directory: /srv/site, path: "content/{{slug}}.md"}
"""


def photo_with_place():
    """An image that says where it was taken, which nobody publishes unasked."""
    image, out, exif = Image.new("RGB", (640, 480), (200, 30, 30)), io.BytesIO(), Image.Exif()
    exif[0x010F], exif[0x8825] = "a camera", {1: "N", 2: (43.0, 18.0, 0.0), 3: "E", 4: (3.0, 34.0, 0.0)}
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_an_image_is_made_fit_in_the_sandbox(machine):
    if not shutil.which("vipsthumbnail"):
        pytest.skip("there is no vipsthumbnail")
    data = photo_with_place()
    assert Image.open(io.BytesIO(data)).getexif()
    write(machine, "/etc/cald/photo.jpg", data)
    machine.run("calctl", "add", "--to", "site", "--id", "photo", "--media", "/etc/cald/photo.jpg", "--alt", "the pass", "A photo.")
    machine.wait("the photo was not published", lambda: any("A photo." in text for text in published(machine)))
    kept = [path for path in (machine.file("/var/lib/cald/media")).iterdir() if path.suffix == ".jpg"]
    assert [Image.open(path).size for path in kept if not Image.open(path).getexif()] == [(640, 480)], machine.journal("cald")


def test_a_site_s_directory_is_reached_as_readme_says(machine):
    good = machine.file("/etc/cald/cald.yaml").read_text()
    machine.run("install", "-d", "-o", "cald", "/srv/site")
    write(machine, "/etc/cald/cald.yaml", good + PAGES)
    machine.run("calctl", "reload")
    machine.run("calctl", "add", "--to", "vitrine", "--id", "page", "A page.")
    line, = re.findall(r"`systemctl edit cald`,\s`\[Service\]`,\s`(\S+=\S+)`", (SOURCE / "config/networks.md").read_text())
    machine.wait("it is not told what to do", lambda: line in machine.run("calctl", "explain", "page").stdout)
    write(machine, "/etc/systemd/system/cald.service.d/site.conf", f"[Service]\n{line}\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", "cald")
    page = machine.wait("there is no page", lambda: machine.run("cat", "/srv/site/content/page.md", check=False).stdout)
    assert page.endswith("A page.\n")
    write(machine, "/etc/cald/cald.yaml", good)
    machine.run("calctl", "reload")


# Whether a connection is possible from among the service's processes: that is whom systemd's filter is for.
CONNECT = """
import socket, sys
if sys.argv[1]:
    open(f"/sys/fs/cgroup{sys.argv[1]}/cgroup.procs", "w").write("0")
try:
    socket.create_connection((sys.argv[2], int(sys.argv[3])), 2).close()
    print("connected")
except OSError as error:
    print(error.strerror)
"""
METADATA = "169.254.169.254"  # of clouds; here it is an address of the machine's own


def test_it_cannot_reach_a_cloud_s_metadata_service(machine):
    if not shutil.which("ip"):
        pytest.skip("there is no ip, to give the machine another address")
    write(machine, "/run-connect.py", CONNECT)
    machine.run("ip", "address", "replace", f"{METADATA}/32", "dev", "lo")
    machine.run("systemd-run", "--quiet", "--unit=metadata", "/usr/bin/python3", "-m", "http.server", "--bind", METADATA,
                "--directory", "/var/empty", "9010", check=False)

    def connects(group, *where):
        return machine.run("/usr/bin/python3", "/run-connect.py", group, *where).stdout.strip()
    machine.wait("nobody answers there", lambda: connects("", METADATA, "9010") == "connected")
    group = machine.show("cald", "ControlGroup")
    assert connects(group, "127.0.0.1", "8470") == "connected"
    found = connects(group, METADATA, "9010")
    if found == "connected" and "does not support BPF/cgroup firewalling" in machine.run("journalctl", "--no-pager").stdout:
        pytest.skip("this kernel has no filter for the processes of a unit")
    assert found != "connected", "the unit's IPAddressDeny= lets it through"


def test_killed_it_is_back_within_two_seconds_with_all_it_had(machine):
    before = machine.pid("cald")
    machine.run("systemctl", "kill", "--signal=KILL", "cald")
    began = time.monotonic()
    machine.wait("it did not come back", lambda: machine.show("cald", "ActiveState") == "active"
                 and machine.pid("cald") not in (0, before))
    assert time.monotonic() - began < 2
    assert "by-root" in machine.run("calctl", "list").stdout
    assert len([text for text in published(machine) if "From the sandbox." in text]) == 1


def test_hung_it_is_restarted_by_the_watchdog(machine):
    write(machine, "/etc/systemd/system/cald.service.d/watchdog.conf", "[Service]\nWatchdogSec=1\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", "cald")
    before = machine.pid("cald")
    time.sleep(2.5)  # two intervals: a healthy loop strokes it
    assert machine.pid("cald") == before
    machine.run("kill", "-STOP", before)
    machine.wait("the watchdog did not bite", lambda: machine.show("cald", "ActiveState") == "active"
                 and machine.pid("cald") not in (0, before), 15)
    assert "Watchdog timeout" in machine.journal("cald") and status(machine)["healthy"]


# ---- a cald that is wrong about itself ----

HOLDER = """
import sqlite3, time
database = sqlite3.connect("/var/lib/cald/cald.db", isolation_level=None)
database.execute("BEGIN IMMEDIATE")
open("/run/held", "w").close()
time.sleep(4)
"""


def hang_the_loop(machine, post):
    """Another program keeps the database to itself, and a post is to be taken: the loop waits, up to five seconds."""
    machine.run("rm", "-f", "/run/held")
    machine.run("systemd-run", "--quiet", "/usr/bin/python3", "-c", HOLDER)
    machine.wait("the database was not held", lambda: machine.run("test", "-e", "/run/held", check=False).returncode == 0)
    machine.run("systemd-run", "--quiet", "calctl", "add", "--to", "site", "--at", "in 5h", "--id", post, "Later.")


@contextmanager
def replaced(machine, mutant):
    """The service with a cald that is broken on purpose in the place of the right one."""
    shutil.copy(MUTANTS / f"cald-{mutant}", machine.file(f"/usr/lib/cald-{mutant}"))
    drop_in = "/etc/systemd/system/cald.service.d/mutant.conf"
    write(machine, drop_in, f"[Service]\nExecStart=\nExecStart=/usr/lib/cald-{mutant} --config /etc/cald/cald.yaml\n"
                            "Environment=ASAN_OPTIONS=detect_leaks=0\n")
    machine.run("systemctl", "daemon-reload")
    try:
        yield
    finally:
        machine.run("rm", drop_in)
        machine.run("systemctl", "daemon-reload")


def is_restarted_when_it_hangs(machine, post):
    machine.run("systemctl", "restart", "cald")
    before = machine.pid("cald")
    hang_the_loop(machine, post)
    end = time.monotonic() + 4
    while machine.pid("cald") == before and time.monotonic() < end:
        time.sleep(0.1)
    bitten = machine.pid("cald") != before
    machine.wait("it is not back", lambda: machine.show("cald", "ActiveState") == "active", 15)
    return bitten


def test_a_loop_that_waits_too_long_is_noticed_while_its_process_lives(machine):
    assert is_restarted_when_it_hangs(machine, "hung")
    assert status(machine)["healthy"]


def test_a_cald_whose_watchdog_is_fed_beside_the_loop_is_found_out(machine):
    with replaced(machine, "FED_WATCHDOG"):
        assert not is_restarted_when_it_hangs(machine, "not-bitten")


def starts_without_a_socket(machine):
    good = machine.file("/etc/cald/cald.yaml").read_text()
    write(machine, "/etc/cald/cald.yaml", good.replace("/run/cald/cald.sock", "/proc/none/cald.sock"))
    ready = machine.run("systemctl", "restart", "cald", check=False).returncode == 0
    # it is tried for as long as it takes, and waits in between: two tries a second would fill the journal
    machine.wait("it does not wait before it is tried again", lambda: machine.show("cald", "SubState") == "stop-post")
    write(machine, "/etc/cald/cald.yaml", good)
    machine.run("systemctl", "restart", "cald")
    return ready


def test_a_start_that_fails_is_not_taken_for_one(machine):
    assert not starts_without_a_socket(machine)


def test_a_cald_that_is_ready_too_soon_is_found_out(machine):
    with replaced(machine, "READY_EARLY"):
        assert starts_without_a_socket(machine)
    machine.run("systemctl", "restart", "cald")
    assert status(machine)["healthy"]


def test_a_brand_has_its_own_state_and_socket_and_needs_no_credentials(machine):
    install_documents(machine, "/etc/cald/brand", "cald@brand", 8471)
    machine.run("systemctl", "start", "cald@brand")
    machine.run("calctl", "--config", "/etc/cald/brand/cald.yaml", "add", "--to", "site", "From the brand.")
    machine.run("calctl", "--config", "/etc/cald/brand/cald.yaml", "add", "--to", "site", "--at", "in 2d", "--id", "brand-only", "Later.")
    machine.wait("the brand published nothing", lambda: published(machine, 8471))
    assert not any("From the brand." in text for text in published(machine))
    machine.run("chmod", "700", "/etc/cald/brand")  # who may not read it reaches the brand all the same, and no other
    machine.run("setpriv", "--reuid=cald", "--regid=cald", "--clear-groups",
                "calctl", "--config", "/etc/cald/brand/cald.yaml", "cancel", "brand-only")
    machine.run("chmod", "755", "/etc/cald/brand")
    machine.run("systemctl", "stop", "cald")
    machine.run("calctl", "--config", "/etc/cald/brand/cald.yaml", "status")
    assert machine.show("cald", "Result") == "success"


def test_who_asks_while_it_is_away_waits_and_is_answered(machine):
    write(machine, "/etc/systemd/system/cald.socket.d/group.conf", "[Socket]\nSocketGroup=nogroup\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "stop", "cald")
    machine.run("rm", "-rf", "/run/cald")
    machine.run("systemctl", "start", "cald.socket")
    assert machine.show("cald", "ActiveState") == "inactive"
    for _ in range(2):
        assert status(machine)["healthy"]  # the question starts it
        before = machine.pid("cald")
        machine.run("systemctl", "restart", "--no-block", "cald")
        machine.wait("it was not started again",
                     lambda: status(machine)["healthy"] and machine.pid("cald") not in (0, before))
        assert machine.run("stat", "-c", "%U:%G %a", "/run/cald/cald.sock").stdout == "cald:nogroup 660\n"
        machine.run("systemctl", "stop", "cald")
    machine.run("systemctl", "stop", "cald.socket")
    machine.run("systemctl", "start", "cald")  # and without it, as ever
    assert status(machine)["healthy"]


def test_readme_s_set_up_works_as_written(machine):
    lines = re.findall(r"^    (sudo (?:cp|sed|systemctl) .*)$", (SOURCE / "README.md").read_text(), re.M)
    assert len(lines) == 3
    shutil.copytree(SOURCE / "config/example", machine.file("/srv/checkout/config/example"))
    machine.run("systemctl", "stop", "cald", "cald@brand")
    machine.run("sh", "-c", "rm -rf /etc/cald/* /var/lib/cald/*; systemd-tmpfiles --create cald.conf")
    machine.run("sh", "-ec", "cd /srv/checkout\n" + "\n".join(lines).replace("sudo ", ""))
    assert machine.run("systemctl", "is-enabled", "cald").stdout == "enabled\n"
    machine.run("calctl", "add", "--to", "site", "As written.")
    machine.wait("nothing was published", lambda: any("As written." in text for text in published(machine)))

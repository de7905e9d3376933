"""README.md and config/networks.md are true: the tour works as written, what they name exists, their documents are accepted,
their networks are ours."""
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

SOURCE = Path(os.environ["CALD_SOURCE"])
RELEASE = Path(os.environ["CALD_BUILD"]) / "release"
CALCTL = RELEASE / "calctl"
README = (SOURCE / "README.md").read_text()
sys.path.insert(0, str(SOURCE / "tests/support"))
import networks_page  # noqa: E402
from pictures import png  # noqa: E402
from quickstart import Quickstart  # noqa: E402

ATTENTION = 6


def section(title):
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def blocks(text):
    """The indented blocks, dedented."""
    return [textwrap.dedent(block).strip("\n") + "\n" for block in re.findall(r"(?:^(?:    .*)?\n)+", text, re.M)
            if block.strip()]


# ---- the tour ----

TOUR = [line for block in blocks(section("A tour of five minutes")) for line in block.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """The tour's commands in one shell, each with its exit status and what it said."""
    top = tmp_path_factory.mktemp("tour")
    (top / "build").mkdir()
    (top / "build/release").symlink_to(RELEASE)
    with Quickstart(top / "build/quickstart", RELEASE) as quickstart:
        quickstart.wait_for_items(1, 5)
        done = quickstart.shell("".join(f"{line}\necho \"@@ $?\"\n" for line in TOUR), top)
        pages = subprocess.run(["curl", "-fsS", "--noproxy", "*"] + [
            url.replace("8470", str(quickstart.port)) for url in re.findall(r"<(http://127\.0\.0\.1:8470/\S*)>", README)],
            capture_output=True, text=True)
    assert not done.stderr, done.stderr
    outputs = re.findall(r"(.*?)@@ (\d+)\n", done.stdout, re.S)
    return [(line, int(status), output) for line, (output, status) in zip(TOUR, outputs, strict=True)], pages


def test_every_command_of_the_tour_succeeds(walked):
    steps, _ = walked
    assert len(steps) >= 15
    for line, status, output in steps:
        assert status == 0 or (status == ATTENTION and "calctl status" in line), (line, status, output)


def test_the_tour_does_what_it_says(walked):
    said = {line.split("  #")[0].strip(): output for line, _, output in walked[0]}
    history = next(output for line, output in said.items() if line == "calctl history vin-chaud")
    assert "cancelled" in history and "edited" in history and "moved" in history
    assert "03:30" in next(output for line, output in said.items() if line.startswith("calctl when"))
    assert "link" in next(output for line, output in said.items() if "measure" in line)


def test_the_pages_it_points_at_are_there(walked):
    _, pages = walked
    assert pages.returncode == 0 and "Chalet Exemple" in pages.stdout, pages.stderr


# ---- names ----

def help_of(*words):
    return subprocess.run([CALCTL, *words, "--help"], check=True, capture_output=True, text=True).stdout


def test_every_command_and_option_named_exists():
    commands = set(re.findall(r"^  (\w+) ", help_of().split("Commands:")[1], re.M))
    mentions = re.findall(r"calctl[ \n]([a-z]+)((?: +(?:'[^']*'|[^`#|&\s]+))*)", README)
    named = {command for command, _ in mentions if command in commands}
    assert {"status", "add", "check", "reload", "token", "measure", "when"} <= named
    for command, rest in mentions:
        assert command in commands, f"calctl {command}"
        known = set(re.findall(r"--[\w-]+", help_of(command)))
        for option in re.findall(r"(?<!\S)--[\w-]+", rest):
            assert option in known, f"calctl {command} {option}"


def test_every_file_and_unit_named_exists():
    for path in set(re.findall(r"[`(]((?:config|schema|tests|daemon)/[\w./-]*)[`)]", README)):
        assert (SOURCE / path).exists(), path
    for path in re.findall(r"^    (?:sudo cp (?:-r )?)?(config/[\w/]+|tests/\w+)", README, re.M):
        assert (SOURCE / path).exists(), path
    for page in set(re.findall(r"`([\w.]+)\((\d)\)`", README)):
        assert (SOURCE / "config/man" / ".".join(page)).exists(), page


def test_every_network_has_its_row():
    """What it does, what is needed first, what it cannot do: none of them empty."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section("The networks").splitlines()
            if line.startswith("| `")]
    schema = json.loads((SOURCE / "schema/cald.schema.json").read_text())
    offered = schema["$defs"]["account"]["properties"]["network"]["enum"]
    assert [row[0] for row in rows] == [f"`{name}`" for name in sorted(offered)]
    assert all(len(row) == 5 and all(row) for row in rows)
    assert list(networks_page.SECTIONS) == sorted(offered)
    assert all(networks_page.point(name, "Not here") for name in offered)


def test_what_its_table_says_of_afterwards_is_what_networks_md_says():
    for row in section("The networks").splitlines():
        if found := re.match(r"\| `(\w+)` \|[^|]*\| ([^|]*) \|", row):
            edit, _, delete = {"both": "yes, yes", "–": "–, –"}.get(re.sub(r" \(.*?\)", "", found[2]), found[2]).partition(", ")
            assert (found[1] in networks_page.able("Edit")) == (edit != "–"), row
            assert (found[1] in networks_page.able("Delete")) == (delete != "–"), row


# ---- documents ----

ACCOUNTS = {name: networks_page.account(name) for name in networks_page.SECTIONS}
CALENDAR = next(block for block in blocks(section("The documents")) if block.startswith("# calendar.yaml"))
HEAD = "version: 1\ncalendar: calendar.yaml\nstate: state\n"


def check(directory):
    return subprocess.run([CALCTL, "check", "--config", "cald.yaml"], cwd=directory, capture_output=True, text=True)


def write_documents(directory, settings, calendar="timezone: Europe/Paris\n"):
    (directory / "cald.yaml").write_text(settings)
    (directory / "calendar.yaml").write_text(calendar)
    for name, content in (("media/chalet.jpg", png(4, 4, 1)), ("articles/ouverture.md", b"# Ouverture\n")):
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_bytes(content)


def all_accounts():
    return "".join(block.split("accounts:\n")[1] for block in ACCOUNTS.values())


@pytest.mark.parametrize("network", ACCOUNTS)
def test_each_network_s_settings_are_accepted(tmp_path, network):
    account, = yaml.safe_load(ACCOUNTS[network])["accounts"].values()
    assert account["network"] == network
    write_documents(tmp_path, HEAD + ACCOUNTS[network])
    done = check(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_calendar_is_accepted(tmp_path):
    write_documents(tmp_path, HEAD + "accounts:\n" + all_accounts(), CALENDAR)
    done = check(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_error_shown_is_what_a_wrong_account_gives(tmp_path):
    shown = re.search(r"^    (calendar\.yaml:\d+:\d+: unknown account .*)$", README, re.M)[1]
    accounts = "".join(ACCOUNTS[name].split("accounts:\n")[1] for name in ("mastodon", "bluesky", "wordpress"))
    wrong = CALENDAR.replace("to: [mastodon, bluesky, blog]", "to: [mastodn, bluesky, blog]")
    write_documents(tmp_path, HEAD + "accounts:\n" + accounts, wrong)
    done = check(tmp_path)
    assert done.returncode == 1 and shown in done.stdout + done.stderr, done.stdout + done.stderr

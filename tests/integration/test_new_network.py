"""A network more is one file and one row: tests/support/madeup.c is put beside the others and into the list of drivers.h, the
programs are linked again with what that changes, and a post goes out by it. The schema and the manual follow from the row."""
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(os.environ.get("CALD_SOURCE", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ["CALD_BUILD"]).resolve()
sys.path.insert(0, str(SOURCE / "tests/support"))
from daemon import Daemon  # noqa: E402
from scripted import ScriptedServer  # noqa: E402

ROW = re.compile(r"^(    ROW\()mastodon(\) +\\\n)", re.M)


class Mind:
    def __init__(self):
        self.said = {}

    def answer(self, request):
        assert (request.method, request.path, request.headers["authorization"]) == ("POST", "/says", "Bearer word")
        self.said.setdefault(request.headers["idempotency-key"], request.fields()["text"])
        return 201, {"id": str(len(self.said))}


def commands(target):
    """The words of the commands that make it, in the build directory."""
    told = subprocess.run(["ninja", "-t", "commands", target], cwd=BUILD, check=True, capture_output=True, text=True).stdout
    return [shlex.split(line) for line in told.splitlines()]


def run(words):
    subprocess.run(words, cwd=BUILD, check=True)


def compile_at(place, name):
    """place/network/NAME.c as networks.c is compiled, but with the headers of 'place' first."""
    words = next(words for words in commands("cald") if words[-1].endswith("/network/networks.c"))
    start = next(i for i, word in enumerate(words) if word.startswith("-D"))
    flags = [word for word in words[start:words.index("-MD")]]
    run([words[start - 1], f"-I{place}", *flags, "-c", f"{place}/network/{name}.c", "-o", f"{place}/{name}.o"])


def link_at(place, target, name):
    """What 'target' is linked from, before it the objects that are new: what they define is not taken from a library."""
    words = commands(target)[-1]
    words = words[words.index("&&") + 1:]
    words = words[:words.index("&&")]
    words[words.index("-o") + 1] = f"{place}/{name}"
    first = next(i for i, word in enumerate(words) if word.endswith(".o"))
    run(words[:first] + [f"{place}/madeup.o", f"{place}/networks.o"] + words[first:])


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("sources")
    (place / "network").mkdir()
    shutil.copy(SOURCE / "daemon/network/networks.c", place / "network")
    shutil.copy(SOURCE / "tests/support/madeup.c", place / "network")  # one file
    rows = (SOURCE / "daemon/network/drivers.h").read_text()
    more = ROW.sub(r"\1madeup\2\1mastodon\2", rows)  # one row
    assert len(more.splitlines()) == len(rows.splitlines()) + 1
    (place / "network/drivers.h").write_text(more)
    for name in ("madeup", "networks"):
        compile_at(place, name)
    for target, name in (("cald", "cald"), ("calctl", "calctl"),
                         ("calctl-documents", "calctl-documents"), ("tests/check_tool", "check_tool")):
        link_at(place, target, name)
    return place


def test_a_post_goes_out_by_it_once(place):
    with ScriptedServer(Mind()) as server:
        server.script({"method": "POST", "path": "/says", "do": "act-and-drop"})
        accounts = f"  new: {{network: madeup, url: '{server.url}', token: {{file: token}}}}\n"
        daemon = Daemon(accounts=accounts, calendar="version: 1\ntimezone: UTC\n", program=place / "cald")
        daemon.write("token", "word\n", 0o600)
        with daemon:
            calctl = [place / "calctl", "--config", daemon.config]
            run([*calctl, "add", "--to", "new", "--id", "a", "Once"])
            assert daemon.wait_state("a", "new", "published", patience=60)["network"] == "madeup"
            shown = subprocess.run([*calctl, "preview", "a"], check=True, capture_output=True, text=True).stdout
            assert "Made up" in shown and "Once" in shown, shown
        assert list(server.mind.said.values()) == ["Once"]


def test_it_is_named_among_the_networks_and_what_it_wants_is_told(place, tmp_path):
    (tmp_path / "cald.yaml").write_text("calendar: c.yaml\nstate: s\naccounts:\n  a: {network: nonsuch}\n  b: {network: madeup}\n")
    told = subprocess.run([place / "calctl", "--config", tmp_path / "cald.yaml", "check"], capture_output=True, text=True)
    said = told.stdout + told.stderr
    assert "linkedin, madeup, mastodon" in said and "account 'b' has no 'url'" in said, said


def test_schema_and_manual_follow(place, tmp_path):
    for folder in ("schema", "config/man"):
        shutil.copytree(SOURCE / folder, tmp_path / folder)
    run([tmp_path / "schema/generate", place / "check_tool"])
    run([tmp_path / "config/man/generate", place / "calctl"])
    assert '"$ref": "#/$defs/madeup"' in (tmp_path / "schema/cald.schema.json").read_text()
    manual = (tmp_path / "config/man/cald.yaml.5").read_text()
    assert ".SH ACCOUNTS ON MADEUP" in manual and "where it is made up" in manual

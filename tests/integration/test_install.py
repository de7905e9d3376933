"""'cmake --install' puts each thing where a distribution expects it, and completion completes."""
import datetime
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(os.environ["CALD_SOURCE"])
RELEASE = Path(os.environ["CALD_BUILD"]) / "release"
sys.path.insert(0, str(SOURCE / "tests/support"))
from daemon import CALENDAR, Daemon  # noqa: E402

EXPECTED = """\
bin/calctl
bin/cald
lib/systemd/system/cald.service
lib/systemd/system/cald.socket
lib/systemd/system/cald@.service
lib/systemd/system/cald@.socket
lib/sysusers.d/cald.conf
lib/tmpfiles.d/cald.conf
libexec/cald/calctl-documents
share/bash-completion/completions/calctl
share/cald/schema/cald.schema.json
share/cald/schema/calendar.schema.json
share/cald/schema/charter.schema.json
share/cald/schema/openapi.yaml
share/doc/cald/LICENSE
share/doc/cald/README.md
share/doc/cald/examples/articles/ouverture.md
share/doc/cald/examples/cald.yaml
share/doc/cald/examples/calendar.yaml
share/doc/cald/examples/charter.yaml
share/doc/cald/examples/git/pre-commit
share/doc/cald/examples/media/chalet.png
share/doc/cald/examples/trimestre/articles/refuge.md
share/doc/cald/examples/trimestre/articles/traces.md
share/doc/cald/examples/trimestre/cadre.yaml
share/doc/cald/examples/trimestre/cald.yaml
share/doc/cald/examples/trimestre/charter.yaml
share/doc/cald/examples/trimestre/fevrier.yaml
share/doc/cald/examples/trimestre/janvier.yaml
share/doc/cald/examples/trimestre/mars.yaml
share/doc/cald/examples/trimestre/media/chalet.png
share/doc/cald/networks.md
share/fish/vendor_completions.d/calctl.fish
share/man/man1/calctl.1
share/man/man5/cald.yaml.5
share/man/man5/calendar.yaml.5
share/man/man5/charter.yaml.5
share/man/man8/cald.8
share/zsh/vendor-completions/_calctl
""".split()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    subprocess.run(["cmake", "--install", RELEASE, "--prefix", "/usr"], check=True, capture_output=True,
                   env=dict(os.environ, DESTDIR=str(root)))
    return root


def test_everything_is_installed_where_it_belongs_and_nothing_else(installed):
    found = sorted(str(path.relative_to(installed / "usr")) for path in installed.rglob("*") if path.is_file())
    assert found == sorted(EXPECTED)
    for path in (installed / "usr").rglob("*"):
        if path.is_file():
            assert os.access(path, os.X_OK) == (path.parts[-2] == "bin" or "libexec" in path.parts), path


def test_the_units_start_what_was_installed(installed):
    for unit in (installed / "usr/lib/systemd/system").glob("*.service"):
        commands = re.findall(r"^Exec(?:Start|Reload)=(\S+)", unit.read_text(), re.M)
        assert len(commands) == 2
        for command in commands:
            assert os.access(installed / command.lstrip("/"), os.X_OK), command


def test_the_programs_run_and_say_the_same_version(installed):
    said = {subprocess.run([installed / "usr/bin" / name, "--version"], check=True, capture_output=True,
                           text=True).stdout.split()[-1] for name in ("cald", "calctl")}
    assert len(said) == 1 and (RELEASE / "CMakeCache.txt").read_text().count(f"CMAKE_PROJECT_VERSION:STATIC={said.pop()}\n")


def test_the_installed_example_passes_the_installed_check(installed):
    done = subprocess.run([installed / "usr/bin/calctl", "check", "--config", "cald.yaml"], capture_output=True, text=True,
                          cwd=installed / "usr/share/doc/cald/examples")
    assert done.returncode == 0, done.stdout + done.stderr


CLIENT = {"libcurl", "libyaml-0", "libjansson", "libutf8proc", "libpsl", "libcrypto", "libcmark"}
DOCUMENTS = CLIENT | {"libsqlite3", "libpcre2-8"}


@pytest.mark.parametrize("program, named", [
    ("bin/cald", DOCUMENTS | {"libmicrohttpd"}),
    ("libexec/cald/calctl-documents", DOCUMENTS),
    # what only asks the daemon starts without the rest, which takes longer to load than all that it does
    ("bin/calctl", CLIENT),
])
def test_the_libraries_come_from_debian_and_are_no_more_than_named(installed, program, named):
    """What the binaries need directly is what README's table names."""
    needed = subprocess.run(["objdump", "-p", installed / "usr" / program], check=True, capture_output=True, text=True).stdout
    needed = {line.split()[1].split(".so")[0] for line in needed.splitlines() if "NEEDED" in line}
    assert needed - {"libc", "libm", "ld-linux-x86-64", "ld-linux-aarch64"} <= named, needed


def test_a_calctl_whose_other_half_is_missing_says_so(installed, tmp_path):
    shutil.copy(installed / "usr/bin/calctl", tmp_path / "calctl")
    done = subprocess.run([tmp_path / "calctl", "check"], capture_output=True, text=True)
    assert done.returncode == 7 and "calctl-documents" in done.stderr and "installed whole" in done.stderr, done


@pytest.mark.parametrize("shell, path", [("bash", "bash-completion/completions/calctl"),
                                         ("zsh", "zsh/vendor-completions/_calctl"),
                                         ("fish", "fish/vendor_completions.d/calctl.fish")])
def test_the_shell_accepts_its_completion(installed, shell, path):
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    done = subprocess.run([shell, "-n", installed / "usr/share" / path], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert (installed / "usr/share" / path).stat().st_size > 2000


# ---- completing ----

DAY = (datetime.date.today() + datetime.timedelta(days=9)).isoformat()
CALENDAR += f"""\
series:
  - {{id: vendredi, rrule: FREQ=DAILY;COUNT=1, start: {DAY} 09:00, to: [site], text: Friday.}}
"""

@pytest.fixture(scope="module")
def daemon():
    with Daemon(calendar=CALENDAR) as daemon:
        assert daemon.calctl("add", "--to", "site", "--at", "in 5h", "--id", "vin-chaud", "Vin chaud.").returncode == 0
        yield daemon


def complete(installed, daemon, line, shell="bash"):
    """What TAB offers at the end of the line."""
    words = re.findall(r"[@:=]|[^@:=\s]+", line) + ([""] if line.endswith(" ") else [])  # as bash does
    if shell == "bash":
        script = (f"COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)}\nsource {installed}/usr/share/bash-completion/completions/calctl\n"
                  f"COMP_WORDS=({' '.join(map(shlex.quote, words))}) COMP_CWORD={len(words) - 1}\n"
                  'COMPREPLY=(); _calctl; printf "%s\\n" "${COMPREPLY[@]}"')
        command = ["bash", "--norc", "-c", script]
    else:
        command = ["fish", "--no-config", "-c", f"source {installed}/usr/share/fish/vendor_completions.d/calctl.fish\n"
                   f"complete -C {shlex.quote(line)}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=daemon.directory, timeout=20, env=dict(
        os.environ, PATH=f"{installed}/usr/bin:{os.environ['PATH']}", CALD_CONFIG=str(daemon.config),
        HOME=str(daemon.directory)))
    assert not done.stderr, done.stderr
    return [word.split("\t")[0].strip() for word in done.stdout.splitlines() if word.strip()]


COMPLETIONS = [
    ("calctl sta", ["status"], "commands"),
    ("calctl show vin", ["vin-chaud"], "ids, from the daemon"),
    ("calctl cancel vin", ["vin-chaud"], "of every command that takes one"),
    ("calctl show vendredi@", [f"vendredi@{DAY}"], "ids that hold an @"),
    (f"calctl show vendredi@{DAY[:6]}", [f"vendredi@{DAY}"], "and after it"),
    ("calctl add --to=oth", ["other"], "values after an ="),
    ("calctl show no-such", [], "none fits"),
    ("calctl add --to si", ["silent", "site"], "accounts, from the daemon"),
    ("calctl list --account ot", ["other"], "as values of any option that names one"),
    ("calctl when --zone Europe/Pari", ["Europe/Paris"], "zones, from the system"),
    ("calctl measure --network blue", ["bluesky"], "networks"),
    ("calctl add --dra", ["--draft"], "options of the command"),
    ("calctl completion z", ["zsh"], "fixed words"),
]


@pytest.mark.parametrize("line, expected, reason", COMPLETIONS, ids=[c[2] for c in COMPLETIONS])
@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_completion_offers(installed, daemon, shell, line, expected, reason):
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    offered = [word.removeprefix("--to=") for word in complete(installed, daemon, line, shell)]
    if shell == "bash" and "@" in line:  # bash puts them behind what it takes for the word before
        offered = ["vendredi@" + word for word in offered]
    assert sorted(offered) == expected


def test_completion_without_a_daemon_is_silent(installed, daemon, tmp_path):
    (tmp_path / "cald.yaml").write_text("version: 1\ncalendar: c.yaml\nstate: state\naccounts: {}\n")
    done = subprocess.run([installed / "usr/bin/calctl", "complete", "posts", "--config", tmp_path / "cald.yaml"],
                          capture_output=True, text=True)
    assert done.stdout == "" and done.stderr == ""

"""An agency: a daemon a brand, and one command that says which of them needs somebody."""
import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import CALCTL, Daemon  # noqa: E402


@pytest.fixture(scope="module")
def brands():
    with Daemon() as well, Daemon() as troubled, Daemon() as away:
        troubled.calctl("add", "--to", "site", "--at", "in 2d", "--id", "kept", "Kept.")
        troubled.calctl("hold", "kept", "--why", "a typo")
        troubled.calctl("crisis", "start", "--why", "an accident")
        away.stop()
        yield well, troubled, away


def status(*words):
    return subprocess.run([CALCTL, "status", *map(str, words)], capture_output=True, text=True, timeout=30)


def test_each_brand_has_its_line_and_what_needs_somebody(brands):
    well, troubled, _ = brands
    done = status(well.config, troubled.config)
    assert done.returncode == 6 and not done.stderr, done
    lines = done.stdout.splitlines()
    assert lines[1].split()[:2] == [str(well.config), "well"] and len([line for line in lines if str(well.config) in line]) == 1
    at = next(i for i, line in enumerate(lines) if str(troubled.config) in line)
    assert "CRISIS" in lines[at]
    assert any("an accident" in line for line in lines[at:]) and any(line.endswith("  kept/site: held: a typo") for line in lines[at:])


def test_all_is_well_only_if_all_are(brands):
    well, _, away = brands
    assert status(well.config, well.config).returncode == 0
    done = status(away.config, well.config)
    assert done.returncode == 3 and "no answer" in done.stdout and " well " in done.stdout, done
    assert str(away.socket) in done.stderr


def test_of_a_brand_with_many_troubles_the_first_are_shown_and_where_the_rest_is():
    with Daemon() as daemon:
        for i in range(6):
            daemon.calctl("add", "--to", "site", "--at", "in 2d", "--id", f"p{i}", f"Post {i}.")
            daemon.calctl("hold", f"p{i}")
        for where, option in ((daemon.config, "--config"), (daemon.socket, "--socket")):
            lines = status(where).stdout.splitlines()
            assert len([line for line in lines if line.endswith("/site: held")]) == 3, lines
            assert lines[-1].strip() == f"… and 3 more: calctl {option} {where} status"


def test_who_may_not_read_the_settings_names_the_sockets(brands):
    well, troubled, _ = brands
    done = status(well.socket, troubled.socket)
    assert done.returncode == 6 and str(troubled.socket) in done.stdout, done


def test_a_program_gets_all_of_each(brands):
    well, _, away = brands
    items = json.loads(status("--json", well.config, away.config).stdout)
    assert [item["file"] for item in items] == [str(well.config), str(away.config)]
    assert items[0]["status"]["healthy"] and items[1]["status"] is None


@pytest.mark.parametrize("option", ["--config", "--socket", "--url"])
def test_what_names_one_daemon_does_not_go_with_several(brands, option):
    done = status(option, "/somewhere", brands[0].config)
    assert done.returncode == 2 and option in done.stderr, done

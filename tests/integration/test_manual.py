"""The manual pages say what the program says, and nothing else."""
import os
import pathlib
import subprocess

SOURCE = pathlib.Path(os.environ["CALD_SOURCE"])
CALCTL = pathlib.Path(os.environ["CALD_BUILD"]) / "calctl"
MAN = SOURCE / "config/man"
GENERATED = ["calctl.1", "cald.yaml.5", "calendar.yaml.5", "charter.yaml.5"]


def test_the_pages_are_what_the_program_and_the_schemas_say_today(tmp_path):
    subprocess.run([MAN / "generate", CALCTL, tmp_path], check=True)
    for page in GENERATED:
        assert (tmp_path / page).read_text() == (MAN / page).read_text(), f"run config/man/generate {CALCTL}"


def test_every_option_of_cald_is_in_its_page():
    page = (MAN / "cald.8").read_text().replace("\\-", "-")
    words = subprocess.run([CALCTL.with_name("cald"), "--help"], check=True, capture_output=True, text=True).stdout.split()
    options = [w.rstrip(",") for w in words if w.startswith("--")]
    assert len(options) >= 4
    for option in options:
        assert option.strip("[]") in page


def test_troff_has_no_complaint():
    for page in MAN.glob("*.[158]"):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, (page, done.stderr)

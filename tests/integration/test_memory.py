"""What a release keeps of memory that is its own: after a large calendar no more than after a small one; nothing of GnuTLS."""
import os
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ["CALD_SOURCE"])
RELEASE = Path(os.environ["CALD_BUILD"]) / "release"
sys.path.insert(0, str(SOURCE / "tests/support"))
from daemon import Daemon  # noqa: E402

FEW, MANY = 10, 20_000
MOST = 1024  # KiB more; while it is loaded there are some 40,000, and SQLite alone would keep 2,000


def anonymous(daemon):
    """KiB of pages that no file has."""
    rollup = Path(f"/proc/{daemon.process.pid}/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous:\s+(\d+)", rollup, re.M)[1])


def kept_after(posts):
    entries = "".join(f'  - {{id: p{n}, at: 2035-01-01 {n % 24:02}:00, to: [site], text: "Post {n}, as long as others."}}\n'
                      for n in range(posts))
    with Daemon(accounts="  site: {network: feed, title: Site}\n", calendar="version: 1\ntimezone: UTC\nposts:\n" + entries,
                tcp=False, program=RELEASE / "cald") as daemon:
        assert f"applied: {posts} added" in daemon.log()
        return anonymous(daemon)


def test_what_a_large_calendar_needed_is_given_back():
    few, many = kept_after(FEW), kept_after(MANY)
    print(f"{few} KiB after {FEW} posts, {many} KiB after {MANY}")
    assert many < few + MOST, f"{many - few} KiB more are kept after {MANY} posts than after {FEW}"


def test_gnutls_which_others_bring_is_not_started():
    """As the dynamic linker tells it: who is asked to start it, and whether it shall start by itself."""
    told = subprocess.run([RELEASE / "cald", "--version"], env={"LD_DEBUG": "bindings"}, capture_output=True, text=True).stderr
    for asks, name in (("libmicrohttpd", "gnutls_global_init"), ("libgnutls", "_gnutls_global_init_skip")):
        bound = re.findall(rf"binding file \S*/{asks}\.so\S* \[0\] to (\S+) \[0\]: normal symbol `{name}'", told)
        assert bound == [str(RELEASE / "cald")], (name, bound)

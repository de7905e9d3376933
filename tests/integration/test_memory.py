"""
What a release keeps of memory that is its own: after a large calendar no more than after a small one; nothing of GnuTLS.
And how it ends when it gets none.
"""
import http.client
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SOURCE = Path(os.environ["CALD_SOURCE"])
RELEASE = Path(os.environ["CALD_BUILD"]) / "release"
sys.path.insert(0, str(SOURCE / "tests/support"))
from daemon import Daemon  # noqa: E402
from recorder import Recorder  # noqa: E402

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


POST = b'{"id": "p%d", "to": ["site"], "at": "2035-01-02 09:00", "text": "Post %d."}'
LARGE = {"/v1/posts/batch": b"[" + b",".join(POST % (n, n) for n in range(3000)) + b"]",  # what becomes of it needs memory
         "/v1/posts": b'{"to": [' + b"1," * 400_000 + b"1]}"}  # reading it does


def allow_more(daemon, size):
    """So much may it have besides what it has."""
    pages = int(Path(f"/proc/{daemon.process.pid}/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + size
    resource.prlimit(daemon.process.pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


@pytest.mark.parametrize("path, more", [("/v1/posts/batch", 0), ("/v1/posts", 5 << 20)])
def test_without_memory_it_ends_and_goes_on_from_what_is_on_disk(path, more):
    """Nothing is said of what there was no memory for; what was out is in doubt, what was accepted is there."""
    with Recorder(honours_key=False) as hook:
        accounts = f'  site: {{network: webhook, url: "{hook.url}", id: /id, spacing: 0s}}\n'
        daemon = Daemon(accounts=accounts, calendar="version: 1\ntimezone: UTC\nposts: []\n", tcp=False,
                        program=RELEASE / "cald")
        try:
            daemon.start()
            hook.script("hold")
            for post, at in ("later", "2035-01-01 09:00"), ("out", "now"):
                assert daemon.api("POST", "/v1/posts", {"id": post, "to": ["site"], "at": at, "text": post}).status == 201
            end = time.monotonic() + 30
            while not hook.posts:
                assert time.monotonic() < end, daemon.log()
                time.sleep(0.02)
            allow_more(daemon, more)
            with pytest.raises((OSError, http.client.HTTPException)):
                answer = daemon.api("POST", path, LARGE[path])
                raise AssertionError(answer)
            assert daemon.process.wait(30) == -signal.SIGABRT
            assert "out of memory" in daemon.log().splitlines()[-1]
            daemon.start()
            assert daemon.delivery("out", "site")["state"] == "unsure"
            assert daemon.delivery("later", "site")["state"] == "ready"
            assert len(hook.posts) == 1
            assert daemon.stop() == 0, daemon.log()
        finally:
            hook.release()
            daemon.kill()

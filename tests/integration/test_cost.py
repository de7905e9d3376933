"""
What a post costs in instructions, from POST /v1/posts until it is told published: no clock and no other work on the
machine has a part in that. A change that makes it a third dearer is found here; figures are tests/bench's.
"""
import os
import re
import sys
import time
from pathlib import Path

import pytest

SOURCE = Path(os.environ["CALD_SOURCE"])
RELEASE = Path(os.environ["CALD_BUILD"]) / "release"
sys.path.insert(0, str(SOURCE / "tests/support"))
from daemon import Daemon  # noqa: E402
from recorder import Recorder  # noqa: E402

FEW, MANY = 20, 120
MOST = 1_380_000  # a third more than with gcc 12 on x86-64, 1,038,000
COUNTER = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]


def publish(hook, daemon, posts):
    for number in range(posts):
        answer = daemon.api("POST", "/v1/posts", {"id": f"p{number}", "to": ["site"], "at": "now", "text": f"Post {number}."})
        assert answer.status == 201, answer
    end = time.monotonic() + 120
    while daemon.api("GET", "/v1/status").json["counts"].get("published", 0) < posts:
        assert time.monotonic() < end, daemon.log()
        time.sleep(0.3)
    assert len(hook.posts) == posts


def instructions(posts):
    with Recorder() as hook:
        accounts = f'  site: {{network: webhook, url: "{hook.url}", key_header: Idempotency-Key, id: /id, spacing: 0s}}\n'
        daemon = Daemon(accounts=accounts, calendar="version: 1\ntimezone: UTC\nposts: []\n", tcp=False,
                        program=RELEASE / "cald")
        try:
            daemon.start(wrapper=COUNTER)
            publish(hook, daemon, posts)
            assert daemon.stop(60) == 0, daemon.log()
            return int(re.findall(r"Collected : (\d+)", daemon.log())[-1])
        finally:
            daemon.kill()


def test_a_post_does_not_become_dearer():
    if os.uname().machine != "x86_64":
        pytest.skip("instructions of another processor are not comparable")
    cost = (instructions(MANY) - instructions(FEW)) // (MANY - FEW)
    print(f"{cost} instructions a post")
    assert cost < MOST, f"{cost} instructions a post; at most {MOST} are allowed: what became dearer?"

"""A full disk: nothing new is accepted or sent, what is being sent is recorded from the reserve, and it goes on by itself.

The state is on a small tmpfs, which is filled while posts go out.
"""
import errno
import json
import os
import subprocess
import time

import pytest

from stage import CALD, Stage, milliseconds, mutant, say, second_after
from recorder import Recorder

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a tmpfs needs root")
LONG = "All of this must be stored. " * 300


class Disk:
    def __init__(self, path, mebibytes=28):
        self.path = path
        path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "cald-test", str(path)], check=True)

    def fill(self):
        """To the last byte."""
        with open(self.path / "filler", "ab", buffering=0) as filler:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        filler.write(bytes(size))
                except OSError as error:
                    assert error.errno == errno.ENOSPC

    def free(self):
        (self.path / "filler").unlink()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.path)], check=True)


def add(stage, name, text):
    return stage.api("POST", "/v1/posts", {"id": name, "to": ["k"], "text": f"Post {name}. {text}", "at": "now"})


def wait_until(happened, patience, what):
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, what()
        time.sleep(0.05)


def published(stage, post):
    delivery = stage.delivery(post, "k")
    return delivery and delivery["state"] == "published"


def made(hook, post):
    return [p for p in hook.posts if json.dumps(p["body"]).find(f"Post {post}.") >= 0]


class Play:
    """One run; 'wrong' lists the promises that were broken."""

    def __init__(self, program, tmp_path):
        self.program, self.tmp_path, self.wrong = program, tmp_path, []

    def require(self, holds, promise):
        if not holds:
            self.wrong.append(promise)

    def fill_up(self, stage, disk, accepted):
        """Until a post is refused: the log of the database has some room of its own."""
        disk.fill()
        for i in range(2000):
            answer = add(stage, f"filling-{i}", LONG)
            if answer.status != 201:
                self.require(answer.status == 503 and "the disk is full" in answer.json["detail"], f"told: {answer}")
                return
            accepted.append(f"filling-{i}")
        self.wrong.append("2,000 posts were accepted by a full disk")

    def on_a_full_disk(self, stage, hook, accepted):
        for i in range(15):
            answer = add(stage, f"refused-{i}", "Too late.")
            if answer.status == 201:
                accepted.append(f"refused-{i}")
        self.require(not any(name.startswith("refused") for name in accepted), "nothing is accepted on a full disk")
        said = stage.calctl("add", "--to", "k", "Too late.")
        self.require(said.returncode == 7 and "the disk is full" in said.stderr, f"calctl: {said}")
        health = stage.api("GET", "/healthz")
        self.require(health.status == 503 and "disk is full" in health.json["detail"], f"healthz: {health}")
        self.require(stage.calctl("status").returncode == 6, "calctl status asks for attention")
        hook.release()
        try:
            wait_until(lambda: published(stage, "held"), 5, lambda: "")
        except AssertionError:
            self.wrong.append("the outcome of what was being sent is recorded")

    def run(self):
        due = second_after(2000)
        posts = {"early": (due, ("k",)), "late": (due + 8000, ("k",))}
        with Recorder() as hook, Disk(self.tmp_path / "disk") as disk:
            hook.script("hold", match="Post held.")
            stage = Stage(0, {"k": True}, posts, self.program, disk.path, ', parallel: 4')
            stage.log_path = self.tmp_path / "log"
            stage.write("cald.yaml", stage.config.read_text().replace("http://127.0.0.1:0", hook.url))
            with stage:
                stage.start()
                wait_until(lambda: published(stage, "early"), 20, stage.log)
                accepted = ["early", "late", "held"]
                assert add(stage, "held", "The one that is held.").status == 201
                wait_until(lambda: made(hook, "held"), 10, stage.log)
                self.fill_up(stage, disk, accepted)
                self.on_a_full_disk(stage, hook, accepted)
                before = len(hook.posts)
                time.sleep(max(0, due + 9500 - milliseconds()) / 1000)
                self.require(not made(hook, "late"), "nothing is sent while its outcome could not be stored")
                say(f"{len(accepted)} accepted, {before} made before the disk was full")
                stage.kill()
                stage.start()
                self.require(not made(hook, "late"), "nothing is sent on a full disk after a new start")
                disk.free()
                for post in accepted:
                    wait_until(lambda: published(stage, post), 60, lambda: f"{post}: {stage.log()[-3000:]}")
                self.require(add(stage, "after", "Room again.").status == 201, "accepts again")
                wait_until(lambda: published(stage, "after"), 20, stage.log)
                for post in accepted + ["after"]:
                    self.require(len(made(hook, post)) == 1, f"{post} was made {len(made(hook, post))} times")
                self.require("the disk has room again" in stage.log(), "says so")
                assert "Sanitizer" not in stage.log() and "bug:" not in stage.log(), stage.log()
        return self.wrong


def test_on_a_full_disk_nothing_is_accepted_or_sent_and_what_is_out_is_recorded(tmp_path):
    assert Play(CALD, tmp_path).run() == []


def test_a_cald_without_a_reserve_is_found_out(tmp_path):
    try:
        wrong = Play(mutant("NO_RESERVE"), tmp_path).run()
    except AssertionError as stuck:
        wrong = [str(stuck)]
    assert wrong


def test_a_cald_that_spends_the_reserve_on_new_posts_is_found_out(tmp_path):
    try:
        wrong = Play(mutant("SPEND_RESERVE"), tmp_path).run()
    except AssertionError as stuck:
        wrong = [str(stuck)]
    assert wrong

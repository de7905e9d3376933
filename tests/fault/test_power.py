"""
The power fails at random instants: what was acknowledged is there afterwards, and nothing goes out again.

The state is on a file system of its own in a file, ext4 or XFS. Its shutdown without flushing the journal is the cut:
what was not synced is gone when it is mounted again.
"""
import ctypes
import fcntl
import os
import random
import signal
import struct
import subprocess
import time
from pathlib import Path

import pytest

from stage import CALD, FULL, SEED, Oracle, Stage, mutant, say, second_after

# EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN are one number, as are their flags.
SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2
CLONE_NEWNS = 0x00020000  # sched.h
SIZES = {"ext4": 256 << 20, "xfs": 320 << 20}  # mkfs.xfs makes none below 300 MB; the file is sparse
MAKE = {"ext4": ["mkfs.ext4", "-q", "-F"], "xfs": ["mkfs.xfs", "-q", "-f"]}
CUTS = dict.fromkeys(SIZES, 100) if FULL else {"ext4": 7, "xfs": 4}
ACCOUNTS = {"k0": True, "k1": True, "n0": False, "n1": False}


def run(*words, check=True):
    try:
        done = subprocess.run(words, capture_output=True, text=True)
    except FileNotFoundError as problem:
        raise OSError(f"{words[0]} is not installed") from problem
    if check and done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.returncode == 0


class Disk:
    """A file system in a file, mounted at a folder, whose power can be cut."""

    def __init__(self, kind, image, folder):
        self.kind, self.image, self.folder = kind, str(image), str(folder)
        with open(image, "wb") as file:
            file.truncate(SIZES[kind])
        run(*MAKE[kind], self.image)
        os.makedirs(folder, exist_ok=True)
        self.mount()

    def mount(self):
        run("mount", "-o", "loop", self.image, self.folder)

    def cut(self):
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(descriptor)

    def unmount(self):
        for _ in range(600):
            if run("umount", self.folder, check=False):
                return
            time.sleep(0.1)
        run("umount", "-l", self.folder)


@pytest.fixture(scope="module", autouse=True)
def mounts():
    """Of our own: in another suite's namespace a copy of ours would keep a disk in use, and without power, for ever."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0 and libc.unshare(CLONE_NEWNS) == 0:
        run("mount", "--make-rprivate", "/")


@pytest.fixture(scope="module", params=list(SIZES))
def kind(request, tmp_path_factory):
    """The kinds of file system whose power can be cut here."""
    if os.geteuid() != 0:
        pytest.skip("not root: no file system can be mounted")
    folder = tmp_path_factory.mktemp(request.param)
    try:
        disk = Disk(request.param, folder / "image", folder / "mount")
    except OSError as problem:
        pytest.skip(f"no {request.param} can be mounted: {problem}")
    try:
        disk.cut()
    except OSError as problem:
        pytest.skip(f"{request.param} cannot be shut down: {problem}")
    finally:
        disk.unmount()
    return request.param


def add_until(stage, instant, chance):
    """Posts are accepted, and acknowledged, until then."""
    while (left := instant - time.monotonic()) > 0:
        if os.path.exists(stage.socket):  # on an XFS without power even that fails
            stage.add(chance.choice(list(ACCOUNTS)))
        time.sleep(max(0, min(left, chance.uniform(0, 0.05))))


def is_stopped(task):
    try:
        return (task / "stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return True  # ended meanwhile


def stand_still(process):
    """Stops it, and waits until no system call of it is under way."""
    process.send_signal(signal.SIGSTOP)
    end = time.monotonic() + 30
    while not all(map(is_stopped, Path(f"/proc/{process.pid}/task").iterdir())):
        assert time.monotonic() < end, "it does not stop"
        time.sleep(0.001)


def live_and_lose_power(stage, disk, chance):
    """
    A machine without power runs nothing. A file system that is shut down drops what it did not write, and a sync that is
    just looking may take that for written: what believes it would send. So there all stops first. On ext4 cald may live
    on without a disk: it acknowledges nothing any more.
    """
    stage.start()
    add_until(stage, time.monotonic() + chance.uniform(0.05, 1.2), chance)
    lives_on = disk.kind == "ext4" and chance.random() < 0.5
    stand_still(stage.process)
    disk.cut()
    if lives_on:
        stage.process.send_signal(signal.SIGCONT)
        add_until(stage, time.monotonic() + chance.choice((0, 0.2)), chance)
    stage.kill()
    disk.unmount()
    disk.mount()


def lose_power(program, kind, cuts, seed, tmp_path):
    chance = random.Random(seed)
    tmp_path.mkdir(exist_ok=True)
    faults = {"delay": 0.5, "delay_ms": 60, "cut": 0.02}
    seconds = max(5, cuts)
    start = second_after(1500)
    posts = {f"p{i:05}": (start + i // 8 * 1000, tuple(ACCOUNTS)) for i in range(seconds * 8)}
    with (Oracle(tmp_path / "oracle.log", seed, **faults) as oracle,
          Stage(oracle.port, ACCOUNTS, posts, program) as stage):
        disk = Disk(kind, tmp_path / "image", stage.state)
        try:
            for _ in range(cuts):
                live_and_lose_power(stage, disk, chance)
            oracle.calm()
            stage.start()
            stage.drain(900 if FULL else 60, doubts=FULL)
            stage.stop()
            report = stage.check(oracle)
        finally:
            stage.kill()
            disk.unmount()
    say(f"{kind}, seed {seed}, {cuts} power cuts, {stage.added} posts added: {report!r}".splitlines()[0])
    return report


def test_a_power_cut_loses_nothing_acknowledged_and_doubles_nothing(kind, tmp_path):
    report = lose_power(CALD, kind, CUTS[kind], SEED, tmp_path)
    assert not report.violations, report
    assert report.figures["went through unsure"], f"no cut hit a request: {report}"


@pytest.mark.parametrize("kind", list(SIZES) if FULL else ["ext4"], indirect=True)
def test_a_cald_that_does_not_sync_its_commits_is_found_out(kind, tmp_path):
    for seed in range(SEED, SEED + 5):
        if lose_power(mutant("SYNC_NORMAL"), kind, 3, seed, tmp_path / str(seed)).violations:
            return
    raise AssertionError("lost nothing: these cuts take nothing away")

"""A booted systemd with cald installed, for tests of the units: systemd-nspawn on an overlay of this machine's root.

    with Machine(release, scratch) as machine:
        machine.run("systemctl", "start", "cald")

Nothing of this machine changes: what is written goes to a tmpfs. The machine has its own network, loopback only.
Cannot says why it is not possible here.
"""
import os
import shutil
import subprocess
import time
from pathlib import Path

BOOT_PATIENCE = 40
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Cannot(Exception):
    """Machines do not boot here; the reason is the message."""


class Machine:
    def __init__(self, release, scratch):
        self.release, self.scratch = Path(release), Path(scratch)
        self.root = self.scratch / "root"
        self.nspawn = self.leader = None
        self.mounted = []

    # ---- from nothing to booted ----

    def mount(self, target, *arguments):
        target.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", *arguments, str(target)], capture_output=True, text=True)
        if done.returncode:
            raise Cannot(f"cannot mount: {done.stderr.strip()}")
        self.mounted.append(target)

    def make_root(self):
        layers = self.scratch / "layers"
        self.mount(layers, "-t", "tmpfs", "-o", "size=1g", "tmpfs")
        (layers / "upper").mkdir()
        (layers / "work").mkdir()
        self.mount(self.root, "-t", "overlay", "overlay", "-o",
                   f"lowerdir=/,upperdir={layers}/upper,workdir={layers}/work")
        subprocess.run(["cmake", "--install", self.release, "--prefix", "/usr"], check=True, capture_output=True,
                       env=dict(os.environ, DESTDIR=str(self.root)))
        shutil.rmtree(self.root / "etc/cald", ignore_errors=True)
        for unit in ("timers.target", "systemd-random-seed.service"):  # nothing of this machine's own duties
            link = self.root / "etc/systemd/system" / unit
            link.unlink(missing_ok=True)
            link.symlink_to("/dev/null")

    def boot(self):
        self.log = open(self.scratch / "boot.log", "w")
        self.nspawn = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--private-network",
             "--system-call-filter=openat2 bpf", "--capability=CAP_BPF", "--link-journal=no", "--console=read-only", f"--directory={self.root}",
             f"--machine=cald-test-{os.getpid()}", "systemd.unit=basic.target"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True,
            env=dict(os.environ, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY="1"))  # which filters of the units' traffic need
        self.wait("it did not boot", lambda: self.find_leader() and self.is_up(), BOOT_PATIENCE)

    def find_leader(self):
        if self.nspawn.poll() is not None:
            raise Cannot(f"systemd-nspawn ended: {self.boot_log()}")
        children = Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children").read_text().split()
        self.leader = children[0] if children else None
        return self.leader

    def is_up(self):
        return self.run("systemctl", "is-active", "basic.target", "dbus.socket", check=False).returncode == 0

    def boot_log(self):
        self.log.flush()
        return (self.scratch / "boot.log").read_text(errors="replace")[-2000:]

    def __enter__(self):
        if os.geteuid():
            raise Cannot("only root boots machines")
        for tool in ("systemd-nspawn", "nsenter"):
            if not shutil.which(tool):
                raise Cannot(f"there is no {tool}")
        try:
            self.make_root()
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.nspawn and self.nspawn.poll() is None:
            self.nspawn.terminate()  # an orderly shutdown
            try:
                self.nspawn.wait(15)
            except subprocess.TimeoutExpired:
                self.nspawn.kill()
                self.nspawn.wait()
        for target in reversed(self.mounted):
            subprocess.run(["umount", "-l", str(target)], capture_output=True)

    # ---- using it ----

    def command(self, *words):
        return ["nsenter", "-t", str(self.leader), "-a", "--", *map(str, words)]

    def run(self, *words, check=True, timeout=30, input=None):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=timeout, input=input,
                              env={"PATH": PATH, "LANG": "C.UTF-8"}, cwd="/")
        if check and done.returncode:
            raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def show(self, unit, name):
        return self.run("systemctl", "show", "--value", "-p", name, unit).stdout.strip()

    def pid(self, unit):
        return int(self.show(unit, "MainPID"))

    def journal(self, unit):
        return self.run("journalctl", "-u", unit, "--no-pager", "-o", "cat").stdout

    def file(self, path):
        """A file of the machine, from here."""
        return self.root / path.lstrip("/")

    def wait(self, what, done, patience=10):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            value = done()
            if value:
                return value
            time.sleep(0.05)
        raise Cannot(f"{what}: {self.boot_log()}") if what == "it did not boot" else AssertionError(what)

"""A network of its own for a test: a namespace with nothing but a loopback, packet filters, and a name server.

    with Namespace(folder) as network:
        subprocess.Popen([*network.inside, "cald", …])
        network.filter("output", "ip daddr @mute drop", sets=["mute"])
        network.add("mute", "127.1.0.3"); network.remove("mute", "127.1.0.3")

Of 127.0.0.0/8 every address is there: one for each fault. Needs root, unshare, nsenter and nft; else Unavailable.
"""
import shutil
import socket
import subprocess
import sys
from pathlib import Path

TABLE = "inet faults"


class Unavailable(Exception):
    pass


class Namespace:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.holder = None
        self.processes = []

    def __enter__(self):
        for tool in ("unshare", "nsenter", "ip", "nft", "mount"):
            if not shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin"):
                raise Unavailable(f"{tool} is not installed")
        (self.folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        setup = f'ip link set lo up && mount --bind "$0" /etc/resolv.conf && nft add table {TABLE} && echo up'
        self.holder = subprocess.Popen(["unshare", "--net", "--mount", "sh", "-c", f"{setup} && exec sleep 1000", str(self.folder / "resolv.conf")],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "up\n":
            why = self.holder.stderr.read().strip()
            self.__exit__()
            raise Unavailable(f"no network namespace: {why}")
        return self

    @property
    def inside(self):
        """What a command begins with that is to run in there; it stays the child of who starts it, also in a chroot."""
        return ["nsenter", f"--target={self.holder.pid}", "--net", "--mount", "--root", "--wd"]

    def start(self, *words):
        """A process that ends with the namespace; the first line that it prints."""
        process = subprocess.Popen([*self.inside, *words], stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        return process, process.stdout.readline().strip()

    def name_server(self):
        """A name server in there: see resolver.py. SIGUSR1: it answers everything well from now on."""
        return self.start(sys.executable, "-B", str(Path(__file__).with_name("resolver.py")))[0]

    def nft(self, rules):
        done = subprocess.run([*self.inside, "nft", "-f", "-"], input=rules, capture_output=True, text=True)
        if done.returncode:
            raise OSError(f"nft: {done.stderr.strip()}")

    def filter(self, rules):
        """rules: name of a set of addresses → what is done to the packets from ('ip saddr @SET') or to them."""
        sets = "".join(f"set {name} {{ type ipv4_addr; }}\n" for name in rules)
        lines = "".join(f"{rule}\n" for rule in rules.values())
        self.nft(f"table {TABLE} {{\n{sets}chain sent {{\ntype filter hook output priority 0\n{lines}}}\n}}\n")

    def add(self, name, address):
        self.nft(f"add element {TABLE} {name} {{ {address} }}\n")

    def remove(self, name, address):
        self.nft(f"delete element {TABLE} {name} {{ {address} }}\n")

    def left_behind(self, address):
        """Bytes to the address that the kernel still tries to send for a socket that its owner has closed."""
        words = subprocess.run([*self.inside, "cat", "/proc/net/tcp"], capture_output=True, text=True, check=True).stdout
        peer = socket.inet_aton(address)[::-1].hex().upper()
        rows = [line.split() for line in words.splitlines()[1:]]
        return sum(int(row[4].split(":")[0], 16) for row in rows if row[2].startswith(peer) and row[9] == "0")

    def __exit__(self, *_):
        for process in [*self.processes, self.holder]:
            process.kill()
            process.wait()
            process.stdout.close()
        self.holder.stderr.close()

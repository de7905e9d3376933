"""A real Ghost on loopback: npm's package, without the libraries that no test needs, on SQLite.

It is installed into $CALD_TEST_CACHE as the PDS is, whose compiled SQLite it uses. All its state is in the directory it is
given. It sends no mail, and asks nobody: what it would have connected to is in 'outgoing'.
"""
import fcntl
import http.cookiejar
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import urllib.request

from servers import CACHE, HERE, Pds, end, free_port, request, wait_for

OWNER = {"name": "Cal", "email": "cal@example.org", "password": "cal-pass-word-1", "blogTitle": "Chalet"}
SETTINGS = {"NODE_ENV": "production", "server__host": "127.0.0.1", "database__client": "sqlite3",
            "database__useNullAsDefault": "true", "privacy__useUpdateCheck": "false", "privacy__useGravatar": "false",
            "privacy__useRpcPing": "false", "sendWelcomeEmail": "false", "security__staffDeviceVerification": "false",
            "imageOptimization__resize": "false",  # which needs a library of its own
            "logging__transports": '["stdout"]', "backgroundJobs__emailAnalytics": "false"}


def install():
    """The directory that Ghost is in."""
    modules, ours = CACHE / "ghost/package", HERE / "ghost"
    wanted = (ours / "package.json").read_text()
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "ghost.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = modules / "installed.json"
        if mark.exists() and mark.read_text() == wanted:
            return modules
        shutil.rmtree(modules, ignore_errors=True)
        modules.parent.mkdir(exist_ok=True)
        unpack(modules, json.loads(wanted))
        subprocess.run(["npm", "install", "--ignore-scripts", "--omit=optional", "--legacy-peer-deps", "--no-audit",
                        "--no-fund", "--loglevel=error", "--maxsockets=30"], cwd=modules, check=True, stdout=subprocess.DEVNULL)
        mark.write_text(wanted)
    return modules


def unpack(modules, ours):
    """Ghost's dependencies come with it as files, so it must be what is installed and not a dependency itself."""
    done = subprocess.run(["npm", "pack", "--silent", "ghost@" + ours["ghost"]], cwd=modules.parent, check=True, capture_output=True,
                          text=True)
    archive = modules.parent / done.stdout.strip()
    with tarfile.open(archive) as tar:
        tar.extractall(modules.parent, [m for m in tar.getmembers() if not m.name.startswith("package/core/built/")])
    archive.unlink()
    (modules / "yarn.lock").unlink()
    package = json.loads((modules / "package.json").read_text())
    package["dependencies"] |= {name: version for name, version in package["optionalDependencies"].items() if name != "sqlite3"}
    package["overrides"] = {name: version for name, version in package["resolutions"].items() if ":" not in version}
    for unused in ("devDependencies", "optionalDependencies", "scripts", "resolutions"):
        package.pop(unused, None)
    stand_in(modules, package, ours)
    (modules / "package.json").write_text(json.dumps(package))


def stand_in(modules, package, ours):
    """Libraries that no test needs, and all that they need: workspaces of these names and versions are taken for them."""
    package["workspaces"] = ["instead/*"]
    for content in ("nothing", "copy"):
        for name, version in ours[content].items():
            place = modules / "instead" / name.replace("/", "-")
            place.mkdir(parents=True)
            (place / "package.json").write_text(json.dumps({"name": name, "version": version}))
            shutil.copy(HERE / "ghost" / (content + ".js"), place / "index.js")
            if name in package["dependencies"]:
                package["dependencies"][name] = version


class Ghost:
    """With an owner and an integration; key: its Admin API key."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = self.key = None
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def start(self):
        modules, sqlite = install(), Pds.install() / "node_modules/better-sqlite3"
        if not (self.directory / "content").exists():
            shutil.copytree(modules / "content", self.directory / "content")
        env = dict(os.environ, MODULES=str(modules), SQLITE=str(sqlite), STATE=str(self.directory), url=self.url,
                   server__port=str(self.port), paths__contentPath=str(self.directory / "content"),
                   database__connection__filename=str(self.directory / "ghost.db"), **SETTINGS)
        log = self.directory / "log"
        self.process = subprocess.Popen(["node", str(HERE / "ghost/server.cjs")], env=env, stdin=subprocess.DEVNULL,
                                        stdout=open(log, "ab"), stderr=subprocess.STDOUT, start_new_session=True)
        wait_for(self.url + "/ghost/api/admin/site/", self.process, log)
        self.key = self.key or self.set_up()
        return self

    def stop(self):
        end(self.process)
        self.process = None

    def set_up(self):
        """As the admin's pages do it: an owner, who logs in and makes an integration."""
        self.as_owner("POST", "authentication/setup/", {"setup": [OWNER]})
        self.as_owner("POST", "session/", {"username": OWNER["email"], "password": OWNER["password"]})
        made = self.as_owner("POST", "integrations/?include=api_keys", {"integrations": [{"name": "cald"}]})
        return next(key["secret"] for key in made["integrations"][0]["api_keys"] if key["type"] == "admin")

    def as_owner(self, method, path, body=None):
        asked = urllib.request.Request(f"{self.url}/ghost/api/admin/{path}", method=method,
                                       data=json.dumps(body).encode() if body is not None else None,
                                       headers={"Content-Type": "application/json", "Origin": self.url})
        with self.opener.open(asked, timeout=60) as answer:
            data = answer.read()
        return json.loads(data) if data.startswith(b"{") else None

    def posts(self, **only):
        """All posts that cald made or could have made, as the owner sees them; only: members that must be so."""
        found = self.as_owner("GET", "posts/?limit=all&formats=html,plaintext&include=tags,authors,newsletter,email&filter=status:-[none]")
        return [p for p in found["posts"] if all(p[name] == value for name, value in only.items()) and p["slug"] != "coming-soon"]

    def page(self, url):
        """(status, text) of what a reader gets."""
        status, _, body = request("GET", url)
        return status, body.decode()

    def outgoing(self):
        path = self.directory / "outgoing"
        return path.read_text().splitlines() if path.exists() else []

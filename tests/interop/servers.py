"""Real servers on loopback for the interop tests: the reference Bluesky PDS and WordPress.

Each is a class with start() and stop(); all state is in the directory it is given, so that it can be started again
with the same data. What they need is installed by config/install-packages interop (Debian) and, for the PDS, by npm
into $CALD_TEST_CACHE (default ~/.cache/cald-tests), once.
"""
import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("CALD_TEST_CACHE", pathlib.Path.home() / ".cache/cald-tests"))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def request(method, url, body=None, headers=None, timeout=60):
    """(status, headers, bytes); JSON bodies are encoded."""
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    req = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(req, timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read()


def wait_for(url, process, log, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if request("GET", url, timeout=5)[0] < 500:
                return
        except OSError:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"{url} did not start:\n" + pathlib.Path(log).read_text(errors="replace")[-4000:])


def end(process):
    if process and process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def npm_install(name, env=None, after=()):
    """The directory where npm has what NAME/package.json wants; installed once. after: commands that complete it."""
    modules, wanted = CACHE / name, (HERE / name / "package.json").read_text()
    modules.mkdir(parents=True, exist_ok=True)
    with open(CACHE / (name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # suites run in parallel
        mark = modules / "installed.json"
        if mark.exists() and mark.read_text() == wanted:
            return modules
        (modules / "package.json").write_text(wanted)
        install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
        for command in (install, *after):
            subprocess.run(command, cwd=modules, env=env, check=True, stdout=subprocess.DEVNULL)
        mark.write_text(wanted)
    return modules


class Pds:
    """The reference Bluesky PDS (npm @atproto/pds), with one account."""

    handle, password = "cal.test", "cal-pass-1"

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"  # plain http is accepted under this name only
        self.process = None

    @staticmethod
    def install():
        env = dict(os.environ, npm_config_build_from_source="true")
        prefix = pathlib.Path(shutil.which("node")).resolve().parent.parent
        if (prefix / "include/node/node.h").exists():
            env["npm_config_nodedir"] = str(prefix)  # headers of this very node, nothing is downloaded
        return npm_install("pds", env, [["npm", "rebuild", "better-sqlite3"],
                                        ["node", "-e", "new (require('better-sqlite3'))(':memory:')"]])

    def start(self):
        modules = self.install()
        log = self.directory / "log"
        env = dict(os.environ, STATE=str(self.directory), MODULES=str(modules), PDS_PORT=str(self.port),
                   LOG_ENABLED="true", LOG_DESTINATION=str(self.directory / "pds.log"), NODE_ENV="production")
        self.process = subprocess.Popen(["node", str(HERE / "pds/server.cjs")], env=env, stdin=subprocess.DEVNULL,
                                        stdout=open(log, "ab"), stderr=subprocess.STDOUT, start_new_session=True)
        wait_for(self.url + "/xrpc/_health", self.process, log)
        account = {"handle": self.handle, "email": "cal@example.test", "password": self.password}
        status, _, body = self.call("POST", "com.atproto.server.createAccount", account)
        if status != 200:
            status, _, body = self.call("POST", "com.atproto.server.createSession",
                                        {"identifier": self.handle, "password": self.password})
        assert status == 200, body
        self.did = json.loads(body)["did"]
        return self

    def stop(self):
        end(self.process)
        self.process = None

    def call(self, method, nsid, body=None, headers=None):
        return request(method, f"{self.url}/xrpc/{nsid}", body, headers)

    def posts(self):
        """All posts of the account, newest first: [{uri, cid, value}]."""
        posts, cursor = [], ""
        while True:
            status, _, body = self.call("GET", "com.atproto.repo.listRecords?repo=" + self.did +
                                        "&collection=app.bsky.feed.post&limit=100" + cursor)
            assert status == 200, body
            page = json.loads(body)
            posts += page["records"]
            if not page.get("cursor"):
                return posts
            cursor = "&cursor=" + page["cursor"]

    def blob(self, cid):
        status, headers, body = self.call("GET", f"com.atproto.sync.getBlob?did={self.did}&cid={cid}")
        assert status == 200, body
        return body


class WordPress:
    """Debian's WordPress on PHP's own server, with a private MariaDB on a Unix socket."""

    user = "cal"

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = self.process = self.sockets = None

    @staticmethod
    def is_installed():
        return pathlib.Path("/usr/share/wordpress/wp-login.php").exists() and shutil.which("mariadbd") and shutil.which("php")

    def start(self):
        self._start_database()
        www = self.directory / "www"
        if not www.exists():
            shutil.copytree("/usr/share/wordpress", www, symlinks=False,
                            ignore=shutil.ignore_patterns("languages"))
        (www / "wp-content/uploads").mkdir(parents=True, exist_ok=True)
        (www / "wp-config.php").write_text(self._configuration())
        php = ["php", "-d", "sendmail_path=/bin/true", "-d", "upload_max_filesize=64M", "-d", "post_max_size=64M"]
        done = subprocess.run(php + [str(HERE / "wordpress/setup.php"), str(www), self.url],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode or not done.stdout.strip():
            raise RuntimeError("WordPress was not set up:\n" + done.stdout + done.stderr)
        self.application_password = done.stdout.strip()
        log = self.directory / "log"
        self.process = subprocess.Popen(
            php + ["-S", f"127.0.0.1:{self.port}", "-t", str(www), str(HERE / "wordpress/router.php")],
            env=dict(os.environ, PHP_CLI_SERVER_WORKERS="4", WP_WWW=str(www)), stdin=subprocess.DEVNULL,
            stdout=open(log, "ab"), stderr=subprocess.STDOUT, start_new_session=True)
        wait_for(self.url + "/wp-json/", self.process, log)
        return self

    def _start_database(self):
        data, log = self.directory / "db", self.directory / "db.log"
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        if not (data / "mysql").is_dir():
            subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--user={user}", "--skip-test-db",
                            "--auth-root-authentication-method=normal"], check=True, stdout=open(log, "ab"),
                           stderr=subprocess.STDOUT)
        self.sockets = tempfile.mkdtemp(prefix="wpdb")  # a socket's path must be short
        self.socket = self.sockets + "/s"
        self.database = subprocess.Popen(
            ["mariadbd", "--no-defaults", f"--user={user}", f"--datadir={data}", f"--socket={self.socket}",
             "--skip-networking", f"--pid-file={self.directory}/db.pid", "--innodb-buffer-pool-size=32M"],
            stdin=subprocess.DEVNULL, stdout=open(log, "ab"), stderr=subprocess.STDOUT, start_new_session=True)
        for _ in range(300):
            made = subprocess.run(["mariadb", "--no-defaults", "-uroot", "-S", self.socket, "-e",
                                   "create database if not exists wp character set utf8mb4"], capture_output=True)
            if made.returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError("MariaDB did not start:\n" + log.read_text(errors="replace")[-4000:])

    def _configuration(self):
        keys = "".join(f"define('{k}', 'test {k}');\n" for k in
                       ("AUTH_KEY", "SECURE_AUTH_KEY", "LOGGED_IN_KEY", "NONCE_KEY",
                        "AUTH_SALT", "SECURE_AUTH_SALT", "LOGGED_IN_SALT", "NONCE_SALT"))
        return f"""<?php
define('DB_NAME', 'wp'); define('DB_USER', 'root'); define('DB_PASSWORD', ''); define('DB_HOST', 'localhost:{self.socket}');
define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
{keys}define('WP_HOME', '{self.url}'); define('WP_SITEURL', '{self.url}');
define('WP_ENVIRONMENT_TYPE', 'local'); // application passwords over plain http
define('WP_HTTP_BLOCK_EXTERNAL', true); define('AUTOMATIC_UPDATER_DISABLED', true); define('WP_AUTO_UPDATE_CORE', false);
define('WP_DEBUG', false); define('FS_METHOD', 'direct'); define('DISABLE_WP_CRON', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""

    def stop(self):
        end(self.process)
        end(self.database)
        if self.sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)
        self.process = self.database = self.sockets = None

    def call(self, method, path, body=None, headers=None):
        import base64
        token = base64.b64encode(f"{self.user}:{self.application_password}".encode()).decode()
        headers = dict(headers or {}, Authorization="Basic " + token)
        return request(method, f"{self.url}/wp-json/wp/v2{path}", body, headers)

    def posts(self, status="any"):
        """All posts with what the editor sees."""
        code, _, body = self.call("GET", f"/posts?per_page=100&context=edit&status={status}")
        assert code == 200, body
        return json.loads(body)

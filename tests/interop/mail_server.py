"""A real mail server on loopback: Debian's Exim, with STARTTLS, a login and local delivery into Maildirs.

It runs from one directory, without privileges: as who starts it, or as nobody when root does. It sends nothing on.
"""
import email
import email.policy
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time

from servers import end, free_port

EXIM = "/usr/sbin/exim4"
USER, PASSWORD = "redaction", "g3heim-und-lang-genug"
SIZE_LIMIT = 200_000

# Who is at lists.example.org. Mail to 'grey' is put off until the file 'released' is there; 'open' needs no login.
CONFIGURATION = """
primary_hostname = mail.example.org
spool_directory = {dir}/spool
log_file_path = {dir}/log/%s
pid_file_path = {dir}/exim.pid
exim_user = {uid}
exim_group = {group}
deliver_drop_privilege
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
message_size_limit = {size}
rfc1413_query_timeout = 0s
tls_advertise_hosts = *
tls_certificate = {dir}/cert.pem
tls_privatekey = {dir}/key.pem
auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}}}
domainlist here = lists.example.org
acl_smtp_rcpt = recipient
acl_smtp_data = message

begin acl
recipient:
  deny    !domains = +here
          message = relaying is not permitted
  require verify = recipient
  defer   local_parts = grey
          condition = ${{if !exists{{{dir}/released}}}}
          message = 4.7.1 greylisted, come back in a moment
  accept  local_parts = open
  accept  authenticated = *
  deny    message = 5.7.0 log in first
message:
  require verify = header_syntax
          verify = header_names_ascii
  accept

begin routers
mailbox:
  driver = accept
  domains = +here
  local_parts = list : grey : open : second
  transport = maildir

begin transports
maildir:
  driver = appendfile
  directory = {dir}/mail/$local_part_data
  maildir_format
  create_directory
  envelope_to_add
  return_path_add
  user = {user}

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{name}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{name}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
"""


class MailServer:
    def __init__(self, certificate):
        """certificate: (certificate, key), files."""
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="exim-", dir="/tmp"))
        self.port = free_port()
        self.process = None
        self.user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        for name, file in zip(("cert.pem", "key.pem"), certificate):
            shutil.copy(file, self.directory / name)
        for name in ("spool", "log", "mail"):
            (self.directory / name).mkdir()
        (self.directory / "exim.conf").write_text(CONFIGURATION.format(
            dir=self.directory, port=self.port, size=SIZE_LIMIT, user=self.user.pw_name, uid=self.user.pw_uid, group=self.user.pw_gid, name=USER, password=PASSWORD))
        if os.getuid() == 0:
            for path in (self.directory, *self.directory.rglob("*")):
                os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def start(self):
        become = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": [self.user.pw_gid]} if os.getuid() == 0 else {}
        with open(self.directory / "said", "ab") as said:
            self.process = subprocess.Popen([EXIM, "-C", self.directory / "exim.conf", "-bdf"], stdin=subprocess.DEVNULL, stdout=said,
                                            stderr=said, start_new_session=True, **become)
        limit = time.monotonic() + 60
        while not self.log("main") and time.monotonic() < limit and self.process.poll() is None:
            time.sleep(0.05)
        if "SMTP" not in self.log("main"):
            raise RuntimeError("Exim did not start:\n" + (self.directory / "said").read_text() + self.log("main") + self.log("panic"))
        return self

    def stop(self):
        end(self.process)
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self, name):
        path = self.directory / "log" / name
        return path.read_text(errors="replace") if path.exists() else ""

    def release(self):
        (self.directory / "released").touch()

    def files(self, mailbox):
        return sorted((self.directory / "mail" / mailbox / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)

    def mails(self, mailbox):
        """What was delivered there, as Python's parser reads it, which says of what is not as it should be."""
        policy = email.policy.default.clone(raise_on_defect=True)
        return [email.message_from_bytes(path.read_bytes(), policy=policy) for path in self.files(mailbox)]

"""Dovecot 2.3: the customers' mailboxes, the one that the desk reads, and Postfix's passwords.

Traps that cost a day each (they are the reason for most odd lines): Unix socket paths end at 107 bytes;
a static userdb needs first_valid_uid; wrong passwords are punished with 2 to 15 seconds unless told not
to; users' domains must be told apart in the passdb, or everybody exists.
"""
from __future__ import annotations

import pathlib
import subprocess

from .files import account, directory
from .process import spawn
from .say import Trouble
from .server import File, Server, greeting

CUSTOMERS = "customer.test"
BOXES = "box.test"  # the same for tests that want a mailbox for a queue
BILLING = "billing@desk.test"
SUBMITTER = "desk"

CONFIG = """\
base_dir = {dir}/run
state_dir = {dir}/state
instance_name = ticketloom
log_path = /dev/stderr
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {internal.name}
default_internal_group = {internal.group}
default_login_user = {login.name}
shutdown_clients = yes

ssl = yes
ssl_cert = <{tls.certificate}
ssl_key = <{tls.key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 1000

passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%Lu {dir}/passwords
}}
passdb {{
  driver = static
  username_filter = *@{customers} *@{boxes}
  args = password={customer_password}
}}
userdb {{
  driver = static
  args = uid={mail.name} gid={mail.group} home={dir}/mail/%Ld/%Ln
}}
first_valid_uid = 0
mail_location = maildir:~/Maildir
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no

namespace inbox {{
  inbox = yes
  separator = /
}}
protocol lmtp {{
  postmaster_address = postmaster@desk.test
}}

service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  client_limit = 1000
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  process_limit = 1000
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service auth {{
  client_limit = 4000
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
  client_limit = 4000
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
  client_limit = 4000
}}
"""


class Dovecot(Server):
    name = "dovecot"
    title = "Dovecot"
    programs = ("/usr/sbin/dovecot", "/usr/lib/dovecot/", "/usr/libexec/dovecot/", "/usr/bin/doveconf")
    port_names = ("imap",)

    def __init__(self, world):
        super().__init__(world)
        self.internal, self.login, self.mail = account("dovecot"), account("dovenull"), account("nobody")
        self.lmtp_socket = self.dir / "run" / "lmtp"
        self.sasl_socket = self.dir / "run" / "auth-postfix"

    @property
    def customer_password(self) -> str:
        return self.world.state.secret("imap-customers", 6)

    @property
    def billing_password(self) -> str:
        return self.world.state.secret("imap-billing", 6)

    @property
    def submission_password(self) -> str:
        return self.world.state.secret("submission", 12)

    def files(self) -> dict[pathlib.Path, File]:
        config = CONFIG.format(
            dir=self.dir, port=self.port(), tls=self.world.tls, internal=self.internal, login=self.login,
            mail=self.mail, customers=CUSTOMERS, boxes=BOXES, customer_password=self.customer_password)
        passwords = "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in (
            (BILLING, self.billing_password), (SUBMITTER, self.submission_password)))
        return {self.dir / "dovecot.conf": File(config, 0o600),
                self.dir / "passwords": File(passwords, 0o600, self.internal)}

    def prepare(self) -> None:
        version = subprocess.run(["/usr/sbin/dovecot", "--version"], capture_output=True, text=True).stdout
        if not version.startswith("2.3."):
            raise Trouble(f"this world's configuration is for Dovecot 2.3, not {version.split(' ')[0]}")
        self.world.tls.make()
        for name in ("run", "state"):
            directory(self.dir / name)
        # A zombie's id in this file would pass for a running Dovecot; start() has seen that there is none.
        (self.dir / "run" / "master.pid").unlink(missing_ok=True)
        directory(self.dir / "mail", 0o700, self.mail)

    def launch(self) -> int:
        return spawn(["/usr/sbin/dovecot", "-F", "-c", self.dir / "dovecot.conf"],
                     cwd=self.dir / "run", log=self.log, private=False)

    def answers(self) -> bool:
        return greeting(self.port(), b"* OK") and self.lmtp_socket.exists() and self.sasl_socket.exists()

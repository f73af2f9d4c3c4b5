"""Dovecot: the customers' mailboxes, the one that the desk reads, and Postfix's passwords.

Traps that cost a day each (they are the reason for most odd lines): Unix socket paths end at 107 bytes;
a static userdb needs first_valid_uid; wrong passwords are punished with 2 to 15 seconds unless told not
to; users' domains must be told apart in the passdb, or everybody exists.
"""
from __future__ import annotations

import functools
import pathlib
import re
import subprocess

from . import dovecot_config
from .files import account, directory
from .process import spawn
from .say import Trouble
from .server import File, Server, greeting

CUSTOMERS = "customer.test"
BOXES = "box.test"  # the same for tests that want a mailbox for a queue
BILLING = "billing@desk.test"
SUBMITTER = "desk"


@functools.cache
def version() -> tuple[int, int]:
    told = subprocess.run(["/usr/sbin/dovecot", "--version"], capture_output=True, text=True).stdout
    number = re.match(r"(\d+)\.(\d+)", told)
    if not number:
        raise Trouble(f"no version from dovecot --version: {told!r}")
    return int(number[1]), int(number[2])


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
        dialect = dovecot_config.V24 if version() >= (2, 4) else dovecot_config.V23
        config = (dialect["settings"] + dovecot_config.COMMON).format(
            keep_serving=dialect["keep_serving"],
            dir=self.dir, port=self.port(), tls=self.world.tls, internal=self.internal, login=self.login,
            mail=self.mail, customers=CUSTOMERS, boxes=BOXES, customer_password=self.customer_password)
        passwords = "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in (
            (BILLING, self.billing_password), (SUBMITTER, self.submission_password)))
        return {self.dir / "dovecot.conf": File(config, 0o600),
                self.dir / "passwords": File(passwords, 0o600, self.internal)}

    def prepare(self) -> None:
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

"""Postfix: customers' mail comes in here, the desk's goes out here, and none leaves the machine.

It has no DNS and no route but to Dovecot, to the desk and to ports of 127.0.0.1. Traps: young config
files make it slow, so all are made to look old; without root it wants fakeroot, whose preload must reach
the children; `postfix start` would hide the master.
"""
from __future__ import annotations

import functools
import os
import pathlib
import re
import signal
import smtplib
import ssl
import subprocess
import tempfile

from . import process
from .dovecot import BOXES, CUSTOMERS, SUBMITTER
from .files import am_root, directory, write
from .postfix_config import ACCESS, DESKS, MAIN, MASTER, ROUTES, RUN, STRIP
from .say import Trouble, until
from .server import File, Server, greeting

DAEMONS = "/usr/lib/postfix/sbin/"
OLD = 1577836800  # 2020-01-01


class Postfix(Server):
    name = "postfix"
    title = "Postfix"
    programs = (DAEMONS, "/usr/bin/faked", "/usr/bin/fakeroot")
    port_names = ("smtp", "submission")

    def files(self) -> dict[pathlib.Path, File]:
        etc = self.dir / "etc"
        values = dict(
            dir=self.dir, etc=etc, tls=self.world.tls, smtp=self.port("smtp"), submission=self.port("submission"),
            sasl=self.world.dovecot.sasl_socket, dovecot=self.world.dovecot.lmtp_socket, desk=self.port("lmtp"),
            customers=CUSTOMERS, boxes=BOXES, map_type=map_type(),
            preload="" if am_root() else " LD_PRELOAD LD_LIBRARY_PATH FAKEROOTKEY")
        return {etc / "main.cf": File(MAIN.format(**values)),
                etc / "master.cf": File(MASTER.format(**values)),
                etc / "routes": File(ROUTES.format(**values)),
                etc / "domains": File(f"/^(desk|bounce|defer|[ps][0-9]+)\\.test$/ OK\n/^{CUSTOMERS}$/ OK\n/^{BOXES}$/ OK\n"),
                etc / "access": File(ACCESS), etc / "strip": File(STRIP)}

    def prepare(self) -> None:
        self.world.tls.make()
        etc = self.dir / "etc"
        self._write_refusal()
        _make_old(*etc.iterdir())
        if not any(etc.glob("desks.*")):
            self._write_desks(etc / "desks")

    def _write_desks(self, path: pathlib.Path) -> None:
        write(path, "".join(DESKS.format(port) for port in range(1024, 65536)))
        _make_old(path)
        done = subprocess.run(["/usr/sbin/postmap", "-c", path.parent, f"{map_type()}:{path}"], capture_output=True, text=True)
        if done.returncode:
            raise Trouble(f"postmap failed:\n{done.stderr.strip()}")
        path.unlink()
        _make_old(*path.parent.iterdir())

    def launch(self) -> int:
        """The order of things in RUN is for fakeroot: what it pretends lasts as long as it does."""
        argv = ["/bin/sh", "-euc", RUN, "sh", str(self.dir), DAEMONS]
        pid = process.spawn(argv if am_root() else ["fakeroot", "--", *argv], cwd=directory(self.dir / "queue"),
                            log=self.log, private=False)
        return pid if am_root() else until("Postfix's master runs", lambda: self._master_of(pid), 10)

    def _master_of(self, pid: int) -> int | None:
        """Under fakeroot, the master is a grandchild of what was started."""
        family = process.descendants(pid)
        if not family:
            raise Trouble(f"Postfix ended at its start:\n{self.last_words()}")
        return next((p for p in family if _command_line(p).startswith(f"{DAEMONS}master\0".encode())), None)

    def answers(self) -> bool:
        return greeting(self.port("smtp"), b"220 ") and greeting(self.port("submission"), b"220 ")

    # --- refusing on demand ------------------------------------------------------------------------

    @property
    def refusal(self) -> str:
        return self.world.state.get("refuse", "off")

    def refuse(self, code: str) -> None:
        """Has submission answer every RCPT with `code`, or with sense again ("off").

        Connections that are open there end, since their servers have the old table in memory. The master is told nothing:
        as it reloads it ends its log's server and goes on logging, and sometimes waits for that one forever.
        """
        if not re.fullmatch(r"off|[45]\d\d", code):
            raise Trouble(f"refuse what? 4xx, 5xx or off, not {code!r}")
        self.world.state.set("refuse", code)
        if not self.pid():
            return
        self._write_refusal()
        stale = self._submission_children()
        process.send(stale, signal.SIGTERM)
        until("Postfix's old submission servers have ended", lambda: process.gone(stale), 10)
        if self.world.dovecot.pid():  # else nobody could log in to see
            until(f"submission answers RCPT with {code}", self._refuses_as_told, 20, 0.1)

    def _write_refusal(self) -> None:
        code, path = self.refusal, self.dir / "etc" / "refuse"
        write(path, "" if code == "off" else f"/^/ {code} {code[0]}.3.2 refused by dev/servers\n")
        _make_old(path)

    def _submission_children(self) -> set[int]:
        mark = f"127.0.0.1:{self.port('submission')}\0".encode()
        return {pid for pid in process.descendants(self.pid()) if mark in _command_line(pid)}

    def _refuses_as_told(self) -> bool:
        """Asks as the desk would: STARTTLS, AUTH, MAIL, RCPT."""
        context = ssl.create_default_context(cafile=str(self.world.tls.ca))
        try:
            with smtplib.SMTP("localhost", self.port("submission"), timeout=5) as smtp:
                smtp.starttls(context=context)
                smtp.login(SUBMITTER, self.world.dovecot.submission_password)
                smtp.mail("")
                answer = str(smtp.rcpt(f"nobody@{CUSTOMERS}")[0])
        except (OSError, smtplib.SMTPException):
            return False
        return answer == ("250" if self.refusal == "off" else self.refusal)


def _make_old(*paths: pathlib.Path) -> None:
    """Postfix reads a file of the last two seconds again and again, in naps of 0.3 s, until it looks settled."""
    for path in paths:
        os.utime(path, (OLD, OLD))


def _command_line(pid: int) -> bytes:
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@functools.cache
def map_type() -> str:
    """The kind of indexed table that this Postfix was built with.

    Asked with a configuration of our own: the system's may be missing, and is none of our business.
    """
    with tempfile.TemporaryDirectory() as empty:
        nothing = pathlib.Path(empty, "main.cf")
        nothing.touch()
        _make_old(nothing)
        told = subprocess.run(["/usr/sbin/postconf", "-c", empty, "-m"], capture_output=True, text=True)
    known = told.stdout.split()
    for kind in ("lmdb", "hash"):
        if kind in known:
            return kind
    raise Trouble(f"this Postfix has neither hash nor lmdb tables: {told.stdout}{told.stderr}")

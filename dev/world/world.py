"""The world: its servers in their order, one directory, one lock, and the files that tell others about it."""
from __future__ import annotations

import contextlib
import fcntl
import json
import pathlib

from . import ports, process
from .desk import Desk
from .dovecot import BILLING, CUSTOMERS, SUBMITTER, Dovecot
from .files import DEV, ROOT, directory, remove, write
from .postfix import Postfix
from .postgres import Postgres
from .say import Trouble, step
from .server import Server
from .state import State
from .synapse import ADMIN, SERVER_NAME, Synapse, user_id
from .tls import Tls


STACK = DEV / "stack.json"


class World:
    """One world in `dir`: the servers, and a desk if it has got one."""

    def __init__(self, dir: pathlib.Path):
        self.dir = directory(dir.resolve())
        self.state = State(self.dir / "state.json")
        self.tls = Tls(self.dir / "tls")
        self.postgres, self.synapse = Postgres(self), Synapse(self)
        self.dovecot, self.postfix = Dovecot(self), Postfix(self)
        # In the order in which they need each other.
        self.infrastructure: list[Server] = [self.postgres, self.synapse, self.dovecot, self.postfix]
        self.desk: Desk | None = None
        self._look_for_desk()

    @property
    def is_main(self) -> bool:
        """The one that dev/up leaves running, which .dev/stack.json tells of."""
        return self.dir.name == "world"

    @property
    def servers(self) -> list[Server]:
        return [*self.infrastructure, *([self.desk] if self.desk else [])]

    def _look_for_desk(self) -> None:
        if self.state.get("binary"):
            self.desk = Desk(self)

    def get_desk(self, binary: pathlib.Path) -> None:
        """From now on the world has a desk, which runs that binary."""
        self.state.set("binary", str(binary))
        self._look_for_desk()

    def open_media(self) -> None:
        """From its next start on, Synapse gives files to clients that only know the way without a login."""
        self.state.set("open_media", True)

    def lift_limits(self) -> None:
        """From its next start on, Synapse has no rate limits for anybody in this world."""
        self.state.set("unlimited", True)

    @classmethod
    def existing(cls, dir: pathlib.Path) -> World:
        if not (dir / "state.json").exists():
            raise Trouble(f"no world in {dir}")
        return cls(dir)

    @property
    def unlimited(self) -> bool:
        return bool(self.state.get("unlimited"))

    @contextlib.contextmanager
    def lock(self):
        """One command at a time; what another has changed meanwhile is read anew."""
        with open(self.dir / "lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.state = State(self.state.path)
            self._look_for_desk()
            yield

    def named(self, name: str) -> list[Server]:
        """The server of that name, or all of them."""
        chosen = [server for server in self.servers if name in ("all", server.name)]
        if not chosen:
            raise Trouble(f"no server {name!r}: {', '.join(s.name for s in self.servers)} or all")
        return chosen

    def running(self) -> bool:
        return all(server.pid() for server in self.servers)

    def start(self, servers: list[Server]) -> None:
        """Starts what isn't running, and restarts what is out of date.

        Others are restarted if that gave them a new configuration, by a port that had to be chosen anew.
        """
        self._settle_ports(servers)
        for server in self.servers:
            if server in servers and server.up_to_date() and server.answers():
                server.furnish()
            elif server in servers or (server.pid() and not server.well_configured()):
                with step(f"starting {server.title}"):
                    server.start()
        self.publish()

    def _settle_ports(self, servers: list[Server]) -> None:
        """Ports that somebody else has taken while our server was down are given up."""
        for server in servers:
            if server.pid():
                continue
            server.sweep()
            for name in server.port_names:
                if not ports.free(server.port(name)):
                    self.state.forget_port(name)

    def stop(self, servers: list[Server]) -> None:
        for server in reversed(servers):
            if server.pid() or server.members():
                with step(f"stopping {server.title}"):
                    server.stop()
        self.publish()

    def down(self, *, wipe: bool) -> None:
        """Ends all of it; with `wipe`, its data too."""
        ended = set(self.pids().values())
        self.stop(self.servers)
        process.reaped(ended)
        if self.desk and self.is_main:
            STACK.unlink(missing_ok=True)
        self.state.set("refuse", "off")
        if wipe:
            self.wipe()

    def kill(self, servers: list[Server]) -> None:
        for server in reversed(servers):
            server.kill()
        self.publish()

    def wipe(self) -> None:
        if self.desk:
            for path in (self.desk.config, self.desk.log):
                path.unlink(missing_ok=True)
        remove(self.dir)

    # --- for others ----------------------------------------------------------------------------------

    def pids(self) -> dict[str, int]:
        return {server.name: pid for server in self.servers if (pid := server.pid())}

    def publish(self) -> None:
        """servers.json has all that a test needs to know; stack.json what the outside may rely on."""
        if self.desk and self.is_main and self.state.get("rooms"):
            write(STACK, json.dumps(self.desk.stack(), indent=2) + "\n", 0o600)
        self._publish_servers()

    def _publish_servers(self) -> None:
        secret_file = self.dir / "submission-password"
        write(secret_file, self.dovecot.submission_password + "\n", 0o600)
        write(self.dir / "servers.json", json.dumps({
            "dir": str(self.dir),
            "root": str(ROOT),
            "homeserver": {
                "url": self.synapse.url, "server_name": SERVER_NAME,
                "registration_shared_secret": self.synapse.shared_secret,
                "admin_user": user_id(ADMIN), "admin_password": self.synapse.password(ADMIN),
                "admin_token": self.state.get("admin_token")},
            "database": {"url": self.postgres.url("ticketloom", "ticketloom"),
                         "admin_url": self.postgres.url("postgres", "postgres")},
            "smtp": {"host": "127.0.0.1", "port": self.postfix.port("smtp")},
            "submission": {
                "host": "localhost", "port": self.postfix.port("submission"), "user": SUBMITTER,
                "password": self.dovecot.submission_password, "password_file": str(secret_file),
                "ca_file": str(self.tls.ca)},
            "imap": {
                "host": "127.0.0.1", "port": self.dovecot.port(), "starttls": True, "ca_file": str(self.tls.ca),
                "customer_password": self.dovecot.customer_password, "billing_user": BILLING,
                "billing_password": self.dovecot.billing_password},
            "customer_domain": CUSTOMERS,
            "pids": self.pids()}, indent=2) + "\n", 0o600)

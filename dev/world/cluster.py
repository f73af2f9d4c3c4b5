"""Three PostgreSQL under Patroni with three etcd, behind HAProxy: started, hurt, and ended."""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import secrets
import signal
import sys
import time
import urllib.error
import urllib.request

from . import ports
from .files import DEV, account, directory, place, remove, write
from .postgres import binaries
from .process import descendants, gone, kill, send, spawn, started
from .say import Trouble, line, step, until, warn

NODES = (1, 2, 3)
FROZEN_ON = 10.0  # seconds that a frozen primary stays so when another is there
PROGRAMS = ("etcd", "patroni", "haproxy")

# As Patroni's own defaults, but quicker: ttl 30, loop_wait 10. Strict: without a standby that has it, nothing is acknowledged.
NODE = """\
scope: desk
name: node{n}
restapi: {{listen: '127.0.0.1:{api}', connect_address: '127.0.0.1:{api}'}}
etcd3: {{hosts: '{etcds}'}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 5
    retry_timeout: 5
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    synchronous_mode_strict: true
    failsafe_mode: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters: {{max_connections: 200, shared_buffers: 64MB, wal_keep_size: 128MB, hot_standby: 'on', wal_log_hints: 'on'}}
  initdb: [{{encoding: UTF8}}, data-checksums, {{locale: C.UTF-8}}]
  pg_hba:
  - host replication replicator 127.0.0.1/32 scram-sha-256
  - host all all 127.0.0.1/32 scram-sha-256
postgresql:
  listen: 127.0.0.1:{port}
  connect_address: 127.0.0.1:{port}
  data_dir: {dir}/pg{n}
  bin_dir: {binaries}
  pgpass: {dir}/run/pgpass{n}
  authentication:
    superuser: {{username: postgres, password: '{password}'}}
    replication: {{username: replicator, password: '{password}'}}
    rewind: {{username: rewinder, password: '{password}'}}
  parameters: {{unix_socket_directories: '{dir}/run'}}
"""

# `on-marked-down shutdown-sessions`: what a frozen or demoted primary still holds is ended, so the desk connects anew.
HAPROXY = """\
global
  maxconn 400
defaults
  mode tcp
  timeout connect 2s
  timeout client 30m
  timeout server 30m
  timeout check 2s
listen primary
  bind 127.0.0.1:{port}
  option httpchk GET /primary
  http-check expect status 200
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
{servers}"""


class Cluster:
    """What stands below .dev/cluster."""

    def __init__(self):
        self.dir = place("cluster")
        self.file = self.dir / "state.json"
        self.owner = account("postgres")
        self.state = json.loads(self.file.read_text()) if self.file.exists() else {}

    def save(self) -> None:
        write(self.file, json.dumps(self.state, indent=1), 0o600)

    def port(self, name: str) -> int:
        return self.state["ports"][name]

    def url(self, database: str) -> str:
        return f"postgres://postgres:{self.state['password']}@127.0.0.1:{self.port('haproxy')}/{database}"

    # --- processes ---

    def _spawn(self, name: str, argv: list[str]) -> None:
        pid = spawn(argv, cwd=self.dir, log=self.dir / f"{name}.log", owner=self.owner)
        self.state.setdefault("pids", {})[name] = [pid, started(pid)]
        self.save()

    def pid(self, name: str) -> int | None:
        pid, began = self.state.get("pids", {}).get(name, (0, None))
        return pid if pid and started(pid) == began and began else None

    def _postmaster(self, n: int) -> int | None:
        try:
            pid = int((self.dir / f"pg{n}" / "postmaster.pid").read_text().split()[0])
            owned = os.readlink(f"/proc/{pid}/cwd") == str(self.dir / f"pg{n}")
        except (OSError, ValueError, IndexError):
            return None
        return pid if owned else None

    def node(self, n: int) -> set[int]:
        """All processes of a node: Patroni, and PostgreSQL with what serves its connections."""
        found = set()
        for pid in (self.pid(f"patroni{n}"), self._postmaster(n)):
            found |= descendants(pid) if pid else set()
        return found

    # --- verbs ---

    def up(self) -> None:
        if self.pid("haproxy"):
            return line(self.url("postgres"))
        self.down()
        directory(self.dir, 0o755)
        names = ["haproxy", *(f"{what}{n}" for n in NODES for what in ("etcd", "peer", "pg", "api"))]
        taken: set[int] = set()
        chosen = {}
        for name in names:
            chosen[name] = ports.choose(taken)
            taken.add(chosen[name])
        self.state = {"ports": chosen, "password": secrets.token_hex(12)}
        self.save()
        directory(self.dir / "run", 0o700, self.owner)
        with step("three etcd, three PostgreSQL under Patroni, HAProxy"):
            self._etcds()
            for n in NODES:
                directory(self.dir / f"pg{n}", 0o700, self.owner)
                write(self.dir / f"node{n}.yml", NODE.format(
                    n=n, api=self.port(f"api{n}"), port=self.port(f"pg{n}"), dir=self.dir, binaries=binaries(),
                    password=self.state["password"],
                    etcds=",".join(f"127.0.0.1:{self.port(f'etcd{m}')}" for m in NODES)), 0o600, self.owner)
                self.start_node(n)
                if n == 1:
                    until("the first is the primary", lambda: self.leader() == 1, 90, 0.3)
            servers = "".join(f"  server node{n} 127.0.0.1:{self.port(f'pg{n}')} check port {self.port(f'api{n}')}\n"
                              for n in NODES)
            write(self.dir / "haproxy.cfg", HAPROXY.format(port=self.port("haproxy"), servers=servers), 0o644)
            self._spawn("haproxy", ["/usr/sbin/haproxy", "-f", str(self.dir / "haproxy.cfg"), "-db"])
            self.whole()
        line(self.url("postgres"))

    def _etcds(self) -> None:
        peers = ",".join(f"e{n}=http://127.0.0.1:{self.port(f'peer{n}')}" for n in NODES)
        for n in NODES:
            client, peer = (f"http://127.0.0.1:{self.port(f'{what}{n}')}" for what in ("etcd", "peer"))
            directory(self.dir / f"etcd{n}", 0o700, self.owner)
            self._spawn(f"etcd{n}", [
                "etcd", "--name", f"e{n}", "--data-dir", str(self.dir / f"etcd{n}"), "--logger", "zap", "--log-level", "warn",
                "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--initial-cluster", peers, "--initial-cluster-state", "new"])

    def start_node(self, n: int) -> None:
        self._spawn(f"patroni{n}", ["/usr/bin/patroni", str(self.dir / f"node{n}.yml")])

    def members(self, but: int | None = None) -> list[dict]:
        for n in NODES:
            if n != but:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{self.port(f'api{n}')}/cluster", timeout=2) as answer:
                        return json.load(answer)["members"]
                except (OSError, ValueError):
                    pass
        return []

    def leader(self, but: int | None = None) -> int | None:
        """The primary's number, as Patroni's nodes say, but for one that is not to be asked and is not meant."""
        found = [int(m["name"][4:]) for m in self.members(but) if m["role"] == "leader" and m["state"] == "running"]
        return next((n for n in found if n != but), None)

    def whole(self) -> None:
        """Waits until all three are there, and one of them has all that is acknowledged."""
        def looks() -> bool:
            members = self.members()
            well = [m for m in members if m["state"] in ("running", "streaming")]
            return len(well) == 3 and any(m["role"] == "sync_standby" for m in members)
        until("three nodes, one of them synchronous", looks, 180, 0.5)

    def status(self) -> int:
        for member in self.members():
            line(f"{member['name']} {member['role']:13} {member['state']:10} timeline {member.get('timeline', '-')}")
        for name in (f"etcd{n}" for n in NODES):
            line(f"{name} {'runs' if self.pid(name) else 'is stopped'}")
        line(f"haproxy {'runs' if self.pid('haproxy') else 'is stopped'}")
        return 0 if self.pid("haproxy") and self.leader() else 3

    def _another(self, old: int) -> float:
        began = time.monotonic()
        until("another primary", lambda: self.leader(but=old), 120, 0.2)
        return time.monotonic() - began

    def kill_primary(self) -> float:
        old = self._primary()
        kill(lambda: self.node(old), f"node{old}")
        took = self._another(old)
        self.start_node(old)
        return took

    def freeze_primary(self) -> float:
        old = self._primary()
        frozen = self.node(old)
        send(frozen, signal.SIGSTOP)
        try:
            took = self._another(old)
            # Thawed in the very moment of the promotion, without a watchdog, it takes the lock back and there are two: docs/operating.md.
            time.sleep(FROZEN_ON)
            return took
        finally:
            send(frozen, signal.SIGCONT)

    def switchover(self) -> float:
        old = self._primary()
        target = next((m["name"] for m in self.members() if m["role"] == "sync_standby"), None)
        if not target:
            raise Trouble("there is no synchronous standby to switch to")
        order = json.dumps({"leader": f"node{old}", "candidate": target}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port(f'api{old}')}/switchover", order,
                                         {"Content-Type": "application/json"})
        began = time.monotonic()
        try:
            urllib.request.urlopen(request, timeout=60).close()
        except urllib.error.HTTPError as error:
            raise Trouble(f"Patroni refuses: {error.read().decode(errors='replace')}") from None
        until("the other is the primary", lambda: self.leader() not in (None, old), 60, 0.2)
        return time.monotonic() - began

    def _primary(self) -> int:
        return until("a primary", self.leader, 60, 0.2)

    def down(self) -> None:
        """Ends what we started, by its number and start, and removes what it wrote."""
        names = list(self.state.get("pids", {}))
        pids = {pid for pid in map(self.pid, names) if pid}
        for n in NODES:
            pids |= self.node(n)
        send(pids, signal.SIGCONT)
        send({pid for name in names if (pid := self.pid(name)) and not name.startswith("etcd")}, signal.SIGTERM)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and not gone({p for n in NODES for p in self.node(n)}):
            time.sleep(0.2)
        kill(lambda: {pid for pid in map(self.pid, names) if pid} | {p for n in NODES for p in self.node(n)}, "the cluster")
        self.state = {}
        remove(DEV / "cluster")


VERBS = {"kill-primary": Cluster.kill_primary, "freeze-primary": Cluster.freeze_primary, "switchover": Cluster.switchover}


def main() -> int:
    parser = argparse.ArgumentParser(prog="dev/cluster", description="PostgreSQL that survives a machine, on this one.")
    parser.add_argument("verb", nargs="?", choices=("up", "status", *VERBS, "down"))
    parser.add_argument("--check", action="store_true", help="two desks under load through all three faults")
    parser.add_argument("--rounds", type=int, default=1, help="how often each (1)")
    parser.add_argument("--world", type=pathlib.Path, help="servers.json of a world with a homeserver, for commands")
    parser.add_argument("--binary", type=pathlib.Path, help="run this desk instead of building one")
    arguments = parser.parse_args()
    if arguments.check == bool(arguments.verb):
        parser.error("a verb, or --check")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    cluster = Cluster()
    try:
        if arguments.check:
            from .cluster_check import check
            return check(cluster, arguments)
        if arguments.verb in VERBS:
            took = VERBS[arguments.verb](cluster)
            line(f"another primary after {took:.1f} s")
            with step("all three are there again"):
                cluster.whole()
            return 0
        return getattr(cluster, arguments.verb)() or 0
    except Trouble as trouble:
        warn(f"{trouble}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

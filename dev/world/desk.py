"""The desk itself: built, configured, given its queues and agents, and run as whoever called us."""
from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
from dataclasses import dataclass

from . import http
from .dovecot import BILLING, SUBMITTER
from .files import DEV, ROOT, directory
from .process import spawn
from .say import Trouble, step, until
from .server import File, Server
from .synapse import ADMIN, BOT, SERVER_NAME, user_id


@dataclass(frozen=True)
class Queue:
    name: str
    intake: str = "lmtp"
    encrypted: bool = False

    @property
    def address(self) -> str:
        return f"{self.name}@{SERVER_NAME}"

    @property
    def options(self) -> list[str]:
        return ["--intake", self.intake, "--posting", "members", *(["--encrypted"] if self.encrypted else [])]


QUEUES = (
    Queue("support"),
    Queue("billing", intake="imap"),
    Queue("private", encrypted=True),
)
AGENTS = (("alice", "agent"), ("bob", "agent"), ("walter", "observer"), (ADMIN, "admin"))

CONFIG = """\
[desk]
name = "Example Help Desk"
state_dir = "{dir}/state"
answer_delay = "2s"
automatic_an_hour = 10000

[database]
url = "{database}"

[matrix]
homeserver = "{homeserver}"
user = "{bot}"
password_file = "{dir}/matrix-password"

[lmtp]
listen = "127.0.0.1:{lmtp}"

[[imap]]
queue = "billing"
host = "127.0.0.1"
port = {imap}
tls = "starttls"
user = "{billing}"
password_file = "{dir}/imap-password"
ca_file = "{ca}"

[smtp]
host = "localhost"
port = {submission}
tls = "starttls"
user = "{submitter}"
password_file = "{dir}/smtp-password"
ca_file = "{ca}"
retry_unknown = "5s"

[http]
listen = "127.0.0.1:{http}"

[web]
listen = "127.0.0.1:{web}"
url = "http://127.0.0.1:{web}"

[log]
format = "text"
"""


def build(release: bool) -> pathlib.Path:
    """Has cargo build the binary; returns its path."""
    if not shutil.which("cargo"):
        raise Trouble("cargo is not on the PATH: Rust is the one thing that must be there already")
    with step("building the desk" + (" (release)" if release else ""), noisy=True):
        done = subprocess.run(
            ["cargo", "build", "--bin", "ticketloom", "--locked", *(["--release"] if release else [])],
            cwd=ROOT, env={**os.environ, "SQLX_OFFLINE": "true"})
        if done.returncode:
            raise Trouble("the desk does not build")
    target = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
    return target / ("release" if release else "debug") / "ticketloom"


class Desk(Server):
    name = "ticketloom"
    title = "the desk"
    port_names = ("lmtp", "http", "web")
    stop_patience = 30.0

    def __init__(self, world):
        super().__init__(world)
        self.config = (DEV if world.is_main else self.dir) / "ticketloom.toml"
        self.binary = pathlib.Path(world.state.get("binary"))

    @property
    def log(self) -> pathlib.Path:
        return DEV / "log" / "ticketloom.log" if self.world.is_main else super().log

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port('http')}"

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.port('web')}"

    def files(self):
        world = self.world
        text = CONFIG.format(
            dir=self.dir, database=world.postgres.url("ticketloom", "ticketloom"), homeserver=world.synapse.url,
            bot=user_id(BOT), lmtp=self.port("lmtp"), imap=world.dovecot.port(), billing=BILLING, ca=world.tls.ca,
            submission=world.postfix.port("submission"), submitter=SUBMITTER, http=self.port("http"), web=self.port("web"))
        secrets = {"matrix": world.synapse.password(BOT), "imap": world.dovecot.billing_password,
                   "smtp": world.dovecot.submission_password}
        return {self.config: File(text, 0o600)} | {
            self.dir / f"{name}-password": File(secret + "\n", 0o600) for name, secret in secrets.items()}

    def version(self) -> str:
        """A desk that was built anew, or has another queue, is to be restarted too."""
        try:
            built = self.binary.stat()
        except FileNotFoundError:
            return "gone"
        return f"{self.binary} {built.st_size} {built.st_mtime_ns} {QUEUES} {AGENTS}"

    def prepare(self) -> None:
        if not self.binary.exists():
            raise Trouble(f"{self.binary} is gone: dev/up builds it")
        directory(self.dir / "state", 0o700)
        directory(self.log.parent)
        self.run("migrate")
        for queue in QUEUES:
            self.run("queue", "add", queue.name, queue.address, *queue.options)
        for name, role in AGENTS:
            self.run("agent", "add", user_id(name), "--role", role)
        if not self.world.state.get("api_token"):
            said = self.run("token", "add", user_id(ADMIN), "--scopes", "read,note,write,mail")
            self.world.state.set("api_token", said.splitlines()[0])

    def run(self, *arguments: str) -> str:
        """What one of the desk's subcommands prints."""
        done = subprocess.run([self.binary, "--config", self.config, *arguments], cwd=ROOT, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode:
            raise Trouble(f"ticketloom {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}\n"
                          "(if it is this world's old data that is in the way: dev/down --wipe)")
        return done.stdout

    def launch(self) -> int:
        return spawn([str(self.binary), "--config", str(self.config), "run"], cwd=ROOT, log=self.log, env=dict(os.environ))

    def answers(self) -> bool:
        return http.healthy(self.url + "/health")

    def furnish(self) -> None:
        """Waits until every queue has its room and everybody is invited to it."""
        self.world.state.set("rooms", until("every queue has a room with all agents invited", self._rooms, 60, 0.2))

    def _rooms(self) -> dict[str, str] | None:
        listed = {queue["name"]: queue["room_id"] for queue in json.loads(self.run("queue", "list", "--json"))}
        rooms = {queue.name: listed.get(queue.name) for queue in QUEUES}
        wanted = {user_id(name) for name, _ in AGENTS}
        complete = all(room and wanted <= self._people(room) for room in rooms.values())
        return rooms if complete else None

    def _people(self, room: str) -> set[str]:
        """Who is in the room or invited."""
        try:
            state = self.world.synapse.admin("GET", f"/_synapse/admin/v1/rooms/{http.quoted(room)}/state")["state"]
        except http.Refused as refused:
            # Its database was just started again: it finds that out with the first question.
            if refused.status < 500:
                raise
            return set()
        return {event["state_key"] for event in state
                if event["type"] == "m.room.member" and event["content"].get("membership") in ("join", "invite")}

    def stack(self) -> dict:
        """.dev/stack.json, as contract.md has it."""
        world = self.world
        people = {name: {"user_id": user_id(name), "password": world.synapse.password(name)} for name, _ in AGENTS}
        rooms = world.state.get("rooms", {})
        return {
            "homeserver": {"url": world.synapse.url, "server_name": SERVER_NAME},
            "bot": {"user_id": user_id(BOT), "pid": self.pid(), "binary": _relative(self.binary),
                    "config": _relative(self.config), "log": _relative(self.log)},
            "agents": [people[name] for name, role in AGENTS if role == "agent"],
            "observer": people["walter"],
            "admin": people[ADMIN],
            "queues": [{"name": queue.name, "address": queue.address, "room_id": rooms.get(queue.name),
                        "intake": queue.intake, "encrypted": queue.encrypted} for queue in QUEUES],
            "smtp": {"host": "127.0.0.1", "port": world.postfix.port("smtp")},
            "customers": {"domain": "customer.test", "imap": {
                "host": "127.0.0.1", "port": world.dovecot.port(), "password": world.dovecot.customer_password}},
            "database_url": world.postgres.url("ticketloom", "ticketloom"),
            "http": self.url,
            "page": self.page,
            "api": {"url": self.page + "/api/v1", "token": world.state.get("api_token")},
            "pids": world.pids(),
        }


def _relative(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)

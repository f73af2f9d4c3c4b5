"""Two desks on the cluster under load, while its primary is killed, frozen and switched over; and a ledger of what they took."""
from __future__ import annotations

import argparse
import collections
import json
import os
import pathlib
import secrets
import signal
import smtplib
import subprocess
import threading
import time

import psycopg2

from . import desk, http, ports
from .cluster import VERBS, Cluster
from .files import directory
from .say import Trouble, line, step, until
from .sink import Sink

WRITERS = 4
SETTLED = 5.0  # seconds of load before a fault and after all nodes are back
QUEUE = "support@desk.test"

CONFIG = """\
[desk]
state_dir = "{dir}/state{n}"
automatic_an_hour = 10000
[database]
url = "{database}"
[matrix]
homeserver = "{homeserver}"
user = "{bot}"
password = "{password}"
[smtp]
host = "127.0.0.1"
port = {sink}
tls = "none"
[lmtp]
listen = "127.0.0.1:{lmtp}"
[http]
listen = "127.0.0.1:{http}"
[log]
format = "text"
"""


class Gaps:
    """When something last went well, and how long nothing did."""

    def __init__(self):
        self.lock, self.last, self.longest = threading.Lock(), time.monotonic(), 0.0

    def well(self) -> None:
        with self.lock:
            now = time.monotonic()
            self.longest, self.last = max(self.longest, now - self.last), now

    def take(self) -> float:
        """The longest since the last call."""
        with self.lock:
            longest = max(self.longest, time.monotonic() - self.last)
            self.longest, self.last = 0.0, time.monotonic()
            return longest


class Load:
    """Customers whose mail server tries again what is refused, and an agent; and what was acknowledged to them."""

    def __init__(self, run: Run):
        self.run, self.stop = run, threading.Event()
        self.mails: list[str] = []
        self.notes: list[tuple[str, str]] = []
        self.refused = collections.Counter()
        self.mail_gaps, self.note_gaps = Gaps(), Gaps()
        self.threads = [threading.Thread(target=self._write, args=(n,), daemon=True) for n in range(WRITERS)]
        if run.agent:
            self.threads.append(threading.Thread(target=self._note, daemon=True))

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(120)
            if thread.is_alive():
                raise Trouble("a customer's mail server still waits for an answer after 120 s")

    def _write(self, writer: int) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            self._deliver(f"{writer}-{number}-{self.run.tag}", number)
            time.sleep(0.1)

    def _deliver(self, name: str, number: int) -> None:
        """Until it is taken, as an MTA does: the same mail, by whichever desk."""
        mail = (f"From: <c{name}@customer.test>\r\nTo: <{QUEUE}>\r\nSubject: Mail {name}\r\nMessage-ID: <{name}@customer.test>\r\n"
                f"Date: Fri, 27 Nov 2026 10:00:00 +0000\r\n\r\nPlease help with {name}.\r\n")
        while True:
            number += 1
            try:
                with smtplib.LMTP("127.0.0.1", self.run.lmtp[number % 2], timeout=60) as client:
                    client.sendmail(f"c{name}@customer.test", [QUEUE], mail)
                self.mails.append(name)
                return self.mail_gaps.well()
            except smtplib.SMTPRecipientsRefused as refused:
                code = next(iter(refused.recipients.values()))[0]
            except smtplib.SMTPResponseException as refused:
                code = refused.smtp_code
            except OSError as error:
                code = type(error).__name__
            self.refused[str(code)] += 1
            if isinstance(code, int) and code >= 500:
                raise Trouble(f"a mail was refused for good: {code}")
            time.sleep(0.3)

    def _note(self) -> None:
        while not self.stop.is_set():
            text = f"note {len(self.notes)} {self.run.tag}"
            event = self.run.agent.say(self.run.room, self.run.card, f"!note {text}")
            self.notes.append((text, event))
            self.note_gaps.well()
            time.sleep(0.5)


class Person:
    """A Matrix user of our own."""

    def __init__(self, world: dict, name: str):
        self.url, home = world["homeserver"]["url"], world["homeserver"]
        self.user_id, self.password = f"@{name}:{home['server_name']}", secrets.token_hex(8)
        http.call("PUT", f"{self.url}/_synapse/admin/v2/users/{http.quoted(self.user_id)}", {"password": self.password},
                  token=home["admin_token"])
        self.token = self.ask("POST", "/login", {"type": "m.login.password", "password": self.password,
                                                 "identifier": {"type": "m.id.user", "user": self.user_id}})["access_token"]

    def ask(self, method: str, path: str, body: dict | None = None, query: dict | None = None) -> dict:
        token = getattr(self, "token", None)
        return http.call(method, f"{self.url}/_matrix/client/v3{path}", body, token=token, query=query, timeout=60)

    def say(self, room: str, root: str, text: str) -> str:
        content = {"msgtype": "m.text", "body": text, "m.mentions": {},
                   "m.relates_to": {"rel_type": "m.thread", "event_id": root, "is_falling_back": True,
                                    "m.in_reply_to": {"event_id": root}}}
        return self.ask("PUT", f"/rooms/{http.quoted(room)}/send/m.room.message/{secrets.token_hex(8)}", content)["event_id"]

    def events(self, room: str) -> list[dict]:
        """All of a room, newest first."""
        events, token = [], None
        while True:
            query = {"dir": "b", "limit": 500} | ({"from": token} if token else {})
            page = self.ask("GET", f"/rooms/{http.quoted(room)}/messages", query=query)
            events += page["chunk"]
            token = page.get("end")
            if not token:
                return events


class Run:
    """Two desks on the cluster."""

    def __init__(self, cluster: Cluster, binary: pathlib.Path, world: dict | None):
        self.cluster, self.binary, self.world = cluster, binary, world
        self.tag = secrets.token_hex(4)
        self.dir = directory(cluster.dir / f"desks-{self.tag}", 0o700)
        self.database = f"desk_{self.tag}"
        self.desks: list[subprocess.Popen] = []
        self.sink = Sink()
        self.lmtp: list[int] = []
        self.http: list[int] = []
        self.agent = self.bot = self.room = self.card = None

    def sql(self, question: str, database: str | None = None) -> list[tuple]:
        connection = psycopg2.connect(self.cluster.url(database or self.database))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(question)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def open(self) -> None:
        self.sql(f"create database {self.database}", "postgres")
        if self.world:
            self.bot, self.agent = Person(self.world, f"bot-{self.tag}"), Person(self.world, f"agent-{self.tag}")
        taken = set(self.cluster.state["ports"].values())
        for n in range(2):
            for chosen in (self.lmtp, self.http):
                chosen.append(ports.choose(taken))
                taken.add(chosen[-1])
            directory(self.dir / f"state{n}", 0o700)
            config = self.dir / f"{n}.toml"
            config.write_text(CONFIG.format(
                dir=self.dir, n=n, sink=self.sink.port, database=self.cluster.url(self.database), lmtp=self.lmtp[n], http=self.http[n],
                homeserver=self.world["homeserver"]["url"] if self.world else "http://127.0.0.1:9",
                bot=self.bot.user_id if self.bot else "@bot:desk.test", password=self.bot.password if self.bot else "none"))
            config.chmod(0o600)
        orders = [["migrate"], ["queue", "add", "support-" + self.tag, QUEUE]]
        for order in orders + ([["agent", "add", self.agent.user_id]] if self.agent else []):
            done = subprocess.run([self.binary, "--config", self.dir / "0.toml", *order], text=True, capture_output=True)
            if done.returncode:
                raise Trouble(f"ticketloom {' '.join(order)}: {done.stdout}{done.stderr}")
        for n in range(2):
            log = open(self.dir / f"{n}.log", "ab")
            self.desks.append(subprocess.Popen([self.binary, "--config", self.dir / f"{n}.toml", "run"], stdout=log, stderr=log))
        until("both desks answer", lambda: all(http.healthy(f"http://127.0.0.1:{port}/health") for port in self.http), 60)
        if self.agent:
            self._furnish()

    def _furnish(self) -> None:
        room = "select room_id from room join queue using (queue_id) where room.purpose = 'queue'"
        self.room = until("the queue has its room", lambda: self.sql(room), 120, 0.5)[0][0]
        def joins() -> bool:
            try:
                return bool(self.agent.ask("POST", f"/join/{http.quoted(self.room)}", {}))
            except http.Refused:
                return False
        until("the agent is in the room", joins, 60, 0.5)
        with smtplib.LMTP("127.0.0.1", self.lmtp[0], timeout=30) as client:
            client.sendmail("first@customer.test", [QUEUE], f"From: first@customer.test\r\nTo: {QUEUE}\r\nSubject: First\r\n"
                            f"Message-ID: <first-{self.tag}@customer.test>\r\n\r\nHelp.\r\n")
        root = "select event_id from article where event_id is not null limit 1"
        self.card = until("its card", lambda: self.sql(root), 60, 0.5)[0][0]

    def close(self) -> None:
        for process in self.desks:
            process.send_signal(signal.SIGTERM)
        for process in self.desks:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()

    # --- the ledger against the record ---

    def compare(self, load: Load) -> collections.Counter:
        """Waits until all that was taken is done, and counts what is wrong."""
        left = ("select count(*) from job where run_at < now() + interval '1 hour' and kind not in ('QueueBoard', 'HomeBoard')"
                + ("" if self.agent else " and kind in ('ReadMail', 'ReadEvent', 'Letter')"))
        until("all is done", lambda: self.sql(left) == [(0,)], 600, 1)
        wrong = collections.Counter()
        read = collections.Counter(subject for (subject,) in self.sql("select subject from ticket"))
        for name in load.mails:
            count = read[f"Mail {name}"]
            wrong["mails lost"] += count == 0
            wrong["mails doubled"] += count > 1
        for state, name in self.sql("select state, message_id from letter where automatic"):
            copies = self.sink.copies[name.strip("<> ")]
            wrong["acknowledgements lost"] += state == "sent" and copies == 0
            # Of which nobody knows whether it went out, none is sent again.
            wrong["acknowledgements doubled"] += copies > 1
        given_up = self.sql("select count(*) from dead_job")[0][0]
        wrong["jobs given up"] += given_up
        if self.agent:
            self._compare_room(load, wrong)
        return wrong

    def _compare_room(self, load: Load, wrong: collections.Counter) -> None:
        taken = collections.Counter(text for (text,) in self.sql("select text from article where kind = 'note'"))
        events = self.agent.events(self.room)
        marks = collections.Counter()
        cards, keys = collections.Counter(), collections.Counter()
        for event in events:
            content, about = event["content"], event["content"].get("m.relates_to", {})
            if event["sender"] != self.bot.user_id:
                continue
            if event["type"] == "m.reaction" and about.get("key") == "✅":
                marks[about["event_id"]] += 1
            if event["type"] == "m.room.message" and about.get("rel_type") != "m.replace":
                ticket = content.get("org.ticketloom.ticket")
                cards[ticket["subject"] if ticket else ""] += 1
            keys[content.get("org.ticketloom.key")] += 1
        for name in load.mails:
            wrong["cards missing"] += cards[f"Mail {name}"] == 0
            wrong["cards doubled"] += cards[f"Mail {name}"] > 1
        for text, event in load.notes:
            wrong["notes lost"] += taken[text] == 0
            wrong["notes doubled"] += taken[text] > 1
            wrong["notes without their ✅, or with two"] += marks[event] != 1
        wrong["events sent twice"] += sum(count > 1 for key, count in keys.items() if key)


def check(cluster: Cluster, arguments: argparse.Namespace) -> int:
    told = arguments.world or os.environ.get("TICKETLOOM_TEST_WORLD")
    world = json.loads(pathlib.Path(told).read_text()) if told else None
    binary = (arguments.binary or desk.build(False)).resolve()
    ours = not cluster.pid("haproxy")
    cluster.up()
    run = Run(cluster, binary, world)
    try:
        with step("two desks"):
            run.open()
        load = Load(run)
        load.start()
        for number in range(arguments.rounds):
            for name, fault in VERBS.items():
                one_fault(cluster, load, f"{name} {number + 1}", fault)
        load.end()
        with step("what was taken is compared with what is there"):
            wrong = +run.compare(load)
    finally:
        run.close()
        if ours:
            cluster.down()
    line(f"{len(load.mails)} mails and {len(load.notes)} commands taken; refused for a while: {dict(load.refused)}")
    for what, count in wrong.items():
        line(f"VIOLATION: {count} {what}")
    line(f"{3 * arguments.rounds} fail-overs, {len(load.mails) + len(load.notes)} checks, {sum(wrong.values())} violations")
    return 1 if wrong else 0


def one_fault(cluster: Cluster, load: Load, name: str, fault) -> None:
    cluster.whole()
    time.sleep(SETTLED)
    load.mail_gaps.take()
    load.note_gaps.take()
    took = fault(cluster)
    cluster.whole()
    time.sleep(SETTLED)
    line(f"{name}: another primary after {took:.1f} s, no mail taken for {load.mail_gaps.take():.1f} s")

"""What one desk takes and costs, measured on the world that dev/up left: the figures of docs/scale.md."""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import smtplib
import sys
import threading
import time
import tomllib

from .files import ROOT, place
from .postgres import Postgres
from .say import Trouble, line, until
from .world import STACK, World

TEXT = "Hello,\r\n\r\nit began this morning, and it smells of burnt toast. What shall I do?\r\n\r\nCarol\r\n"
IDLE = 30  # seconds


class Meter:
    """The desk's process and its database."""

    def __init__(self, world: World, stack: dict):
        self.pid, self.postgres = stack["pids"]["ticketloom"], Postgres(world)
        self.database = stack["database_url"].rsplit("/", 1)[1]

    def number(self, query: str, database: str | None = None) -> float:
        return float(self.postgres.sql(query, database or self.database))

    def resident(self) -> float:
        """MiB."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(next(row for row in status.splitlines() if row.startswith("VmRSS:")).split()[1]) / 1024

    def work(self) -> float:
        """Seconds of a processor, of the desk and of its readers that have ended."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def transactions(self) -> float:
        return self.number(f"select xact_commit + xact_rollback from pg_stat_database where datname = '{self.database}'")

    def size(self) -> float:
        return self.number(f"select pg_database_size('{self.database}')")

    def jobs(self) -> float:
        return self.number("select count(*) from job where run_at <= now()")

    def tickets(self) -> float:
        return self.number("select count(*) from ticket")


def idle(meter: Meter) -> None:
    until("nothing is to be done", lambda: meter.jobs() == 0, 300, every=1)
    work, transactions = meter.work(), meter.transactions()
    time.sleep(IDLE)
    line(f"idle: {meter.resident():.0f} MiB resident, {(meter.work() - work) / IDLE * 100:.1f} % of a processor, "
         f"{(meter.transactions() - transactions) / IDLE:.1f} transactions a second, "
         f"{meter.number('select count(*) from pg_stat_activity where datname = current_database()') - 1:.0f} connections")


def bring(port: int, address: str, mails: int, connections: int, run: str) -> None:
    def one(part: int) -> None:
        with smtplib.LMTP("127.0.0.1", port, local_hostname="load.test") as server:
            for n in range(part, mails, connections):
                sender = f"load-{run}-{n}@customer.test"
                head = f"From: {sender}\r\nTo: {address}\r\nSubject: Load {n}\r\nMessage-ID: <{run}.{n}@customer.test>\r\n\r\n"
                server.sendmail(sender, [address], head + TEXT)

    threads = [threading.Thread(target=one, args=(part,)) for part in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure(mails: int, connections: int) -> None:
    stack = json.loads(STACK.read_text())
    world = World(place("world"))
    meter = Meter(world, stack)
    config = tomllib.loads(pathlib.Path(ROOT / stack["bot"]["config"]).read_text())
    port = int(config["lmtp"]["listen"].rsplit(":", 1)[1])
    queue = next(queue for queue in stack["queues"] if queue["intake"] == "lmtp")
    idle(meter)
    before, size, work, transactions = meter.tickets(), meter.size(), meter.work(), meter.transactions()
    rooms = meter.number("select pg_database_size('synapse')")
    began = time.monotonic()
    bring(port, queue["address"], mails, connections, f"{int(time.time())}")
    taken = time.monotonic() - began
    until("each mail is a ticket", lambda: meter.tickets() == before + mails, 600, every=0.1)
    read = time.monotonic() - began
    until("all is shown and sent", lambda: meter.jobs() == 0, 1800, every=0.5)
    shown = time.monotonic() - began
    line(f"{mails} new tickets over {connections} connections, each acknowledged: {mails / taken:.0f}/s to 250, "
         f"{mails / read:.0f}/s to a ticket, {mails / shown:.1f}/s shown in the room and answered by mail")
    rooms = meter.number("select pg_database_size('synapse')") - rooms
    line(f"a ticket: {(meter.size() - size) / mails / 1024:.0f} KiB and {(meter.transactions() - transactions) / mails:.0f} transactions "
         f"in PostgreSQL, {rooms / mails / 1024:.0f} KiB in the homeserver's, {(meter.work() - work) / mails * 1000:.0f} ms of a "
         "processor in the desk")
    idle(meter)


def main() -> int:
    parser = argparse.ArgumentParser(prog="dev/load")
    parser.add_argument("mails", nargs="?", type=int, default=1000)
    parser.add_argument("connections", nargs="?", type=int, default=16)
    arguments = parser.parse_args()
    if not STACK.exists():
        raise Trouble("dev/up comes first (dev/up --release, for figures that mean something)")
    measure(arguments.mails, arguments.connections)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        line(str(trouble))
        sys.exit(1)

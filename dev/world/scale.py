"""How many machines so many desks need: arithmetic, whose figures are measured (dev/load, dev/bench) and whose assumptions are named."""
from __future__ import annotations

import argparse
import math

from .files import ROOT

# Measured, see docs/scale.md.
MEASURED = {
    "memory": 104,  # MiB resident, a desk, without optimisation
    "idle": 12,  # transactions a second of a desk that has nothing to do but has boards to look at
    "connections": 8,  # to PostgreSQL, with database.connections = 4
    "transactions": 19,  # of a new ticket, shown and acknowledged
    "ticket": 12,  # KiB of a new ticket in the record
    "event": 7,  # KiB of a new ticket in the homeserver's database: its card, and what that edits
    "homeserver": 38,  # events a second that one Synapse process takes, over ten rooms
    "postgres": 3400,  # transactions a second of one insert each, over 8 connections, where an fsync takes 3.4 ms
}
# Assumed: a desk with five to ten agents.
DESK = {
    "tickets": 50,  # new ones, a working day
    "follow_ups": 2,  # mails of the customer, a ticket
    "answers": 2.5,
    "commands": 4,  # notes, locks, closings …
    "peak": 0.2,  # how much of a day comes in its busiest hour
    "days": 250,  # working days a year
    "full": 0.5,  # how much of what was measured is planned with
}
# Events in the room: the card; a follow-up and the card's edit; an answer's message, its two marks and the card's edit; a
# command, its mark and the card's edit; and after each of these both boards, at most.
EVENTS = 1 + 2 * DESK["follow_ups"] + 4 * DESK["answers"] + 3 * DESK["commands"]
BOARDS = 2 * (1 + DESK["follow_ups"] + DESK["answers"] + DESK["commands"])
# What happens to a ticket, each as dear in transactions as a new one.
STEPS = 1 + DESK["follow_ups"] + DESK["answers"] + DESK["commands"]
CONNECTIONS = 400  # that one PostgreSQL is given


def row(desks: int) -> list[str]:
    tickets = desks * DESK["tickets"] * DESK["peak"] / 3600
    events = tickets * (EVENTS + BOARDS)
    transactions = desks * MEASURED["idle"] + tickets * STEPS * MEASURED["transactions"]
    year = desks * DESK["tickets"] * DESK["days"]
    need = lambda load, capacity: max(1, math.ceil(load / capacity))
    return [
        f"{desks:,}", f"{tickets * (1 + DESK['follow_ups']):.1f}", f"{events:.1f}", f"{transactions:,.0f}",
        f"{desks * MEASURED['memory'] / 1024:.0f} GiB",
        f"{need(events, MEASURED['homeserver'] * DESK['full'])}",
        f"{need(transactions, MEASURED['postgres'] * DESK['full'])}, for connections {need(desks * MEASURED['connections'], CONNECTIONS)}",
        f"{year * STEPS * MEASURED['ticket'] / 2**20:,.0f} GiB",
        f"{year * (EVENTS + BOARDS) * MEASURED['event'] / 2**20:,.0f} GiB",
    ]


HEAD = ["desks", "mails/s", "events/s", "transactions/s", "memory of the desks", "Synapse processes", "PostgreSQL servers",
        "record a year", "homeserver a year"]


def table() -> str:
    rows = [HEAD, ["---"] * len(HEAD), *(row(desks) for desks in (1, 10, 100, 1000))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="dev/scale", description="Prints the table of docs/scale.md")
    parser.add_argument("--check", action="store_true", help="say whether docs/scale.md has it")
    if not parser.parse_args().check:
        print(table())
        return 0
    return 0 if table() in (ROOT / "docs/scale.md").read_text() else 1


if __name__ == "__main__":
    raise SystemExit(main())

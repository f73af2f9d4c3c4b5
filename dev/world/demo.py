"""dev/demo: the story, then the logins, until Ctrl-C."""
from __future__ import annotations

import signal

from .say import line, warn
from .stage import table
from .story import Failed, Story
from .world import World


def play(world: World) -> bool:
    """Plays the story; tells whether all of it came true."""
    line("\nA customer with a mail program, two agents in Matrix, one ticket.")
    story = Story(world.desk.stack())
    try:
        story.play()
    except Failed as failed:
        warn(f"\nFAILED at {failed}\nThe desk's log: {world.desk.log}")
        return False
    finally:
        story.close()
    line("\nThe story is told: every step came true.")
    return True


def stay(world: World) -> None:
    """Prints how to look around, and returns at Ctrl-C."""
    stack = world.desk.stack()
    imap, smtp = stack["customers"]["imap"], stack["smtp"]
    line("\nThe world stays up. Look around with any Matrix client and any mail program:\n")
    people = [*stack["agents"], stack["observer"], stack["admin"]]
    table([
        ("Matrix homeserver", stack["homeserver"]["url"]),
        *((who["user_id"], f"password {who['password']}") for who in people),
        ("customers", f"anything@{stack['customers']['domain']}, password {imap['password']}"),
        ("their IMAP", f"{imap['host']}:{imap['port']}"),
        ("their SMTP", f"{smtp['host']}:{smtp['port']}, no login"),
        *((f"queue {queue['name']}", queue["address"]) for queue in stack["queues"]),
        ("PostgreSQL", stack["database_url"]),
        ("the desk's log", stack["bot"]["log"]),
    ])
    line("\nCtrl-C takes it down.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        line()

"""One ticket as an agent sees it: prints what happens in its thread, and knows what the card says."""
from __future__ import annotations

import time

from .agent import Follower
from .say import Trouble
from .stage import show

TICKET = "org.ticketloom.ticket"
ARTICLE = "org.ticketloom.article"


def relation(event: dict) -> dict:
    return event.get("content", {}).get("m.relates_to", {})


def plain(key: str) -> str:
    """A reaction without its variation selectors, which clients write or don't."""
    return key.replace("\ufe0f", "")


def shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:39].rstrip() + "…"


class Thread:
    """Shows events as they come and gives them to whoever waits for one."""

    def __init__(self, follower: Follower, bot: str):
        self.follower, self.bot = follower, bot
        self.root: str | None = None
        self.ticket: dict = {}
        self.said: dict[str, str] = {}  # event id -> its first line, for reactions to it
        self.seen: list[dict] = []

    def wait(self, what: str, wanted, seconds: float = 30) -> dict:
        """The first event, of those seen or yet to come, for which wanted(event) is true."""
        end, looked_at = time.monotonic() + seconds, 0
        while True:
            for event in self.seen[looked_at:]:
                if wanted(event):
                    return event
            looked_at = len(self.seen)
            if time.monotonic() > end:
                raise Trouble(f"not within {seconds:g} s: {what}")
            self._take()

    def card(self, what: str, **wanted) -> None:
        """Waits until the card says so: card("locked", owner="@alice:desk.test")."""
        says = lambda: all(self.ticket.get(key) == value for key, value in wanted.items())
        self.wait(f"the card says {what}", lambda _: says())

    def reacted(self, command: str, key: str) -> None:
        """Waits for the bot's reaction to a command; one that means the contrary fails at once."""
        what, wanted = shortened(self.said.get(command, command)), plain(key)
        contrary = ("✅", "✉") if wanted == "❌" else ("❌", "⚠")
        event = self.wait(f"{key} on {what}", lambda e: (
            e["type"] == "m.reaction" and e["sender"] == self.bot and relation(e).get("event_id") == command
            and plain(relation(e).get("key", "")) in (wanted, *contrary)))
        if plain(relation(event)["key"]) != wanted:
            raise Trouble(f"{relation(event)['key']} instead of {key} on {what}")

    def notices(self) -> list[dict]:
        """What the bot has told in the thread so far."""
        return [event for event in self.seen if event["sender"] == self.bot
                and event["content"].get("msgtype") == "m.notice" and relation(event).get("rel_type") == "m.thread"]

    def _take(self) -> None:
        for event in self.follower.more():
            if self._ours(event):
                self.seen.append(event)
                self._tell(event)

    def _ours(self, event: dict) -> bool:
        """Events of this ticket; the first card that comes is its card."""
        content = event.get("content", {})
        if self.root is None:
            if event["sender"] == self.bot and TICKET in content and not relation(event):
                self.root, self.ticket = event["event_id"], content[TICKET]
                return True
            return False
        return relation(event).get("event_id") in ({self.root} | self.said.keys())

    def _tell(self, event: dict) -> None:
        content, name = event["content"], event["sender"][1:].partition(":")[0]
        if event["type"] == "m.reaction":
            of = relation(event)
            show("thread", f"{of['key']}  on {shortened(self.said.get(of['event_id'], 'the card'))}")
        elif relation(event).get("rel_type") == "m.replace":
            self._retell(content.get("m.new_content", content))
        elif event["type"] == "m.room.message":
            self.said[event["event_id"]] = content.get("body", "").partition("\n")[0]
            who = "" if event["sender"] == self.bot else f"{name}: "
            calls = content.get("m.mentions", {}).get("user_ids", [])
            label = "room" if event["event_id"] == self.root else "thread"
            show(label, who + content.get("body", ""), *([f"(calls {', '.join(calls)})"] if calls else []))

    def _retell(self, content: dict) -> None:
        """An edit of the card is told by what it changes."""
        new = content.get(TICKET)
        if new and new != self.ticket:
            self.ticket = new
            lock = f"locked by {new['owner']}" if new["locked"] else "unlocked"
            show("room", f"card: {new['state']} · {lock}")

"""A day at the desk, as pictures of it need one: mail of all sorts, and what two agents made of it."""
from __future__ import annotations

import struct
import zlib

from .agent import Agent
from .customer import Customer
from .say import Trouble, step, until
from .thread import ARTICLE, TICKET, plain, relation

BOARD, LIST, QUARANTINE = "org.ticketloom.board", "org.ticketloom.list", "org.ticketloom.quarantine"

LONG = """Dear support team,

since the update of last Tuesday our accounting can't print delivery notes any more. It does not happen every time,
and not to everybody: Mrs Okafor's machine works, mine and the two in the warehouse do not. What we have tried so far:

- restarted the print server (twice, the second time with the power cord out for ten minutes)
- removed and added the printer again, with the driver of your page (version 4.2.1)
- printed from another program: that works, but only in landscape
- printed a test page: that works, too

The error is always the same, "0x0000011b: the server refused the connection". I have found a page which says that a
registry key helps, but I did not dare to touch that without asking you.

The warehouse ships forty parcels a day, and writes the notes by hand since Tuesday, so it is getting rather urgent. The
carrier comes at four; could somebody look at it before that? I am at my desk until half past five, extension 417, and
Mr Lindqvist knows about it, too.

Thank you very much in advance
Margarethe Brandt
Nordlicht Logistik GmbH · Hafenstraße 12 · 20457 Hamburg
Tel. +49 40 555 0417
"""
GERMAN = """Guten Tag,

auf der Rechnung RE-2026-1187 stehen zwölf Lizenzen, wir haben aber nur zehn bestellt (Auftrag vom 3. November).
Können Sie das bitte prüfen und uns eine korrigierte Rechnung schicken?

Mit freundlichen Grüßen
Jürgen Weiß
"""
JAPANESE = "お世話になっております。\n\n三階の会議室のプリンターが朝から動きません。電源を入れ直しても、赤いランプが点滅したままです。\n" \
    "午後二時から会議がありますので、それまでに見ていただけると助かります。\n\n山田花子\n"
ARABIC = "مرحبا،\n\nنسيت كلمة المرور الخاصة بي ولا أستطيع الدخول إلى البريد. هل يمكنكم إعادة تعيينها؟\n\nشكرا جزيلا\nليلى حداد\n"
TABLE = """<p>Hello,</p><p>the new checkout shows <b>this</b> instead of the basket:</p><p><img src="cid:picture" alt="the checkout"></p>
<p>It happens with these:</p><table><tr><th>Browser</th><th>System</th><th>Broken</th></tr><tr><td>Firefox 145</td><td>Windows
11</td><td>yes</td></tr><tr><td>Safari 19</td><td>macOS</td><td>no</td></tr></table><p>Priya</p>"""


def picture(width: int = 480, height: int = 270) -> bytes:
    """A PNG of a page that went wrong: a blue head, a red box, grey below."""
    def colour(x: int, y: int) -> bytes:
        if y < 48:
            return b"\x2b\x5c\x9e"
        return b"\xd6\x45\x45" if 60 < x < width - 60 and 90 < y < 150 else b"\xec\xee\xf1" if (y // 12) % 2 else b"\xfa\xfa\xfa"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + b"".join(colour(x, y) for x in range(width)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


class Room:
    """What was said in a room lately and since. An event may be there twice."""

    def __init__(self, agent: Agent, room: str, bot: str):
        self.agent, self.room, self.bot = agent, room, bot
        self.follower = agent.follow(room)
        self.events = agent.history(room)

    def wait(self, what: str, wanted, seconds: float = 60) -> dict:
        """The newest event for which wanted(event) is true, as soon as there is one."""
        def found():
            for event in reversed(self.events):
                if wanted(event):
                    return event
            self.events += self.follower.more()
        return until(what, found, seconds, 0)

    def card(self, subject: str) -> str:
        """The root of the ticket's thread."""
        return self.wait(f"a card about {subject!r}", lambda e: (
            e["content"].get(TICKET, {}).get("subject") == subject and not relation(e)))["event_id"]

    def ticket(self, root: str) -> dict:
        return self.wait("the card", lambda e: e["event_id"] == root)["content"][TICKET]

    def does(self, agent: Agent, root: str | None, text: str, sign: str = "✅") -> str:
        """An agent says something, and the bot's reaction comes."""
        event = agent.say(self.room, root, text)
        told = self.wait(f"{sign} on {text[:30]!r} of {agent.name}", lambda e: (
            e["type"] == "m.reaction" and relation(e).get("event_id") == event and e["sender"] == self.bot
            and plain(relation(e)["key"]) in (plain(sign), "❌")))
        if plain(relation(told)["key"]) != plain(sign):
            raise Trouble(f"{text!r} was refused")
        return event

    def board(self, *parts: str) -> dict:
        """The board that says all of this, as it stands by now."""
        return self.wait(f"a board with {parts}", lambda e: (
            BOARD in _now(e) and all(part in _now(e)["body"] for part in parts)))

    def answered(self, command: str) -> dict:
        """The list that answers a command."""
        place = next(i for i, e in enumerate(self.events) if e["event_id"] == command)
        return self.wait("a list", lambda e: LIST in e["content"] and e in self.events[place:])


def first(event: dict) -> str:
    """The id of the message that it is, or that it edits."""
    edited = relation(event)
    return edited["event_id"] if edited.get("rel_type") == "m.replace" else event["event_id"]


def _now(event: dict) -> dict:
    """An event's content, or what it replaces another one's with."""
    content = event.get("content", {})
    return content.get("m.new_content", content)


class Day:
    def __init__(self, stack: dict):
        self.stack, self.bot = stack, stack["bot"]["user_id"]
        self.queue = next(queue for queue in stack["queues"] if queue["name"] == "support")
        self.alice, self.bob = (Agent(stack, who) for who in stack["agents"][:2])
        self.roots: dict[str, str] = {}

    def close(self) -> None:
        for agent in (self.alice, self.bob):
            agent.close()

    def play(self) -> None:
        with step("a day at the desk", noisy=True):
            self._enter()
            self._morning()
            self._work()
            self._afternoon()
            self._boards()

    def _enter(self) -> None:
        """Alice takes every invitation; her home is the one that has the desk's name and is no Space."""
        self.home = Room(self.alice, until("an invitation home", self._invited_home, 30, 0.2), self.bot)
        for room in self.alice.invitations():
            self.alice.join(room)
        self.bob.join(self.queue["room_id"])
        self.room = Room(self.alice, self.queue["room_id"], self.bot)
        self.room.board("0 unlocked")  # stands above the day's mails then

    def _invited_home(self) -> str | None:
        queues = [queue["name"] for queue in self.stack["queues"]]
        for room, told in self.alice.invitations().items():
            says = {event["type"]: event["content"] for event in told}
            if says["m.room.create"].get("type") != "m.space" and says.get("m.room.name", {}).get("name") not in queues:
                self.alice.join(room)
                return room
        return None

    def _mail(self, local: str, name: str, subject: str, text: str, **more) -> str:
        """A mail of somebody's and its card."""
        customer = Customer(self.stack, local, name)
        customer.write(self.queue["address"], subject, text, **more)
        self.roots[local] = self.room.card(subject)
        return self.roots[local]

    def _morning(self) -> None:
        self._mail("tom", "Tom Bell", "VPN down", "Hi, no VPN since 8. Thx, Tom\n")
        self._mail("brandt", "Margarethe Brandt", "Delivery notes can't be printed since last Tuesday's update "
                   "(error 0x0000011b, three machines, urgent for the warehouse)", LONG)
        self._mail("weiss", "Jürgen Weiß", "Falscher Betrag auf Rechnung RE-2026-1187", GERMAN)
        self._mail("yamada", "山田花子", "三階のプリンターが動きません", JAPANESE)
        self._mail("layla", "ليلى حداد", "طلب إعادة تعيين كلمة المرور", ARABIC)
        self._mail("priya", "Priya Nair", "Checkout shows a red box", "the new checkout shows this\n", html=TABLE, picture=picture())
        self._mail("carol", "Carol Jones", "The printer on floor 15 smokes",
                   "Hello,\n\nit began this morning, and it smells of burnt toast. What shall I do?\n\nCarol Jones\n")
        self._mail("omar", "Omar Haddad", "Invoice address", "Please send invoices to billing@haddad.test from now on.\n\nOmar\n")
        self._mail("sven", "Sven Lindqvist", "New laptop for Ms Okafor", "She starts on Monday. The usual one will do.\n\nSven\n")

    def _work(self) -> None:
        does, roots = self.room.does, self.roots
        does(self.alice, roots["carol"], "!lock")
        self.alice.say(self.room.room, roots["carol"], "Looks like the fuser again, as in May.")
        self.carol = Customer(self.stack, "carol", "Carol Jones")
        does(self.alice, roots["carol"], "!answer Hello Carol,\n\nplease unplug it and open a window. Somebody will be with you "
             "within the hour.", "✉️")
        mail = self.carol.next("the answer")
        self.carol.reply(mail, "I did. Now it is quiet, but the room is full of smoke.\n\nCarol")
        self.room.wait("Carol's reply", lambda e: ARTICLE in e["content"] and "full of smoke" in e["content"]["body"])
        does(self.bob, roots["omar"], "!answer --state closed Done: they go to billing@haddad.test from today on.", "✉️")
        does(self.bob, roots["sven"], "!pending 2d Ordered; it comes on Friday.")
        does(self.bob, roots["priya"], "!lock")
        does(self.bob, roots["priya"], "!note Same as yesterday's: the stylesheet is missing on one of the two servers.")
        does(self.alice, roots["brandt"], "!priority 5")
        does(self.alice, roots["brandt"], "!tag printer")
        does(self.alice, roots["weiss"], "!owner @me")

    def _afternoon(self) -> None:
        """What does not become a ticket: a stranger in somebody else's, spam, and an absence."""
        number = self.room.ticket(self.roots["carol"])["number"]
        address = self.queue["address"]
        Customer(self.stack, "mallory", "Mallory").write(
            address, f"Re: [Ticket#{number}] The printer", "What did you tell her? Please send me all of it.\n")
        self.held = self.room.wait("the held mail", lambda e: (
            ARTICLE in e["content"] and "all of it" in e["content"]["body"]))
        Customer(self.stack, "deals", "Best Deals").write(address, "Toner -80 %", "Only today!\n", X_Spam_Flag="YES")
        Customer(self.stack, "omar", "Omar Haddad").write(
            address, "Out of office: Invoice address", "I am away until Monday.\n", Auto_Submitted="auto-replied")
        for sender in ("omar@", "deals@"):
            self.quarantined = self.room.wait(f"{sender} in quarantine", lambda e: (
                QUARANTINE in e["content"] and sender in e["content"]["body"]))

    def _boards(self) -> None:
        """What Alice asks for, and the boards as they are at the end of it all."""
        self.room.answered(self.room.does(self.alice, None, "!queue"))
        self.room.answered(self.room.does(self.alice, None, "!search printer"))
        self.home.answered(self.home.does(self.alice, None, "!mine"))
        self.queue_board = self.room.board("VPN down", "alice 2", "bob 2")
        self.home_board = self.home.board("The printer on floor 15 smokes", "RE-2026-1187", "VPN down")

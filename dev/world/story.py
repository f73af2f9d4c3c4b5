"""The tutorial's story, played once on a running world: one ticket from its first mail to its end."""
from __future__ import annotations

import random
import re
from email.message import EmailMessage

from .agent import Agent
from .customer import Customer, body, everything
from .page import Page, link
from .say import Trouble, until
from .stage import aside, chapter, show
from .thread import ARTICLE, Thread, relation

SECRET = "she has broken two printers this year already"
IDEA = "Looks like the fuser again."
QUIET = "Carol rang: the paper was damp. Nothing for us to do."


class Failed(Exception):
    """A step of the story didn't come true."""


class Story:
    """Who takes part, and the chapters in their order."""

    def __init__(self, stack: dict):
        self.queue = next(queue for queue in stack["queues"] if queue["name"] == "support")
        self.room = self.queue["room_id"]
        self.alice, self.bob = (Agent(stack, who) for who in stack["agents"][:2])
        self.walter = Agent(stack, stack["observer"])
        self.carol = Customer(stack, "carol", "Carol Jones")
        self.subject = f"The printer on floor {random.randint(2, 40)} smokes"
        self.mails: list[EmailMessage] = []
        self.bot = stack["bot"]["user_id"]

    def play(self) -> None:
        """Failed says in which chapter and why."""
        chapters = [self.watching, self.a_mail, self.an_acknowledgement, self.a_lock, self.somebody_else,
                    self.notes, self.a_typo, self.an_answer, self.a_reply, self.the_page, self.answer_and_close,
                    self.reopened, self.closed, self.nothing_leaked]
        for number, told in enumerate(chapters, 1):
            title = told.__doc__.rstrip(".")
            chapter(number, title)
            try:
                told()
            except Trouble as trouble:
                raise Failed(f"step {number}, \"{title}\": {trouble}") from None

    def close(self) -> None:
        for agent in (self.alice, self.bob, self.walter):
            agent.close()

    # --- helpers -------------------------------------------------------------------------------------

    def _says(self, agent: Agent, text: str, key: str | None = None) -> None:
        """An agent writes into the thread, and the bot reacts as it ought to; a refusal also says why."""
        told = len(self.thread.notices())
        event = agent.say(self.room, self.thread.root, text)
        self.thread.wait("one's own message comes back", lambda e: e["event_id"] == event)
        if key:
            self.thread.reacted(event, key)
        if key == "❌":
            self.thread.wait("a notice that says why", lambda _: len(self.thread.notices()) > told)

    def _writes(self, mail: EmailMessage, text: str) -> None:
        show("mail →", f"From: {mail['From']}", f"To: {mail['To']}", f"Subject: {mail['Subject']}", "", text)

    def _gets(self, what: str) -> EmailMessage:
        mail = self.carol.next(what)
        self.mails.append(mail)
        show("mailbox", f"From: {mail['From']}", f"Subject: {mail['Subject']}", "", body(mail), most=18)
        return mail

    def _article(self, word: str) -> dict:
        """The customer's article with that word in the thread."""
        return self.thread.wait(f"an article with {word!r}", lambda e: (
            ARTICLE in e["content"] and relation(e).get("rel_type") == "m.thread" and word in e["content"]["body"]))

    # --- chapters: their docstrings are their titles ---------------------------------------------------

    def watching(self) -> None:
        """Joining a queue's room is watching the queue."""
        for agent in (self.alice, self.bob, self.walter):
            agent.join(self.room)
        self.thread = Thread(self.alice.follow(self.room), self.bot)
        show("room", f"alice, bob and walter are in {self.queue['address']}'s room")
        aside("alice and bob are agents; walter may look on.")

    def a_mail(self) -> None:
        """A customer writes; a card appears in the room."""
        text = "Hello,\n\nit began this morning, and it smells of burnt toast. What shall I do?\n\nCarol Jones\n"
        self._writes(self.carol.write(self.queue["address"], self.subject, text), text)
        self.thread.wait("a card", lambda e: True)
        if self.thread.ticket["subject"] != self.subject:
            raise Trouble(f"the card is about {self.thread.ticket['subject']!r}")
        self.thread.card("new and unlocked", state="new", locked=False, customer=self.carol.address)

    def an_acknowledgement(self) -> None:
        """She is told the ticket's number."""
        mail = self._gets("the acknowledgement")
        if f"[Ticket#{self.thread.ticket['number']}]" not in mail["Subject"]:
            raise Trouble(f"no ticket number in {mail['Subject']!r}")

    def a_lock(self) -> None:
        """Alice takes it."""
        self._says(self.alice, "!lock", "✅")
        self.thread.card("locked by alice", locked=True, owner=self.alice.user_id)

    def somebody_else(self) -> None:
        """Bob is too late, and is told so."""
        self._says(self.bob, "!lock", "❌")

    def notes(self) -> None:
        """What is only said stays inside."""
        self._says(self.alice, IDEA)
        self._says(self.alice, f"!note {SECRET}", "✅")
        aside("Plain text is an internal note as well as !note is: nothing goes out by accident.")

    def a_typo(self) -> None:
        """A typo is refused, not sent."""
        self._says(self.alice, "!anwser Please unplug it.", "❌")

    def an_answer(self) -> None:
        """An answer, in Markdown; it is held for two seconds, so that it can be undone."""
        self._says(self.alice, "!answer Hello Carol,\n\nplease **unplug it** and open a window.\n"
                               "Somebody will be with you within the hour.", "✉️")
        mail = self._gets("the answer")
        html = mail.get_body(("html",))
        if not html or "<strong>unplug it</strong>" not in html.get_content():
            raise Trouble("the answer has no HTML part with the bold words in it")
        aside("That was its plain text; in the HTML part \"unplug it\" is bold.")
        if mail["Subject"] != f"Re: [Ticket#{self.thread.ticket['number']}] {self.subject}":
            raise Trouble(f"the answer's subject is {mail['Subject']!r}")
        self.thread.card("open", state="open")

    def a_reply(self) -> None:
        """She replies; the owner is called, and nobody else."""
        text = "I did. Now it is quiet, but the room is full of smoke."
        self._writes(self.carol.reply(self.mails[-1], text), text)
        article = self._article("full of smoke")
        if article["content"].get("m.mentions", {}).get("user_ids") != [self.alice.user_id]:
            raise Trouble(f"mentioned: {article['content'].get('m.mentions')}")
        if "unplug it" in article["content"]["body"]:
            raise Trouble("the quoted mail was not folded away")

    def the_page(self) -> None:
        """Or she follows the link in the mail, and replies from her page."""
        page = Page(link(self.mails[-1]))
        for word in (SECRET, IDEA, self.alice.user_id):
            if word in page.text:
                raise Trouble(f"{word!r} is on her page")
        show("page", *page.lines())
        page.reply("Here is what it printed last.", ("last.txt", b"HELP"))
        article = self._article("printed last")
        if article["content"].get("m.mentions", {}).get("user_ids") != [self.alice.user_id]:
            raise Trouble(f"mentioned: {article['content'].get('m.mentions')}")
        self.thread.wait("her file", lambda e: e["content"].get("filename", e["content"].get("body")) == "last.txt")

    def answer_and_close(self) -> None:
        """An answer that closes the ticket in one go."""
        self._says(self.alice, "!answer --state closed The smoke is out and a new printer is in. Enjoy!", "✉️")
        self._gets("the last answer")
        self.thread.card("closed and unlocked", state="closed successful", locked=False)

    def reopened(self) -> None:
        """She writes once more: that opens it again."""
        text = "The new one smokes too!"
        self._writes(self.carol.reply(self.mails[-1], text), text)
        self._article("smokes too")
        self.thread.card("open", state="open")

    def closed(self) -> None:
        """Bob closes it with a note, which mails nobody."""
        self._says(self.bob, f"!close {QUIET}", "✅")
        self.thread.card("closed", state="closed successful", locked=False)
        try:
            until("mail", self.carol.waiting, 3, 0.3)
        except Trouble:
            show("mailbox", "(no mail)")
        else:
            raise Trouble(f"Carol got a mail: {self.carol.next('it')['Subject']!r}")

    def nothing_leaked(self) -> None:
        """Nothing internal is in any mail that she got."""
        for mail in self.mails:
            text = re.sub(r"\s+", " ", everything(mail))
            for word in (SECRET, IDEA, QUIET, "anwser", self.alice.user_id, self.bob.user_id):
                if word in text:
                    raise Trouble(f"{word!r} is in {mail['Subject']!r}")
        show("mailbox", f"{len(self.mails)} mails: the acknowledgement and {len(self.mails) - 1} answers")

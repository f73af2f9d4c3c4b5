"""A customer's mail program: hands mail to the MTA, reads the mailbox, replies as mail programs do."""
from __future__ import annotations

import email
import email.policy
import email.utils
import imaplib
import smtplib
from email.message import EmailMessage

from .say import until


class Customer:
    """One address. What lay in its mailbox before doesn't count."""

    def __init__(self, stack: dict, local: str, name: str):
        self.smtp, self.imap = stack["smtp"], stack["customers"]["imap"]
        self.address = f"{local}@{stack['customers']['domain']}"
        self.sender = email.utils.formataddr((name, self.address))
        self.known = {number for number, _ in self._mails(set())}

    def write(self, to: str, subject: str, text: str, html: str = "", picture: bytes = b"", **headers: str) -> EmailMessage:
        """With `html`, in both forms; a PNG `picture` then stands in it as cid:picture, and is attached without."""
        mail = EmailMessage(policy=email.policy.SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.sender, to, subject
        mail["Date"] = email.utils.localtime()
        mail["Message-ID"] = email.utils.make_msgid(domain="customer.test")
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
        if picture and html:
            mail.get_body(("html",)).add_related(picture, "image", "png", cid="<picture>", filename="screen.png")
        elif picture:
            mail.add_attachment(picture, "image", "png", filename="screen.png")
        with smtplib.SMTP(self.smtp["host"], self.smtp["port"], timeout=30) as smtp:
            smtp.send_message(mail, self.address, [email.utils.parseaddr(to)[1]])
        return mail

    def reply(self, mail: EmailMessage, text: str) -> EmailMessage:
        """With the thread's headers, and the old mail quoted below."""
        subject = str(mail["Subject"])
        quoted = "\n".join("> " + line for line in body(mail).splitlines())
        return self.write(
            str(mail["Reply-To"] or mail["From"]),
            subject if subject.lower().startswith("re:") else f"Re: {subject}",
            f"{text}\n\nOn {mail['Date']}, {mail['From']} wrote:\n{quoted}\n",
            In_Reply_To=mail["Message-ID"], References=f"{mail['References'] or ''} {mail['Message-ID']}".strip())

    def next(self, what: str, seconds: float = 30) -> EmailMessage:
        """The next mail that comes."""
        number, mail = until(f"{what} in {self.address}'s mailbox", lambda: self._mails(self.known), seconds, 0.2)[0]
        self.known.add(number)
        return mail

    def waiting(self) -> bool:
        """Whether there is mail that next() hasn't returned."""
        return bool(self._mails(self.known))

    def _mails(self, but: set[bytes]) -> list[tuple[bytes, EmailMessage]]:
        box = imaplib.IMAP4(self.imap["host"], self.imap["port"])
        try:
            box.login(self.address, self.imap["password"])
            box.select("INBOX", readonly=True)
            found = box.uid("SEARCH", "ALL")[1][0].split()
            return [(uid, self._fetch(box, uid)) for uid in found if uid not in but]
        finally:
            box.logout()

    @staticmethod
    def _fetch(box: imaplib.IMAP4, uid: bytes) -> EmailMessage:
        raw = box.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1]
        return email.message_from_bytes(raw, policy=email.policy.default)


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    return part.get_content().replace("\r\n", "\n").rstrip() if part else ""


def everything(mail: EmailMessage) -> str:
    """Headers and every text in it, decoded: all that a mail could give away."""
    texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([f"{name}: {value}" for name, value in mail.items()] + texts)

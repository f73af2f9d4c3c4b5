"""A customer's page, as a browser without scripts uses it."""
from __future__ import annotations

import html
import re
import urllib.error
import urllib.request
import uuid
from email.message import EmailMessage

from .customer import body
from .say import Trouble


def link(mail: EmailMessage) -> str:
    """The link to the page that a mail ends with."""
    found = re.findall(r"https?://\S+/t/\S+", body(mail))
    if len(found) != 1:
        raise Trouble(f"{len(found)} links to a page in {mail['Subject']!r}")
    return found[0]


class Page:
    """What stands behind a link."""

    def __init__(self, url: str):
        self.url = url
        self.text = self._open(url)

    def _open(self, request) -> str:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise Trouble(f"the page answers {error.code}: {error.read().decode()[:300]}") from None

    def lines(self) -> list[str]:
        """Its words, without what stands in its head."""
        main = self.text.partition("<main>")[2]
        words = html.unescape(re.sub(r"<[^>]*>", "", main)).splitlines()
        return [line.strip() for line in words if line.strip()][:16]

    def reply(self, text: str, file: tuple[str, bytes]) -> None:
        """Fills in the form and sends it; a browser is then led back to the page."""
        form = re.search(r'name="form" value="([^"]+)"', self.text)
        if not form:
            raise Trouble("there is no form on the page")
        edge, (name, data) = uuid.uuid4().hex, file
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
                 for key, value in (("form", form[1]), ("text", text))]
        parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
                     "Content-Type: text/plain\r\n\r\n".encode() + data + f"\r\n--{edge}--\r\n".encode())
        request = urllib.request.Request(
            self.url, b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={edge}"})
        self.text = self._open(request)

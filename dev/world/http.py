"""JSON over HTTP, as much of it as Synapse's API needs."""
from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request


class Refused(Exception):
    """The server's answer was an error."""

    def __init__(self, status: int, body: dict):
        super().__init__(f"{status} {body.get('errcode', '')} {body.get('error', '')}".strip())
        self.status, self.body = status, body


# Loopback needs no proxy, whatever the environment says.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(method: str, url: str, body: dict | None = None, *, token: str | None = None,
         query: dict | None = None, timeout: float = 30) -> dict:
    """The answer's JSON object; Refused if its status is no 2xx, OSError if there is no answer."""
    if query:
        url += "?" + urllib.parse.urlencode(query)
    request = urllib.request.Request(url, method=method)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    try:
        with _opener.open(request, timeout=timeout) as answer:
            return _json(answer.read())
    except urllib.error.HTTPError as error:
        raise Refused(error.code, _json(error.read())) from None


def _json(raw: bytes) -> dict:
    try:
        return json.loads(raw)
    except ValueError:
        return {"error": raw[:200].decode(errors="replace")}


def healthy(url: str) -> bool:
    """Whether a GET is answered with 200 now."""
    try:
        with _opener.open(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")

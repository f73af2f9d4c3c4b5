"""What a world remembers between two commands: its ports, its secrets, its switches."""
from __future__ import annotations

import json
import pathlib
import secrets

from . import ports
from .files import write


class State:
    """A JSON file that only its owner can read."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.data = json.loads(path.read_text()) if path.exists() else {}

    def save(self) -> None:
        write(self.path, json.dumps(self.data, indent=2) + "\n", 0o600)

    def get(self, key: str, otherwise=None):
        return self.data.get(key, otherwise)

    def set(self, key: str, value) -> None:
        if self.data.get(key) != value:
            self.data[key] = value
            self.save()

    def secret(self, name: str, length: int = 12) -> str:
        """The password of that name; made up when it is first asked for."""
        known = self.data.setdefault("secrets", {})
        if name not in known:
            known[name] = secrets.token_hex(length)
            self.save()
        return known[name]

    def port(self, name: str) -> int:
        """The port of that name; chosen when it is first asked for."""
        known = self.data.setdefault("ports", {})
        if name not in known:
            known[name] = ports.choose(set(known.values()))
            self.save()
        return known[name]

    def forget_port(self, name: str) -> None:
        """The next port() of that name chooses anew."""
        self.data.get("ports", {}).pop(name, None)
        self.save()

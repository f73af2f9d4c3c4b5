"""A mail server that takes everything, and remembers how often."""
from __future__ import annotations

import collections
import email
import socketserver
import threading


class Sink(socketserver.ThreadingTCPServer):
    """Listens on loopback; `copies` counts what it answered 250 to, by Message-ID."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.copies: collections.Counter[str] = collections.Counter()
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Session(socketserver.StreamRequestHandler):
    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        self.say("220 sink")
        while verb := self.rfile.readline().strip().upper():
            if verb == b"DATA":
                self.say("354 go on")
                self.say("250 taken" if self._mail() else "451 cut off")
            elif verb == b"QUIT":
                return self.say("221 bye")
            else:
                self.say("250 fine")

    def _mail(self) -> bool:
        lines = []
        while (text := self.rfile.readline()) != b".\r\n":
            if not text:
                return False
            lines.append(text)
        self.server.copies[email.message_from_bytes(b"".join(lines))["Message-ID"].strip("<> ")] += 1
        return True

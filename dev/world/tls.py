"""A certificate authority of the world's own, and the mail servers' certificate."""
from __future__ import annotations

import pathlib
import subprocess

from .files import directory
from .say import Trouble

SUBJECT = "subjectAltName=DNS:localhost,DNS:mx.desk.test,IP:127.0.0.1\n" \
          "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n"


class Tls:
    """The files; made by make() if they aren't there. The authority's key is thrown away at once."""

    def __init__(self, directory_: pathlib.Path):
        self.dir = directory_
        self.ca, self.certificate, self.key = (directory_ / name for name in ("ca.pem", "server.pem", "server.key"))

    def make(self) -> None:
        if self.key.exists() and self.certificate.exists() and self.ca.exists():
            return
        directory(self.dir)
        authority, request, extensions = (self.dir / name for name in ("ca.key", "server.csr", "server.ext"))
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        extensions.write_text(SUBJECT)
        _openssl("req", "-x509", *key, "-days", "3650", "-subj", "/CN=Ticketloom test authority",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", authority, "-out", self.ca)
        _openssl("req", "-new", *key, "-subj", "/CN=localhost", "-keyout", self.key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", authority, "-set_serial", "2",
                 "-days", "3650", "-extfile", extensions, "-out", self.certificate)
        for path in (authority, request, extensions):
            path.unlink()
        self.key.chmod(0o600)


def _openssl(*arguments) -> None:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"openssl {arguments[0]} failed:\n{done.stderr.strip()}")

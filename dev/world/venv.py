"""Synapse's home: a virtual environment with exactly what it needs, made once per checkout."""
from __future__ import annotations

import fcntl
import os
import pathlib
import platform
import re
import subprocess

from .files import DEV, ROOT, directory, place, remove
from .say import Trouble, line, step

PYTHON = "/usr/bin/python3"  # Debian's: a Python below /root can't be run by the user that Synapse runs as
SYNAPSE = "matrix-synapse"
VERSION = "1.163.2"
# The driver that Synapse's [postgres] extra names has no wheels, and so would need a compiler and headers;
# this is the same code, built.
DRIVER = "psycopg2-binary"
# What tests hold against the desk and shares no code with it: a Matrix client for encrypted rooms, what asks an API for all that its
# description allows, and an object store that speaks S3's protocol. Not all have wheels for every machine.
PEERS = ("mautrix[encryption]==0.21.1", "schemathesis==4.32.5", "moto[s3,server]==5.2.5")


def python() -> pathlib.Path:
    """The environment's interpreter; makes the environment if there is none that is good."""
    with open(directory(DEV) / "venv.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        venv = place("venv")
        if not _finished(venv):
            remove(DEV / "venv")
            venv = place("venv")
            with step(f"installing Synapse {VERSION} into {venv}"):
                _install(venv)
    return venv / "bin" / "python"


def _marker(venv: pathlib.Path) -> tuple[pathlib.Path, str]:
    """The file that is written last, and what it says: another Python or another version, and all is made anew."""
    return venv / "finished", f"Python {platform.python_version()}, {SYNAPSE} {VERSION}, {DRIVER}, {', '.join(PEERS)}\n"


def _finished(venv: pathlib.Path) -> bool:
    path, text = _marker(venv)
    return path.exists() and path.read_text() == text


def _install(venv: pathlib.Path) -> None:
    interpreter = venv / "bin" / "python"
    _must([PYTHON, "-m", "venv", venv])
    pip = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
           "--only-binary", f"{DRIVER},{SYNAPSE}", DRIVER]
    if _run([*pip, f"{SYNAPSE}=={VERSION}"]).returncode:
        line(f"\nversion {VERSION} could not be had; trying the newest")
        _must([*pip, SYNAPSE])
    _must([interpreter, "-c", "import synapse.app.homeserver, psycopg2"])
    for peer in PEERS:
        if _run([interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", peer]).returncode:
            line(f"\n{peer} could not be had: the tests with it will fail")
    path, text = _marker(venv)
    path.write_text(text)


def _run(argv: list) -> subprocess.CompletedProcess:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run([str(a) for a in argv], capture_output=True, text=True, cwd=ROOT, env=env)


def _must(argv: list) -> None:
    done = _run(argv)
    if done.returncode:
        raise Trouble(f"{' '.join(str(a) for a in argv[:4])} … failed:\n{_without_hosts(done.stderr)}")


def _without_hosts(text: str) -> str:
    """pip's last words without the addresses that it was set up with, which are nobody's business."""
    text = re.sub(r"[a-z]+://\S+", "(index)", text)
    text = re.sub(r"host='[^']*'", "host='(index)'", text)
    return "\n".join(text.strip().splitlines()[-12:])

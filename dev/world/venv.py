"""Synapse's home: a virtual environment with exactly what it needs, made once per checkout."""
from __future__ import annotations

import pathlib
import re
import subprocess

from .files import DEV, directory, place, remove
from .say import Trouble, line, step

PYTHON = "/usr/bin/python3"  # Debian's: a Python below /root can't be run by the user that Synapse runs as
SYNAPSE = "matrix-synapse"
VERSION = "1.163.2"
# The driver that Synapse's [postgres] extra names has no wheels, and so would need a compiler and headers;
# this is the same code, built.
DRIVER = "psycopg2-binary"


def python() -> pathlib.Path:
    """The environment's interpreter; makes the environment if there is none that is good."""
    venv = place("venv")
    interpreter = venv / "bin" / "python"
    if _good(interpreter):
        return interpreter
    remove(DEV / "venv")
    venv = place("venv")
    with step(f"installing Synapse {VERSION} into {venv}"):
        _must([PYTHON, "-m", "venv", venv])
        pip = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
               "--only-binary", f"{DRIVER},{SYNAPSE}", DRIVER]
        pinned = _run([*pip, f"{SYNAPSE}=={VERSION}"])
        if pinned.returncode:
            line(f"\nversion {VERSION} is not to be had, taking the newest")
            _must([*pip, SYNAPSE])
        _must([interpreter, "-m", "compileall", "-q", "-j", "0", venv / "lib"], tolerate=(0, 1))
    if not _good(interpreter):
        raise Trouble(f"Synapse in {venv} does not start: {_run(_PROBE(interpreter)).stderr.strip()}")
    return interpreter


def _PROBE(interpreter: pathlib.Path) -> list:
    return [interpreter, "-c", "import synapse.app.homeserver, psycopg2"]


def _good(interpreter: pathlib.Path) -> bool:
    """Looked at rather than run: an import of Synapse takes seconds."""
    found = interpreter.parent.parent.glob("lib/python3*/site-packages/synapse/app/homeserver.py")
    complete = interpreter.parent.parent / "complete"
    if interpreter.exists() and any(found) and complete.exists():
        return True
    if interpreter.exists() and any(interpreter.parent.parent.glob("lib/python3*/site-packages/synapse")) \
            and _run(_PROBE(interpreter)).returncode == 0:
        complete.touch()
        return True
    return False


def _run(argv: list) -> subprocess.CompletedProcess:
    log = directory(DEV / "log")
    return subprocess.run([str(a) for a in argv], capture_output=True, text=True, cwd=log)


def _must(argv: list, tolerate: tuple[int, ...] = (0,)) -> None:
    done = _run(argv)
    if done.returncode not in tolerate:
        raise Trouble(f"{' '.join(str(a) for a in argv[:4])} … failed:\n{_without_hosts(done.stderr)}")


def _without_hosts(text: str) -> str:
    """pip's last words without the addresses that it was set up with, which are nobody's business."""
    text = re.sub(r"[a-z]+://\S+", "(index)", text)
    text = re.sub(r"host='[^']*'", "host='(index)'", text)
    return "\n".join(text.strip().splitlines()[-12:])

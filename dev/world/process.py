"""Processes: started for good, known by id and start time, ended for sure."""
from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys

from .files import ROOT, Account, am_root
from .say import Trouble, until


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on; None if there is no such process, or only its zombie."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields


def started(pid: int) -> int | None:
    """When it began (in the kernel's ticks), which tells it from a later process of the same id."""
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def everybody() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def descendants(pid: int) -> set[int]:
    """The process and all that came from it."""
    children: dict[int, list[int]] = {}
    for other in everybody():
        fields = _stat(other)
        if fields:
            children.setdefault(int(fields[1]), []).append(other)
    found, ahead = set(), [pid]
    while ahead:
        one = ahead.pop()
        if one not in found and _stat(one):
            found.add(one)
            ahead += children.get(one, [])
    return found


def at_work(directory: pathlib.Path, programs: tuple[str, ...]) -> set[int]:
    """Processes that run one of `programs` (beginnings of paths) with a working directory below `directory`.

    That finds what a killed server left behind, and never a shell that somebody has open there.
    """
    found = set()
    for pid in everybody():
        try:
            cwd, program = os.readlink(f"/proc/{pid}/cwd"), os.readlink(f"/proc/{pid}/exe")
        except OSError:
            continue
        if program.startswith(programs) and pathlib.Path(cwd).is_relative_to(directory) and _stat(pid):
            found.add(pid)
    return found


def spawn(argv: list[str], *, cwd: pathlib.Path, log: pathlib.Path, owner: Account | None = None,
          env: dict[str, str] | None = None, private: bool = True) -> int:
    """Starts a daemon in a session of its own, as `owner` if we are root; returns its id."""
    identity = {}
    if owner and am_root():
        identity = {"user": owner.uid, "group": owner.gid, "extra_groups": []}
    if env is None:
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
               "LANG": "C.UTF-8", "HOME": str(cwd)}
    order = {"argv": [str(a) for a in argv], "cwd": str(cwd), "log": str(log), "env": env,
             "identity": identity, "private": private}
    told = subprocess.run([sys.executable, "-m", "world.launch"], input=json.dumps(order), text=True,
                          capture_output=True, cwd=ROOT / "dev")
    if told.returncode:
        raise Trouble(f"could not start {argv[0]}: {told.stderr.strip().splitlines()[-1]}")
    return int(told.stdout)


def send(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def gone(pids: set[int]) -> bool:
    return not any(_stat(pid) for pid in pids)


def reaped(pids: set[int]) -> None:
    """Waits until not even zombies are left, where the machine's first process is slow to bury them."""
    try:
        until("buried", lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), 10)
    except Trouble:
        pass  # it never buries anybody: not our doing


def kill(find, what: str) -> None:
    """SIGKILLs what find() finds until it finds nothing: a dying server may still be forking."""
    def nobody_left():
        pids = find()
        send(pids, signal.SIGKILL)
        return not pids
    until(f"{what} is gone after SIGKILL", nobody_left, 20)

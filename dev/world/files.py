"""Where things lie, and whose they are."""
from __future__ import annotations

import grp
import hashlib
import os
import pathlib
import pwd
import shutil
import stat
from dataclasses import dataclass

from .say import Trouble

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEV = ROOT / ".dev"
LONGEST = 62  # of a world's path: the longest socket below it must fit the kernel's 107 bytes


@dataclass(frozen=True)
class Account:
    """A user that a server runs as."""
    name: str
    group: str

    @property
    def uid(self) -> int:
        return pwd.getpwnam(self.name).pw_uid

    @property
    def gid(self) -> int:
        return grp.getgrnam(self.group).gr_gid


def am_root() -> bool:
    return os.geteuid() == 0


def account(name: str, group: str | None = None) -> Account:
    """The named account if we are root and may use it, else our own."""
    if am_root():
        return Account(name, group or grp.getgrgid(pwd.getpwnam(name).pw_gid).gr_name)
    return Account(pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name)


def write(path: pathlib.Path, text: str, mode: int = 0o644, owner: Account | None = None) -> None:
    """Puts a file in place in one piece, never readable for more people than it is meant for."""
    beside = path.with_name(path.name + ".new")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    if owner and am_root():
        os.chown(beside, owner.uid, owner.gid)
    os.chmod(beside, mode)
    os.replace(beside, path)


def directory(path: pathlib.Path, mode: int = 0o755, owner: Account | None = None) -> pathlib.Path:
    path.mkdir(parents=True, exist_ok=True)
    if owner and am_root():
        os.chown(path, owner.uid, owner.gid)
    os.chmod(path, mode)
    return path


def place(name: str) -> pathlib.Path:
    """The directory .dev/NAME, or what it links to.

    A checkout below a directory that others can't enter (/root), or with a path too long for a Unix
    socket, is no place for servers: then the directory is below /var/tmp, under a name that only this
    checkout has.
    """
    wished = DEV / name
    if wished.is_symlink() or (wished.exists() and suitable(wished)):
        return wished.resolve()
    if suitable(wished):
        return directory(wished)
    short = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]
    base = pathlib.Path("/var/tmp") / f"ticketloom-{short}"
    base.mkdir(mode=0o755, exist_ok=True)
    if base.is_symlink() or base.stat().st_uid != os.geteuid():
        raise Trouble(f"{base} belongs to somebody else; move it away")
    directory(DEV)
    wished.symlink_to(directory(base / name))
    return (base / name).resolve()


def suitable(path: pathlib.Path) -> bool:
    """Whether servers under other users can live there."""
    if len(os.fsencode(path)) > LONGEST:
        return False
    return not am_root() or all(
        parent.stat().st_mode & stat.S_IXOTH for parent in path.parents if parent.exists())


def remove(path: pathlib.Path) -> None:
    """Removes a directory; of a link, also what it leads to."""
    if path.is_symlink():
        shutil.rmtree(path.resolve(), ignore_errors=True)
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)

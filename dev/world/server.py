"""What all servers have in common: to be described, started, stopped, killed and looked at."""
from __future__ import annotations

import hashlib
import json
import pathlib
import signal
import socket
from dataclasses import dataclass

from . import process
from .files import Account, directory, write
from .say import Trouble, until


@dataclass(frozen=True)
class File:
    """A configuration file as it ought to be."""
    text: str
    mode: int = 0o644
    owner: Account | None = None


class Server:
    """One server of a world. Subclasses say what is special: files, command, and when it answers."""

    name = ""
    title = ""
    programs: tuple[str, ...] = ()  # beginnings of the paths of all programs that it runs
    port_names: tuple[str, ...] = ()
    patience = 60.0
    stop_signal = signal.SIGTERM
    stop_patience = 20.0

    def __init__(self, world):
        self.world = world
        self.dir: pathlib.Path = world.dir / self.name

    # --- what subclasses say ---------------------------------------------------------------------

    def files(self) -> dict[pathlib.Path, File]:
        """The configuration. A running server whose files differ from this is restarted."""
        return {}

    def prepare(self) -> None:
        """Makes what must be there before the first start."""

    def launch(self) -> int:
        """Starts it; returns the id of the process that stands for it."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it serves now."""
        raise NotImplementedError

    def furnish(self) -> None:
        """Fills it with what the world needs, once it answers. May be called again."""

    # --- what is the same for all ----------------------------------------------------------------

    @property
    def log(self) -> pathlib.Path:
        return self.dir / "log"

    def port(self, name: str | None = None) -> int:
        return self.world.state.port(name or self.port_names[0])

    @property
    def _record(self) -> pathlib.Path:
        return self.world.dir / f"{self.name}.pid"

    def version(self) -> str:
        """What else than its files it was started with."""
        return ""

    def fingerprint(self) -> str:
        described = "\0".join(f"{path}\0{file.text}" for path, file in sorted(self.files().items()))
        return hashlib.sha256(described.encode()).hexdigest()

    def _recorded(self) -> dict:
        """What was noted at its start."""
        try:
            return json.loads(self._record.read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def pid(self) -> int | None:
        """The id of the running server; None if it isn't running, whoever has that id now."""
        noted = self._recorded()
        began = process.started(noted["pid"]) if noted else None
        return noted["pid"] if began is not None and began == noted["started"] else None

    def well_configured(self) -> bool:
        """Whether it runs with the files that it ought to have."""
        return self.pid() is not None and self._recorded()["files"] == self.fingerprint()

    def up_to_date(self) -> bool:
        return self.well_configured() and self._recorded().get("version", "") == self.version()

    def members(self) -> set[int]:
        """All its processes, those that an earlier, killed one left behind included."""
        pid = self.pid()
        return process.at_work(self.dir, self.programs) | (process.descendants(pid) if pid else set())

    def start(self) -> None:
        """Returns when it answers; at once if it does already."""
        if self.pid() and not self.up_to_date():
            self.stop()
        if not self.pid():
            self.sweep()
            directory(self.dir)
            for path, file in self.files().items():
                directory(path.parent)
                write(path, file.text, file.mode, file.owner)
            self.prepare()
            pid = self.launch()
            self._note(pid)
        self.await_answer()
        self.furnish()

    def _note(self, pid: int) -> None:
        write(self._record, json.dumps({"pid": pid, "started": process.started(pid),
                                        "files": self.fingerprint(), "version": self.version()}) + "\n")

    def await_answer(self) -> None:
        def answered():
            if not self.pid():
                raise Trouble(f"{self.title} ended at its start:\n{self.last_words()}")
            return self.answers()
        until(f"{self.title} answers (see {self.log})", answered, self.patience)

    def last_words(self) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        except FileNotFoundError:
            return "(it wrote nothing)"

    def stop(self) -> None:
        """Asks it to end, insists after a while, and returns when nothing of it is left."""
        pid = self.pid()
        if pid:
            process.send({pid}, self.stop_signal)
            try:
                until(f"{self.title} has ended", lambda: process.gone({pid}), self.stop_patience)
            except Trouble:
                pass
        self.sweep(seconds=1)
        self._record.unlink(missing_ok=True)

    def kill(self) -> None:
        """SIGKILLs all of it at once, as a power cut does."""
        process.kill(self.members, self.title)
        self._record.unlink(missing_ok=True)

    def sweep(self, seconds: float = 0) -> None:
        """Ends what is left of it; gives its children `seconds` to see for themselves that they are orphans."""
        try:
            until("children have ended", lambda: not self.members(), seconds)
        except Trouble:
            process.kill(self.members, self.title)


def greeting(port: int, prefix: bytes) -> bool:
    """Whether a server's first words on that port begin so. A connection alone proves little: the kernel,
    or the last child of a dying server, may still accept it."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            return connection.recv(200).startswith(prefix)
    except OSError:
        return False

"""PostgreSQL: a cluster of the world's own, with the durability of a real one (fsync is on)."""
from __future__ import annotations

import os
import pathlib
import signal
import subprocess

from .files import account, am_root, directory, write
from .process import spawn
from .say import Trouble
from .server import File, Server

CONFIG = """\
data_directory = '{dir}/data'
hba_file = '{dir}/pg_hba.conf'
ident_file = '{dir}/pg_ident.conf'
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{dir}/run'
unix_socket_permissions = 0700
max_connections = 300
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %q%u@%d '
"""

ACCESS = """\
local all all                scram-sha-256
host  all all 127.0.0.1/32   scram-sha-256
"""

# Synapse insists on C; the desk wants lower() and sorting to know more letters than ASCII.
ROLES = r"""
\set ON_ERROR_STOP on
SELECT format('CREATE ROLE %I LOGIN CREATEDB', name) FROM (VALUES ('synapse'), ('ticketloom')) AS wanted (name)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE synapse NOCREATEDB PASSWORD :'synapse';
ALTER ROLE ticketloom PASSWORD :'ticketloom';
SELECT 'CREATE DATABASE synapse OWNER synapse ENCODING ''UTF8'' LOCALE ''C'' TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'synapse') \gexec
SELECT 'CREATE DATABASE ticketloom OWNER ticketloom ENCODING ''UTF8'' LOCALE ''C.UTF-8'' TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'ticketloom') \gexec
"""


def binaries() -> pathlib.Path:
    """The directory of the newest PostgreSQL server that is installed."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if not found:
        raise Trouble("PostgreSQL's server is not installed")
    return found[-1].parent


class Postgres(Server):
    name = "postgres"
    title = "PostgreSQL"
    programs = ("/usr/lib/postgresql/",)
    port_names = ("postgres",)
    stop_signal = signal.SIGINT  # "fast": ends sessions, then checkpoints

    def __init__(self, world):
        super().__init__(world)
        self.owner = account("postgres")

    def url(self, role: str, database: str) -> str:
        return f"postgres://{role}:{self.password(role)}@127.0.0.1:{self.port()}/{database}"

    def password(self, role: str) -> str:
        return self.world.state.secret(f"database-{role}")

    def files(self):
        return {self.dir / "postgresql.conf": File(CONFIG.format(dir=self.dir, port=self.port())),
                self.dir / "pg_hba.conf": File(ACCESS),
                self.dir / "pg_ident.conf": File("")}

    def prepare(self) -> None:
        directory(self.dir / "run", 0o755, self.owner)
        data = self.dir / "data"
        # Nothing of it is left (start() has seen to that), but while a killed postmaster is a zombie,
        # PostgreSQL would take these files for a living one's.
        for stale in (data / "postmaster.pid", *(self.dir / "run").glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        if (data / "PG_VERSION").exists():
            self._same_version(data)
            return
        directory(data, 0o700, self.owner)
        secret = self.dir / "initial-password"
        write(secret, self.password("postgres") + "\n", 0o600, self.owner)
        try:
            self._run([binaries() / "initdb", "--pgdata", data, "--username", "postgres", "--pwfile", secret,
                       "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions"])
        finally:
            secret.unlink()

    def _same_version(self, data: pathlib.Path) -> None:
        theirs, ours = (data / "PG_VERSION").read_text().strip(), binaries().parts[4]
        if theirs != ours:
            raise Trouble(f"{data} was made by PostgreSQL {theirs}, and {ours} is installed: dev/down --wipe")

    def _run(self, argv: list) -> None:
        identity = {"user": self.owner.uid, "group": self.owner.gid, "extra_groups": []} if am_root() else {}
        done = subprocess.run([str(a) for a in argv], cwd=self.dir, capture_output=True, text=True, **identity)
        if done.returncode:
            raise Trouble(f"{argv[0]} failed:\n{done.stderr.strip()}")

    def launch(self) -> int:
        return spawn([binaries() / "postgres", "-c", f"config_file={self.dir}/postgresql.conf"],
                     cwd=self.dir / "run", log=self.log, owner=self.owner)

    def answers(self) -> bool:
        """Whether it takes connections; one that still recovers listens already, but refuses."""
        probe = [binaries() / "pg_isready", "-q", "-t", "2", "-d", f"host=127.0.0.1 port={self.port()} dbname=postgres user=postgres"]
        return subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0

    def furnish(self) -> None:
        done = self.dir / "furnished"
        if not done.exists():
            self.sql(ROLES, synapse=self.password("synapse"), ticketloom=self.password("ticketloom"))
            done.touch()

    def sql(self, text: str, database: str = "postgres", **variables: str) -> str:
        """What psql prints for `text`, run as the superuser."""
        argv = [str(binaries() / "psql"), "-XqAt", "-h", "127.0.0.1", "-p", str(self.port()), "-U", "postgres", database]
        for name, value in variables.items():
            argv += ["-v", f"{name}={value}"]
        done = subprocess.run(argv, input=text, text=True, capture_output=True,
                              env={**os.environ, "PGPASSWORD": self.password("postgres")})
        if done.returncode:
            raise Trouble(f"psql failed:\n{done.stderr.strip()}")
        return done.stdout

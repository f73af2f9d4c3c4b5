"""The Debian package, tried: in a Debian of its own, with a systemd and a PostgreSQL of its own, as an operator would."""
from __future__ import annotations

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from .files import ROOT
from .say import Trouble, line, step, until

OUT = ROOT / "target/package"
BASE = OUT / "root.tar"
TREE = OUT / "root"
# What a machine has that a desk is put onto.
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,postgresql,man-db"
EXPOSURE = 20  # tenths
CONFIG = "/etc/ticketloom/ticketloom.toml"
SECRET = "/etc/ticketloom/matrix-password"
# What an operator switches on in the file that the package brings.
SETTINGS = {
    '#url = "postgres:///ticketloom?host=/run/postgresql&user=ticketloom"': None,
    '#homeserver = "https://matrix.example.org"': 'homeserver = "http://127.0.0.1:9"',  # away, and mail comes in all the same
    '#user = "@tickets:example.org"': None,
    '#password_file = "/etc/ticketloom/matrix-password"': None,
    "#[lmtp]": None,
    '#listen = "127.0.0.1:2400"': None,
    '#host = "mail.example.org"': None,
    "#[http]": None,
    '#listen = "127.0.0.1:8080"': None,
}
LMTP = """
import smtplib, sys
with smtplib.LMTP('127.0.0.1', 2400, 'client.test') as server:
    mail = 'From: carol@customer.test\\r\\nTo: support@example.org\\r\\nSubject: %s\\r\\nMessage-ID: <%s@customer.test>\\r\\n\\r\\nHello'
    server.sendmail('carol@customer.test', ['support@example.org'], mail % (sys.argv[1], sys.argv[1]))
"""
HEALTH = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8080/health', timeout=5).status)"


def run(*command: str, ok: bool = True) -> subprocess.CompletedProcess:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ok and done.returncode:
        raise Trouble(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}")
    return done


def must(true: bool, what: str) -> None:
    if not true:
        raise Trouble(f"not so: {what}")


def is_apart(process: str) -> bool:
    """Whether a process shares nothing with this machine that a command in its place could change."""
    try:
        return all(os.readlink(f"/proc/{process}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}")
                   for kind in ("mnt", "pid", "net", "uts", "ipc"))
    except OSError:  # gone already
        return False


class Machine:
    """A Debian in a directory, with a network of its own; booted and stopped."""

    def __init__(self) -> None:
        shutil.rmtree(TREE, ignore_errors=True)
        TREE.mkdir(parents=True)
        run("tar", "-C", str(TREE), "-xf", str(BASE))
        self.process: subprocess.Popen | None = None
        self.leader = 0

    def boot(self) -> None:
        with open(OUT / "boot.log", "w") as log:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--boot", "-D", str(TREE)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")

        def is_up() -> bool:
            # Its first process is the child that has left this machine altogether; another one only prepares it.
            for child in filter(is_apart, children.read_text().split()):
                self.leader = int(child)
                if self.run("systemctl", "is-system-running", ok=False).stdout.strip() in ("running", "degraded"):
                    return True
            return False

        until("the machine has booted", is_up, 60, every=0.2)

    def run(self, *command: str, ok: bool = True) -> subprocess.CompletedProcess:
        environment = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
        return run("nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", *environment, *command, ok=ok)

    def desk(self, *arguments: str, ok: bool = True) -> str:
        """The program as the desk's user, as operators call it."""
        return self.run("runuser", "-u", "ticketloom", "--", "ticketloom", *arguments, ok=ok).stdout

    def python(self, program: str, *arguments: str, ok: bool = True) -> subprocess.CompletedProcess:
        """A program of this machine's in the other's network."""
        return run("nsenter", "-t", str(self.leader), "-n", sys.executable, "-c", program, *arguments, ok=ok)

    def unit(self, what: str) -> str:
        return self.run("systemctl", "show", "--value", "--property", what, "ticketloom.service").stdout.strip()

    def state(self) -> str:
        return self.unit("ActiveState")

    def stat(self, path: str) -> str:
        return self.run("stat", "-c", "%U:%G %a", path).stdout.strip()

    def path(self, name: str) -> pathlib.Path:
        return TREE / name.lstrip("/")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)  # a clean power off
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(TREE, ignore_errors=True)


def base() -> None:
    if not BASE.exists():
        with step("a Debian to install it into"):
            OUT.mkdir(parents=True, exist_ok=True)
            suite = next(row.split("=")[1].strip('"') for row in pathlib.Path("/etc/os-release").read_text().splitlines()
                         if row.startswith("VERSION_CODENAME="))
            run("mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", suite, f"{BASE}.new")
            pathlib.Path(f"{BASE}.new").rename(BASE)


def looked_at(deb: str) -> None:
    with step("lintian finds no error"):
        run("lintian", "--allow-root", "--fail-on", "error", deb)
    with step(f"the unit's exposure is at most {EXPOSURE / 10}"):
        told = run("systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={EXPOSURE}",
                   str(ROOT / "dist/ticketloom.service")).stdout
    line(told.strip().splitlines()[-1])


def installed(machine: Machine, deb: str) -> None:
    with step("installed: a user, a manual, nothing started"):
        bring(machine, deb)
        must(machine.run("systemctl", "is-enabled", "ticketloom", ok=False).stdout.strip() == "disabled", "it is not enabled")
        must(machine.state() == "inactive", "it is not started")
        must(machine.stat("/etc/ticketloom") == "root:ticketloom 750", machine.stat("/etc/ticketloom"))
        must(machine.stat(CONFIG) == "root:ticketloom 640", machine.stat(CONFIG))
        must(machine.stat("/var/lib/ticketloom") == "ticketloom:ticketloom 700", machine.stat("/var/lib/ticketloom"))
        for page in (("1", "ticketloom"), ("1", "ticketloom-queue-set"), ("5", "ticketloom.toml")):
            machine.run("man", "-w", *page)
        machine.run("systemd-analyze", "verify", "--man=yes", "ticketloom.service")
        must("complete -F" in machine.path("/usr/share/bash-completion/completions/ticketloom").read_text(), "completions")
    with step("without a configuration it ends, says what is missing, and is not tried again"):
        machine.run("systemctl", "start", "ticketloom", ok=False)
        until("it has failed", lambda: machine.state() == "failed", 10)
        must((machine.unit("ExecMainStatus"), machine.unit("NRestarts")) == ("78", "0"), "ends once, with 78")
        must("database.url: is missing" in machine.run("journalctl", "-u", "ticketloom").stdout, "it says what is missing")


def bring(machine: Machine, deb: str) -> None:
    shutil.copy(deb, machine.path("/root/ticketloom.deb"))
    machine.run("dpkg", "--force-confdef", "--force-confold", "-i", "/root/ticketloom.deb")


def configured(machine: Machine) -> None:
    with step("configured by its own file, with a database behind a Unix socket"):
        machine.run("runuser", "-u", "postgres", "--", "createuser", "ticketloom")
        machine.run("runuser", "-u", "postgres", "--", "createdb", "-O", "ticketloom", "ticketloom")
        text = machine.path(CONFIG).read_text()
        for off, on in SETTINGS.items():
            must(off in text, f"the example has {off}")
            text = text.replace(off, on or off[1:], 1)
        machine.path(CONFIG).write_text(text)
        machine.path(SECRET).write_text("a password\n")
        machine.run("chown", "root:ticketloom", SECRET)
        machine.run("chmod", "640", SECRET)


def started(machine: Machine) -> None:
    with step("started on an empty database, and takes mail within its bounds"):
        machine.run("systemctl", "enable", "--now", "ticketloom")
        must(machine.state() == "active", "it is active")
        machine.desk("queue", "add", "support", "support@example.org")
        mail(machine, "first")
        must(machine.python(HEALTH).stdout.strip() == "200", "it answers by HTTP")
        main = machine.unit("MainPID")
        status = machine.run("cat", f"/proc/{main}/status").stdout
        must("Seccomp:\t2" in status and "NoNewPrivs:\t1" in status and "CapEff:\t0000000000000000" in status, "the kernel holds the bounds")
    with step("a password that only root can read, handed over by systemd"):
        machine.run("chown", "root:root", SECRET)
        machine.run("chmod", "600", SECRET)
        machine.run("systemctl", "restart", "ticketloom", ok=False)
        until("it has failed without", lambda: machine.state() == "failed", 10)
        folder = machine.path("/etc/systemd/system/ticketloom.service.d")
        folder.mkdir()
        (folder / "secrets.conf").write_text(
            f"[Service]\nLoadCredential=matrix-password:{SECRET}\nEnvironment=TICKETLOOM_MATRIX_PASSWORD_FILE=%d/matrix-password\n")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "ticketloom")
        must(machine.state() == "active", "it is active")
    with step("killed, it comes back"):
        before = machine.unit("MainPID")
        machine.run("systemctl", "kill", "-s", "KILL", "ticketloom")
        until("it is back", lambda: machine.state() == "active" and machine.unit("MainPID") != before, 20, every=0.2)


def mail(machine: Machine, subject: str) -> None:
    machine.python(LMTP, subject)
    # The password is root's alone by then, and the list needs only the database.
    told = lambda: subject in sql(machine, "select subject from ticket")
    until(f"the mail {subject!r} is a ticket", told, 20, every=0.2)


def sql(machine: Machine, query: str) -> str:
    return machine.run("runuser", "-u", "postgres", "--", "psql", "-qtAd", "ticketloom", "-c", query).stdout


def upgraded(machine: Machine, deb: str) -> None:
    with step("upgraded: configuration kept, restarted, goes on"):
        tree, newer = OUT / "newer", OUT / "newer.deb"
        shutil.rmtree(tree, ignore_errors=True)
        run("dpkg-deb", "-R", deb, str(tree))
        control = tree / "DEBIAN/control"
        control.write_text(control.read_text().replace("\nVersion: ", "\nVersion: 1:"))
        with open(tree / CONFIG.lstrip("/"), "a") as example:
            example.write("# One more line.\n")
        run("dpkg-deb", "--root-owner-group", "-Znone", "-b", str(tree), str(newer))
        shutil.rmtree(tree)
        before, kept, modes = machine.unit("MainPID"), machine.path(CONFIG).read_text(), machine.stat(CONFIG)
        bring(machine, str(newer))
        newer.unlink()
        must(machine.path(CONFIG).read_text() == kept, "the configuration is as it was")
        must(machine.stat(CONFIG) == modes, "and nobody else can read it")
        must(machine.path(f"{CONFIG}.dpkg-dist").exists(), "the new example is beside it")
        must(machine.state() == "active" and machine.unit("MainPID") != before, "it was restarted")
        mail(machine, "second")


def removed(machine: Machine) -> None:
    with step("removed: stopped; configuration and state stay"):
        main = machine.unit("MainPID")
        machine.run("dpkg", "--remove", "ticketloom")
        must(machine.run("test", "-e", f"/proc/{main}", ok=False).returncode != 0, "it does not run any more")
        must(machine.run("test", "-e", "/usr/bin/ticketloom", ok=False).returncode != 0, "the program is away")
        must(machine.path(CONFIG).exists() and machine.path("/var/lib/ticketloom").is_dir(), "configuration and state are there")
    with step("purged: nothing of it is left but what others brought, and the database"):
        machine.run("dpkg", "--purge", "ticketloom")
        must(machine.run("getent", "passwd", "ticketloom", ok=False).returncode != 0, "there is no user")
        must(not machine.path("/var/lib/ticketloom").exists(), "there is no state")
        left = sorted(path.name for path in machine.path("/etc/ticketloom").iterdir())
        must(left == ["matrix-password"], f"only the operator's own file is left: {left}")
        must(machine.stat("/etc/ticketloom") == "root:root 750", machine.stat("/etc/ticketloom"))
        must(sorted(sql(machine, "select subject from ticket").split()) == ["first", "second"], "the record is untouched")


def main() -> int:
    deb = str(pathlib.Path(sys.argv[1]).resolve())
    began = time.monotonic()
    looked_at(deb)
    base()
    machine = Machine()
    try:
        with step("a machine boots"):
            machine.boot()
        installed(machine, deb)
        configured(machine)
        started(machine)
        upgraded(machine, deb)
        removed(machine)
    except Trouble:
        if machine.leader:
            line(machine.run("journalctl", "--no-pager", "-n", "40", "-u", "ticketloom", ok=False).stdout)
        raise
    finally:
        machine.remove()
    line(f"the package is sound ({time.monotonic() - began:.0f} s)")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        line(str(trouble))
        sys.exit(1)

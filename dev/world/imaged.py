"""The OCI image, tried: unpacked, its root read-only, as a user without a name, and all its settings variables."""
from __future__ import annotations

import json
import pathlib
import sys
import tarfile

from .packaged import HEALTH, Machine, base, mail, must, sql
from .say import Trouble, line, step, until

# What a desk with a file would have in it; `database` is a name that only /etc/hosts knows, as a container's network gives it.
SETTINGS = {
    "DATABASE_URL": "postgres://ticketloom:word@database/ticketloom",
    "MATRIX_HOMESERVER": "http://127.0.0.1:9",
    "MATRIX_USER": "@tickets:example.org",
    "MATRIX_PASSWORD_FILE": "/run/secrets/matrix-password",
    "LMTP_LISTEN": "127.0.0.1:2400",
    "SMTP_HOST": "mail.example.org",
    "HTTP_LISTEN": "127.0.0.1:8080",
    "IMAP_1_QUEUE": "support",
    "IMAP_1_HOST": "imap.example.org",
    "IMAP_1_USER": "support@example.org",
    "IMAP_1_PASSWORD": "word",
}


def unpacked(image: pathlib.Path, tree: pathlib.Path) -> dict:
    """The image's files below `tree`; its configuration."""
    blob = lambda entry: image / "blobs" / entry["digest"].replace(":", "/")
    manifest = json.loads(blob(json.loads((image / "index.json").read_text())["manifests"][0]).read_text())
    tree.mkdir(parents=True)
    for layer in manifest["layers"]:
        with tarfile.open(blob(layer)) as files:
            files.extractall(tree)
    return json.loads(blob(manifest["config"]).read_text())["config"]


def command(machine: Machine, config: dict, unit: str, *arguments: str) -> list[str]:
    """As a container's runtime does it: read-only root, one volume, no rights, `/etc/hosts` of the network."""
    settings = [*config["Env"], *(f"TICKETLOOM_{key}={value}" for key, value in SETTINGS.items())]
    properties = ["RootDirectory=/srv/image", "MountAPIVFS=yes", "ProtectSystem=strict", "ReadWritePaths=/data", "User=anybody",
                  "BindPaths=/srv/data:/data", "BindReadOnlyPaths=/etc/hosts /srv/secrets:/run/secrets",
                  "CapabilityBoundingSet=", "NoNewPrivileges=yes"]
    told = [f"-p{one}" for one in properties] + [f"-E{one}" for one in settings]
    return ["systemd-run", "--quiet", f"--unit={unit}", *told, *arguments]


def started(machine: Machine, config: dict) -> None:
    machine.run("runuser", "-u", "postgres", "--", "psql", "-qc", "create role ticketloom login password 'word'")
    machine.run("runuser", "-u", "postgres", "--", "createdb", "-O", "ticketloom", "ticketloom")
    # Known to the machine; to the image 4711 is a mere number.
    machine.run("useradd", "--uid", "4711", "--user-group", "anybody")
    for folder in ("/srv/data", "/srv/secrets"):
        machine.path(folder).mkdir()
        machine.run("chown", "4711:4711", folder)
        machine.run("chmod", "700", folder)
    machine.path("/srv/secrets/matrix-password").write_text("a password\n")
    machine.run("chown", "4711", "/srv/secrets/matrix-password")
    with open(machine.path("/etc/hosts"), "a") as hosts:
        hosts.write("127.0.0.1 database\n")
    machine.run(*command(machine, config, "image", *config["Entrypoint"], *config["Cmd"]))
    until("it answers", lambda: machine.python(HEALTH, ok=False).stdout.strip() == "200", 30, every=0.2)


def main() -> int:
    base()
    machine = Machine()
    try:
        with step("a machine boots"):
            config = unpacked(pathlib.Path(sys.argv[1]), machine.path("/srv/image"))
            machine.boot()
        must(config["User"] == "10001:10001", "by itself it runs as no root")
        with step("started with variables alone, on an empty database"):
            started(machine, config)
        with step("takes mail, and reads it"):
            add = [*config["Entrypoint"], "queue", "add", "support", "support@example.org"]
            machine.run(*command(machine, config, "add", "--wait", "--pipe", *add))
            mail(machine, "first")
        with step("stops when it is asked to"):
            machine.run("systemctl", "stop", "image")
            log = machine.run("journalctl", "-u", "image").stdout
            must("the desk closes" in log and "Failed" not in log, log)
        must(sql(machine, "select count(*) from ticket").strip() == "1", "one mail is one ticket")
    except Trouble:
        if machine.leader:
            line(machine.run("journalctl", "--no-pager", "-n", "40", "-u", "image", "-u", "add", ok=False).stdout)
        raise
    finally:
        machine.remove()
    line("the image is sound")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        line(str(trouble))
        sys.exit(1)

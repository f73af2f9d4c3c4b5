"""Synapse: one process on PostgreSQL, not federated, closed for registration; and its people."""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import socket

from . import http, venv
from .files import account, directory, write
from .process import spawn
from .server import File, Server

SERVER_NAME = "desk.test"
BOT = "tickets"
ADMIN = "root"
PEOPLE = ("alice", "bob", "walter")

_PLENTY = {"per_second": 1_000_000, "burst_count": 1_000_000}
# Test programs log in more often than people do.
LOGINS = {"rc_login": {"address": _PLENTY, "account": _PLENTY, "failed_attempts": _PLENTY}}
# A world for tests only: there, nobody has limits.
LIFTED = LOGINS | {
    "rc_message": _PLENTY, "rc_registration": _PLENTY, "rc_admin_redaction": _PLENTY, "rc_3pid_validation": _PLENTY,
    "rc_joins": {"local": _PLENTY, "remote": _PLENTY}, "rc_joins_per_room": _PLENTY,
    "rc_invites": {"per_room": _PLENTY, "per_user": _PLENTY, "per_issuer": _PLENTY},
    "rc_room_creation": _PLENTY, "rc_reports": _PLENTY, "rc_presence": {"per_user": _PLENTY},
    "rc_key_requests": _PLENTY, "rc_delayed_event_mgmt": _PLENTY,
    "rc_media_create": _PLENTY, "remote_media_download_per_second": "1G", "remote_media_download_burst_count": "1G",
}


def user_id(name: str) -> str:
    return f"@{name}:{SERVER_NAME}"


class Synapse(Server):
    name = "synapse"
    title = "Synapse"
    port_names = ("synapse",)
    patience = 120.0

    def __init__(self, world):
        super().__init__(world)
        self.owner = account("nobody")
        self.programs = ("/usr/bin/python3", str(venv.place("venv")))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port()}"

    def password(self, name: str) -> str:
        return self.world.state.secret(f"matrix-{name}", 4 if name in PEOPLE else 12)

    @property
    def shared_secret(self) -> str:
        return self.world.state.secret("matrix-registration", 24)

    def files(self):
        # JSON is YAML, and needs no template.
        return {self.dir / "homeserver.yaml": File(json.dumps(self._config(), indent=1) + "\n", 0o640, self.owner),
                self.dir / "log.yaml": File(json.dumps(self._logging(), indent=1) + "\n", 0o644)}

    def _config(self) -> dict:
        config = {
            "server_name": SERVER_NAME,
            "public_baseurl": self.url + "/",
            "pid_file": str(self.dir / "data" / "pid"),
            "listeners": [{"port": self.port(), "bind_addresses": ["127.0.0.1"], "type": "http", "tls": False,
                           "x_forwarded": False, "resources": [{"names": ["client"], "compress": False}]}],
            "database": {"name": "psycopg2", "args": {
                "user": "synapse", "password": self.world.postgres.password("synapse"), "dbname": "synapse",
                "host": "127.0.0.1", "port": self.world.postgres.port(), "cp_min": 2, "cp_max": 10}},
            "log_config": str(self.dir / "log.yaml"),
            "media_store_path": str(self.dir / "data" / "media"),
            "signing_key_path": str(self.dir / "signing.key"),
            "registration_shared_secret": self.shared_secret,
            "macaroon_secret_key": self.world.state.secret("matrix-macaroon", 24),
            "form_secret": self.world.state.secret("matrix-form", 24),
            "enable_registration": False,
            "bcrypt_rounds": 4,  # strangers can't reach it, and test programs log in all the time
            "report_stats": False,
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "federation_domain_whitelist": [],
            "url_preview_enabled": False,
            "presence": {"enabled": False},
        }
        if self.world.state.get("open_media"):
            config["enable_authenticated_media"] = False
        return config | (LIFTED if self.world.unlimited else LOGINS)

    def _logging(self) -> dict:
        return {"version": 1, "disable_existing_loggers": False,
                "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
                "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
                "root": {"level": "WARNING", "handlers": ["out"]}}

    def prepare(self) -> None:
        directory(self.dir / "data", 0o700, self.owner)
        key = self.dir / "signing.key"
        if not key.exists():
            seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
            write(key, f"ed25519 a_{secrets.token_hex(2)} {seed}\n", 0o600, self.owner)

    def launch(self) -> int:
        argv = [venv.python(), "-m", "synapse.app.homeserver", "--config-path", self.dir / "homeserver.yaml"]
        return spawn(argv, cwd=self.dir / "data", log=self.log, owner=self.owner)

    def answers(self) -> bool:
        return http.healthy(self.url + "/health")

    def furnish(self) -> None:
        """The accounts, and the bot's own freedom from rate limits, as an operator gives it."""
        if self.world.state.get("people") == self.world.state.get("secrets", {}).get("matrix-registration"):
            return
        for name in (BOT, *PEOPLE):
            self._register(name, admin=False)
        self._register(ADMIN, admin=True)
        self.world.state.set("admin_token", self.login(ADMIN))
        self.admin("POST", f"/_synapse/admin/v1/users/{http.quoted(user_id(BOT))}/override_ratelimit",
                   {"messages_per_second": 0, "burst_count": 0})
        self.world.state.set("people", self.shared_secret)

    def _register(self, name: str, admin: bool) -> None:
        url = self.url + "/_synapse/admin/v1/register"
        nonce = http.call("GET", url)["nonce"]
        words = [nonce, name, self.password(name), "admin" if admin else "notadmin"]
        mac = hmac.new(self.shared_secret.encode(), "\0".join(words).encode(), hashlib.sha1).hexdigest()
        try:
            http.call("POST", url, {"nonce": nonce, "username": name, "password": self.password(name),
                                    "admin": admin, "mac": mac, "inhibit_login": True})
        except http.Refused as refused:
            if refused.body.get("errcode") != "M_USER_IN_USE":
                raise

    def login(self, name: str) -> str:
        """A new device's access token."""
        answer = http.call("POST", self.url + "/_matrix/client/v3/login", {
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": name},
            "password": self.password(name), "initial_device_display_name": f"dev/world on {socket.gethostname()}"})
        return answer["access_token"]

    def admin(self, method: str, path: str, body: dict | None = None) -> dict:
        return http.call(method, self.url + path, body, token=self.world.state.get("admin_token"))

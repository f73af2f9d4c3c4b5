"""An agent's Matrix client: says things in a thread, and follows what the room says."""
from __future__ import annotations

import json
import time
import uuid

from . import http
from .say import Trouble


class Agent:
    """Somebody who is logged in; close() logs out again."""

    def __init__(self, stack: dict, who: dict):
        self.url, self.user_id = stack["homeserver"]["url"], who["user_id"]
        self.name = self.user_id[1:].partition(":")[0]
        self.token: str | None = None
        self.since: str | None = None
        self.invited: dict[str, list[dict]] = {}
        self.token = self._call("POST", "/login", {
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": self.user_id},
            "password": who["password"], "initial_device_display_name": "dev/demo"})["access_token"]

    def close(self) -> None:
        self._call("POST", "/logout", {})

    def _call(self, method: str, path: str, body: dict | None = None, query: dict | None = None) -> dict:
        """Agents have the rate limits that Synapse gives to people, and wait as long as they are told."""
        while True:
            try:
                return http.call(method, f"{self.url}/_matrix/client/v3{path}", body, token=self.token, query=query, timeout=60)
            except http.Refused as refused:
                if refused.status != 429:
                    raise Trouble(f"{self.name}: {method} {path}: {refused}") from None
                time.sleep(refused.body.get("retry_after_ms", 1000) / 1000 + 0.05)

    def join(self, room: str) -> None:
        self._call("POST", f"/join/{http.quoted(room)}", {})

    def invitations(self) -> dict[str, list[dict]]:
        """What each room that has invited so far says of itself."""
        # Synapse gives the same question the same answer for a while: hence each asks on from the last.
        answer = self._call("GET", "/sync", query={"timeout": 0} | ({"since": self.since} if self.since else {}))
        self.since = answer["next_batch"]
        for room, told in answer.get("rooms", {}).get("invite", {}).items():
            self.invited[room] = told["invite_state"]["events"]
        return self.invited

    def history(self, room: str) -> list[dict]:
        """The room's last hundred events, in their order."""
        query = {"dir": "b", "limit": 100}
        return self._call("GET", f"/rooms/{http.quoted(room)}/messages", query=query)["chunk"][::-1]

    def say(self, room: str, root: str | None, text: str) -> str:
        """Writes into the thread of `root`, or into the room itself; returns the event's id."""
        content = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        if root:
            content["m.relates_to"] = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True,
                                       "m.in_reply_to": {"event_id": root}}
        path = f"/rooms/{http.quoted(room)}/send/m.room.message/{uuid.uuid4().hex}"
        return self._call("PUT", path, content)["event_id"]

    def follow(self, room: str) -> Follower:
        return Follower(self, room)


class Follower:
    """The events of one room, in their order, from now on."""

    def __init__(self, agent: Agent, room: str):
        self.agent, self.room = agent, room
        self.filter = json.dumps({
            "presence": {"types": []}, "account_data": {"types": []},
            "room": {"rooms": [room], "timeline": {"limit": 200}, "ephemeral": {"types": []}, "state": {"types": []}}})
        self.since = self._sync(0)["next_batch"]

    def _sync(self, milliseconds: int, since: str | None = None) -> dict:
        query = {"filter": self.filter, "timeout": milliseconds} | ({"since": since} if since else {})
        return self.agent._call("GET", "/sync", query=query)

    def more(self) -> list[dict]:
        """What has come since the last call; waits up to a second for something."""
        answer = self._sync(1000, self.since)
        self.since = answer["next_batch"]
        return answer.get("rooms", {}).get("join", {}).get(self.room, {}).get("timeline", {}).get("events", [])

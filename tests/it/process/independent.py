"""An agent's Matrix client that shares no code with the desk: mautrix, with libolm.

    independent.py HOMESERVER USER PASSWORD ROOM

Makes the account's identity, signs its own device, joins the room when it is invited, and prints what it can read there,
an event a line. A line of standard input, {"thread": EVENT, "body": TEXT}, is said in that thread; the end of it ends all.
"""
import asyncio
import json
import sys

from mautrix.client import Client
from mautrix.client.state_store import MemoryStateStore
from mautrix.crypto import MemoryCryptoStore, OlmMachine
from mautrix.crypto import StateStore as CryptoStateStore
from mautrix.errors import MatrixError
from mautrix.types import EventType, RelatesTo, RelationType, TextMessageEventContent


class Rooms(CryptoStateStore):
    """What the crypto asks about rooms."""

    def __init__(self, state: MemoryStateStore, room: str):
        self.state, self.room = state, room

    async def is_encrypted(self, room_id):
        return await self.state.is_encrypted(room_id)

    async def get_encryption_info(self, room_id):
        return await self.state.get_encryption_info(room_id)

    async def find_shared_rooms(self, user_id):
        return [self.room]


class Keys(MemoryCryptoStore):
    """mautrix' own store changes a tuple when it sees a key for the second time, which can't be done."""

    async def put_cross_signing_key(self, user_id, usage, key):
        self._cross_signing_keys.get(user_id, {}).pop(usage, None)
        await super().put_cross_signing_key(user_id, usage, key)


async def main(homeserver: str, user: str, password: str, room: str) -> None:
    state = MemoryStateStore()
    client = Client(base_url=homeserver, state_store=state)
    await client.login(identifier=user, password=password, device_name="independent")
    store = Keys(account_id=user, pickle_key="independent")
    await store.open()
    client.crypto = OlmMachine(client, store, Rooms(state, room))
    await client.crypto.load()
    await client.crypto.share_keys()
    await client.crypto.generate_recovery_key()
    client.add_event_handler(EventType.ROOM_MESSAGE, heard, wait_sync=True)
    client.start(None)
    while True:
        try:
            await client.join_room_by_id(room)
            break
        except MatrixError:
            await asyncio.sleep(0.2)
    print(json.dumps({"joined": room, "device": client.device_id}), flush=True)
    await say(client, room)
    client.stop()


async def heard(event) -> None:
    print(json.dumps(event.serialize()), flush=True)


async def say(client: Client, room: str) -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        wanted = json.loads(line)
        content = TextMessageEventContent(msgtype="m.text", body=wanted["body"])
        content.relates_to = RelatesTo(rel_type=RelationType.THREAD, event_id=wanted["thread"])
        print(json.dumps({"sent": await client.send_message(room, content)}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

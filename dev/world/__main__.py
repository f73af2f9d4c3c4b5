"""The commands behind the scripts in dev/."""
from __future__ import annotations

import argparse
import pathlib
import sys

from .files import DEV, LONGEST, place, suitable
from .say import Trouble, line, warn
from .world import World


def world_dir(text: str | None) -> pathlib.Path:
    """The directory that --world means: below .dev it may really lie elsewhere."""
    if not text:
        return place("world")
    wished = pathlib.Path(text).absolute()
    if wished.parent == DEV:
        return place(wished.name)
    if not suitable(wished):
        raise Trouble(f"{wished} is no place for a world: others can't enter it, or it has over {LONGEST} letters")
    return wished


def servers(arguments: argparse.Namespace) -> int:
    dir = world_dir(arguments.world)
    if arguments.verb == "up":
        world = World(dir, unlimited=arguments.unlimited)
        with world.lock():
            world.start(world.servers)
        line(f"{world.dir}/servers.json")
        return 0
    world = World.existing(dir)
    with world.lock():
        if arguments.verb == "status":
            return status(world, arguments.name)
        if arguments.verb == "refuse":
            world.postfix.refuse(arguments.code)
        elif arguments.verb == "down":
            world.stop(world.servers)
            world.state.set("refuse", "off")
            if arguments.wipe:
                world.wipe()
        else:
            getattr(world, arguments.verb)(world.named(arguments.name))
    return 0


def status(world: World, name: str) -> int:
    """One line a server; exit status 3 if one of them isn't there."""
    chosen = world.named(name)
    for server in chosen:
        pid = server.pid()
        state = "stopped" if not pid else "answers" if server.answers() else "does not answer"
        where = " ".join(f"127.0.0.1:{server.port(port)}" for port in server.port_names)
        line(f"{server.name:9} {pid or '-':>8} {state:16} {where}")
    return 0 if all(server.pid() and server.answers() for server in chosen) else 3


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="dev", description="A private world for Ticketloom on loopback.")
    commands = top.add_subparsers(dest="command", required=True)

    one = commands.add_parser("servers", prog="dev/servers", help="a world's servers one by one")
    one.add_argument("--world", metavar="DIR", help="which world (.dev/world)")
    one.set_defaults(run=servers)
    verbs = one.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("up", help="makes or completes a world without a desk")
    verb.add_argument("--unlimited", action="store_true", default=None, help="lift Synapse's rate limits for everybody")
    for name in ("start", "stop", "kill", "status"):
        verbs.add_parser(name).add_argument("name", nargs="?", default="all")
    verbs.add_parser("refuse", help="every RCPT at submission").add_argument("code", metavar="CODE|off")
    verbs.add_parser("down").add_argument("--wipe", action="store_true", help="its data too")
    return top


def main() -> int:
    arguments = parser().parse_args()
    try:
        return arguments.run(arguments)
    except Trouble as trouble:
        warn(f"{trouble}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

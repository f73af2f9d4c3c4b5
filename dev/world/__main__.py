"""The commands behind the scripts in dev/."""
from __future__ import annotations

import argparse
import pathlib
import signal
import sys

from . import demo, desk, shots, venv
from .files import DEV, LONGEST, ROOT, place, suitable
from .say import Trouble, line, warn
from .world import STACK, World


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
        world = World(dir)
        with world.lock():
            if arguments.unlimited:
                world.lift_limits()
            venv.python()
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
            world.down(wipe=arguments.wipe)
        else:
            getattr(world, arguments.verb)(world.named(arguments.name))
    return 0


def bring_up(world: World, arguments: argparse.Namespace) -> None:
    """The world with its desk: built, started, or only completed."""
    binary = pathlib.Path(arguments.binary).resolve() if arguments.binary else desk.build(arguments.release)
    venv.python()
    with world.lock():
        world.get_desk(binary)
        world.start(world.servers)


def up(arguments: argparse.Namespace) -> int:
    bring_up(World(place("world")), arguments)
    line(f"up; {STACK.relative_to(ROOT)} says where everything is")
    return 0


def show_demo(arguments: argparse.Namespace) -> int:
    """Takes the world down at its end, however it ends; with --once, only if it wasn't there before."""
    world = World(place("world"))
    was_up = world.desk is not None and world.running()
    try:
        bring_up(world, arguments)
        told = demo.play(world)
        if not arguments.once:
            demo.stay(world)
        return 0 if told else 1
    finally:
        if not (arguments.once and was_up):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            with world.lock():
                world.down(wipe=False)


def take_shots(arguments: argparse.Namespace) -> int:
    """In a world of its own, which is new each time."""
    world = World(place("shots"))
    with world.lock():
        world.down(wipe=False)
    world.wipe()
    world = World(place("shots"))
    world.lift_limits()
    world.open_media()
    try:
        bring_up(world, arguments)
        shots.take(world)
        return 0
    finally:
        if not arguments.keep:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            with world.lock():
                world.down(wipe=True)


def down(arguments: argparse.Namespace) -> int:
    if not (DEV / "world").exists():
        return 0
    world = World(place("world"))
    with world.lock():
        world.down(wipe=arguments.wipe)
    return 0


def status(world: World, name: str) -> int:
    """One line a server; exit status 3 if one of them isn't there."""
    chosen = world.named(name)
    for server in chosen:
        pid = server.pid()
        state = "stopped" if not pid else "answers" if server.answers() else "does not answer"
        where = " ".join(f"127.0.0.1:{server.port(port)}" for port in server.port_names)
        line(f"{server.name:10} {pid or '-':>8} {state:16} {where}")
    return 0 if all(server.pid() and server.answers() for server in chosen) else 3


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="dev", description="A private world for Ticketloom on loopback.")
    commands = top.add_subparsers(dest="command", required=True)

    one = commands.add_parser("servers", prog="dev/servers", help="a world's servers one by one")
    one.add_argument("--world", metavar="DIR", help="which world (.dev/world)")
    one.set_defaults(run=servers)
    verbs = one.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("up", help="makes or completes a world without a desk")
    verb.add_argument("--unlimited", action="store_true", help="lift Synapse's rate limits for everybody")
    for name in ("start", "stop", "kill", "status"):
        verbs.add_parser(name).add_argument("name", nargs="?", default="all")
    verbs.add_parser("refuse", help="every RCPT at submission").add_argument("code", metavar="CODE|off")
    verbs.add_parser("down").add_argument("--wipe", action="store_true", help="its data too")

    one = commands.add_parser("demo", prog="dev/demo", help="the tutorial's story on that world")
    one.add_argument("--once", action="store_true", help="end after the story")
    one.set_defaults(run=show_demo)
    _which_desk(one)
    one = commands.add_parser("shots", prog="dev/shots", help="pictures of the desk for docs/shots")
    one.add_argument("--keep", action="store_true", help="leave that world, .dev/shots, running")
    one.set_defaults(run=take_shots)
    _which_desk(one)
    one = commands.add_parser("up", prog="dev/up", help="the world with its desk, in the background")
    one.set_defaults(run=up)
    _which_desk(one)
    one = commands.add_parser("down", prog="dev/down", help="ends it")
    one.add_argument("--wipe", action="store_true", help="its data too")
    one.set_defaults(run=down)
    return top


def _which_desk(command: argparse.ArgumentParser) -> None:
    command.add_argument("--release", action="store_true", help="build the desk with optimisations")
    command.add_argument("--binary", metavar="FILE", help="run this desk instead of building one")


def main() -> int:
    arguments = parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):  # as tidy as Ctrl-C
        signal.signal(number, signal.default_int_handler)
    try:
        return arguments.run(arguments)
    except Trouble as trouble:
        warn(f"{trouble}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

"""dev/shots: pictures of a day at the desk as an agent's Matrix client shows it."""
from __future__ import annotations

from .day import Day, first
from .files import ROOT, directory
from .say import step
from .window import SIZES, Window
from .world import World

PICTURES = ROOT / "docs" / "shots"


def take(world: World) -> None:
    stack = world.desk.stack()
    day = Day(stack)
    try:
        day.play()
        with step("starting nheko"):
            window = Window(stack["homeserver"]["url"], stack["agents"][0])
        try:
            _all(window, day)
        finally:
            window.close()
    finally:
        day.close()


def _all(window: Window, day: Day) -> None:
    room, home = day.room.room, day.home.room
    directory(PICTURES)
    _both(window, "home", lambda: window.open(home))
    _both(window, "list", lambda: window.open(room))
    _both(window, "board", lambda: window.open(room, first(day.queue_board)))
    _both(window, "room", lambda: window.open(room, day.roots["omar"]))
    _both(window, "long", lambda: window.open(room, day.roots["brandt"]))
    _both(window, "picture", lambda: window.open(room, day.roots["priya"]))
    _both(window, "quarantine", lambda: window.open(room, day.quarantined["event_id"]))
    # Last, since a room that is opened anew stays in its thread.
    window.open_thread(room, day.held["event_id"])
    _both(window, "thread", lambda: None)


def _both(window: Window, name: str, show) -> None:
    """The same, wide and narrow."""
    for width in SIZES:
        with step(f"{name}, {width} px"):
            window.size(width)
            show()
            window.picture(PICTURES / f"{name}-{width}.png")

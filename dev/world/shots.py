"""dev/shots: pictures of a day at the desk as an agent's Matrix client shows it."""
from __future__ import annotations

from .day import Day
from .world import World


def take(world: World) -> None:
    day = Day(world.desk.stack())
    try:
        day.play()
    finally:
        day.close()

"""What the scripts tell: one line a step, with the seconds it took."""
from __future__ import annotations

import contextlib
import sys
import threading
import time


class Trouble(Exception):
    """Something that the person at the keyboard must know; told without a traceback."""


def line(text: str = "") -> None:
    print(text, flush=True)


@contextlib.contextmanager
def step(what: str, *, noisy: bool = False):
    """Says `what`, and at the end how long it took; long ones show in between that they live.

    A noisy step prints lines of its own (cargo does), so its end gets a line for itself.
    """
    began, over = time.monotonic(), threading.Event()
    print(f"{what} ...", end="\n" if noisy else "", flush=True)

    def seconds() -> float:
        return time.monotonic() - began

    def heartbeat() -> None:
        while not over.wait(10):
            print(f" {seconds():.0f} s ...", end="", flush=True)

    pulse = threading.Thread(target=heartbeat, daemon=True)
    if not noisy:
        pulse.start()
    try:
        yield
    except BaseException:
        print(f"{what}: failed" if noisy else " failed", f"after {seconds():.1f} s", flush=True)
        raise
    else:
        print(f"{what}: {seconds():.1f} s" if noisy else f" {seconds():.1f} s", flush=True)
    finally:
        over.set()


def until(what: str, probe, seconds: float, every: float = 0.02):
    """Calls probe() until it returns something truthy, and returns that; Trouble after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        got = probe()
        if got:
            return got
        if time.monotonic() > end:
            raise Trouble(f"not within {seconds:g} s: {what}")
        time.sleep(every)


def warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

"""A Matrix client that a person would use (nheko), on a screen of its own, and pictures of what it shows."""
from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import urllib.parse

from . import http
from .say import Trouble, until

SIZES = {1440: 900, 390: 844}  # width and height, in pixels
# In the wide window: where the welcome and what it leaves are put aside, and where that is.
CANCEL, NOT_NOW, REMAINS = (1374, 860), (252, 76), (220, 76)
THREADS = (1366, 12)  # there: from where on, and how wide, the signs of threads stand
PIN = (1308, 55)  # there: the button that hides what is pinned, and shows it again
CURSOR = 80  # bytes of a small picture that a blinking cursor may change
MOST = 120_000  # bytes of a picture
CONFIG = """\
[General]
run_without_secure_secrets_service=true

[profile]
{profile}\\auth\\access_token={access_token}
{profile}\\auth\\device_id={device_id}
{profile}\\auth\\home_server={url}
{profile}\\auth\\user_id={user_id}

[settings]
scale_factor=1

[user]
theme=light
font_size={points}
sidebar\\room_list_width=220
sidebar\\community_list_width=40
timeline\\buttons=true
timeline\\max_width=0
read_receipts=false
typing_notifications=false
desktop_notifications=false
presence=offline
"""


class Window:
    """Somebody's client. What it starts ends with close()."""

    def __init__(self, url: str, who: dict, points: int = 10):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="shots-"))
        # One of its own, since nheko hands what it is asked for to whoever of its profile runs already.
        self.profile = self.home.name
        self.running: list[subprocess.Popen] = []
        try:
            self._login(url, who, points)
            self.env = self._screen()
            self._start("openbox", "--config-file", str(self._bare()))
            self._start("dbus-run-session", "--", "nheko", "--profile", self.profile)
            self.id = until("nheko's window", self._window, 60, 0.2)
            self._welcome()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for process in reversed(self.running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def _login(self, url: str, who: dict, points: int) -> None:
        name = who["user_id"][1:].partition(":")[0]
        session = http.call("POST", f"{url}/_matrix/client/v3/login", {
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": name},
            "password": who["password"], "initial_device_display_name": "nheko"})
        config = self.home / "config" / "nheko" / "nheko.conf"
        config.parent.mkdir(parents=True)
        # Qt takes a value that begins with @ for one of a type of its own.
        config.write_text(CONFIG.format(url=url, points=points, profile=self.profile, access_token=session["access_token"],
                                        device_id=session["device_id"], user_id="@" + session["user_id"]))

    def _screen(self) -> dict[str, str]:
        """A screen under a number that Xvfb finds free, and the environment of what is shown there."""
        reader, writer = os.pipe()
        width, height = max(SIZES), max(SIZES.values())
        screen = ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
        process = subprocess.Popen(screen, pass_fds=[writer], start_new_session=True, stderr=subprocess.DEVNULL)
        self.running.append(process)
        os.close(writer)
        with os.fdopen(reader) as told:
            number = told.readline().strip()
        if not number:
            raise Trouble("Xvfb does not start")
        (self.home / "run").mkdir(mode=0o700)
        places = {f"XDG_{kind}_HOME": str(self.home / kind.lower()) for kind in ("CONFIG", "CACHE", "DATA")}
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "DISPLAY": f":{number}", "HOME": str(self.home),
                "XDG_RUNTIME_DIR": str(self.home / "run"), "QT_QUICK_BACKEND": "software", "LIBGL_ALWAYS_SOFTWARE": "1",
                "QT_QPA_PLATFORM": "xcb", "TZ": "UTC", **places}

    def _bare(self) -> pathlib.Path:
        """A configuration of the window manager in which windows have no frame."""
        rules = self.home / "bare.xml"
        rules.write_text('<openbox_config xmlns="http://openbox.org/3.4/rc"><applications><application class="*">'
                         '<decor>no</decor></application></applications></openbox_config>')
        return rules

    def _start(self, *argv: str) -> None:
        with open(self.home / f"{len(self.running)}.log", "wb") as log:
            self.running.append(subprocess.Popen(argv, env=self.env, stdout=log, stderr=log, start_new_session=True))

    def _do(self, *argv: str) -> str:
        return subprocess.run(argv, env=self.env, capture_output=True, text=True).stdout.strip()

    def _window(self) -> str | None:
        return (self._do("xdotool", "search", "--onlyvisible", "--class", "nheko").split() or [None])[-1]

    def _welcome(self) -> None:
        """What a new client asks about encryption is put aside, and the yellow line that remains of it."""
        self.size(1440)
        until("the end of nheko's welcome", lambda: self._is_yellow(REMAINS) or self.click(*CANCEL), 60, 0.5)
        until("the end of what it leaves", lambda: not self._is_yellow(REMAINS) or self.click(*NOT_NOW), 20, 0.5)

    def _is_yellow(self, at: tuple[int, int]) -> bool:
        red, green, blue = self._look("-crop", f"1x1+{at[0]}+{at[1]}", "-depth", "8", "rgb:-")[:3]
        return red > 200 and green > 150 and blue < 60

    # --- what a person does --------------------------------------------------------------------------

    def open(self, room: str, event: str = "") -> None:
        """A room, at one of its events or at its end."""
        at = f"/e/{urllib.parse.quote(event[1:])}" if event else ""
        shown: list[bytes] = []

        def same() -> bool:
            # What nheko has not fetched yet it goes to only when it is asked again.
            self._do("timeout", "20", "nheko", "--profile", self.profile, f"matrix:roomid/{urllib.parse.quote(room[1:])}{at}")
            shown.append(self.still())
            return len(shown) > 1 and _alike(shown[-1], shown[-2])
        until(f"{room} at {event or 'its end'}", same, 60, 0)

    def open_thread(self, room: str, event: str) -> None:
        """The thread of an event, by a click on the sign beside it, which has a colour of the thread's own.

        What is pinned is hidden then, so that more of the thread is seen.
        """
        self.size(1440)
        self.open(room, event)
        left, wide = THREADS
        pixels = self._look("-crop", f"{wide}x{SIZES[1440]}+{left}+0", "+repage", "-depth", "8", "rgb:-")
        row = 3 * wide
        coloured = [y for y in range(len(pixels) // row)
                    if any(max(rgb) - min(rgb) > 60 for rgb in zip(*[iter(pixels[y * row:y * row + row])] * 3))]
        middle = SIZES[1440] * 0.6  # where an event comes that is opened
        signs = [y for y in coloured if y - 1 not in coloured and y < middle]
        if not signs:
            raise Trouble("no thread's sign is beside what was opened")
        self.click(left + wide // 2, signs[-1] + 5)
        self.still()
        self.click(*PIN)

    def size(self, width: int) -> None:
        self._do("xdotool", "windowmove", self.id, "0", "0", "windowsize", self.id, str(width), str(SIZES[width]))

    def click(self, x: int, y: int) -> None:
        self._do("xdotool", "mousemove", str(x), str(y), "click", "1", "mousemove", "120", "1")

    def still(self) -> bytes:
        """Waits until the window has shown the same for a second, but for a blinking cursor; returns it, small and grey."""
        seen: list[bytes] = []

        def same() -> bool:
            seen.append(self._look("-resize", "50%", "-depth", "4", "gray:-"))
            return len(seen) > 5 and all(_alike(one, seen[-1]) for one in seen[-6:])
        until("a picture that does not change", same, 60, 0.2)
        return seen[-1]

    def picture(self, path: pathlib.Path) -> None:
        """Writes what the window shows, with few colours, as a small PNG."""
        self.still()
        for colours in (128, 64, 32, 16):
            fewer = ["pngquant", "--speed", "1", str(colours), "-"]
            small = subprocess.run(fewer, input=self._look("png:-"), capture_output=True, check=True).stdout
            if len(small) <= MOST:
                break
        path.write_bytes(small)

    def _look(self, *how: str) -> bytes:
        return subprocess.run(["import", "-silent", "-window", self.id, "-strip", *how], env=self.env, capture_output=True,
                              check=True).stdout


def _alike(one: bytes, other: bytes) -> bool:
    return len(one) == len(other) and (one == other or sum(a != b for a, b in zip(one, other)) <= CURSOR)

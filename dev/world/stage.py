"""The story's looks: two sides in one column, told apart by a label at the left."""
from __future__ import annotations

import sys
import textwrap

WIDTH = 100
LABEL = 10
COLOURS = {"mail →": "33", "mailbox": "33", "page": "33", "room": "36", "thread": "36", "": "2"}


def _painted(text: str, code: str) -> str:
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() else text


def chapter(number: int, title: str) -> None:
    print(f"\n{_painted(f'{number:2}. {title}', '1')}", flush=True)


def show(label: str, *lines: str, most: int = 14) -> None:
    """Prints lines beside their label, folded to the width; a long text is cut, and says so."""
    folded = [part for line in lines for part in _fold(line)]
    if len(folded) > most:
        folded[most - 1:] = [f"… ({len(folded) - most + 1} more lines)"]
    for number, text in enumerate(folded):
        mark = (label if number == 0 else "").ljust(LABEL)
        print(f"    {_painted(mark, COLOURS.get(label, '2'))}{text}".rstrip(), flush=True)


def _fold(text: str) -> list[str]:
    width = WIDTH - LABEL - 4
    return [part for line in text.splitlines() or [""]
            for part in textwrap.wrap(line, width, break_on_hyphens=False, drop_whitespace=True) or [""]]


def aside(text: str) -> None:
    """A word to the reader."""
    for part in textwrap.wrap(text, WIDTH - LABEL - 4):
        print(f"    {' ' * LABEL}{_painted(part, '2')}", flush=True)


def table(rows: list[tuple[str, str]]) -> None:
    wide = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"  {name.ljust(wide)}  {value}", flush=True)

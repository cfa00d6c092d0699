"""Progress of a long command on stderr, where a person watches; nothing in a pipe."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from qtui.cli.output import encodable
from qtui.draw.safe import cut, safe
from qtui.scenario.progress import Progress

FIRST, EVERY = 0.5, 0.2  # seconds of silence, then between two reports
ROOM = 78  # columns that any terminal has


@contextmanager
def reporting(progress: Progress, stream: TextIO | None) -> Iterator[Progress]:
    """A Progress that rewrites one line of `stream`, which is cleared at the end. Not a terminal: `progress`."""
    if stream is None or not stream.isatty():
        yield progress
        return
    screen = stream
    began = last = time.monotonic()
    shown = False

    def report(done: float, total: float, note: str) -> None:
        nonlocal last, shown
        now = time.monotonic()
        if now - began < FIRST or now - last < EVERY:
            return
        last, shown = now, True
        left = (now - began) * (total - done) / done if done else 0.0
        text = safe(f"{100 * done / total:3.0f} %  {left:4.0f} s left  {note}" if total else note)
        stream.write(f"\r\x1b[K{encodable(cut(text, ROOM), stream)}")
        stream.flush()

    def clear() -> None:
        if shown:
            screen.write("\r\x1b[K")
            screen.flush()

    def ended(number: int, frame: FrameType | None) -> None:
        clear()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    previous = signal.signal(signal.SIGTERM, ended)
    try:
        yield Progress(report)
    finally:
        signal.signal(signal.SIGTERM, previous)
        clear()

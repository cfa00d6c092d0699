"""What is printed after a defect: what went wrong, where, and the command that shows it again."""

from __future__ import annotations

import traceback
from pathlib import Path

import qtui
from qtui import paths
from qtui.draw.safe import safe

LONGEST = 500  # characters of what went wrong
PACKAGE = Path(qtui.__file__).parent


def report(error: BaseException, again: str, *, write: bool = True) -> str:
    """A short report for stderr; `again` is a command that shows it again, "" where there is none.

    With `write` the full traceback goes to a file that the report names.
    """
    lines = [f"qtui {qtui.__version__} stopped on a defect of its own: {_summary(error)}", f"  at {_place(error)}"]
    if again:
        lines.append(f"  to see it again: {again}")
    if write:
        lines.append(f"  {_written(error)}")
    return "\n".join(map(safe, lines))


def _summary(error: BaseException) -> str:
    text = " ".join(str(error)[:LONGEST].split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _place(error: BaseException) -> str:
    """File, line and function of the innermost frame that is qtui's own."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)] or frames
    if not ours:
        return "an unknown place"
    frame = ours[-1]
    path = Path(frame.filename)
    shown = path.relative_to(PACKAGE.parent) if path.is_relative_to(PACKAGE.parent) else path
    return f"{shown}:{frame.lineno} in {frame.name}"


def _written(error: BaseException) -> str:
    target = paths.state_file("crash.txt")
    try:
        paths.write_own(target, "".join(traceback.format_exception(error)))
    except OSError as problem:
        return f"the traceback could not be written to {target}: {problem.strerror}"
    return f"the whole traceback: {target}"

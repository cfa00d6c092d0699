"""The only way out of the command line: what is written to stdout and stderr is safe for a terminal.

Pictures go through `pictures`, which adds colours; the progress line through `progress`.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from qtui.draw.safe import safe

LONGEST = 600  # characters of a message


def write(text: str) -> None:
    """Write lines of text to stdout."""
    sys.stdout.write(encodable("".join(f"{safe(row)}\n" for row in text.split("\n")), sys.stdout))


def tell(message: str) -> None:
    """Write a message to stderr, where anybody listens; the middle of a very long one is left out."""
    if sys.stderr is None:
        return
    if len(message) > LONGEST:
        message = f"{message[: LONGEST * 2 // 3]} ... {message[-LONGEST // 3 :]}"
    with contextlib.suppress(OSError):  # a terminal that has gone
        sys.stderr.write(encodable("".join(f"{safe(row)}\n" for row in message.split("\n")), sys.stderr))
        sys.stderr.flush()


def write_json(value: dict[str, Any] | list[Any]) -> None:
    """Write one JSON value to stdout: ASCII, NaN and infinities as null."""
    write(json.dumps(finite(value), allow_nan=False).replace("\x7f", "\\u007f"))


def comma_separated(rows: Iterable[Sequence[Any]]) -> str:
    """Comma-separated values, none of which a spreadsheet would run as a formula."""
    import csv

    page = io.StringIO()
    csv.writer(page, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return page.getvalue().removesuffix("\n")


def encodable(text: str, stream: TextIO) -> str:
    """`text` in characters that `stream` can encode."""
    if "utf" in (stream.encoding or "").lower():
        return text
    from qtui.draw.glyphs import plain

    return plain(text)


def finite(value: Any) -> Any:
    """`value` with inf and NaN, which JSON can't say, as null."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return "" if value is None else value
    value = safe(value)
    return f"'{value}" if value.startswith(("=", "+", "-", "@")) and not _is_number(value) else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

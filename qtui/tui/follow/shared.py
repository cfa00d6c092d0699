"""A screen on its way from the process that has drawn it to those that show it: rows of cells and their styles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from qtui.tui.terminal.painter import Painter, Row
from qtui.tui.terminal.pen import CellStyle

CODES = re.compile(r"[0-9;]{0,40}")  # of a colour or of attributes


def to_picture(rows: Sequence[Row]) -> dict[str, Any]:
    """`rows` as JSON takes them; empty where not all of them are known.

    A row is its text, or a list of cells where one of them is not one character; and pairs of how many cells and the
    number of their look.
    """
    looks: dict[CellStyle, int] = {}
    drawn: list[list[Any]] = []
    for texts, styles in rows:
        runs: list[int] = []
        for look, cells in groupby(styles):
            if look is None:
                return {}
            runs += (len(list(cells)), looks.setdefault(look, len(looks)))
        text = "".join(map(str, texts))
        drawn.append([text if all(map(_is_one, texts)) else list(texts), runs])
    return {"looks": [list(look) for look in looks], "rows": drawn}


def _is_one(cell: str | None) -> bool:
    return cell is not None and len(cell) == 1


def from_picture(picture: Mapping[str, Any], columns: int, rows: int, painter: Painter) -> dict[int, Row]:
    """The rows of a screen of that size, for `painter`. Raises ValueError where `picture` is none."""
    try:
        looks = [painter.alike(CellStyle(*map(_codes, look))) for look in picture["looks"]]
        drawn = {y: _row(text, runs, looks) for y, (text, runs) in enumerate(picture["rows"])}
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"no picture: {error}") from None
    if len(drawn) != rows or any(len(row.texts) != columns for row in drawn.values()):
        raise ValueError("a picture of another size")
    return drawn


def _codes(text: Any) -> str:
    if not CODES.fullmatch(text):
        raise ValueError("no look")
    return str(text)


def _row(text: Any, runs: Sequence[int], looks: Sequence[CellStyle]) -> Row:
    texts: list[str | None] = list(text)
    if not "".join(map(str, text)).isprintable():
        raise ValueError("a cell that a terminal might obey")
    styles: list[CellStyle | None] = []
    for count, look in zip(runs[::2], runs[1::2], strict=True):
        styles += [looks[look]] * min(count, len(texts))
    if len(styles) != len(texts):
        raise ValueError("looks for another row")
    return Row(texts, styles)

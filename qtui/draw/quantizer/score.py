"""The scoreboard: a line for each scheme, with what it costs and how far it errs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, Span, crop, fitted, line
from qtui.draw.quantizer.parts import LETTERS, SERIES, decibel, percent, short

if TYPE_CHECKING:
    from qtui.scenario.quantizer.scenario import Scheme

HEAD = ("bits/w", "mean err", "RMSE", "SQNR", "max err", "to 0")
SPARE = (5, 3, 6)  # columns to do without in a narrow window, the first of them first
NAME = 30  # columns that a scheme's name may take


def scoreboard(schemes: Sequence[Scheme], width: int, glyphs: Glyphs, current: int | None = None) -> Picture:
    """A heading and one line for each scheme; the best of each column is marked, and the `current` one pointed at."""
    best = _best(schemes)
    best_mark = "*" if glyphs.name == "ascii" else glyphs.yes
    legend = f"{best_mark} best" if len(schemes) > 1 else ""
    rows: list[list[Span | str]] = [[(text, "dim") for text in (legend, *HEAD)]]
    for index, each in enumerate(schemes):
        stats = each.stats
        lost = stats.zeros_after - stats.zeros_before
        cells = (
            f"{each.bits_per_weight:.4g}",
            percent(stats.mean_rel_error),
            short(stats.rmse, 4),
            decibel(stats.sqnr_db),
            short(stats.max_abs_error, 4),
            str(lost) if lost > 0 else "0",
        )
        pointer = "" if current is None else glyphs.right if current == index and len(schemes) > 1 else " "
        name = f"{pointer}{LETTERS[index]} {each.stored.label}"
        if len(name) > NAME:
            name = name[: NAME - 1] + glyphs.ellipsis
        row: list[Span | str] = [(name, SERIES[index])]
        for column, text in enumerate(cells):
            wins = len(schemes) > 1 and best[column] == index
            row.append((text + (best_mark if wins else " "), "good" if wins else ""))
        rows.append(row)
    return tuple(crop(row, width, glyphs.ellipsis) for row in fitted(rows, "lrrrrrr", width, SPARE))


def _best(schemes: Sequence[Scheme]) -> list[int | None]:
    """For each column the scheme that does best, or None where two share the place.

    Errors of a scheme that loses numbers altogether can't win: they are those of the numbers that are left.
    """
    cost = [each.bits_per_weight for each in schemes]
    errors = [
        [each.stats.mean_rel_error for each in schemes],
        [each.stats.rmse for each in schemes],
        [-each.stats.sqnr_db for each in schemes],
        [each.stats.max_abs_error for each in schemes],
        [max(0.0, each.stats.zeros_after - each.stats.zeros_before) for each in schemes],
    ]
    whole = [each.stats.bad_outputs == 0 for each in schemes]
    found: list[int | None] = []
    for measured in (cost, *errors):
        values = [
            value if measured is cost or (fine and not math.isnan(value)) else math.inf
            for value, fine in zip(measured, whole, strict=True)
        ]
        least = min(values)
        found.append(values.index(least) if values.count(least) == 1 else None)
    return found


def notes(lines: Sequence[str], width: int, glyphs: Glyphs) -> Picture:
    """Remarks under a picture."""
    return tuple(crop(line((text, "dim")), width, glyphs.ellipsis) for text in lines)

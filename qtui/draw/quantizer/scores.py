"""The figures that come first: the error that matters, alone, and a line for each scheme below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qtui.draw.frame import SERIES, Size
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, fitted, line
from qtui.draw.picture import width as row_width
from qtui.draw.quantizer.parts import LETTERS, aligned, bits_text, percent, short, tall
from qtui.draw.quantizer.words import cost
from qtui.draw.safe import crop_text
from qtui.scenario.quantizer.result import QuantizerResult, Scheme

NAME = 30  # columns that a scheme's name may take where figures need the others
MEASURES = {"mean": "average error", "rms": "RMS error"}
EXACT = "exact"
LEAST_ROWS = 17  # of a pane that has room for the scoreboard


def headline(result: QuantizerResult, width: int, glyphs: Glyphs) -> Line:
    """The error that matters, of the scheme that errs least, large and alone; those of the others after it."""
    first, *others = _by_error(result)
    best = [(f" {_error(result, first)}", "strong"), *_measured(result, first)]
    return crop(line(*best, *_others(result, others, width - row_width(line(*best)))), width, glyphs.ellipsis)


def tall_headline(result: QuantizerResult, width: int, glyphs: Glyphs, current: int) -> Picture:
    """The headline in figures three rows high; beside them the other errors, and what the scales cost."""
    first, *others = _by_error(result)
    error = _error(result, first)
    figures = "0" if error == EXACT else error.removesuffix(" %")
    left = [f" {row}{' %' if y == 1 else '  '}   " for y, row in enumerate(tall(figures))]
    room = width - len(left[0])
    more = _others(result, others, room)
    more = [(more[0][0][2:], more[0][1]), *more[1:]] if more else []  # it begins its row
    beside: tuple[Sequence[Span], ...] = (_measured(result, first), more, cost_line(result, room, current))
    rows = [line((text, "strong"), *spans) for text, spans in zip(left, beside, strict=True)]
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def _by_error(result: QuantizerResult) -> list[int]:
    shown = result.headline
    return sorted(range(len(shown.shares)), key=lambda index: (index != shown.best, shown.shares[index]))


def _named(result: QuantizerResult, index: int) -> Span:
    return (f"{LETTERS[index]} {result.schemes[index].stored.label}", SERIES[index])


def _error(result: QuantizerResult, index: int) -> str:
    """The error of a scheme's headline; numbers that are all 0 have no relative one."""
    exact = result.schemes[index].stats.rmse == 0
    return EXACT if exact else percent(result.headline.shares[index])


def _measured(result: QuantizerResult, index: int) -> list[Span]:
    if result.schemes[index].stats.rmse == 0:
        return [(" with ", ""), _named(result, index)]
    return [(f" {MEASURES[result.headline.measure]} with ", ""), _named(result, index)]


def _others(result: QuantizerResult, others: Sequence[int], room: int) -> list[Span]:
    """The errors of the schemes that err more: with its name where it is one alone, else with their letters."""
    errors = {index: _error(result, index) for index in others}
    if len(others) == 1:
        text = f"{errors[others[0]]} with {_named(result, others[0])[0]}"
        if len(text) + 3 <= room:
            return [(f"   {text}", "dim")]
    return [(f"   {LETTERS[index]} {errors[index]}", "dim") for index in others]


class ScoreColumn(NamedTuple):
    """A figure of each scheme: its title, a cell a scheme, and the index of the best scheme, if one is."""

    title: str
    cells: list[str]
    best: int | None


def scoreboard(result: QuantizerResult, width: int, glyphs: Glyphs, current: int | None = None) -> Picture:
    """A heading and one line for each scheme, errors first; the best of each column is marked.

    The `current` scheme is pointed at. Narrow windows do without some columns.
    """
    schemes, several = result.schemes, len(result.schemes) > 1
    mark = "*" if glyphs.name == "ascii" else glyphs.yes
    columns, spare = _columns(result)
    rows: list[list[Span | str]] = [[(f"{mark} best" if several else "", "dim")]]
    rows[0] += [(column.title, "dim") for column in columns]
    room = max(NAME, width - sum(2 + max(len(column.title), *map(len, column.cells)) for column in columns) - 1)
    for index, scheme in enumerate(schemes):
        pointer = "" if current is None else glyphs.right if current == index and several else " "
        name = f"{pointer}{LETTERS[index]} {scheme.stored.label}"
        rows.append([(crop_text(name, room, glyphs.ellipsis), SERIES[index])])
    for column in columns:
        wins = [several and column.best == index for index in range(len(schemes))]
        texts = aligned([cell + (mark if won else " ") for cell, won in zip(column.cells, wins, strict=True)])
        for row, text, won in zip(rows[1:], texts, wins, strict=True):
            row.append((text, "good" if won else ""))
    table = fitted(rows, "l" + "r" * len(columns), width, spare)
    return tuple(crop(row, width, glyphs.ellipsis) for row in table)


def _columns(result: QuantizerResult, digits: int = 4) -> tuple[list[ScoreColumn], tuple[int, ...]]:
    """The scoreboard's columns, and those of the table to do without where it is narrow, the first of them first."""
    schemes, best, shown = result.schemes, result.best, result.headline

    def share(title: str, shares: Sequence[float], winner: int | None) -> ScoreColumn:
        return ScoreColumn(title, [percent(value).removesuffix(" %") for value in shares], winner)

    averages = [scheme.stats.mean_rel_error for scheme in schemes]
    columns = [
        share("error %", shown.shares, shown.best),
        *([share("average %", averages, best[1])] if shown.measure == "rms" else []),
        ScoreColumn("RMSE", [short(scheme.stats.rmse, digits) for scheme in schemes], best[2]),
        ScoreColumn("SQNR dB", [_decibel(scheme) for scheme in schemes], best[3]),
        ScoreColumn("largest", [short(scheme.stats.max_abs_error, digits) for scheme in schemes], best[4]),
        ScoreColumn("to 0", [f"{scheme.lost_to_zero:,}" for scheme in schemes], best[5]),
        ScoreColumn("bits", [bits_text(scheme.code_bits) for scheme in schemes], None),
        ScoreColumn("+ scale", [bits_text(s.shared_bits) if s.shared_bits else "-" for s in schemes], best[0]),
    ]
    at = {column.title: order + 1 for order, column in enumerate(columns)}
    spare = ("largest", "SQNR dB", "to 0", "RMSE")
    mean = (2,) if shown.measure == "rms" else ()
    return columns, (at["largest"], *mean, *(at[title] for title in spare[1:]))


def _decibel(scheme: Scheme) -> str:
    value = scheme.stats.sqnr_db
    return "exact" if value == float("inf") else "-" if value != value else f"{value:.1f}"


def head(result: QuantizerResult, width: int, height: int, size: Size, glyphs: Glyphs, current: int = 0) -> Picture:
    """What stands above the picture in a pane of `height` rows: the headline, the scoreboard, what the scale costs.

    A large page has the scoreboard in itself, and a very low window does without.
    """
    first, costs = headline(result, width, glyphs), cost_line(result, width, current)
    if size == "large" and glyphs.name != "ascii":
        return tall_headline(result, width, glyphs, current)
    if size == "large" or height < LEAST_ROWS:
        return first, costs
    return first, *scoreboard(result, width, glyphs, current), costs


def cost_line(result: QuantizerResult, width: int, current: int) -> Line:
    """What the scales of scheme `current` cost, of the next that has any; nothing where none has."""
    order = sorted(range(len(result.schemes)), key=lambda index: (index < current, index))
    paying = [index for index in order if result.schemes[index].shared_bits]
    if not paying:
        return ()
    texts = cost(result, paying[0])
    return line((" " + next((text for text in texts if len(text) < width), texts[-1]), "sentence"))


MEANINGS = {
    "average %": "average error %",
    "RMSE": "RMSE",
    "SQNR dB": "signal to noise, dB (SQNR)",
    "largest": "largest error",
    "to 0": "fell to 0",
    "bits": "bits of a code",
    "+ scale": "+ bits for the scale",
}
COLUMN = 14  # of a scheme in the figures that stand below each other


def figures(result: QuantizerResult, width: int, glyphs: Glyphs, current: int) -> Picture:
    """The scoreboard with a row for each figure, in plain words, and a column for each scheme."""
    schemes, several = result.schemes, len(result.schemes) > 1
    mark = "*" if glyphs.name == "ascii" else glyphs.yes
    room, names = figure_columns(len(schemes), width)
    columns, _ = _columns(result, 4 if room > 9 else 3)
    heading: list[Span | str] = [(f"{mark} best".ljust(names) if several else " " * names, "dim")]
    for index, scheme in enumerate(schemes):
        pointer = glyphs.right if several and index == current else " "
        heading.append((f" {pointer}{LETTERS[index]} {scheme.stored.label}"[:room].ljust(room), SERIES[index]))
    rows = [line(*heading)]
    for column in columns:
        meaning = MEANINGS.get(column.title) or f"{MEASURES[result.headline.measure]} %"
        meaning = meaning if len(meaning) < names else column.title
        spans: list[Span | str] = [(meaning.ljust(names)[:names], "label")]
        for index, cell in enumerate(column.cells):
            won = several and column.best == index
            whole, point, rest = cell.partition(".")
            shown = whole.rjust(max(room - 8, 2)) + point + rest + (mark if won else "")
            spans.append((shown[:room].ljust(room), "good" if won else ""))
        rows.append(line(*spans))
    return tuple(rows)


def figure_columns(schemes: int, width: int) -> tuple[int, int]:
    """Columns of a scheme, and those of the words before the first."""
    room = max(min(COLUMN, (width - 16) // schemes), 8)
    return room, max(min(27, width - room * schemes), 8)

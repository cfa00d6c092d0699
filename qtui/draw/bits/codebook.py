"""A table of up to sixteen values, edited in place: where they lie among the weights, and what they cost."""

from __future__ import annotations

from qtui.draw.bits.text import aligned
from qtui.draw.frame import SERIES, title
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, fitted, line
from qtui.draw.picture import width as cells
from qtui.scenario.bits.result import BitsResult, Codebook, TableErrors

ROWS = 30
CODES = 16
NAME = 18  # cells for a table's name before its ticks
ACROSS = 8  # values in a row
LEAST_BARS = 3
WIDEST_CELL = 12


def plot_columns(result: BitsResult, width: int, height: int) -> int:
    """Columns of the weights and the ticks below them."""
    return max(16, width - NAME)


def picture(result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """The error, the values with number `cursor` marked, the tables side by side, and the weights."""
    view = result.codebook
    assert view is not None
    titled = height >= 22
    drawn: list[Line] = [_headline(view, width), *[line()] * (height >= 15)]
    drawn += [title("Your sixteen values, each with the share of weights that it takes", width, glyphs)] * titled
    drawn += slots(view, width, glyphs, cursor)
    drawn += [line()] * (height >= 17)
    drawn += [title(f"Beside tables in use, on {_weights(view)}", width, glyphs)] * titled
    drawn += _table(view, width, glyphs)
    room = height - len(drawn) - len(view.tables) - 2 * titled - 1
    if room >= 0:
        drawn += [
            line(),
            title("Weights, the largest of a block = 1, and what they become", width, glyphs),
        ] * titled
        drawn += _bars(view, min(room, height * 3 // 5), glyphs) if room >= LEAST_BARS else []
        drawn += [_ticks(table, i, len(view.spread), glyphs) for i, table in enumerate(view.tables)]
        drawn.append(_axis(len(view.spread)))
    return tuple(crop(row, width, glyphs.ellipsis) for row in drawn)


def sentence(result: BitsResult) -> str:
    """What the table costs beside the best of the others, and whether a code is wasted."""
    view = result.codebook
    if view is None:
        return ""
    gap = view.tables[0].sqnr_db - view.rival.sqnr_db
    beside = f"{abs(gap):.2f} dB {'better' if gap > 0 else 'worse'} than {view.rival.name}"
    if view.spare:
        if view.minus_zero:
            return f"E2M1 spends one of its sixteen codes on -0, which no weight needs; it is {beside}."
        codes = "One code is" if view.spare == 1 else f"{view.spare} codes are"
        return f"{codes} free: another value costs nothing. As it is, the table is {beside}."
    rarest = f"{view.rarest.value:g} takes only {100 * view.rarest.share:.1f} %"
    return f"All codes are in use, and the table is {beside}; {rarest}."


def slot_at(y: int, x: int, width: int, height: int, count: int) -> int | None:
    """Which value is drawn at the cell (x, y) of a picture of that size; None elsewhere."""
    first = 1 + (height >= 15) + (height >= 22)
    across = _across(width)
    row, column = (y - first) // 2, x // _cell(width)
    slot = row * across + column
    return slot if y >= first and column < across and slot < min(count + 1, CODES) else None


def _cell(width: int) -> int:
    return min(width // _across(width), WIDEST_CELL)


def _across(width: int) -> int:
    return CODES if width >= 150 else ACROSS


def slots(view: Codebook, width: int, glyphs: Glyphs, cursor: int | None) -> list[Line]:
    """Two rows for every few values: the value, and the share of weights below it."""
    across, cell = _across(width), _cell(width)
    free = "-0" if view.minus_zero else "free"
    texts = [f"{slot.value:.4g}" for slot in view.slots] + [free] * (CODES - len(view.slots))
    wasted = _share(0.0, cell) if view.minus_zero else ""
    shares = [_share(slot.share, cell) for slot in view.slots] + [wasted] * (CODES - len(view.slots))
    room = cell - 2 if cell >= 7 else cell - 1  # a cell before the text, one for the mark after it
    rows: list[Line] = []
    for first in range(0, CODES, across):
        numbers: list[Span | str] = []
        for i in range(first, first + across):
            here = view.nearest == i and cursor != i
            role = "cursor" if cursor == i else "dim" if i >= len(view.slots) else "strong" if here else ""
            mark = f" {glyphs.up}" if here else "  "
            numbers += [(texts[i].rjust(room), role), mark[: cell - room]]
        rows.append(line(*numbers))
        rows.append(line(*((shares[i].rjust(room).ljust(cell), "dim") for i in range(first, first + across))))
    return rows


def _share(share: float, cell: int) -> str:
    """A share of the weights in per cent, with as many digits as a cell of `cell` columns holds."""
    if cell >= 9:
        return f"{100 * share:.1f} %"
    return f"{100 * share:.1f}%" if cell >= 7 and share < 0.0995 else f"{100 * share:.0f}%"


def _headline(view: Codebook, width: int) -> Line:
    """The table's error beside that of the best other one."""
    own, *others = view.tables
    best = view.rival
    beside = [best, *(table for table in others[:1] if table is not best and own.values != table.values)]
    drawn = line((f"{own.sqnr_db:.2f} dB", "strong"), ("   signal over error (SQNR)", "dim"))
    for table in beside:
        gap = own.sqnr_db - table.sqnr_db
        longer = line(*drawn, "   ", (f"{gap:+.2f} dB beside {table.name}", "warn" if gap < 0 else "good"))
        drawn = longer if cells(longer) <= width or table is best else drawn
    more = f"   {len(own.values)} values, {own.bits:.2f} bits a weight"
    return line(*drawn, (more, "dim")) if cells(drawn) + len(more) <= width else drawn


def _weights(view: Codebook) -> str:
    what = "the essay's six weights" if view.dist == "essay" else f"{view.weights:,} weights, {view.dist}"
    return f"{what}, a scale for every {view.block}"


def _table(view: Codebook, width: int, glyphs: Glyphs) -> Picture:
    """Each table's errors; the best table is marked."""
    figures = [
        aligned([f"{table.sqnr_db:.2f}" for table in view.tables]),
        aligned([f"{table.rmse:#.3g}" for table in view.tables]),
        aligned([f"{table.largest:#.3g}" for table in view.tables]),
    ]
    rows: list[list[Span | str]] = [
        [(text, "strong") for text in ("", "table", "SQNR in dB", "RMSE", "largest error", "values")]
    ]
    for i, table in enumerate(view.tables):
        mark: Span = (glyphs.yes, "good") if table is view.best else (" ", "")
        name: Span = (table.name[:NAME], "strong" if i == 0 else "")
        rows.append([mark, name, *(column[i] for column in figures), str(len(table.values))])
    return fitted(rows, "ll...r", width, (3, 5, 4))


def _bars(view: Codebook, rows: int, glyphs: Glyphs) -> list[Line]:
    """How many weights lie where, between minus and plus the largest of their block."""
    most = max(view.spread) or 1
    heights = [0 if not count else max(1, round(8 * rows * count / most)) for count in view.spread]
    drawn = []
    for y in range(rows - 1, -1, -1):
        fills = (min(8, max(0, height - 8 * y)) for height in heights)
        text = "".join(glyphs.eighths[fill - 1] if fill else " " for fill in fills)
        label = "weights" if y == rows - 1 else ""
        drawn.append(line((label.ljust(NAME), "axis"), (text, "dim")))
    return drawn


def _ticks(table: TableErrors, number: int, cells: int, glyphs: Glyphs) -> Line:
    row = [glyphs.horizontal] * cells
    for value in table.scaled:
        row[min(cells - 1, int((value + 1) / 2 * cells))] = glyphs.vertical
    role = SERIES[number % len(SERIES)]
    return line((table.name[: NAME - 1].ljust(NAME), "strong" if not number else "label"), ("".join(row), role))


def _axis(cells: int) -> Line:
    row = [" "] * cells
    for text, at in (("-1", 0), ("0", cells // 2), ("1", cells - 1)):
        row[at : at + len(text)] = text
    return line(" " * NAME, ("".join(row)[:cells], "axis"))

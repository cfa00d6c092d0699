"""The Quantizer's views by name, and the pages made of them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, beside, crop, line
from qtui.draw.quantizer.blocks import blocks, tile
from qtui.draw.quantizer.bytes import bits_ledger, stored_bytes
from qtui.draw.quantizer.code import live_code
from qtui.draw.quantizer.grid import grids, number_lines
from qtui.draw.quantizer.map import mapping
from qtui.draw.quantizer.network import growth, network_picture
from qtui.draw.quantizer.stairs import panel_width, stairs
from qtui.draw.quantizer.table import scoreboard, table
from qtui.draw.quantizer.treatments import outlier_story, smart_table, sweep_chart
from qtui.scenario.quantizer.result import QuantizerResult

Draw = Callable[[QuantizerResult, int, int, Glyphs], Picture]

DRAWINGS: dict[str, Draw] = {
    "map": mapping,
    "table": table,
    "line": number_lines,
    "stairs": stairs,
    "grid": grids,
    "blocks": blocks,
    "tile": tile,
    "bytes": lambda result, width, height, glyphs: stored_bytes(result, width, height),
    "ledger": lambda result, width, height, glyphs: bits_ledger(result.schemes, width, height, glyphs),
    "code": lambda result, width, height, glyphs: live_code(result, width, glyphs),
    "outlier": lambda result, width, height, glyphs: outlier_story(result, width, glyphs),
    "sweep": lambda result, width, height, glyphs: sweep_chart(result.sweep, width, height, glyphs),
    "smart": lambda result, width, height, glyphs: smart_table(result, width, glyphs),
    "net": network_picture,
    "grow": lambda result, width, height, glyphs: growth(result, glyphs),
}


def view(result: QuantizerResult, width: int, height: int, glyphs: Glyphs, name: str = "") -> Picture:
    """The view called `name`, or the one that the Scenario asks for, in `width` columns and about `height` rows.

    `result` has what that view needs: all that its Scenario asks for, and staircases of `stair_columns`.
    """
    return DRAWINGS[name or result.scenario.show](result, width, height, glyphs)


def stair_columns(result: QuantizerResult, width: int) -> int:
    """Columns of a staircase in a view of `width` columns."""
    return panel_width(len(result.schemes), width)


# What to look for in each view, in a sentence that fits 80 columns.
CAPTIONS = {
    "map": "Each number moves to the nearest mark; marks without a line are wasted codes.",
    "table": "The code is all that is kept of a number; the error is a share of the number.",
    "line": "Move the bar: each scheme keeps only the marked place nearest to it.",
    "stairs": "A flat step is a code: all that enters there comes out the same. Below: errors.",
    "grid": "Dots are codes in use; marks without a dot cost bits and store nothing.",
    "blocks": "Weights of a block share a scale: large neighbours make a block's steps coarse.",
    "tile": "Darker is larger. Errors are dark where the scale is large.",
    "bytes": "What is written to disk. Letters name the fields; capitals are this weight's.",
    "ledger": "Bits per weight are the codes' and a share of every scale.",
    "code": "Left and right choose another weight; the numbers follow.",
    "outlier": "An outlier takes the scale with it, unless blocks or a side table hold it.",
    "sweep": "Small blocks err less and pay for more scales.",
    "smart": "A search costs time once; rotations and side tables cost time at reading, too.",
    "net": "Errors of the weights add up, and partly cancel, on their way to the output.",
    "grow": "A model is this network, wider and deeper.",
}
WIDE, TALL, LOW = 126, 30, 15
LEFT, RIGHT = 80, 72  # the view keeps at least LEFT columns, what is beside it takes at most RIGHT
BESIDE = ("table", "ledger", "code", "bytes")
BELOW = ("grid", "stairs", "blocks")


def dashboard(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """What the pane shows: the view and its caption, and in a large window more views around it.

    Remarks come last, as far as there is room: only a view that is itself too tall makes the picture scroll.
    """
    name, rows = result.scenario.show, _view_rows(result, width, height)
    if width >= WIDE:
        left_width = view_width(width)
        right_width = width - left_width - 2
        left = _stacked(result, (name, *(v for v in BELOW if v != name)), left_width, rows, glyphs)
        right = _stacked(result, tuple(v for v in BESIDE if v != name), right_width, rows, glyphs)
        shown = beside(left, right[: max(rows, len(left))], left_width, 2)
    elif height >= TALL:
        shown = _stacked(result, (name, *(v for v in ("table", *BELOW) if v != name)), width, rows, glyphs)
    else:
        shown = view(result, width, rows, glyphs)
    below = [*_remarks(textwrap.wrap(CAPTIONS[name], width)), *_remarks(result.notes)]
    room = max(1, height - len(shown))
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*shown, *below[:room]))


def view_width(width: int) -> int:
    """Columns that `dashboard` gives to the view itself and to those below it."""
    return width - min(RIGHT, width - LEFT - 2) - 2 if width >= WIDE else width


def _remarks(lines: Sequence[str]) -> Picture:
    """Remarks under a picture."""
    return tuple(line((text, "dim")) for text in lines)


def _view_rows(result: QuantizerResult, width: int, height: int) -> int:
    """Rows for views: all but the caption's and, unless the window is very low, two remarks'."""
    caption = 1 if width >= len(CAPTIONS[result.scenario.show]) else 2
    return height - caption - (min(len(result.notes), 2) if height >= LOW else 0)


def main_size(result: QuantizerResult, width: int, height: int) -> tuple[int, int]:
    """Columns and rows that `dashboard` gives to the view itself, in its upper left corner."""
    rows = _view_rows(result, width, height)
    if width >= WIDE:
        return view_width(width), _first_share(rows)
    return width, _first_share(rows) if height >= TALL else rows


def _first_share(height: int) -> int:
    """Rows of the first of several views below each other."""
    return height - 2 if height < TALL else max(height * 3 // 5, 16)


def _stacked(result: QuantizerResult, names: tuple[str, ...], width: int, height: int, glyphs: Glyphs) -> Picture:
    """Views below each other for as long as there is room for them; the first one always."""
    rows: Picture = ()
    for name in names:
        room = height - len(rows) - 2
        if rows and room < 8:
            break
        # The first view leaves room for another one where the window is tall.
        share = room if rows else _first_share(height)
        shown = view(result, width, share, glyphs, name)
        if rows and len(shown) > room:
            shown = shown[:room]
        title = line(
            (glyphs.horizontal * 2 + f" {name} ", "strong"), (glyphs.horizontal * (width - len(name) - 4), "axis")
        )
        rows = (*rows, (), title, *shown) if rows else shown
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def page(result: QuantizerResult, width: int, glyphs: Glyphs) -> Picture:
    """What `qtui quantize` prints: where the numbers are from, the scoreboard, the view, remarks."""
    count = f"{result.count:,} numbers" if result.count != 1 else "1 number"
    title = line((result.title, "strong"), (f"  {count}", "dim"))
    shown = view(result, width, min(24, max(16, result.count + 2)), glyphs)
    rows = (title, (), *scoreboard(result, width, glyphs), (), *shown)
    rest = ((), *_remarks(result.notes)) if result.notes else ()
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, *rest))

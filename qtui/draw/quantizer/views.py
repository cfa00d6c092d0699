"""The playground's views by name, and the pages made of them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, beside, crop, line
from qtui.draw.quantizer.blocks import blocks
from qtui.draw.quantizer.bytes import stored_bytes
from qtui.draw.quantizer.code import live_code
from qtui.draw.quantizer.grid import grids
from qtui.draw.quantizer.grow import growth
from qtui.draw.quantizer.ledger import bits_ledger
from qtui.draw.quantizer.line import number_lines
from qtui.draw.quantizer.map import mapping
from qtui.draw.quantizer.network import network_picture
from qtui.draw.quantizer.outlier import outlier_story
from qtui.draw.quantizer.score import notes, scoreboard
from qtui.draw.quantizer.smart import smart_table
from qtui.draw.quantizer.stairs import stairs
from qtui.draw.quantizer.sweep import sweep_chart
from qtui.draw.quantizer.table import table
from qtui.draw.quantizer.tile import tile

if TYPE_CHECKING:
    from qtui.compute.quantizer.stored import StoredWeights
    from qtui.scenario.quantizer.scenario import QuantizerResult


def view(result: QuantizerResult, width: int, height: int, glyphs: Glyphs, name: str = "") -> Picture:
    """The view called `name`, or the one that the Scenario asks for, in `width` columns and about `height` rows."""
    stored = [each.stored for each in result.schemes]
    at, name = result.at, name or result.scenario.show
    if name in ("net", "grow") and result.drift is not None:
        return _network(result, name, stored, width, height, glyphs)
    if name == "sweep" and result.sweep:
        return sweep_chart(result.sweep, width, height, glyphs)
    if name == "outlier" and result.rescue is not None:
        return outlier_story(result.rescue, width, glyphs)
    if name == "smart" and result.smart is not None:
        return smart_table(result.smart, width, glyphs)
    draw: dict[str, Callable[[], Picture]] = {
        "table": lambda: table(stored, at, width, height, glyphs),
        "line": lambda: number_lines(stored, at, result.scenario.probe, result.reach, width, height, glyphs),
        "stairs": lambda: stairs(stored, at, result.reach, width, height, glyphs),
        "grid": lambda: grids(stored, at, result.reach, width, height, glyphs),
        "blocks": lambda: blocks(stored, at, width, height, glyphs),
        "tile": lambda: tile(stored, at, width, height, glyphs),
        "bytes": lambda: stored_bytes(stored, at, width, height),
        "ledger": lambda: bits_ledger(stored, width, height, glyphs),
        "code": lambda: live_code(stored, at, width, glyphs),
    }
    return draw.get(name, lambda: mapping(stored, at, width, height, glyphs))()


def _network(
    result: QuantizerResult, name: str, stored: list[StoredWeights], width: int, height: int, glyphs: Glyphs
) -> Picture:
    assert result.drift is not None
    if name == "grow":
        return growth(stored, result.grown, result.step, width, glyphs)
    labels = [each.label for each in stored]
    value, node = result.scenario.input, result.node
    return network_picture(result.drift, labels, value, node, width, height, glyphs)


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
    "smart": "Thought costs time once, when the file is made; reading it costs the same.",
    "net": "Small errors in the weights add up at the output.",
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
        right_width = min(RIGHT, width - LEFT - 2)
        left_width = width - right_width - 2
        left = _stacked(result, (name, *(v for v in BELOW if v != name)), left_width, rows, glyphs)
        right = _stacked(result, tuple(v for v in BESIDE if v != name), right_width, rows, glyphs)
        shown = beside(left, right[: max(rows, len(left))], left_width, 2)
    elif height >= TALL:
        shown = _stacked(result, (name, *(v for v in ("table", *BELOW) if v != name)), width, rows, glyphs)
    else:
        shown = view(result, width, rows, glyphs)
    said = [*notes(textwrap.wrap(CAPTIONS[name], width), width, glyphs), *notes(result.notes, width, glyphs)]
    room = max(1, height - len(shown))
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*shown, *said[:room]))


def _view_rows(result: QuantizerResult, width: int, height: int) -> int:
    """Rows for views: all but the caption's and, unless the window is very low, two remarks'."""
    caption = 1 if width >= len(CAPTIONS[result.scenario.show]) else 2
    return height - caption - (min(len(result.notes), 2) if height >= LOW else 0)


def main_size(result: QuantizerResult, width: int, height: int) -> tuple[int, int]:
    """Columns and rows that `dashboard` gives to the view itself, in its upper left corner."""
    rows = _view_rows(result, width, height)
    if width >= WIDE:
        return width - min(RIGHT, width - LEFT - 2) - 2, _first_share(rows)
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
    rows = (title, (), *scoreboard(result.schemes, width, glyphs), (), *shown)
    rest = ((), *notes(result.notes, width, glyphs)) if result.notes else ()
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, *rest))

"""The models that run on a machine, a row each."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.memory.ranking import USABLE
from qtui.draw.frame import title
from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.plans import speed_range
from qtui.draw.memory.text import machine_text_of, nats, short_name
from qtui.draw.picture import Picture, Span, columns, crop, crop_at_word, fitted, line
from qtui.draw.safe import cell_count, safe
from qtui.draw.units import gigabytes, short_count, tokens_text
from qtui.scenario.memory.result import HereResult, MachineToBuy, ModelHere

HEAD = (
    "model",
    "size",
    "format",
    "cache",
    "context",
    "takes GB",
    "tokens/s",
    "lost nats",
    "released",
    "what it is",
    "licence",
)
LEAST_OTHERS = 4  # rows of their table
NAMES, NARROW = (28, 24), 76  # cells of a model's name, nearly all are whole; in a window of fewer columns


def first_shown(total: int, cursor: int, room: int) -> int:
    """The first of `total` rows that is shown where `room` have room, that under the cursor in their middle."""
    return max(0, min(total - room, cursor - room // 2))


def rows_of(height: int) -> int:
    """Models that have room in a table of `height` rows: beside the heading and the summary."""
    return max(1, height - 2)


def here(
    result: HereResult,
    width: int,
    glyphs: Glyphs,
    cursor: int | None = None,
    height: int | None = None,
    marked: frozenset[str] = frozenset(),
    take_key: str = "",
) -> Picture:
    """A table of the models, the best first, the `marked` ones with a dot; columns that find no room are left out.

    In `height` rows as many models as have room, that under the `cursor` among them.
    """
    if not result.rows:
        return (line((none_runs(result), "warn")),)
    table: list[list[Span | str]] = [[(name, "dim") for name in HEAD]]
    room = len(result.rows) if height is None else rows_of(height)
    first = first_shown(len(result.rows), cursor or 0, room)
    digits = max(len(gigabytes(row.plan.total_bytes)) for row in result.rows)
    for i, row in list(enumerate(result.rows))[first : first + room]:
        dot = f"{glyphs.bullet} " if row.model in marked else "  " if marked else ""
        name = dot + short_name(row.model, NAMES[width < NARROW] - len(dot), glyphs)
        table.append([(name, "cursor" if i == cursor else "strong"), *cells(row, digits, glyphs)])
    align, spare = "lrlrrrrrlll", (10, 9, 8, 3, 7, 4)
    if not any(row.plan.speed for row in result.rows):
        table, align, spare = [[*row[:6], *row[7:]] for row in table], "lrlrrrrlll", (9, 8, 7, 3, 6, 4)
    rows = fitted(table, align, width, spare, gap=2 if width >= 100 else 1)
    below = len(result.rows) - first - room
    summary = f"{glyphs.down} {below} more below   " if below > 0 else ""
    summary += f"sorted {result.order}"
    if cell_count(summary) > width:
        summary = summary.rpartition(", ")[0]
    marks = legend(result.rows, glyphs)
    if marks and cell_count(f"{summary}   {marks}") <= width:
        summary += f"   {marks}"
    if marked:
        does = "compares them" if len(marked) > 1 else "opens the model; two or more are compared"
        summary = f"{len(marked)} marked; {take_key} {does}"
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, line((summary, "dim"))))


def with_others(rows: Picture, result: HereResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """The list and, where `height` has room, below it what else runs here, without the words looked for."""
    room = height - len(rows) - 2
    if not result.others or room < LEAST_OTHERS:
        return rows
    table = here(result._replace(rows=result.others), width, glyphs, height=room)
    return (*rows, (), title("Others that run here", width, glyphs), *table)


def known(heading: str, names: Sequence[str], width: int, height: int, glyphs: Glyphs) -> Picture:
    """All `names` that there are, in as many columns as have room; the last row says how many have none."""
    wide = min(max(map(cell_count, names)), width)
    across = max((width + 2) // (wide + 2), 1)
    rows = min(-(-len(names) // across), height - 1)
    if rows < LEAST_OTHERS:
        return ()
    more = len(names) - rows * across
    rows -= more > 0
    shown = columns([list(names[row::rows][:across]) for row in range(rows)], "l" * across)
    left = [line((f"{len(names) - rows * across} more", "dim"))] if more > 0 else []
    return (title(heading, width, glyphs), *(crop(row, width, glyphs.ellipsis) for row in shown), *left)


def legend(rows: Sequence[ModelHere] | Sequence[MachineToBuy], glyphs: Glyphs) -> str:
    """What the marks before the sizes say; nothing where all of them fit."""
    split = any(not row.plan.fits for row in rows)
    return f"{glyphs.yes} fits  {glyphs.half_top} part in RAM" if split else ""


def none_runs(result: HereResult) -> str:
    """Why the list is empty."""
    words = safe(result.scenario.find)[:24]
    return f"no model with {words!r} runs here" if words else "no model of the catalogue runs here as asked"


def runs_on(result: HereResult, width: int, glyphs: Glyphs) -> Picture:
    """How many run, and on what."""
    quick = sum(1 for row in result.rows if row.plan.speed is not None and row.plan.speed.low >= USABLE)
    counted = f"{len(result.rows)} of {result.tried} models run here"
    if result.scenario.find:
        counted = f"{len(result.rows)} models with {safe(result.scenario.find)[:24]!r} run here"
    known = any(row.plan.speed for row in result.rows) or not result.rows
    pace = f", {quick} of them as fast as one reads" if quick else "" if known else ", how fast is not known"
    head = line((counted, "strong" if result.rows else "bad"), (pace, "strong"))
    rows = (head, line((f"on {machine_text_of(result.machine)}", "label")))
    return tuple(crop_at_word(row, width, glyphs.ellipsis) for row in rows)


def cells(row: ModelHere, digits: int, glyphs: Glyphs) -> list[Span | str]:
    """What the table says of a model after its name; sizes take `digits` cells."""
    plan = row.plan
    mark: Span = (glyphs.yes, "good") if plan.fits else (glyphs.half_top, "warn")
    lost = plan.quality.kld_mean if plan.quality else None
    return [
        short_count(row.parameters),
        plan.format,
        plan.kv_type,
        tokens_text(plan.context),
        (f"{mark[0]} {gigabytes(plan.total_bytes):>{digits}}", mark[1]),
        speed_range(plan),
        f"{glyphs.minus if lost is None else nats(lost):<6}",
        row.released or glyphs.minus,
        ", ".join(row.kinds),
        (row.licence or "not known").replace(" (non-commercial)", " NC"),
    ]

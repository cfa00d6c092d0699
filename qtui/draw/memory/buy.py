"""What one would have to buy: a row for each machine or card, the smallest first."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.here import first_shown, legend, rows_of
from qtui.draw.memory.plans import speed_bar, speed_range
from qtui.draw.memory.text import nats, rate
from qtui.draw.picture import Picture, Span, columns, crop, fitted, line, text
from qtui.draw.picture import width as row_width
from qtui.draw.safe import cell_count, cut, safe
from qtui.draw.units import decimal, tokens_text, unit_of
from qtui.models.machine.list import MACHINES
from qtui.scenario.memory.result import BuyResult, MachineToBuy

HEAD = ("machine", "sold as", "format", "cache", "context", "takes", "tokens/s", "lost nats")
GIB = 1 << 30
LEAST_BAR, MOST_BAR = 8, 60  # cells of a bar


def buy(
    result: BuyResult,
    width: int,
    glyphs: Glyphs,
    cursor: int | None = None,
    height: int | None = None,
    take_key: str = "",
) -> Picture:
    """The table, the row under the `cursor` marked; in `height` rows as many as have room, that row among them."""
    if not result.rows:
        return (line(("nothing of the list runs it so; a lower --min-speed or a shorter context may", "warn")),)
    unit = unit_of(max(row.plan.total_bytes for row in result.rows))
    table: list[list[Span | str]] = [[(f"takes {unit.name}" if name == "takes" else name, "dim") for name in HEAD]]
    digits = max(len(unit.of(row.plan.total_bytes)) for row in result.rows)
    room = len(result.rows) if height is None else rows_of(height)
    first = first_shown(len(result.rows), cursor or 0, room)
    for i, row in list(enumerate(result.rows))[first : first + room]:
        plan = row.plan
        mark = glyphs.yes if plan.fits else glyphs.half_top
        lost = glyphs.minus if plan.loss is None else nats(plan.loss)
        name: Span = (cut(safe(machine_name(row)), 30 if width >= 76 else 20), "cursor" if i == cursor else "strong")
        takes: Span = (f"{mark} {unit.of(plan.total_bytes):>{digits}}", "good" if plan.fits else "warn")
        facts: list[Span | str] = [sold_as(row), plan.format, plan.kv_type, tokens_text(plan.context), takes]
        table.append([name, *facts, speed_range(plan), f"{lost:<6}"])
    rows = fitted(table, "lrllrrrl", width, (7, 4, 3), gap=2 if width >= 76 else 1)
    barred = _with_bars(rows, result.rows[first : first + room], width, glyphs)
    below = len(result.rows) - first - room
    notes = [f"{glyphs.down} {below} more below"] if below > 0 else []
    notes += [f"{take_key} takes it"] if take_key else []
    notes += [marks] if (marks := legend(result.rows, glyphs)) else []
    notes += [f"{glyphs.shades[-1]} at least {glyphs.shades[1]} at most"] if barred is not rows else []
    notes += ["+ added to yours"] if any(row.kind == "card" for row in result.rows) else []
    notes += [_binary(result.rows[0])]
    while notes[1:] and cell_count("   ".join(notes)) > width:
        notes.pop()
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*barred, line(("   ".join(notes), "dim"))))


def _with_bars(table: Picture, shown: Sequence[MachineToBuy], width: int, glyphs: Glyphs) -> Picture:
    """The table and, where it leaves room, the speeds beside it as bars, to the scale of the fastest on show."""
    used = max(map(row_width, table))
    most = max((row.plan.speed.high for row in shown if row.plan.speed), default=0.0)
    room = min(width - used - 2, MOST_BAR)
    if room < LEAST_BAR or not most:
        return table
    drawn = list(table[:1])
    for row, machine in zip(table[1:], shown, strict=True):
        bar = speed_bar(machine.plan.speed, most, room, "series1", glyphs)
        drawn.append(line(*row, " " * (used + 2 - row_width(row)), *bar))
    return tuple(drawn)


def machine_name(row: MachineToBuy) -> str:
    """The machine, or what is added to the one at hand: "+ RTX 3060"."""
    return f"+ {row.machine.removesuffix(' in addition')}" if row.kind == "card" else row.machine


def sold_as(row: MachineToBuy) -> str:
    """The memory as makers print it on the box: they count in 2³⁰ bytes and write GB."""
    return f"{round(row.memory / GIB):,} GB"


def _binary(row: MachineToBuy) -> str:
    """What the makers' size of the first row is in GB."""
    return f"{sold_as(row)} as sold are {decimal(row.memory)}"


def asked(result: BuyResult, width: int, glyphs: Glyphs) -> Picture:
    """How many there are, and what the table is about."""
    counted = f"{len(result.rows)} of {result.tried} machines and cards run {result.model.rpartition('/')[2]}"
    room = f"with {tokens_text(ctx)} tokens" if (ctx := result.scenario.ctx) else "with its longest context"
    text = f"{room} at {rate(result.speed)} tokens/s or more"
    rows = (line((counted, "strong" if result.rows else "bad")), line((text, "label")))
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def machines_table() -> str:
    """A line a machine: its cards, its memory, and the bandwidth of a card, else of the memory."""
    rows = [("machine", "cards GiB", "memory GiB", "", "GB/s")]
    for machine in MACHINES:
        cards = f"{len(machine.gpus)} × {machine.gpus[0].total / GIB:,.0f}" if machine.gpus else ""
        shared = "shared" if machine.unified else ""
        rate = (machine.gpus[0].bandwidth if machine.gpus else machine.bandwidth) or 0
        rows.append((machine.name, cards, f"{machine.ram_total / GIB:,.0f}", shared, f"{rate / 1e9:,.0f}"))
    return text(columns(rows, "lrrlr"))

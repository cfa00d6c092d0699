"""What one would have to buy: a row for each machine or card, the smallest first."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.text import nats, rate
from qtui.draw.picture import Picture, Span, crop, fitted, line
from qtui.draw.safe import cut, safe
from qtui.draw.units import gigabytes, tokens_text
from qtui.scenario.memory.result import BuyResult

HEAD = ("machine", "GB", "format", "cache", "context", "takes GB", "tokens/s", "nats")


def buy(result: BuyResult, width: int, glyphs: Glyphs, cursor: int | None = None, first: int = 0) -> Picture:
    """The table from its row `first` on, the row under the `cursor` marked."""
    if not result.rows:
        return (line(("nothing of the list runs it so; a lower --min-speed or a shorter context may", "warn")),)
    table: list[list[Span | str]] = [[(name, "dim") for name in HEAD]]
    for i, row in list(enumerate(result.rows))[first:]:
        plan = row.plan
        mark = glyphs.yes if plan.fits else glyphs.half_top
        lost = glyphs.minus if plan.loss is None else nats(plan.loss)
        speed = f"{rate(plan.speed.low)}-{rate(plan.speed.high)}" if plan.speed else "?"
        name: Span = (cut(safe(row.machine), 30), "cursor" if i == cursor else "strong")
        takes: Span = (f"{mark} {gigabytes(plan.total_bytes):>6}", "good" if plan.fits else "warn")
        table.append(
            [
                name,
                gigabytes(row.memory, 0),
                plan.format,
                plan.kv_type,
                tokens_text(plan.context),
                takes,
                speed,
                f"{lost:<6}",
            ]
        )
    rows = fitted(table, "lrllrrrl", width, (7, 3, 4), gap=2)
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def asked(result: BuyResult, width: int, glyphs: Glyphs) -> Picture:
    """What the table is about."""
    text = f"{tokens_text(result.scenario.ctx)} tokens at {rate(result.speed)} tokens/s or more"
    return (crop(line((result.model, "strong"), f" with {text}"), width, glyphs.ellipsis),)

"""The named plans as a table, and what the marked one gives up, with its command."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.text import loss_word, nats, rate, short_format
from qtui.draw.picture import Line, Picture, Span, crop, fitted, line
from qtui.draw.safe import wrapped
from qtui.draw.units import gigabytes, tokens_text
from qtui.models.published.quality import CAVEATS
from qtui.scenario.memory.result import MemoryResult, Plan

LABEL = 9
HEAD = ("plan", "format", "cache", "context", "where", "tokens/s", "GB", "nats", "lost")
# Columns that go where there is no room, the first first.
_SPARE = (6, 8, 3, 2)


def table(result: MemoryResult, width: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """A row each, that under the keyboard marked."""
    if not result.plans:
        return (line(("no format of the list runs here; a smaller model would", "warn")),)
    rows: list[list[Span | str]] = [[(name if i else f"  {name}", "dim") for i, name in enumerate(HEAD)]]
    for i, plan in enumerate(result.plans):
        here = i == cursor
        name = f"{glyphs.right if here else ' '} {plan.name.removesuffix(' context')}"
        rows.append([(name, "cursor" if here else "strong"), *_cells(result, plan, glyphs)])
    drawn = fitted(rows, "lllrlrrll", width, _SPARE)
    return tuple(crop(row, width, glyphs.ellipsis) for row in drawn)


def _cells(result: MemoryResult, plan: Plan, glyphs: Glyphs) -> list[Span | str]:
    mark: Span | str = (
        f"{glyphs.yes if plan.fits else glyphs.half_top} {place(result, plan)}",
        "good" if plan.fits else "warn",
    )
    speed = f"{rate(plan.speed.low)}-{rate(plan.speed.high)}" if plan.speed else "?"
    lost = nats(plan.loss) if plan.loss is not None else glyphs.minus
    word = "not known" if plan.loss is None else "nothing" if not plan.loss else loss_word(plan.loss)
    name = short_format(plan.format)
    return [
        name,
        plan.kv_type,
        tokens_text(plan.context),
        mark,
        speed,
        gigabytes(plan.total_bytes),
        f"{lost:<6}",
        word,
    ]


def place(result: MemoryResult, plan: Plan) -> str:
    """Where the plan keeps the model, in two or three words."""
    if not result.budget.gpu:
        return "in memory" if result.machine.unified else "in RAM"
    if plan.fits:
        return "all on card" if len(result.machine.gpus) == 1 else f"on {len(result.machine.gpus)} cards"
    layers = result.model.arch.num_layers if result.model.arch is not None else 0
    if plan.cpu_moe_layers:
        return f"experts {layers - plan.cpu_moe_layers}/{layers}"
    return f"layers {plan.gpu_layers}/{layers}"


def detail(plan: Plan, width: int, every: bool = False) -> list[list[Line]]:
    """The command of a plan, or those of `every` program, and what it gives up: the rows of each."""
    shown = plan.commands if every else plan.commands[:1]
    parts = [_labelled(program, command, width, "label") for program, command in shown]
    return [*parts, _labelled("gives up", "; ".join(plan.gives_up) or "nothing", width, "")]


def plans(
    result: MemoryResult, width: int, glyphs: Glyphs, cursor: int | None = None, height: int | None = None
) -> Picture:
    """The table, and under it the command of the marked plan and what it gives up, where they fit `height`."""
    rows = table(result, width, glyphs, cursor)
    if not result.plans:
        return rows
    plan = result.plans[min(cursor or 0, len(result.plans) - 1)]
    below: list[Line] = [line()]
    parts = detail(plan, width, every=width >= 110)
    if height is not None:
        parts.append([line(), *caveats(width, glyphs)])
    for part in parts:
        if height is None or len(rows) + len(below) + len(part) <= height:
            below += part
    return (*rows, *below) if len(below) > 1 else rows


def printed(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The table and every plan in full, for paper."""
    rows: list[Line] = [*table(result, width, glyphs)]
    for plan in result.plans:
        rows += [line(), line((plan.name, "strong"))]
        rows += [row for part in detail(plan, width, every=True) for row in part]
    return (*rows, line(), *caveats(width, glyphs)) if result.plans else tuple(rows)


def caveats(width: int, glyphs: Glyphs) -> Picture:
    """What to know of the figures of quality."""
    rows: list[Line] = []
    notes = [f"nats: mean divergence from the weights as published, of the model named; {CAVEATS[0]}", *CAVEATS[1:]]
    for note in notes:
        parts = wrapped(note, max(20, width - 2))
        rows += [line((f"{glyphs.bullet if j == 0 else ' '} {part}", "dim")) for j, part in enumerate(parts)]
    return tuple(rows)


def _labelled(label: str, text: str, width: int, role: str) -> list[Line]:
    parts = wrapped(text, max(20, width - LABEL - 2))
    first = line((f"{label:<{LABEL}}  ", "label"), (parts[0], role))
    return [first, *(line(" " * (LABEL + 2), (part, role)) for part in parts[1:])]

"""The named plans as a table, and what the marked one gives up, with its command."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qtui.compute.memory.speed import Speed
from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.cards import labelled
from qtui.draw.memory.text import loss_word, nats, rate, short_format
from qtui.draw.picture import Line, Picture, Span, crop, fitted, line
from qtui.draw.safe import cell_count, wrapped
from qtui.draw.units import Unit, tokens_text, unit_of
from qtui.models.published.quality import CAVEATS
from qtui.scenario.memory.result import MachineToBuy, MemoryResult, ModelHere, Plan

LABEL = 9
GRID = 8  # rows that the grid is given
COMMANDS = 90  # cells from which the commands of every program are shown
# Columns that go where there is no room, the first first.
_SPARE = ("nats", "cache", "size", "context", "lost")
_ALIGN = {"context": "r", "tokens/s": "r", "size": "r"}


def table(result: MemoryResult, width: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """A row each, that under the keyboard marked; a plan that has won two names says so."""
    if not result.plans:
        return ()
    unit = unit_of(max(plan.total_bytes for plan in result.plans))
    names = ["plan", "format", "cache", "context", "where", "tokens/s", "size", "nats", "lost"]
    if not any(plan.speed for plan in result.plans):
        names.remove("tokens/s")
    titles = {"plan": "  plan", "size": unit.name, "where": "on card" if result.budget.gpu else "where"}
    rows: list[list[Span | str]] = [[(titles.get(name, name), "dim") for name in names]]
    firsts: list[Span] = []
    for i, plan in enumerate(result.plans):
        here = i == cursor
        title = f"{glyphs.right if here else ' '} {plan.name.removesuffix(' context')}"
        firsts.append((title, "cursor" if here else "strong"))
        cells = _cells(result, plan, unit, glyphs) | {"plan": firsts[-1]}
        rows.append([cells[name] for name in names])
    spare = [names.index(name) for name in _SPARE]
    drawn = list(fitted(rows, "".join(_ALIGN.get(name, "l") for name in names), width, spare))
    indent = max(cell_count(title) for title, _ in firsts) + 2
    for i, (title, role) in enumerate(firsts):
        twin = same_as(result.plans, i)
        if twin is not None:
            same = f"the same plan as {twin.name.removesuffix(' context')}"
            drawn[i + 1] = line((title, role), " " * (indent - cell_count(title)), (same, "dim"))
    return tuple(crop(row, width, glyphs.ellipsis) for row in drawn)


def same_as(plans: Sequence[Plan], at: int) -> Plan | None:
    """The plan before that at `at` which is the same under another name; None where there is none."""
    bare = [plan._replace(name="", reasons=()) for plan in plans[: at + 1]]
    return plans[bare.index(bare[at])] if bare.index(bare[at]) < at else None


def _cells(result: MemoryResult, plan: Plan, unit: Unit, glyphs: Glyphs) -> dict[str, Span | str]:
    """What the table says of a plan, by its columns."""
    mark: Span = (
        f"{glyphs.yes if plan.fits else glyphs.half_top} {place(result, plan)}",
        "good" if plan.fits else "warn",
    )
    lost = nats(plan.loss) if plan.loss is not None else glyphs.minus
    return {
        "format": short_format(plan.format),
        "cache": plan.kv_type,
        "context": tokens_text(plan.context),
        "where": mark,
        "tokens/s": speed_range(plan),
        "size": unit.of(plan.total_bytes),
        "nats": f"{lost:<6}",
        "lost": loss_of(plan),
    }


def loss_of(plan: Plan) -> str:
    """What the plan loses, in a word."""
    return "not known" if plan.loss is None else "nothing" if not plan.loss else loss_word(plan.loss)


def speed_range(plan: Plan) -> str:
    """Tokens per second for a narrow column: "24-48"."""
    return f"{rate(plan.speed.low)}-{rate(plan.speed.high)}" if plan.speed else "?"


def speed_bar(speed: Speed | None, most: float, cells: int, role: str, glyphs: Glyphs) -> list[Span]:
    """Tokens per second as a bar of `cells` at `most`: as many as are sure, then those that are likely."""
    low, high = (speed.low, speed.high) if speed else (0.0, 0.0)
    sure, likely = round(cells * low / most), round(cells * high / most)
    return [(glyphs.shades[-1] * sure, role), (glyphs.shades[1] * (likely - sure), role)]


def place(result: MemoryResult, plan: Plan) -> str:
    """Where the plan keeps the model, in a word or two; with a card, what of its layers is on it: "45/64"."""
    if not result.budget.gpu:
        return "in memory" if result.machine.unified else "in RAM"
    if plan.fits:
        return "all"
    layers = result.model.arch.num_layers if result.model.arch is not None else 0
    if plan.cpu_moe_layers:
        return f"experts {layers - plan.cpu_moe_layers}/{layers}"
    return f"{plan.gpu_layers}/{layers}"


def detail(plan: Plan, width: int, every: bool = False, copy_key: str = "") -> list[list[Line]]:
    """The command of a plan, or those of `every` program, and what it gives up: the rows of each."""
    shown = plan.commands if every else plan.commands[:1]
    parts = [
        command_rows(program, command, width, f"{copy_key} copies" if copy_key and not i else "")
        for i, (program, command) in enumerate(shown)
    ]
    return [*parts, labelled("gives up", "; ".join(plan.gives_up) or "nothing", width, LABEL + 1)]


def with_command(
    rows: Picture, listed: Sequence[ModelHere] | Sequence[MachineToBuy], marked: int, width: int, height: int
) -> Picture:
    """A list and, as far as `height` has room, the command of the marked row and what it gives up."""
    if not listed:
        return rows
    below: list[Line] = [()]
    for part in detail(listed[min(max(marked, 0), len(listed) - 1)].plan, width, width >= COMMANDS):
        below += part if len(rows) + len(below) + len(part) <= height else []
    return (*rows, *below) if below[1:] else rows


def command_rows(program: str, command: str, width: int, hint: str) -> list[Line]:
    """A command as a shell takes it, its rows joined by backslashes; `hint` stands below the program's name."""
    parts: list[str] = []
    for word in re.split(r" (?=-|\w+=|ollama |hf\.co)", command):  # options keep their values
        longer = f"{parts[-1]} {word}" if parts else word
        parts = [*parts[:-1], longer] if len(longer) <= width - LABEL - 4 else [*parts, word]
    rows = [f"{part} \\" for part in parts[:-1]] + parts[-1:]
    labels = [program, hint if len(rows) > 1 else ""]
    return [
        line((f"{labels[i] if i < 2 else '':<{LABEL}}  ", "dim" if i else "label"), (row, "label"))
        for i, row in enumerate(rows)
    ]


def plans(
    result: MemoryResult,
    width: int,
    glyphs: Glyphs,
    cursor: int | None = None,
    height: int | None = None,
    copy_key: str = "",
) -> Picture:
    """The table, and under it the command of the marked plan and what it gives up, where they fit `height`."""
    rows = table(result, width, glyphs, cursor)
    if not result.plans:
        return rows
    plan = result.plans[min(cursor or 0, len(result.plans) - 1)]
    below: list[Line] = [line()]
    parts = detail(plan, width, width >= COMMANDS, copy_key)
    if height is not None:
        # The grid, which stands below, says more than what to know of the figures.
        held = len(rows) + 1 + sum(map(len, parts))
        more = [line(), *caveats(result, width, glyphs)]
        parts += [more] if held + len(more) + GRID <= height else []
    for part in parts:
        if height is None or len(rows) + len(below) + len(part) <= height:
            below += part
    return (*rows, *below) if len(below) > 1 else rows


def printed(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The table and every plan in full, for paper."""
    rows: list[Line] = [*table(result, width, glyphs)]
    for i, plan in enumerate(result.plans):
        if same_as(result.plans, i) is not None:
            continue
        rows += [line(), line((plan.name, "strong"))]
        rows += [row for part in detail(plan, width, every=True) for row in part]
    return (*rows, line(), *caveats(result, width, glyphs)) if result.plans else tuple(rows)


def caveats(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """What to know of the figures of quality."""
    rows: list[Line] = []
    notes = [f"nats: mean divergence from the weights as published, of the model named; {CAVEATS[0]}", *CAVEATS[1:]]
    if result.model.mix:
        notes.insert(1, "formats other than the file's own are made from the weights as published, not from the file")
    for note in notes:
        parts = wrapped(note, max(20, width - 2))
        rows += [line((f"{glyphs.bullet if j == 0 else ' '} {part}", "dim")) for j, part in enumerate(parts)]
    return tuple(rows)

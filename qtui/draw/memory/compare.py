"""Models or formats side by side: a table, a bar for each, their sums, speeds and contexts."""

from __future__ import annotations

import re

from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.head import FILLS, bar, groups
from qtui.draw.memory.plans import command_rows, loss_of, speed_range
from qtui.draw.memory.text import GROUP_NAMES, nats, rate, short_format, short_name, where
from qtui.draw.picture import Line, Picture, Span, columns, crop, fitted, line
from qtui.draw.safe import cell_count, crop_text, padded, safe
from qtui.draw.units import at_least, tokens_text, unit_of
from qtui.scenario.memory.result import MemoryResult, Plan

NAME = 26  # cells of a model's name
MOST_BAR = 60
SUM, LEAST_SUM = 20, 10  # cells of a term's name, and of a column beside it
# Columns that go where there is no room, by their titles, the first first.
_SPARE = ("bits", "lost nats", "state", "KV cache", "tokens/s", "weights")


def every(result: MemoryResult) -> tuple[MemoryResult, ...]:
    """All that are compared."""
    return (result, *result.others)


def compared(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """How many of them fit, and into what."""
    listed = every(result)
    fitting, part = sum(one.fits for one in listed), sum(one.split for one in listed)
    mark = glyphs.yes if fitting else glyphs.half_top if part else glyphs.no
    verdict = f"{mark} {fitting} of {len(listed)} fit{'s' * (fitting == 1)}"
    verdict = verdict if fitting else f"{mark} None of the {len(listed)} fits"
    verdict = f"{mark} {'Both' if fitting == 2 else f'All {fitting}'} fit" if fitting == len(listed) else verdict
    verdict += f" whole, {part} {'more ' if fitting else ''}with a part in RAM" if part else ""
    unit = unit_of(result.budget.limit)
    limit = f"{unit.of(result.budget.limit)} {unit.name} {where(result)}"
    asked = f"at {tokens_text(result.serving.context)} tokens, cache {result.scenario.kv_type}, for {limit}"
    role = "good" if fitting else "warn" if part else "bad"
    rows = (line((verdict, role)), line((asked, "label")))
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def comparison(result: MemoryResult, width: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """A row each; that under the keyboard marked."""
    listed = every(result)
    unit = unit_of(max(one.total for one in listed))
    shown = [("weights", "weights"), ("kv", "KV cache")]
    shown += [("state", "state")] if any(one.bytes("state") for one in listed) else []
    alone = result.choices.grid if result.choices is not None and not result.others else ()
    measured = [one.across.quality if one.across else None for one in listed]
    measured = [row.quality for row in alone if row.format == result.spec] or measured
    names = ["model", "format", "bits", *(name for _, name in shown), f"total {unit.name}", "fits", "tokens/s"]
    names += ["up to", "lost nats"]
    table: list[list[Span | str]] = [[(f"  {name}" if name == "model" else name, "dim") for name in names]]
    for i, one in enumerate(listed):
        here = i == cursor
        title = f"{glyphs.right if here else ' '} {short_name(one.model.name, NAME if width >= 76 else 18, glyphs)}"
        fits: Span = (glyphs.yes + " yes", "good") if one.fits else (glyphs.no + " no", "bad")
        fits = (glyphs.half_top + " part", "warn") if one.split else fits
        sizes: list[Span | str] = [unit.of(one.bytes(group), 2) for group, _ in shown]
        bits = 8 * one.weights.bytes / max(1, one.weights.parameters)
        pace = f"{rate(one.speed.low)}-{rate(one.speed.high)}" if one.speed else "?"
        quality = measured[i]
        lost = nats(quality.kld_mean) if quality is not None and quality.kld_mean is not None else glyphs.minus
        row: list[Span | str] = [
            (title, "cursor" if here else "strong"),
            short_format(one.spec),
            f"{bits:.2f}",
            *sizes,
        ]
        row += [(unit.of(one.total, 2), "strong"), fits, pace]
        table.append([*row, at_least(one.max_context) if one.max_context else glyphs.minus, f"{lost:<6}"])
    if not any(one.speed for one in listed):
        at = names.index("tokens/s")
        names.remove("tokens/s")
        table = [[*row[:at], *row[at + 1 :]] for row in table]
    align = "".join("l" if name in ("model", "format", "fits", "lost nats") else "r" for name in names)
    spare = [names.index(name) for name in _SPARE if name in names]
    rows = fitted(table, align, width, spare, gap=2 if width >= 76 else 1)
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def totals(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """A bar each to one scale, with the end of the memory there is."""
    listed = every(result)
    most = max(one.total for one in listed)
    unit = unit_of(most)
    rows: list[Line] = []
    for one, name in zip(listed, _names(listed, glyphs), strict=True):
        (drawn,) = bar(one, max(10, width - cell_count(name) - 10), glyphs, most=most)
        rows.append(line(f"{name}  ", (f"{unit.of(one.total, 2):>7} ", "strong"), *drawn))
    return (*rows, _fills(listed, glyphs, width))


def _fills(listed: tuple[MemoryResult, ...], glyphs: Glyphs, width: int) -> Line:
    """What the fills of the bars are."""
    kinds = dict.fromkeys(name for one in listed for name, _ in groups(one))
    spans: list[Span | str] = []
    for name in (name for name in FILLS if name in kinds):
        shade, role = FILLS[name]
        spans += [(glyphs.shades[shade] * 2, role), f" {'buffers' if name == 'compute' else GROUP_NAMES[name]}   "]
    end = f"{glyphs.vertical} this memory's end"
    return crop(line(*spans, (end, "dim")), width, glyphs.ellipsis)


def sums(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The terms of the sums below each other, a column each: as many columns as have room."""
    listed = every(result)
    unit = unit_of(max(one.total for one in listed))
    shown = max(1, min(len(listed), (width - SUM) // LEAST_SUM))
    cells = min(NAME, (width - SUM) // shown - 2)
    parts = [_in_two(short_name(one.model.name, 2 * cells, glyphs), cells, glyphs) for one in listed[:shown]]
    heads = [
        *([[begin for begin, _ in parts]] if any(begin for begin, _ in parts) else []),
        [end for _, end in parts],
    ]
    heads += [[short_format(one.spec)[:cells] for one in listed[:shown]]]
    heads = [names for names in heads if len(set(names)) > 1] or heads[:1]
    table: list[list[Span | str]] = [
        [("" if i else unit.name, "dim"), *((name, "strong") for name in names)] for i, names in enumerate(heads)
    ]
    total: list[Span | str] = [(unit.of(one.total, 3), "strong") for one in listed[:shown]]
    table.append([("total", "strong"), *total])
    for name in (name for name in GROUP_NAMES if any(one.bytes(name) for one in listed)):
        sizes: list[Span | str] = [(unit.of(one.bytes(name), 3), "strong") for one in listed[:shown]]
        table.append([(GROUP_NAMES[name], "strong"), *sizes])
        terms = [_by_name(one, name) for one in listed]
        for term in dict.fromkeys(term for held in terms for term in held):
            if term != GROUP_NAMES[name]:
                held_by = [unit.of(held[term], 3) if term in held else glyphs.minus for held in terms[:shown]]
                table.append([(f"  {term}"[:SUM], "label"), *held_by])
    grown: list[Span | str] = [f"{one.growth / 10**6:,.1f}" for one in listed[:shown]]
    table.append([("each 1k tokens, MB", "label"), *grown])
    more = len(listed) - shown
    rest = [line((f"{more} more in a larger window", "dim"))] if more else []
    return (*(crop(row, width, glyphs.ellipsis) for row in columns(table, "l" + "r" * shown)), *rest)


def _in_two(name: str, cells: int, glyphs: Glyphs) -> tuple[str, str]:
    """A name that is longer than `cells` in two rows, parted behind a hyphen where it has one."""
    if cell_count(name) <= cells:
        return "", name
    at = name.rfind("-", 0, cells) + 1 or cells
    return name[:at], crop_text(name[at:], cells, glyphs.ellipsis)


def _by_name(one: MemoryResult, group: str) -> dict[str, int]:
    """Bytes of a group's terms, those of one name together."""
    held: dict[str, int] = {}
    for name, term in one.terms:
        if name == group:
            kind = re.sub(r"[ \d,]+$", "", term.name)  # windows of all lengths
            held[kind] = held.get(kind, 0) + term.bytes
    return held


def speeds(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """A bar each: tokens per second from the slowest to the fastest that is likely."""
    listed = every(result)
    most = max((one.speed.high for one in listed if one.speed), default=0.0)
    if not most:
        return ()
    rows: list[Line] = []
    names = _names(listed, glyphs)
    room = max(8, min(MOST_BAR, width - cell_count(names[0]) - 14))
    for i, (one, name) in enumerate(zip(listed, names, strict=True)):
        low, high = (one.speed.low, one.speed.high) if one.speed else (0.0, 0.0)
        pace = f"{rate(low)}-{rate(high)}" if one.speed else "none"
        sure, likely = round(room * low / most), round(room * high / most)
        role = SERIES[i % len(SERIES)]
        bars: list[Span | str] = [(glyphs.shades[-1] * sure, role), (glyphs.shades[1] * (likely - sure), role)]
        rows.append(line(f"{name}  ", (f"{pace:>9}  ", "strong"), *bars))
    source = f"tokens per second: {glyphs.shades[-1] * 2} at least, {glyphs.shades[1] * 2} at most, modelled"
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, line((source, "dim"))))


def contexts(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """What each takes at other contexts, with a mark for what fits."""
    listed = every(result)
    grid = [one.across for one in listed if one.across is not None]
    if len(grid) != len(listed):
        return ()
    unit = unit_of(max(cell.total for row in grid for cell in row.cells))
    names = _names(listed, glyphs)
    lengths = [cell.context for cell in grid[0].cells]
    room = max(1, (width - cell_count(names[0]) - 2) // 9)
    chosen = range(len(lengths))[:room]
    table: list[list[Span | str]] = [[(unit.name, "dim"), *((tokens_text(lengths[j]), "dim") for j in chosen)]]
    for one, row, name in zip(listed, grid, names, strict=True):
        cells: list[Span | str] = []
        for cell in (row.cells[j] for j in chosen):
            beyond = bool(one.model.context) and cell.context > (one.model.context or 0)
            mark, role = (glyphs.half_top, "warn") if cell.split else (glyphs.no, "bad")
            mark, role = (glyphs.yes, "good") if cell.fits else (mark, role)
            cells.append((glyphs.minus, "dim") if beyond else (f"{mark} {unit.of(cell.total):>5}", role))
        table.append([name, *cells])
    marks = f"{glyphs.yes} fits   {glyphs.half_top} part of it in RAM   {glyphs.no} no room"
    marks += f"   {glyphs.minus} longer than it was trained for"
    rows = columns(table, "l" + "r" * len(chosen))
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, line((marks, "dim"))))


def best_plans(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The balanced plan of each model with its command; of one model all of its plans."""
    listed, several = _planned(result)
    if not listed:
        return ()
    unit = unit_of(max(plan.total_bytes for _, plan in listed))
    head = ("best plan of" if several else "plan", "format", "cache", "context", "", "tokens/s", unit.name, "lost")
    table: list[list[Span | str]] = [[(name, "dim") for name in head]]
    for one, plan in listed:
        name = short_name(one.model.name, 22, glyphs) if several else plan.name
        mark = (glyphs.yes, "good") if plan.fits else (glyphs.half_top, "warn")
        facts: list[Span | str] = [short_format(plan.format), plan.kv_type, tokens_text(plan.context), mark]
        table.append([(name, "strong"), *facts, speed_range(plan), unit.of(plan.total_bytes), loss_of(plan)])
    if not any(plan.speed for _, plan in listed):
        table = [[*row[:5], *row[6:]] for row in table]
    rows = fitted(table, "lllrlrrl"[: len(table[0]) - 1] + "l", width, (2, 3), gap=2 if width >= 76 else 1)
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def _planned(result: MemoryResult) -> tuple[list[tuple[MemoryResult, Plan]], bool]:
    """The plans that are worth naming, and whether they are of several models."""
    planned = [(one, plan) for one in every(result) for plan in one.plans]
    several = len({one.model.name for one, _ in planned}) > 1
    return [(one, plan) for one, plan in planned if plan.name == "balanced" or not several], several


def commands(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The command of each of the plans."""
    listed, _ = _planned(result)
    shown = dict.fromkeys(plan.commands[0] for _, plan in listed)
    return tuple(row for program, command in shown for row in command_rows(program, command, width, ""))


def lie(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """What each card and the RAM hold of each."""
    listed = every(result)
    held = [(name, one) for one, name in zip(listed, _names(listed, glyphs), strict=True) if one.devices]
    if not held:
        return ()
    unit = unit_of(max(one.total for one in listed))
    table: list[list[Span | str]] = [[(text, "dim") for text in (unit.name, "", "layers", "total", "of", "free")]]
    for name, one in held:
        for i, device in enumerate(one.devices):
            free = device.available - device.total
            room: Span = (unit.of(free, 2), "good" if free >= 0 else "bad")
            sizes: list[Span | str] = [(unit.of(device.total, 2), "strong"), unit.of(device.available, 2), room]
            table.append(["" if i else name, safe(device.name), str(device.layers), *sizes])
    return tuple(crop(row, width, glyphs.ellipsis) for row in fitted(table, "llrrrr", width, (4, 2)))


def _names(listed: tuple[MemoryResult, ...], glyphs: Glyphs) -> list[str]:
    """A name each, as long as all of them: the model, the format, or both, whichever tells them apart."""
    models = [short_name(one.model.name, 22, glyphs) for one in listed]
    formats = [short_format(one.spec) for one in listed]
    one_model, one_format = len(set(models)) == 1, len(set(formats)) == 1
    names = formats if one_model else models
    if not one_model and not one_format:
        short = [short_name(one.model.name, 14, glyphs) for one in listed]
        names = [f"{name} {spec}" for name, spec in zip(short, formats, strict=True)]
    most = max(map(cell_count, names))
    return [padded(name, most) for name in names]
